"""`alembic.ddl.mysql`."""

from .impl import MySQLImpl

__all__ = ["MySQLImpl"]
