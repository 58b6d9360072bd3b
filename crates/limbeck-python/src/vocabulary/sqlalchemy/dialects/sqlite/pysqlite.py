"""Names of `sqlalchemy.dialects.sqlite.pysqlite`."""

from . import JSON
from .base import SQLiteDialect, dialect

SQLiteDialect_pysqlite = SQLiteDialect
__all__ = ["JSON", "dialect"]
