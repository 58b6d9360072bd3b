"""Column types.

Each class names its tag and the arguments that travel with it. Types without logic of their own are made from tables. `resolve` turns what a
script wrote (variants, decorators, `@compiles`) into the type of the dialect at hand before it is encoded.
"""

import sys

from . import _base
from ._base import NO_ARG, dialect_name, ident, literal


class TypeEngineMixin:
    pass


class TypeEngine:
    """The base of types."""

    _tag = "null"
    _fields = ()
    _affinity = "null"
    _variants = None
    hashable = True
    sort_key_function = None
    should_evaluate_none = False
    __visit_name__ = None

    def __class_getitem__(cls, item):
        return cls

    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        if "_tag" not in cls.__dict__ and "__visit_name__" in cls.__dict__ and cls.__visit_name__:
            cls._visit = cls.__dict__["__visit_name__"]

    _visit = None

    def with_variant(self, type_, *dialect_names):
        if not dialect_names:
            from . import exc

            raise exc.ArgumentError("At least one dialect name is required")
        fresh = self.copy()
        fresh._variants = dict(self._variants or {})
        variant = to_instance(type_)
        for name in dialect_names:
            if name in fresh._variants:
                from . import exc

                raise exc.ArgumentError("Dialect '%s' is already present in the mapping for this %r" % (name, self))
            fresh._variants[name] = variant
        return fresh

    def copy(self, **kw):
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__)
        return fresh

    def adapt(self, cls, **kw):
        fresh = object.__new__(cls)
        fresh.__dict__.update(self.__dict__)
        fresh.__dict__.update(kw)
        return fresh

    def evaluates_none(self):
        fresh = self.copy()
        fresh.should_evaluate_none = True
        return fresh

    def _encode(self):
        if not self._fields:
            return self._tag
        fields = {}
        for name in self._fields:
            value = getattr(self, name, None)
            if value is not None and value is not False:
                fields[name] = value
        return (self._tag, fields)

    def _bind(self, value):
        """Encodes a value of this type."""
        return literal(value)

    # A method where values from the database need work, else None.
    _result = None

    def bind_processor(self, dialect):
        return None

    def result_processor(self, dialect, coltype):
        return None

    def literal_processor(self, dialect):
        return None

    def dialect_impl(self, dialect):
        return resolve(self)

    def load_dialect_impl(self, dialect):
        return self

    def compile(self, dialect=None):
        return type_text(self, plain=dialect is None)

    def coerce_compared_value(self, op, value):
        other = type_of_value(value)
        if other._affinity == "null" or other._affinity == self._affinity:
            return self
        return other

    def compare_values(self, x, y):
        return x == y

    @property
    def python_type(self):
        raise NotImplementedError()

    @property
    def _type_affinity(self):
        return type(self)

    def as_generic(self, allow_nulltype=False):
        return self

    def __str__(self):
        return type_text(self, plain=True)

    def __repr__(self):
        from alembic._spelling import shown

        return shown(self)


class ExternalType:
    cache_ok = None


class Concatenable:
    pass


class Indexable:
    pass


class NullType(TypeEngine):
    def __init__(self):
        pass

    def coerce_compared_value(self, op, value):
        other = type_of_value(value)
        return self if other._affinity == "null" else other


class Integer(TypeEngine):
    _tag = "integer"
    _affinity = "integer"

    @property
    def python_type(self):
        return int


class SmallInteger(Integer):
    _tag = "small_integer"


class BigInteger(Integer):
    _tag = "big_integer"


class String(Concatenable, TypeEngine):
    _tag = "string"
    _affinity = "string"
    _fields = ("length", "collation")

    def __init__(self, length=None, collation=None, collation_schema=None):
        self.length = length
        self.collation = collation

    @property
    def python_type(self):
        return str


class Text(String):
    _tag = "text"


class Unicode(String):
    _tag = "unicode"


class UnicodeText(Text):
    _tag = "unicode_text"


class _Binary(TypeEngine):
    _affinity = "binary"
    _fields = ("length",)

    def __init__(self, length=None):
        self.length = length

    @property
    def python_type(self):
        return bytes


class LargeBinary(_Binary):
    _tag = "large_binary"


class NumericCommon:
    pass


class Numeric(NumericCommon, TypeEngine):
    _tag = "numeric"
    _affinity = "numeric"
    _fields = ("precision", "scale")
    scale = None

    def __init__(self, precision=None, scale=None, decimal_return_scale=None, asdecimal=True):
        self.precision = precision
        self.scale = scale
        self.decimal_return_scale = decimal_return_scale
        self.asdecimal = asdecimal

    @property
    def python_type(self):
        if not self.asdecimal:
            return float
        from decimal import Decimal

        return Decimal

    def _result(self, value):
        if value is None:
            return None
        if not self.asdecimal:
            return float(value)
        if isinstance(value, (int, float)):
            from decimal import Decimal

            scale = self.decimal_return_scale
            if scale is None:
                scale = self.scale if self.scale is not None else 10
            return Decimal("%%.%df" % scale % value)
        return value


class Float(Numeric):
    _tag = "float"
    _fields = ("precision",)

    def __init__(self, precision=None, asdecimal=False, decimal_return_scale=None):
        self.precision = precision
        self.asdecimal = asdecimal
        self.decimal_return_scale = decimal_return_scale


class Double(Float):
    _tag = "double"


def _parse_iso(cls_name):
    def parse(self, value):
        if isinstance(value, str):
            import datetime

            cls = getattr(datetime, cls_name)
            if cls_name == "date":
                value = value[:10]
            try:
                return cls.fromisoformat(value)
            except ValueError:
                raise ValueError("Couldn't parse %s string %r - value is not a string." % (cls_name, value)) from None
        return value

    return parse


class _Moment(TypeEngine):
    _python_name = "datetime"

    def __init__(self, timezone=False):
        self.timezone = timezone

    _fields = ("timezone",)

    @property
    def python_type(self):
        import datetime

        return getattr(datetime, self._python_name)

    def _bind(self, value):
        encoded = literal(value)
        if encoded != "null" and dialect_name() == "sqlite" and encoded[0] not in ("date", "date_time", "time"):
            from . import exc

            raise exc.StatementError(
                "(builtins.TypeError) SQLite %s type only accepts Python %s objects as input."
                % ({"datetime": "DateTime", "date": "Date", "time": "Time"}[self._python_name], {"datetime": "datetime and date"}.get(self._python_name, self._python_name))
            )
        return encoded


class DateTime(_Moment):
    _tag = "date_time"
    _affinity = "datetime"
    _result = _parse_iso("datetime")


class Date(_Moment):
    _tag = "date"
    _affinity = "date"
    _fields = ()
    _python_name = "date"
    _result = _parse_iso("date")

    def __init__(self):
        pass


class Time(_Moment):
    _tag = "time"
    _affinity = "time"
    _python_name = "time"
    _result = _parse_iso("time")


class Interval(TypeEngine):
    _tag = "interval"
    _affinity = "interval"
    _fields = ("native", "second_precision", "day_precision")

    def __init__(self, native=True, second_precision=None, day_precision=None):
        self.native = native
        self.second_precision = second_precision
        self.day_precision = day_precision

    def _encode(self):
        tag, fields = TypeEngine._encode(self)
        fields["native"] = bool(self.native)
        return (tag, fields)

    def _bind(self, value):
        if value is None or (self.native and dialect_name() == "postgresql"):
            return literal(value)
        import datetime

        return literal(datetime.datetime(1970, 1, 1) + value)

    def _result(self, value):
        import datetime

        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value)
        if isinstance(value, datetime.datetime):
            return value - datetime.datetime(1970, 1, 1)
        return value


class SchemaType:
    """A type that may bring objects of its own: an enumeration, a check constraint."""

    name = None
    schema = None
    metadata = None
    _inherit_schema = False
    _schema_provided = False
    create_type = True

    def _set_table_of(self, table):
        """A type without a schema of its own lives in that of the first metadata it is used in."""
        if self._inherit_schema:
            self.schema = table.schema
            self._inherit_schema = False
            self.metadata = table.metadata
        elif self.metadata is None:
            self.metadata = table.metadata
            if not self._schema_provided and table.metadata.schema:
                self.schema = table.metadata.schema

    def create(self, bind, checkfirst=True):
        other = resolve(self)
        if other is not self and isinstance(other, SchemaType):
            other.create(bind, checkfirst)

    def drop(self, bind, checkfirst=True):
        other = resolve(self)
        if other is not self and isinstance(other, SchemaType):
            other.drop(bind, checkfirst)


class Boolean(SchemaType, TypeEngine):
    _tag = "boolean"
    _affinity = "boolean"

    def __init__(self, create_constraint=False, name=None, _create_events=True, _adapted_from=None):
        self.create_constraint = create_constraint
        self.name = name

    def _encode(self):
        return (self._tag, {"name": ident(self.name), "create_constraint": bool(self.create_constraint)})

    @property
    def python_type(self):
        return bool

    def _bind(self, value):
        if value is None:
            return "null"
        if value in (0, 1) and isinstance(value, int):
            return ("bool", bool(value))
        from . import exc

        if isinstance(value, int):
            raise exc.StatementError("(builtins.ValueError) Value %r is not None, True, or False" % (value,))
        raise exc.StatementError("(builtins.TypeError) Not a boolean value: %r" % (value,))

    def _result(self, value):
        return None if value is None else bool(value)


class Enum(SchemaType, String):
    _tag = "enum"
    _affinity = "enum"
    _is_postgresql = False
    enum_class = None
    native_enum = True

    def __init__(self, *enums, **kw):
        self._take_values(enums, kw)
        self.native_enum = kw.pop("native_enum", True)
        self.create_constraint = kw.pop("create_constraint", False)
        length = kw.pop("length", NO_ARG)
        longest = max([len(value) for value in self.enums] or [0])
        if length is not NO_ARG and length is not None and length < longest:
            raise ValueError("When provided, length must be larger or equal than the length of the longest enum value. %s < %s" % (length, longest))
        self.length = longest if length is NO_ARG else length
        name = kw.pop("name", NO_ARG)
        if name is NO_ARG:
            name = self.enum_class.__name__.lower() if self.enum_class is not None and self.enums else None
        self.validate_strings = kw.pop("validate_strings", False)
        self.name = _base.maybe_quoted(name, kw.pop("quote", None))
        self.create_type = kw.pop("create_type", True)
        self._inherit_schema = bool(kw.pop("inherit_schema", False))
        self._schema_provided = "schema" in kw
        self.schema = kw.pop("schema", None)
        self.metadata = kw.pop("metadata", None)
        if self.metadata is not None and self.schema is None and not self._schema_provided and not self._inherit_schema:
            self.schema = getattr(self.metadata, "schema", None)
        self.collation = kw.pop("collation", None)
        for ignored in ("omit_aliases", "sort_key_function", "_disable_warnings", "_create_events", "_adapted_from", "convert_unicode"):
            kw.pop(ignored, None)
        if kw:
            raise TypeError("Enum.__init__() got an unexpected keyword argument %r" % next(iter(kw)))

    def _take_values(self, enums, kw):
        callable_ = kw.pop("values_callable", None)
        self.values_callable = callable_
        if not enums and "_enums" in kw:
            enums = kw.pop("_enums")
        if len(enums) == 1 and hasattr(enums[0], "__members__"):
            self.enum_class = enums[0]
            members = self.enum_class.__members__
            if kw.get("omit_aliases", True) is True:
                members = {name: member for name, member in members.items() if member.name == name}
            if callable_:
                values = list(callable_(self.enum_class))
            else:
                values = list(members)
            self._objects = dict(zip(values, members.values()))
            self._labels = [(member, label) for label, member in self._objects.items()]
            self.enums = values
            return
        if len(enums) == 1 and not isinstance(enums[0], str) and isinstance(enums[0], (list, tuple, set)):
            enums = tuple(enums[0])
        for value in enums:
            if not isinstance(value, str):
                raise TypeError("Enum values must be strings, got %r" % (value,))
        self.enums = [str.__str__(value) for value in enums]

    def _encode(self):
        return (
            "enum",
            {
                "name": ident(self.name),
                "schema": ident(self.schema),
                "values": list(self.enums),
                "native": bool(self.native_enum),
                "create_constraint": bool(self.create_constraint),
                "create_type": bool(self.create_type),
                "length": self.length,
                "inherit_schema": self._inherit_schema,
                "postgresql": self._is_postgresql,
                "collation": self.collation,
            },
        )

    def _payload(self):
        return self._encode()[1]

    def copy(self, **kw):
        """A copy has the schema that the type has by now: `None` too counts as said."""
        fresh = TypeEngine.copy(self)
        fresh._schema_provided, fresh._inherit_schema = True, False
        return fresh

    def _of_annotation(self, values):
        """The type that stands for an annotation that led here: a general one, whatever the class of this."""
        general = self.enum_class is not None and not self.enum_class.__members__
        if not general and values is None:
            fresh = self.copy().adapt(Enum)
            fresh.create_type = True
            return fresh
        kw = {"native_enum": self.native_enum, "create_constraint": self.create_constraint, "validate_strings": self.validate_strings}
        if self.name:
            kw["name"] = self.name
        if self.length:
            kw["length"] = self.length
        if isinstance(values, type):
            kw["values_callable"] = self.values_callable
            values = [values]
        else:
            kw["native_enum"] = False
        return Enum(*values, schema=self.schema, metadata=self.metadata, **kw)

    @property
    def python_type(self):
        return self.enum_class or str

    def _bind(self, value):
        if self.enum_class is not None and value is not None:
            for member, label in self._labels:
                if member is value:
                    return ("text", label)
            if isinstance(value, str) and not self.validate_strings:
                return ("text", str.__str__(value))
            self._reject(value)
        if self.validate_strings and value is not None and value not in self.enums:
            self._reject(value)
        return literal(value)

    def _reject(self, value):
        from . import exc

        raise exc.StatementError(
            "(builtins.LookupError) %r is not among the defined enum values. Enum name: %s. Possible values: %s" % (value, self.name, ", ".join(self.enums))
        )

    def _result(self, value):
        if value is None or self.enum_class is None:
            return value
        try:
            return self._objects[value]
        except KeyError:
            raise LookupError(
                "%r is not among the defined enum values. Enum name: %s. Possible values: %s" % (value, self.name, ", ".join(self.enums))
            ) from None

    def create(self, bind, checkfirst=True):
        if type(self)._is_postgresql or (self.native_enum and dialect_name() == "postgresql"):
            _operation(bind, ("create_enum", {"type_": self._payload(), "check_first": bool(checkfirst)}))

    def drop(self, bind, checkfirst=True):
        if type(self)._is_postgresql or (self.native_enum and dialect_name() == "postgresql"):
            _operation(bind, ("drop_enum", {"type_": self._payload(), "check_first": bool(checkfirst)}))


def _operation(bind, operation):
    from ._engine import run_ddl

    # An enum exists on PostgreSQL only; elsewhere the column carries a check instead.
    if dialect_name() == "postgresql":
        run_ddl(bind, operation)


class JSON(Indexable, TypeEngine):
    _tag = "json_generic"
    _affinity = "json"
    hashable = False
    NULL = "JSON_NULL"

    def __init__(self, none_as_null=False):
        self.none_as_null = none_as_null

    @property
    def python_type(self):
        return dict

    def _bind(self, value):
        if value is self.NULL:
            return ("json", "null")
        if value is None:
            # SQLAlchemy stores JSON null for a plain None unless told otherwise; NULL comes from null().
            return "null" if self.none_as_null else ("json", "null")
        import json

        return ("json", json.dumps(value))

    def _result(self, value):
        if isinstance(value, (str, bytes)) and dialect_name() != "postgresql":
            import json

            return json.loads(value)
        return value


class Uuid(TypeEngine):
    _tag = "uuid_generic"
    _affinity = "uuid"
    native_uuid = True

    def __init__(self, as_uuid=True, native_uuid=True):
        self.as_uuid = as_uuid
        self.native_uuid = native_uuid

    def _encode(self):
        return ("uuid_generic", {"native": bool(self.native_uuid)})

    @property
    def python_type(self):
        if not self.as_uuid:
            return str
        import uuid

        return uuid.UUID

    def _bind(self, value):
        if isinstance(value, str):
            digits = value.replace("-", "")
            if len(digits) == 32:
                return ("uuid", "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))
        return literal(value)

    def _result(self, value):
        if value is None:
            return None
        if self.as_uuid:
            if isinstance(value, str):
                import uuid

                return uuid.UUID(value)
            return value
        text = str(value)
        if len(text) == 32:
            text = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
        return text


class ARRAY(Indexable, TypeEngine):
    _tag = "array"
    _affinity = "array"
    hashable = False

    def __init__(self, item_type, as_tuple=False, dimensions=None, zero_indexes=False):
        item = to_instance(item_type)
        if isinstance(item, ARRAY):
            raise ValueError("Do not nest ARRAY types; ARRAY(basetype) handles multi-dimensional arrays of basetype")
        self.item_type = item
        self.as_tuple = as_tuple
        self.dimensions = dimensions
        self.zero_indexes = zero_indexes

    def _encode(self):
        return ("array", {"item": encode(self.item_type), "dimensions": self.dimensions})

    def _bind(self, value):
        if isinstance(value, (list, tuple, set)):
            return ("array", [self._bind(item) if isinstance(item, (list, tuple)) else self.item_type._bind(item) for item in value])
        return literal(value)

    def _result(self, value):
        if isinstance(value, list):
            item = resolve(self.item_type)
            if item._result is not None:
                value = [entry if isinstance(entry, list) else item._result(entry) for entry in value]
            if self.as_tuple:
                return tuple(value)
        return value


class TupleType(TypeEngine):
    def __init__(self, *types):
        self.types = [to_instance(item) for item in types]


def _make(bases, names, **attributes):
    for name in names:
        tag = attributes.get("_tag") or name
        globals()[name] = type(bases[0])(name, bases, dict(attributes, _tag=tag, __module__=__name__, __visit_name__=name))


_make((Integer,), ["INTEGER"])

_make((SmallInteger,), ["SMALLINT"])

_make((BigInteger,), ["BIGINT"])

_make((String,), ["VARCHAR", "CHAR"])

_make((Unicode,), ["NVARCHAR", "NCHAR"])

_make((Text,), ["TEXT", "CLOB"])

_make((LargeBinary,), ["BLOB"])

_make((_Binary,), ["BINARY", "VARBINARY"])

_make((Numeric,), ["NUMERIC", "DECIMAL"])

_make((Float,), ["FLOAT", "REAL"])

_make((Double,), ["DOUBLE", "DOUBLE_PRECISION"])

_make((DateTime,), ["DATETIME", "TIMESTAMP"])

_make((Date,), ["DATE"])

_make((Time,), ["TIME"])

INT = INTEGER  # noqa: F821


class BOOLEAN(Boolean):
    def _encode(self):
        if self.create_constraint:
            return Boolean._encode(self)
        return "BOOLEAN"


class UUID(Uuid):
    def _encode(self):
        return "UUID"


class MatchType(Boolean):
    pass


NULLTYPE = NullType()
BOOLEANTYPE = Boolean()
STRINGTYPE = String()
INTEGERTYPE = Integer()
NUMERICTYPE = Numeric()
_VALUE_TYPES = {
    int: INTEGERTYPE,
    bool: BOOLEANTYPE,
    float: Double(),
    str: STRINGTYPE,
    bytes: LargeBinary(),
    type(None): NULLTYPE,
}


def type_of_value(value):
    """The type SQLAlchemy gives a plain value."""
    found = _VALUE_TYPES.get(type(value))
    if found is not None:
        return found
    for cls in type(value).__mro__:
        name = cls.__name__
        if name == "datetime":
            return DateTime(timezone=getattr(value, "tzinfo", None) is not None)
        if name == "date":
            return Date()
        if name == "time":
            return Time()
        if name == "timedelta":
            return Interval()
        if name == "Decimal":
            return Numeric(scale=None)
        if name == "UUID":
            return Uuid()
        if name == "Enum" and hasattr(cls, "__members__"):
            return Enum(type(value))
        if cls in (str, int, float, bytes):
            return _VALUE_TYPES[cls]
    return NULLTYPE


def to_instance(type_):
    """A type given as class, instance or None."""
    if type_ is None:
        return NULLTYPE
    if isinstance(type_, type):
        if not issubclass(type_, TypeEngine):
            return _not_a_type(type_)
        return type_()
    if isinstance(type_, TypeEngine):
        return type_
    if callable(type_):
        return to_instance(type_())
    return _not_a_type(type_)


def _not_a_type(type_):
    from . import exc

    raise exc.ArgumentError("Object %r is not legal as a type" % (type_,))


def _dialect():
    from ._engine import current_dialect

    return current_dialect()


def resolve(type_):
    """The type that stands for `type_` on the dialect at hand."""
    seen = 0
    while seen < 20:
        seen += 1
        if type_._variants:
            variant = type_._variants.get(dialect_name())
            if variant is not None and variant is not type_:
                type_ = variant
                continue
        return type_
    return type_


_COMPILER = "sqlalchemy.ext.compiler"


def custom_text(type_):
    """The text from `@compiles`, a `get_col_spec`, or None."""
    if _COMPILER not in sys.modules:
        # Nobody has imported `compiles`.
        return None
    for cls in type(type_).__mro__:
        registry = cls.__dict__.get("_compiled_by")
        if registry is not None:
            function = registry.get(dialect_name()) or registry.get("default")
            if function is not None:
                from .ext.compiler import StandInCompiler

                return function(type_, StandInCompiler())
    return None


def encode(type_):
    """Encodes a type for the dialect at hand."""
    type_ = resolve(to_instance(type_))
    if type_._tag != "verbatim":
        text = custom_text(type_)
        if text is not None:
            if type_._affinity == "integer" and text.upper() in ("INTEGER", "BIGINT", "SMALLINT"):
                # Still an integer: it may count up.
                return text.upper()
            return ("verbatim", text)
    if type_._visit and "_tag" not in type(type_).__dict__:
        made = _by_visit_name(type_)
        if made is not None:
            return made
    return type_._encode()


def _by_visit_name(type_):
    """A class of the script that only renames a known type (`__visit_name__ = "JSONB"`)."""
    for cls in type(type_).__mro__:
        if "_tag" in cls.__dict__:
            return None
        if cls.__dict__.get("__visit_name__"):
            break
    name = type_._visit
    if name.islower():
        return None
    if dialect_name() == "postgresql" and name in ("JSONB", "BYTEA", "INET", "CIDR", "TSVECTOR", "CITEXT", "HSTORE", "MACADDR"):
        return ("pg", name)
    from . import exc

    raise exc.UnsupportedCompilationError("Compiler can't render element of type %s" % type(type_).__name__)


def type_text(type_, plain=False):
    """A type's usual SQL text, for printing and comparing; `plain` as `str()` gives it, without a dialect."""
    type_ = resolve(to_instance(type_))
    postgresql = not plain and dialect_name() == "postgresql"
    data = encode(type_)
    tag, fields = data if isinstance(data, tuple) else (data, {})
    if tag in ("verbatim", "pg"):
        return fields
    if tag == "array":
        return "ARRAY" if plain else type_text(type_.item_type) + "[]"
    name = {
        "null": "NULL",
        "string": "VARCHAR",
        "unicode": "VARCHAR",
        "unicode_text": "TEXT",
        "small_integer": "SMALLINT",
        "big_integer": "BIGINT",
        "date_time": "TIMESTAMP" if postgresql else "DATETIME",
        "large_binary": "BLOB",
        "uuid_generic": "UUID" if postgresql else "CHAR(32)",
        "json_generic": "JSON",
        "enum": "VARCHAR",
        "DOUBLE_PRECISION": "DOUBLE PRECISION",
        "pg_bit": "BIT",
        "pg_interval": "INTERVAL",
        "pg_domain": "DOMAIN",
    }.get(tag, tag.upper())
    if tag == "mysql":
        name = fields["name"]
    if tag == "enum" and fields.get("native") and postgresql and fields.get("name"):
        return str(type_.name)
    if isinstance(fields, dict):
        if fields.get("length") is not None:
            name += "(%d)" % fields["length"]
        elif fields.get("precision") is not None:
            if fields.get("scale") is not None:
                name += "(%d, %d)" % (fields["precision"], fields["scale"])
            else:
                name += "(%d)" % fields["precision"]
        if postgresql and "timezone" in type(type_)._fields:
            name += " WITH TIME ZONE" if fields.get("timezone") else " WITHOUT TIME ZONE"
        if fields.get("collation"):
            name += ' COLLATE "%s"' % fields["collation"]
    return name


# Built from the above; the module imports this one, so it comes last.
from ._custom_types import PickleType, TypeDecorator, UserDefinedType  # noqa: E402

__all__ = ["PickleType", "TypeDecorator", "UserDefinedType"]
