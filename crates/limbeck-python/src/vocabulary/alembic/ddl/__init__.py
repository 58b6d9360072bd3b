"""`alembic.ddl`."""

from .impl import DefaultImpl

__all__ = ["DefaultImpl"]
