"""Types of `sqlalchemy_utils` as the database sees them."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class UUIDType(sa.TypeDecorator):
    """Native on PostgreSQL, 16 bytes or 32 digits elsewhere."""

    impl = sa.BINARY(16)
    cache_ok = True

    def __init__(self, binary=True, native=True):
        self.impl = sa.BINARY(16) if binary else sa.CHAR(32)
        self.binary = binary
        self.native = native

    def load_dialect_impl(self, dialect):
        if self.native and dialect.name in ("postgresql", "cockroachdb"):
            return postgresql.UUID()
        return self.impl

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        import uuid

        if not isinstance(value, uuid.UUID):
            value = uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)
        if self.native and dialect.name == "postgresql":
            return value
        return value.bytes if self.binary else value.hex

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        import uuid

        if isinstance(value, uuid.UUID):
            return value
        return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)


class JSONType(sa.TypeDecorator):
    impl = sa.UnicodeText
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return postgresql.JSON() if dialect.name == "postgresql" else sa.UnicodeText()

    def process_bind_param(self, value, dialect):
        if value is None or dialect.name == "postgresql":
            return value
        import json

        return json.dumps(value)

    def process_result_value(self, value, dialect):
        if isinstance(value, str) and dialect.name != "postgresql":
            import json

            return json.loads(value)
        return value


class _Wrapped(sa.TypeDecorator):
    """A type that is stored as another; its conversions need the library itself."""

    cache_ok = True

    def __init__(self, *args, **kw):
        self.impl = type(self).make(*args, **kw)

    @staticmethod
    def make(*args, **kw):
        return sa.Unicode(255)


class ChoiceType(_Wrapped):
    @staticmethod
    def make(choices=None, impl=None):
        return sa.types.to_instance(impl) if impl is not None else sa.Unicode(255)


class EncryptedType(_Wrapped):
    @staticmethod
    def make(type_in=None, key=None, engine=None, **kw):
        return sa.LargeBinary()


class StringEncryptedType(_Wrapped):
    @staticmethod
    def make(type_in=None, key=None, engine=None, length=None, **kw):
        return sa.String(length)


class PasswordType(_Wrapped):
    @staticmethod
    def make(max_length=None, **kw):
        return sa.VARBINARY(max_length or 1137)


def _simple(name, impl):
    return type(name, (_Wrapped,), {"make": staticmethod(lambda *args, **kw: impl()), "__module__": __name__})


ArrowType = _simple("ArrowType", sa.DateTime)
CountryType = _simple("CountryType", lambda: sa.String(2))
CurrencyType = _simple("CurrencyType", lambda: sa.String(3))
EmailType = _simple("EmailType", lambda: sa.Unicode(255))
IPAddressType = _simple("IPAddressType", lambda: sa.Unicode(50))
LocaleType = _simple("LocaleType", lambda: sa.Unicode(10))
PhoneNumberType = _simple("PhoneNumberType", lambda: sa.Unicode(20))
ScalarListType = _simple("ScalarListType", sa.UnicodeText)
TimezoneType = _simple("TimezoneType", lambda: sa.Unicode(50))
TSVectorType = _simple("TSVectorType", postgresql.TSVECTOR)
URLType = _simple("URLType", sa.UnicodeText)

__all__ = [
    "ArrowType", "ChoiceType", "CountryType", "CurrencyType", "EmailType", "EncryptedType", "IPAddressType", "JSONType", "LocaleType", "PasswordType",
    "PhoneNumberType", "ScalarListType", "StringEncryptedType", "TSVectorType", "TimezoneType", "URLType", "UUIDType",
]  # fmt: skip


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    found = {"uuid": UUIDType, "choice": ChoiceType, "password": PasswordType}.get(name)
    if found is not None:
        module = type(sa)(__name__ + "." + name)
        setattr(module, found.__name__, found)
        return module
    from sqlalchemy._base import Unsupported

    return Unsupported("sqlalchemy_utils.types." + name)
