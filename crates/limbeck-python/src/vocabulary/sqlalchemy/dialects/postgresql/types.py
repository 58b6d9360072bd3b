"""PostgreSQL's column types."""

from ... import _types
from ..._base import NO_ARG, ident
from ..._types import (
    BIGINT,
    BOOLEAN,
    CHAR,
    DATE,
    DOUBLE_PRECISION,
    FLOAT,
    INTEGER,
    NUMERIC,
    REAL,
    SMALLINT,
    TEXT,
    UUID,
    VARCHAR,
    Indexable,
    LargeBinary,
    TypeEngine,
    to_instance,
)


class ARRAY(_types.ARRAY):
    pass


class JSON(_types.JSON):
    _tag = "JSON"

    def __init__(self, none_as_null=False, astext_type=None):
        self.none_as_null = none_as_null
        self.astext_type = astext_type


class JSONB(JSON):
    def _encode(self):
        return ("pg", "JSONB")


class TIMESTAMP(_types.TIMESTAMP):
    _tag = "TIMESTAMP"
    _fields = ("timezone", "precision")

    def __init__(self, timezone=False, precision=None):
        self.timezone, self.precision = timezone, precision


class TIME(_types.TIME):
    _tag = "TIME"
    _fields = ("timezone", "precision")

    def __init__(self, timezone=False, precision=None):
        self.timezone, self.precision = timezone, precision


class INTERVAL(TypeEngine):
    _tag = "pg_interval"
    _affinity = "interval"
    _fields = ("fields", "precision")

    def __init__(self, precision=None, fields=None):
        self.precision, self.fields = precision, fields


class BIT(TypeEngine):
    _tag = "pg_bit"
    _fields = ("length", "varying")

    def __init__(self, length=None, varying=False):
        self.length = length if length is not None or varying else 1
        self.varying = varying


class _Plain(TypeEngine):
    """A type without arguments."""

    def _encode(self):
        return ("pg", self.__visit_name__)


class _Range(_Plain):
    _affinity = "range"


class BYTEA(LargeBinary):
    def _encode(self):
        return ("pg", "BYTEA")


class CITEXT(_types.TEXT):
    def _encode(self):
        return ("pg", "CITEXT")


class HSTORE(Indexable, TypeEngine):
    _tag = "hstore"
    _affinity = "hstore"
    hashable = False

    def __init__(self, text_type=None):
        self.text_type = text_type

    def _encode(self):
        return ("pg", "HSTORE")

    def _bind(self, value):
        if not isinstance(value, dict):
            return _types.literal(value)
        parts = []
        for key, item in value.items():
            parts.append('"%s"=>%s' % (_escape(key), "NULL" if item is None else '"%s"' % _escape(item)))
        return ("text", ", ".join(parts))


def _escape(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


class ENUM(_types.Enum):
    """A native enumeration, never a VARCHAR."""

    _is_postgresql = True

    def __init__(self, *enums, name=NO_ARG, create_type=True, **kw):
        kw.pop("native_enum", None)
        if name is not NO_ARG:
            kw["name"] = name
        _types.Enum.__init__(self, *enums, create_type=create_type, **kw)
        self.native_enum = True


class DOMAIN(_types.SchemaType, TypeEngine):
    """`CREATE DOMAIN`."""

    _tag = "pg_domain"

    def __init__(self, name, data_type, *, collation=None, collation_schema=None, default=None, constraint_name=None, not_null=None, check=None,
                 create_type=True, schema=None, metadata=None, **kw):  # fmt: skip
        self.name, self.schema, self.data_type = name, schema, to_instance(data_type)
        self.collation, self.default, self.constraint_name = collation, default, constraint_name
        self.not_null, self.check, self.create_type = not_null, check, create_type

    def _encode(self):
        return (
            "pg_domain",
            {
                "name": ident(self.name),
                "schema": ident(self.schema),
                "data_type": _types.encode(self.data_type),
                "collation": self.collation,
                "default": _default(self.default),
                "constraint_name": ident(self.constraint_name),
                "not_null": self.not_null,
                "check": _expression(self.check),
                "create_type": bool(self.create_type),
            },
        )

    def _bind(self, value):
        return self.data_type._bind(value)

    def create(self, bind, checkfirst=True):
        from ..._base import unsupported

        raise unsupported("sqlalchemy.dialects.postgresql.DOMAIN.create")

    drop = create


def _default(value):
    if isinstance(value, str):
        from ..._elements import BindParameter

        made = BindParameter(None, value)
        made.literal_execute = True
        return made._encode()
    return _expression(value)


def _expression(value):
    if value is None:
        return None
    from ..._elements import TextClause, clause

    return (TextClause(value) if isinstance(value, str) else clause(value))._encode()


class NamedType(_types.SchemaType):
    pass


class AbstractRange(TypeEngine):
    pass


def _make(base, names):
    for name in names:
        globals()[name] = type(TypeEngine)(name, (base,), {"__visit_name__": name, "_tag": "pg", "__module__": __name__})


_PLAIN = ["INET", "CIDR", "MACADDR", "MACADDR8", "MONEY", "OID", "REGCLASS", "REGCONFIG", "TSVECTOR", "TSQUERY", "JSONPATH"]
_RANGES = [
    "INT4RANGE", "INT8RANGE", "NUMRANGE", "DATERANGE", "TSRANGE", "TSTZRANGE", "INT4MULTIRANGE", "INT8MULTIRANGE", "NUMMULTIRANGE", "DATEMULTIRANGE",
    "TSMULTIRANGE", "TSTZMULTIRANGE",
]  # fmt: skip
_make(_Plain, _PLAIN)
_make(_Range, _RANGES)
__all__ = _PLAIN + _RANGES + [
    "ARRAY", "AbstractRange", "BIGINT", "BIT", "BOOLEAN", "BYTEA", "CHAR", "CITEXT", "DATE", "DOMAIN", "DOUBLE_PRECISION", "ENUM", "FLOAT", "HSTORE",
    "INTEGER", "INTERVAL", "JSON", "JSONB", "NUMERIC", "NamedType", "REAL", "SMALLINT", "TEXT", "TIME", "TIMESTAMP", "UUID", "VARCHAR",
]  # fmt: skip
