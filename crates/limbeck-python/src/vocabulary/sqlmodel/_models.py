"""Classes of SQLModel: fields by annotation, and a table for those made with `table=True`. Validation is pydantic's and not here."""

from sqlalchemy._base import NO_ARG
from sqlalchemy._constraints import ForeignKey
from sqlalchemy._schema import Column, MetaData, Table
from sqlalchemy import _types
from sqlalchemy.orm._columns import _origin_name, evaluate, own_annotations, without_none
from sqlalchemy.orm._declare import DeclarativeMeta, map_class, registry
from sqlalchemy.orm._fields import declared_attr

from .sql.sqltypes import AutoString, UTCDateTime


class FieldInfo:
    """What `Field(...)` was given."""

    def __init__(self, default, options):
        self.default = default
        self.options = options

    def get(self, name, otherwise=None):
        return self.options.get(name, otherwise)


def Field(default=NO_ARG, **options):
    return FieldInfo(default, options)


class RelationshipInfo:
    def __init__(self, **options):
        self.options = options


def Relationship(**options):
    return RelationshipInfo(**options)


class SQLModelMetaclass(DeclarativeMeta):
    def __new__(mcls, name, bases, namespace, **kw):
        return type.__new__(mcls, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **kw):
        type.__init__(cls, name, bases, namespace)
        fields = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(base.__dict__.get("_sqlmodel_fields", {}))
        for field, annotation in own_annotations(cls).items():
            value = namespace.get(field, NO_ARG)
            if not field.startswith("_") and field != "model_config" and not isinstance(value, RelationshipInfo) and not _is_class_variable(annotation):
                fields[field] = (cls, annotation, value if isinstance(value, FieldInfo) else FieldInfo(value, {}))
        type.__setattr__(cls, "_sqlmodel_fields", fields)
        if kw.get("table"):
            _map(cls, fields)

    def __setattr__(cls, key, value):
        type.__setattr__(cls, key, value)


def _is_class_variable(annotation):
    return "ClassVar" in (annotation if isinstance(annotation, str) else _origin_name(annotation) or repr(annotation))


def _map(cls, fields):
    columns = []
    for name, (owner, annotation, info) in fields.items():
        column = info.get("sa_column")
        if not isinstance(column, Column):
            column = _column(name, evaluate(annotation, owner), info)
        elif column.table is not None or owner is not cls:
            column = column._copy()
        if column.name is None:
            column.name = name
        column.key = name if column.key is None else column.key
        columns.append((name, column))
    args, options = _table_args(cls)
    table = Table(_table_name(cls), cls.metadata, *[column for _, column in columns], *args, **options)
    type.__setattr__(cls, "__table__", table)
    map_class(cls)


def _table_name(cls):
    for base in cls.__mro__:
        name = base.__dict__.get("__tablename__")
        if name is not None and base is not SQLModel:
            return name.fget(cls) if isinstance(name, declared_attr) else name.__get__(None, cls) if hasattr(name, "__get__") else name
    return cls.__name__.lower()


def _table_args(cls):
    given = getattr(cls, "__table_args__", None)
    if isinstance(given, dict):
        return (), dict(given)
    if not given:
        return (), {}
    return (tuple(given[:-1]), dict(given[-1])) if isinstance(given[-1], dict) else (tuple(given), {})


def _column(name, annotation, info):
    annotation, optional = without_none(annotation)
    extra = []
    while hasattr(annotation, "__metadata__"):
        for item in annotation.__metadata__:
            if isinstance(item, FieldInfo):
                info = FieldInfo(info.default, dict(item.options, **info.options))
            else:
                extra.append(item)
        annotation, deep = without_none(annotation.__origin__)
        optional = optional or deep
    primary = bool(info.get("primary_key"))
    nullable = info.get("nullable", not primary and optional)
    args = []
    if info.get("foreign_key"):
        args.append(ForeignKey(info.get("foreign_key"), ondelete=info.get("ondelete")))
    args.extend(info.get("sa_column_args") or ())
    options = {"primary_key": primary, "nullable": nullable, "index": bool(info.get("index")), "unique": bool(info.get("unique"))}
    default = info.get("default_factory", info.default)
    if default is not NO_ARG and default is not Ellipsis:
        options["default"] = default
    options.update(info.get("sa_column_kwargs") or {})
    type_ = info.get("sa_type")
    if type_ is None:
        type_ = _type(annotation, info, extra)
    return Column(name, type_, *args, **options)


_TEXTS = ("str", "IPv4Address", "IPv4Network", "IPv6Address", "IPv6Network", "Path", "PurePath", "EmailStr")
_PLAIN = {
    "float": "Float", "bool": "Boolean", "int": "Integer", "date": "Date", "timedelta": "Interval", "time": "Time", "bytes": "LargeBinary", "UUID": "Uuid",
}  # fmt: skip


def _type(annotation, info, extra):
    if type(annotation).__name__ == "Deferred":
        annotation.__limbeck_use__()
    if _origin_name(annotation) == "Literal":
        annotation = type(annotation.__args__[0])
    annotation = getattr(annotation, "__supertype__", annotation)
    if isinstance(annotation, type):
        if hasattr(annotation, "__members__"):
            return _types.Enum(annotation)
        for base in annotation.__mro__:
            if base.__name__ in _TEXTS:
                length = info.get("max_length") or next((item.max_length for item in extra if getattr(item, "max_length", None)), None)
                return AutoString(length=length) if length else AutoString()
            if base.__name__ == "datetime":
                return UTCDateTime()
            if base.__name__ == "Decimal":
                return _types.Numeric(precision=info.get("max_digits"), scale=info.get("decimal_places"))
            if base.__name__ in _PLAIN:
                return getattr(_types, _PLAIN[base.__name__])()
    raise ValueError("%r has no matching SQLAlchemy type" % (annotation,))


class SQLModel(metaclass=SQLModelMetaclass):
    """The base of an application's models."""

    metadata = MetaData()
    registry = registry(metadata=metadata)

    def __init_subclass__(cls, **kw):
        super().__init_subclass__()

    def __init__(self, **values):
        for name, (_, _, info) in type(self)._sqlmodel_fields.items():
            if name in values:
                setattr(self, name, values[name])
            elif "default_factory" in info.options:
                setattr(self, name, info.options["default_factory"]())
            elif info.default is not NO_ARG and info.default is not Ellipsis:
                setattr(self, name, info.default)
