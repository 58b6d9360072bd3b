"""`alembic.ddl.sqlite`."""

from .impl import SQLiteImpl

__all__ = ["SQLiteImpl"]
