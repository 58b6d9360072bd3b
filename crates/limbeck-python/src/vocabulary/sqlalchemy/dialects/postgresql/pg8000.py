"""Names of `sqlalchemy.dialects.postgresql.pg8000`."""

from . import __getattr__ as _later
from .base import PGDialect, dialect
from .types import *  # noqa: F401,F403

PGDialect_pg8000 = PGDialect
__all__ = ["PGDialect", "dialect"]


def __getattr__(name):
    return _later(name)
