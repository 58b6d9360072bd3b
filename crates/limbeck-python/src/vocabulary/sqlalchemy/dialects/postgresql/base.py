"""PostgreSQL's dialect."""

from ..._engine import Dialect, IdentifierPreparer
from .types import *  # noqa: F401,F403


class PGDialect(Dialect):
    name = "postgresql"


class dialect(PGDialect):
    pass


PGIdentifierPreparer = IdentifierPreparer


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from ..._base import Unsupported

    return Unsupported("sqlalchemy.dialects.postgresql.base." + name)
