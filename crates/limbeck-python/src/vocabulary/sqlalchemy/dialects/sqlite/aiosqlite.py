"""Names of `sqlalchemy.dialects.sqlite.aiosqlite`."""

from . import JSON
from .base import SQLiteDialect, dialect

SQLiteDialect_aiosqlite = SQLiteDialect
__all__ = ["JSON", "dialect"]
