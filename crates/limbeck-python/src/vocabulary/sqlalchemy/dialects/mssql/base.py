"""Names of `sqlalchemy.dialects.mssql.base`."""

from . import __getattr__  # noqa: F401
