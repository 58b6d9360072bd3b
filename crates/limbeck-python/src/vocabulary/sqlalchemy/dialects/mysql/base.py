"""MySQL's dialect."""

from ..._engine import Dialect, IdentifierPreparer
from .types import *  # noqa: F401,F403


class MySQLDialect(Dialect):
    name = "mysql"


class dialect(MySQLDialect):
    pass


MySQLIdentifierPreparer = IdentifierPreparer
