"""Turns what the host says about a schema back into types and defaults."""

from . import _types
from ._types import to_instance

_PLAIN = {
    "null": "NullType", "integer": "INTEGER", "small_integer": "SMALLINT", "big_integer": "BIGINT", "string": "VARCHAR", "text": "TEXT", "unicode": "VARCHAR",
    "unicode_text": "TEXT", "boolean": "BOOLEAN", "date": "DATE", "date_time": "DATETIME", "time": "TIME", "float": "FLOAT", "double": "DOUBLE",
    "numeric": "NUMERIC", "large_binary": "BLOB",
}  # fmt: skip


def type_of(data):
    """The type object for encoded type data."""
    tag, fields = data if isinstance(data, (tuple, list)) else (data, {})
    name = _types.dialect_name()
    if tag == "verbatim":
        return _verbatim(fields)
    if tag == "pg":
        from .dialects import postgresql

        return getattr(postgresql, fields)()
    if tag == "enum":
        return _enum(fields, name)
    if tag == "array":
        from .dialects import postgresql

        return postgresql.ARRAY(type_of(fields["item"]), dimensions=fields.get("dimensions"))
    if tag == "pg_bit":
        from .dialects import postgresql

        return postgresql.BIT(fields.get("length"), fields.get("varying", False))
    if tag == "pg_interval":
        from .dialects import postgresql

        return postgresql.INTERVAL(fields.get("precision"), fields.get("fields"))
    if tag == "pg_domain":
        from .dialects import postgresql

        return postgresql.DOMAIN(_text(fields["name"]), type_of(fields["data_type"]), schema=_text(fields.get("schema")), create_type=False)
    if tag == "mysql":
        return _mysql(fields)
    if tag == "interval":
        return _types.Interval()
    if tag == "uuid_generic":
        return _types.UUID()
    if tag == "json_generic":
        return _types.JSON()
    if tag == "JSON":
        if name == "postgresql":
            from .dialects import postgresql

            return postgresql.JSON()
        return _types.JSON()
    cls = _dialect_class(name, _PLAIN.get(tag, tag))
    made = cls.__new__(cls)
    base = cls()
    made.__dict__.update(base.__dict__)
    for key in getattr(cls, "_fields", ()) or ():
        made.__dict__[key] = fields.get(key, made.__dict__.get(key))
    if "scale" in fields:
        made.scale = fields["scale"]
    return made


def _dialect_class(dialect, name):
    if dialect in ("postgresql", "sqlite") and name in ("TIMESTAMP", "TIME", "DATETIME", "DATE"):
        from importlib import import_module

        module = import_module("sqlalchemy.dialects." + dialect)
        found = getattr(module, name, None) if name in getattr(module, "__all__", ()) else None
        if found is not None:
            return found
    return getattr(_types, name, _types.NullType)


def _text(data):
    if data is None or isinstance(data, str):
        return data
    return data["text"]


def _enum(fields, dialect):
    cls = _types.Enum
    if fields.get("postgresql") or dialect == "postgresql":
        from .dialects.postgresql import ENUM as cls
    return cls(*fields.get("values", ()), name=_text(fields.get("name")), schema=_text(fields.get("schema")))


def _mysql(fields):
    from .dialects import mysql

    name = fields["name"]
    cls = getattr(mysql, name)
    if name in ("ENUM", "SET"):
        return cls(*fields.get("values", ()))
    return cls(**{key: value for key, value in fields.items() if key not in ("name", "values") and value not in (None, False)})


def _verbatim(text):
    class Reflected(_types.UserDefinedType):
        cache_ok = True

        def get_col_spec(self, **kw):
            return text

    return to_instance(Reflected())


def name_of(data):
    """The text of an encoded constraint name."""
    if data is None or data == "unnamed":
        return None
    return _text(data[1])


def default_text(data):
    """A server default as SQL text, or None."""
    if data is None or data == "fetched":
        return None
    tag, payload = data
    if tag in ("reflected", "text"):
        return payload if tag == "reflected" else "'%s'" % payload.replace("'", "''")
    if tag == "expr":
        return expression_text(payload)
    return None


def expression_text(data):
    """SQL text of an encoded expression, as far as reflection makes them."""
    if isinstance(data, str):
        return data
    tag, payload = data
    if tag == "text":
        return payload["sql"]
    if tag == "literal_column":
        return payload
    if tag == "column":
        return _text(payload["name"])
    if tag == "postfix":
        return "%s %s" % (expression_text(payload["expr"]), payload["op"])
    if tag == "grouping":
        return "(%s)" % expression_text(payload)
    if tag == "binary":
        return "%s %s %s" % (expression_text(payload["left"]), payload["op"], expression_text(payload["right"]))
    if tag == "func":
        return "%s(%s)" % (payload["name"], ", ".join(expression_text(part) for part in payload.get("args", ())))
    return str(payload)


def option_value(data):
    """A dialect argument's plain value."""
    if isinstance(data, str):
        return None
    tag, payload = data
    if tag == "list":
        return [option_value(item) for item in payload]
    if tag == "map":
        return {key: option_value(item) for key, item in payload.items()}
    if tag == "expr":
        return expression_text(payload)
    return payload
