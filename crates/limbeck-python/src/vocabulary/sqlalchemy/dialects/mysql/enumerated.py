"""Names of `sqlalchemy.dialects.mysql.enumerated`."""

from .base import MySQLDialect, dialect
from .types import *  # noqa: F401,F403

__all__ = ["MySQLDialect", "dialect"]
