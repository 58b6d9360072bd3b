"""SQLite's dialect."""

from ..._engine import Dialect, IdentifierPreparer
from . import *  # noqa: F401,F403


class SQLiteDialect(Dialect):
    name = "sqlite"


class SQLiteCompiler:
    """Texts are made in Rust."""


class dialect(SQLiteDialect):
    pass


SQLiteIdentifierPreparer = IdentifierPreparer
