"""SQLModel's own types."""

import sqlalchemy
from sqlalchemy import types

__all__ = ["AutoString", "GUID", "UTCDateTime", "types"]


class AutoString(types.TypeDecorator):
    """A string, with a length where the database wants one."""

    impl = types.String
    cache_ok = True
    mysql_default_length = 255

    def load_dialect_impl(self, dialect):
        if dialect.name == "mysql" and self.impl.length is None:
            return types.String(self.mysql_default_length)
        return self.impl


class UTCDateTime(types.TypeDecorator):
    """Moments with a time zone, given back in UTC."""

    impl = types.DateTime
    cache_ok = True

    def __init__(self):
        super().__init__(timezone=True)

    def __repr__(self):
        return "UTCDateTime()"


class GUID(types.TypeDecorator):
    """UUIDs of old versions: native on PostgreSQL, 32 digits elsewhere."""

    impl = types.CHAR
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            from sqlalchemy.dialects import postgresql

            return postgresql.UUID()
        return types.CHAR(32)

    def process_bind_param(self, value, dialect):
        if value is None or dialect.name == "postgresql":
            return value
        return str(value).replace("-", "")


def __getattr__(name):
    return getattr(sqlalchemy.types, name)
