"""Types of fastapi-users."""

from sqlalchemy import CHAR, TIMESTAMP, TypeDecorator


class GUID(TypeDecorator):
    """Native on PostgreSQL, CHAR(36) elsewhere."""

    impl = CHAR
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import UUID

            return UUID()
        return CHAR(36)

    def process_bind_param(self, value, dialect):
        if value is None or dialect.name == "postgresql":
            return value
        return str(value)

    def process_result_value(self, value, dialect):
        if isinstance(value, str):
            import uuid

            return uuid.UUID(value)
        return value


class TIMESTAMPAware(TypeDecorator):
    """A timestamp with its zone."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True
