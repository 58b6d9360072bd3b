"""Names of `sqlalchemy.dialects.sqlite.json`."""

from . import JSON
from .base import SQLiteDialect, dialect

SQLiteDialect_json = SQLiteDialect
__all__ = ["JSON", "dialect"]
