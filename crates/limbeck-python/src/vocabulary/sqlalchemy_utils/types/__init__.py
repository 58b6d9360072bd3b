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

    def __repr__(self):
        given = [] if self.binary else ["binary=False"]
        return "UUIDType(%s)" % ", ".join(given + ([] if self.native else ["native=False"]))

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


class EmailType(_Wrapped):
    @staticmethod
    def make(length=255, *args, **kw):
        return sa.Unicode(length, *args, **kw)


class LtreeType(sa.types.UserDefinedType):
    """Labels of a tree."""

    cache_ok = True

    def get_col_spec(self, **kw):
        return "LTREE"


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
IPAddressType = _simple("IPAddressType", lambda: sa.Unicode(50))
LocaleType = _simple("LocaleType", lambda: sa.Unicode(10))
PhoneNumberType = _simple("PhoneNumberType", lambda: sa.Unicode(20))
ScalarListType = _simple("ScalarListType", sa.UnicodeText)
TimezoneType = _simple("TimezoneType", lambda: sa.Unicode(50))
TSVectorType = _simple("TSVectorType", postgresql.TSVECTOR)
URLType = _simple("URLType", sa.UnicodeText)

# The module that a script names each type by.
_HOMES = {
    "UUIDType": "uuid",
    "JSONType": "json",
    "ChoiceType": "choice",
    "EncryptedType": "encrypted.encrypted_type",
    "StringEncryptedType": "encrypted.encrypted_type",
    "PasswordType": "password",
    "ArrowType": "arrow",
    "CountryType": "country",
    "CurrencyType": "currency",
    "EmailType": "email",
    "IPAddressType": "ip_address",
    "LocaleType": "locale",
    "LtreeType": "ltree",
    "PhoneNumberType": "phone_number",
    "ScalarListType": "scalar_list",
    "TimezoneType": "timezone",
    "TSVectorType": "ts_vector",
    "URLType": "url",
}
for _name, _home in _HOMES.items():
    globals()[_name].__module__ = "%s.%s" % (__name__, _home)

__all__ = [
    "ArrowType", "ChoiceType", "CountryType", "CurrencyType", "EmailType", "EncryptedType", "IPAddressType", "JSONType", "LocaleType", "LtreeType", "PasswordType",
    "PhoneNumberType", "ScalarListType", "StringEncryptedType", "TSVectorType", "TimezoneType", "URLType", "UUIDType",
]  # fmt: skip


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name in {home.partition(".")[0] for home in _HOMES.values()}:
        import sys

        __import__("%s.%s" % (__name__, name))
        return sys.modules["%s.%s" % (__name__, name)]
    from sqlalchemy._base import Unsupported

    return Unsupported("sqlalchemy_utils.types." + name)
