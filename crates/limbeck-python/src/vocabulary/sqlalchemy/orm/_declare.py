"""Declarative classes: from a class body to a table and a mapper."""

import _limbeck

from .._schema import Column, MetaData, Table, _looked_at
from ..exc import ArgumentError, InvalidRequestError
from ._fields import Fields, declared_attr, mapped_parent
from ._mapper import Mapper, MapperProperty, configure_mappers


def declarative_mixin(cls):
    return cls


class registry:
    """The classes of one declarative base, by name."""

    def __init__(self, metadata=None, class_registry=None, type_annotation_map=None, constructor=None, **kw):
        self.metadata = metadata if metadata is not None else MetaData()
        self._class_registry = class_registry if class_registry is not None else {}
        self.type_annotation_map = dict(type_annotation_map or {})
        self.constructor = constructor if constructor is not None else _constructor
        self._mappers = []

    @property
    def mappers(self):
        _looked_at()
        return frozenset(self._mappers)

    def update_type_annotation_map(self, type_annotation_map):
        _looked_at()
        self.type_annotation_map.update(type_annotation_map)

    def generate_base(self, mapper=None, cls=object, name="Base", metaclass=None):
        metaclass = metaclass or DeclarativeMeta
        bases = cls if isinstance(cls, tuple) else (cls,)
        body = {"registry": self, "metadata": self.metadata, "__abstract__": True}
        if self.constructor is not None and not any("__init__" in base.__dict__ for base in bases if base is not object):
            body["__init__"] = self.constructor
        if hasattr(cls, "__class_getitem__"):
            body["__class_getitem__"] = classmethod(lambda own, item: own)
        if isinstance(cls, type) and cls is not object:
            body["__doc__"] = cls.__doc__
        return metaclass(name, bases, body)

    def as_declarative_base(self, **kw):
        def decorate(cls):
            return self.generate_base(cls=cls, name=cls.__name__, **kw)

        return decorate

    def mapped(self, cls):
        cls.registry = self
        cls.metadata = self.metadata
        if "__init__" not in cls.__dict__ and cls.__init__ is object.__init__:
            cls.__init__ = self.constructor
        map_class(cls)
        _as_clause(cls)
        return cls

    def map_declaratively(self, cls):
        self.mapped(cls)
        return cls.__mapper__

    def mapped_as_dataclass(self, __cls=None, **kw):
        def decorate(cls):
            cls._sa_dataclass = kw
            made = self.mapped(cls)
            _dataclass_init(made)
            return made

        return decorate if __cls is None else decorate(__cls)

    def map_imperatively(self, class_, local_table=None, properties=None, inherits=None, **kw):
        if "__init__" not in class_.__dict__ and class_.__init__ is object.__init__:
            class_.__init__ = _constructor
        parent = getattr(inherits, "__mapper__", None)
        if local_table is None and parent is not None:
            local_table = parent.local_table
        made = _make_mapper(class_, local_table, self, dict(properties or {}), parent, kw)
        _as_clause(class_)
        return made

    def configure(self, cascade=False):
        configure_mappers()

    def dispose(self, cascade=False):
        self._mappers.clear()


def _as_clause(cls):
    if not isinstance(cls, DeclarativeAttributeIntercept):
        cls.__clause_element__ = classmethod(lambda own: own.__mapper__.from_clause)


def _constructor(self, **kwargs):
    """Sets attributes by name."""
    cls = type(self)
    for key, value in kwargs.items():
        if not hasattr(cls, key):
            raise TypeError("%r is an invalid keyword argument for %s" % (key, cls.__name__))
        setattr(self, key, value)


_constructor.__name__ = "__init__"


class DeclarativeAttributeIntercept(type):
    """The metaclass of declarative classes: maps a class when it is made, and attributes that are set later."""

    def __init__(cls, name, bases, namespace, **kw):
        type.__init__(cls, name, bases, namespace)
        _class_made(cls, kw)

    def __new__(mcls, name, bases, namespace, **kw):
        return type.__new__(mcls, name, bases, namespace)

    def __setattr__(cls, key, value):
        mapper = cls.__dict__.get("__mapper__")
        if mapper is not None and isinstance(value, (Column, MapperProperty)) and not key.startswith("__"):
            add_mapped_attribute(cls, key, value)
        else:
            type.__setattr__(cls, key, value)

    def __getattr__(cls, key):
        # An attribute that another class's backref is still to make.
        if not key.startswith("_") and cls.__dict__.get("__mapper__") is not None:
            configure_mappers()
            for base in cls.__mro__:
                if key in base.__dict__:
                    return getattr(cls, key)
        raise AttributeError("type object '%s' has no attribute '%s'" % (cls.__name__, key))

    def __clause_element__(cls):
        mapper = getattr(cls, "__mapper__", None)
        if mapper is None:
            from .exc import UnmappedClassError

            raise UnmappedClassError(cls)
        return mapper.from_clause


class DeclarativeMeta(DeclarativeAttributeIntercept):
    pass


def add_mapped_attribute(target, key, attr):
    target.__mapper__.add_property(key, attr)


def _class_made(cls, kw):
    if cls.__dict__.get("_sa_root") or "_sa_is_declarative_base" in cls.__dict__:
        return
    for base in cls.__bases__:
        if base.__dict__.get("_sa_is_declarative_base"):
            _set_up_base(cls)
            return
    if "__abstract__" in cls.__dict__ and cls.__dict__["__abstract__"]:
        return
    if kw:
        cls._sa_dataclass = kw
    if not hasattr(cls, "registry"):
        if any("_sa_is_dataclass_mixin" in base.__dict__ for base in cls.__mro__):
            return
        raise InvalidRequestError("Declarative base class has no 'registry' attribute, or registry is not a sqlalchemy.orm.registry() object")
    map_class(cls)
    if any("_sa_is_dataclass_mixin" in base.__dict__ for base in cls.__mro__):
        _dataclass_init(cls)


def _set_up_base(cls):
    """A direct subclass of DeclarativeBase is a base of its own."""
    metadata = cls.__dict__.get("metadata")
    own = cls.__dict__.get("registry")
    if own is None:
        own = registry(metadata=metadata, type_annotation_map=cls.__dict__.get("type_annotation_map"))
        type.__setattr__(cls, "registry", own)
    elif cls.__dict__.get("type_annotation_map"):
        own.type_annotation_map.update(cls.__dict__["type_annotation_map"])
    type.__setattr__(cls, "metadata", metadata if metadata is not None else own.metadata)
    type.__setattr__(cls, "_sa_registry", own)
    if "__init__" not in cls.__dict__ and cls.__init__ is object.__init__:
        type.__setattr__(cls, "__init__", own.constructor)


class DeclarativeBase(metaclass=DeclarativeAttributeIntercept):
    """The base class of declarative bases."""

    _sa_is_declarative_base = True


class DeclarativeBaseNoMeta:
    """DeclarativeBase without a metaclass of its own."""

    _sa_is_declarative_base = True

    def __init_subclass__(cls, **kw):
        super().__init_subclass__()
        _class_made(cls, kw)
        _as_clause(cls)


class MappedAsDataclass(metaclass=DeclarativeAttributeIntercept):
    """Gives mapped classes the constructor of a dataclass."""

    _sa_root = True
    _sa_is_dataclass_mixin = True


def mapped_as_dataclass(registry_, **kw):
    return registry_.mapped_as_dataclass(**kw)


def declarative_base(bind=None, metadata=None, mapper=None, cls=object, name="Base", class_registry=None, type_annotation_map=None, constructor=_constructor,
                     metaclass=DeclarativeMeta):  # fmt: skip
    made = registry(metadata=metadata, class_registry=class_registry, type_annotation_map=type_annotation_map, constructor=constructor)
    return made.generate_base(mapper=mapper, cls=cls, name=name, metaclass=metaclass)


def as_declarative(**kw):
    def decorate(cls):
        return declarative_base(cls=cls, name=cls.__name__, **kw)

    return decorate


def synonym_for(name, map_column=False):
    from ._mapper import Synonym

    def decorate(fn):
        return Synonym(name, descriptor=fn)

    return decorate


def has_inherited_table(cls):
    return any(getattr(base, "__table__", None) is not None for base in cls.__mro__[1:])


# ---------------------------------------------------------------- from class to table


def map_class(cls):
    """Maps a class by its attributes and those of its mixins."""
    parent = mapped_parent(cls)
    fields = Fields(cls)
    own_registry = cls.registry
    args = fields.special("__mapper_args__") or {}
    table = cls.__dict__.get("__table__")
    if isinstance(table, declared_attr):
        table = table.__get__(None, cls)
    if table is None:
        table = fields.special("__table__")
    if table is None:
        table = _make_table(cls, fields, own_registry, parent)
    if table is None and parent is None:
        raise InvalidRequestError(
            "Class %r does not have a __table__ or __tablename__ specified and does not inherit from an existing table-mapped class." % (cls,)
        )
    if table is None:
        table = parent.local_table
        for name, column in fields.columns():
            if column.table is None:
                existing = table.c.get(column.key if column.key is not None else name)
                if existing is None:
                    table.append_column(column)
                else:
                    fields.values[name] = existing
    type.__setattr__(cls, "__table__", table)
    args = dict(args)
    for name in ("polymorphic_on", "version_id_col"):
        value = args.get(name)
        if isinstance(value, Column) and value.table is None:
            for key, column in fields.columns():
                if column.name == value.name or column is value:
                    args[name] = column
    _make_mapper(cls, table, own_registry, fields.values, parent, args)
    if _limbeck.context.get("alike"):
        from alembic import _alike

        _alike.made(cls)


def _make_mapper(cls, table, own_registry, properties, parent, args):
    mapper = Mapper.__new__(Mapper)
    type.__setattr__(cls, "__table__", table)
    type.__setattr__(cls, "__mapper__", mapper)
    mapper.__init__(cls, table, own_registry, properties, parent, args)
    own_registry._mappers.append(mapper)
    known = own_registry._class_registry
    known.setdefault(cls.__name__, cls)
    known["%s.%s" % (cls.__module__, cls.__name__)] = cls
    return mapper


def _make_table(cls, fields, own_registry, parent):
    name = fields.special("__tablename__")
    if name is None:
        return None
    given = fields.special("__table_args__")
    args, kw = (), {}
    if isinstance(given, dict):
        kw = dict(given)
    elif isinstance(given, (tuple, list)):
        args = tuple(given)
        if args and isinstance(args[-1], dict):
            args, kw = args[:-1], dict(args[-1])
    elif given is not None:
        raise ArgumentError("__table_args__ value must be a tuple, dict, or None")
    columns = sorted((column for _, column in fields.columns() if column.table is None), key=lambda column: column.sort_order)
    metadata = getattr(cls, "metadata", None)
    if metadata is None:
        metadata = own_registry.metadata
    make = getattr(cls, "__table_cls__", None)
    if make is not None:
        return make(name, metadata, *(tuple(columns) + args), **kw)
    return Table(name, metadata, *(tuple(columns) + args), **kw)


def _dataclass_init(cls):
    """A constructor with the arguments of a dataclass."""
    order, defaults, factories = [], {}, {}
    for base in reversed(cls.__mro__):
        for name, value in list(base.__dict__.get("_sa_dataclass_fields", {}).items()):
            if name not in order:
                order.append(name)
            defaults.update({name: value[0]} if value[0] is not None else {})
            factories.update({name: value[1]} if value[1] is not None else {})
    from .._base import NO_ARG

    own = {}
    for name, value in cls.__mapper__._properties.items():
        column = value if isinstance(value, Column) else getattr(value, "column", None)
        if getattr(column if column is not None else value, "_dataclass_init", True) is False:
            continue
        source = column if column is not None else value
        default = getattr(source, "_dataclass_default", NO_ARG)
        factory = getattr(source, "_dataclass_factory", NO_ARG)
        own[name] = (None if default is NO_ARG else (default,), None if factory is NO_ARG else factory)
        if name not in order:
            order.append(name)
        if default is not NO_ARG:
            defaults[name] = (default,)
        if factory is not NO_ARG:
            factories[name] = factory
    type.__setattr__(cls, "_sa_dataclass_fields", own)
    if "__init__" in cls.__dict__:
        return

    def __init__(self, *args, **kwargs):
        if len(args) > len(order):
            raise TypeError("__init__() takes %d positional arguments but %d were given" % (len(order) + 1, len(args) + 1))
        values = dict(zip(order, args))
        for name, value in kwargs.items():
            if name not in order:
                raise TypeError("__init__() got an unexpected keyword argument %r" % name)
            values[name] = value
        for name in order:
            if name in values:
                setattr(self, name, values[name])
            elif name in factories:
                setattr(self, name, factories[name]())
            elif name in defaults:
                setattr(self, name, defaults[name][0])

    type.__setattr__(cls, "__init__", __init__)
