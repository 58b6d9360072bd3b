"""Mappers: which attribute of a class is which column, and the attributes themselves."""

from ..exc import ArgumentError, InvalidRequestError
from . import _instances
from ._instances import NO_VALUE, load_missing, remember, state_of

_UNCONFIGURED = []


class MapperProperty:
    """What stands behind a mapped attribute."""

    key = None
    parent = None
    doc = None
    info = {}

    def _bind(self, mapper, key):
        self.key = key
        self.parent = mapper

    @property
    def class_attribute(self):
        return getattr(self.parent.class_, self.key)


class InstrumentedAttribute(MapperProperty):
    """A column as an attribute: the column itself on the class, its value on an object."""

    def __init__(self, column, deferred=False):
        self.columns = [column]
        self.column = column
        self.deferred = deferred or getattr(column, "deferred", False)
        self.mutable = getattr(column.type, "_mutable", None)

    @property
    def expression(self):
        return self.column

    def __get__(self, obj, owner=None):
        if obj is None:
            return self.column
        values = obj.__dict__
        try:
            return values[self.key]
        except KeyError:
            pass
        return load_missing(obj, state_of(obj), self.key)

    def __set__(self, obj, value):
        state = state_of(obj)
        for check in state.mapper.validators.get(self.key, ()):
            value = check(obj, self.key, value)
        if self.mutable is not None:
            value = self.mutable.attach(value, obj, self.key)
        values = obj.__dict__
        remember(obj, state, self.key, values.get(self.key, NO_VALUE))
        values[self.key] = value

    def __delete__(self, obj):
        self.__set__(obj, None)
        obj.__dict__.pop(self.key, None)


ColumnProperty = QueryableAttribute = InstrumentedAttribute


class SQLProperty(MapperProperty):
    """`column_property(expression)`: asked of the database when it is read."""

    def __init__(self, expression):
        self.expression = expression
        self.columns = [expression]

    def __get__(self, obj, owner=None):
        if obj is None:
            return self.expression
        values = obj.__dict__
        if self.key not in values:
            state = state_of(obj)
            if state.key is None or state.session is None:
                return None
            from ._loading import load_expression

            values[self.key] = load_expression(state.session, obj, self.expression)
        return values[self.key]

    def __set__(self, obj, value):
        obj.__dict__[self.key] = value


class Synonym(MapperProperty):
    """`synonym("other")`."""

    def __init__(self, name, map_column=None, descriptor=None, comparator_factory=None, **kw):
        self.name = name
        self.descriptor = descriptor

    def __get__(self, obj, owner=None):
        if self.descriptor is not None and obj is not None:
            return self.descriptor.__get__(obj, owner)
        return getattr(owner if obj is None else obj, self.name)

    def __set__(self, obj, value):
        if self.descriptor is not None:
            self.descriptor.__set__(obj, value)
        else:
            setattr(obj, self.name, value)


SynonymProperty = synonym = Synonym


class Composite(MapperProperty):
    """`composite(Class, column, column)`: several columns as one value."""

    def __init__(self, class_or_attr, *attrs, **kw):
        self.composite_class = class_or_attr
        self.attrs = attrs

    def _bind(self, mapper, key):
        MapperProperty._bind(self, mapper, key)
        self.names = [item if isinstance(item, str) else mapper.attribute_of(item) for item in self.attrs]

    def __get__(self, obj, owner=None):
        if obj is None:
            from .._elements import tuple_

            return tuple_(*[getattr(owner, name) for name in self.names])
        values = [getattr(obj, name) for name in self.names]
        return None if all(value is None for value in values) else self.composite_class(*values)

    def __set__(self, obj, value):
        values = value.__composite_values__() if hasattr(value, "__composite_values__") else [getattr(value, name) for name in value.__dataclass_fields__]
        for name, part in zip(self.names, values):
            setattr(obj, name, part)


CompositeProperty = composite = Composite


def column_property(column, *others, deferred=False, **kw):
    from .._schema import Column

    if isinstance(column, Column):
        return InstrumentedAttribute(column, deferred)
    return SQLProperty(column)


def deferred(column, *others, group=None, raiseload=False, **kw):
    return column_property(column, deferred=True)


def query_expression(default_expr=None, **kw):
    return SQLProperty(default_expr)


def reconstructor(function):
    function._sa_reconstructor = True
    return function


def validates(*names, include_removes=False, include_backrefs=True):
    def decorate(function):
        function._sa_validates = names
        return function

    return decorate


class Mapper:
    """One mapped class."""

    def __init__(self, class_, local_table, registry, properties, inherits=None, args=None):
        args = dict(args or {})
        self.class_ = class_
        self.registry = registry
        self.inherits = inherits
        self.local_table = local_table
        self.single = inherits is not None and local_table is inherits.local_table
        self.base = inherits.base if inherits is not None else self
        self.tables = [local_table] if inherits is None else inherits.tables + ([] if self.single else [local_table])
        self.subclasses = []
        self.columns_by_attribute = dict(inherits.columns_by_attribute) if inherits is not None else {}
        self.attributes = dict(inherits.attributes) if inherits is not None else {}
        self.relations = dict(inherits.relations) if inherits is not None else {}
        self.validators = {name: list(found) for name, found in inherits.validators.items()} if inherits is not None else {}
        self.polymorphic_on = args.pop("polymorphic_on", None)
        if self.polymorphic_on is None and inherits is not None:
            self.polymorphic_on = inherits.polymorphic_on
        self.polymorphic_identity = args.pop("polymorphic_identity", None)
        self.with_version = args.pop("version_id_col", None)
        self._given_key = args.pop("primary_key", None)
        self._exclude = set(args.pop("exclude_properties", None) or ())
        self._inherit_condition = args.pop("inherit_condition", None)
        self._reconstructors = []
        self._from = None
        # Attributes by column, made when rows are first written.
        self._by_column = None
        self._key = self._key_attributes = None
        if inherits is not None:
            inherits.subclasses.append(self)
        for key, value in (args.pop("properties", None) or {}).items():
            properties[key] = value
        self._properties = properties
        self._map_columns(properties)
        for key, value in properties.items():
            self.add_property(key, value)
        self._collect_hooks()
        if not self.primary_key:
            raise ArgumentError("Mapper %s could not assemble any primary key columns for mapped table '%s'" % (self, local_table.name))
        if isinstance(self.polymorphic_on, str):
            self.polymorphic_on = self.columns_by_attribute[self.polymorphic_on]
        elif isinstance(self.polymorphic_on, MapperProperty):
            self.polymorphic_on = self.polymorphic_on.columns[0]
        _UNCONFIGURED.append(self)

    def _map_columns(self, properties):
        """Columns of the table that no given attribute is: each under its own name."""
        from .._schema import Column

        given = []
        for value in properties.values():
            given.extend(value.columns if isinstance(value, InstrumentedAttribute) else [value] if isinstance(value, Column) else [])
        if self.single:
            return
        for column in self.local_table.c:
            if any(column is known for known in given) or column.key in self._exclude:
                continue
            if column.key in properties and not isinstance(properties[column.key], (InstrumentedAttribute, Column)):
                continue
            self._add_column(str(column.key), InstrumentedAttribute(column))

    def _add_column(self, key, attribute):
        inherited = self.columns_by_attribute.get(key)
        if inherited is not None and inherited.table is not attribute.column.table:
            # A joined subclass's own key column: the base's attribute stays, the rows are kept equal.
            attribute.columns = [attribute.column, inherited]
            if self.inherits is not None:
                attribute.column = inherited
        attribute._bind(self, key)
        self._by_column = None
        self.attributes[key] = attribute
        self.columns_by_attribute[key] = attribute.column
        type.__setattr__(self.class_, key, attribute)

    def add_property(self, key, value):
        from .._schema import Column

        if isinstance(value, Column):
            value = InstrumentedAttribute(value)
        if isinstance(value, InstrumentedAttribute):
            column = value.column
            if column.name is None:
                column.name = column.key = key
            if column.table is None:
                self.local_table.append_column(column)
            self._add_column(key, value)
            return
        if not isinstance(value, MapperProperty):
            raise ArgumentError("%s.%s is not a mapped attribute" % (self.class_.__name__, key))
        value._bind(self, key)
        self._by_column = None
        if hasattr(value, "join_parts"):
            self.relations[key] = value
            if self not in _UNCONFIGURED:
                _UNCONFIGURED.append(self)
        self.attributes[key] = value
        type.__setattr__(self.class_, key, value)

    def _collect_hooks(self):
        for base in reversed(self.class_.__mro__):
            if self.inherits is not None and issubclass(self.inherits.class_, base):
                continue
            for value in list(base.__dict__.values()):
                if type(value).__name__ == "Deferred":
                    continue
                names = getattr(value, "_sa_validates", None)
                if names is not None:
                    for name in names:
                        self.validators.setdefault(name, []).append(value)
                if getattr(value, "_sa_reconstructor", False):
                    self._reconstructors.append(value)

    # ---- columns
    @property
    def primary_key(self):
        if self.base is not self:
            return self.base.primary_key
        if self._key is None:
            self._key = self._find_key()
        return self._key

    def _find_key(self):
        if self._given_key is not None:
            return [self.columns_by_attribute[item] if isinstance(item, str) else item for item in self._given_key]
        key = self.local_table.primary_key
        return list(getattr(key, "columns", key))

    def attribute_of(self, column):
        """The attribute that is this column."""
        for key, attribute in self.attributes.items():
            if isinstance(attribute, InstrumentedAttribute) and any(own is column for own in attribute.columns):
                return key
        for key, own in self.columns_by_attribute.items():
            if own is column or (own.table is getattr(column, "table", None) and own.name == column.name):
                return key
        raise InvalidRequestError("No column %s is configured on mapper %s..." % (column, self))

    @property
    def primary_key_attributes(self):
        if self._key_attributes is None:
            self._key_attributes = [self.attribute_of(column) for column in self.primary_key]
        return self._key_attributes

    def loaded_attributes(self):
        """Attributes that a row of this class brings."""
        return [key for key in self.columns_by_attribute if not self.attributes[key].deferred]

    def entity_columns(self, entity):
        adapt = getattr(entity, "_adapt_column", None)
        columns = [self.columns_by_attribute[key] for key in self.loaded_attributes()]
        return [adapt(column) for column in columns] if adapt is not None else columns

    @property
    def from_clause(self):
        """What the class is selected from: its table, or the tables of its bases joined."""
        if len(self.tables) == 1:
            return self.tables[0]
        if self._from is None:
            from .._from import Join

            joined = self.tables[0]
            for table in self.tables[1:]:
                joined = Join(joined, table, self._inherit_condition)
            self._from = joined
        return self._from

    selectable = persist_selectable = mapped_table = property(lambda self: self.from_clause)

    @property
    def single_criterion(self):
        """A class that shares its base's table has only some of its rows."""
        if not self.single or self.polymorphic_on is None:
            return None
        identities = [mapper.polymorphic_identity for mapper in self.self_and_descendants if mapper.polymorphic_identity is not None]
        return self.polymorphic_on.in_(identities)

    @property
    def self_and_descendants(self):
        found = [self]
        for mapper in self.subclasses:
            found.extend(mapper.self_and_descendants)
        return found

    def mapper_for(self, identity):
        for mapper in self.base.self_and_descendants:
            if mapper.polymorphic_identity == identity and identity is not None:
                return mapper
        return self

    inspect_instance = staticmethod(state_of)

    def identity_key_from_primary_key(self, key):
        return (self.base.class_, tuple(key))

    def primary_key_from_instance(self, obj):
        return [getattr(obj, key) for key in self.primary_key_attributes]

    # ---- what scripts look at
    @property
    def columns(self):
        from .._base import Collection

        return Collection(list(self.columns_by_attribute.items()))

    c = columns

    @property
    def attrs(self):
        from .._base import Collection

        configure_mappers()
        return Collection(list(self.attributes.items()))

    @property
    def column_attrs(self):
        from .._base import Collection

        return Collection([(key, value) for key, value in self.attributes.items() if isinstance(value, InstrumentedAttribute)])

    @property
    def relationships(self):
        from .._base import Collection

        configure_mappers()
        return Collection(list(self.relations.items()))

    all_orm_descriptors = attrs

    def get_property(self, key):
        configure_mappers()
        try:
            return self.attributes[key]
        except KeyError:
            raise InvalidRequestError(
                "Mapper '%s' has no property '%s'.  If this property was indicated from other mappers or configure events, ensure registry.configure() has been called."
                % (self, key)
            ) from None

    def has_property(self, key):
        return key in self.attributes

    def get_property_by_column(self, column):
        return self.attributes[self.attribute_of(column)]

    @property
    def entity(self):
        return self.class_

    @property
    def mapper(self):
        return self

    def isa(self, other):
        return other in self.chain

    @property
    def chain(self):
        found, mapper = [], self
        while mapper is not None:
            found.append(mapper)
            mapper = mapper.inherits
        return found

    def __str__(self):
        return "Mapper[%s(%s)]" % (self.class_.__name__, self.local_table.name)

    __repr__ = __str__


def configure_mappers():
    """Resolves relationships that were declared since."""
    while _UNCONFIGURED:
        mapper = _UNCONFIGURED.pop()
        for relation in list(mapper.relations.values()):
            relation.configure()


def class_mapper(class_, configure=True):
    mapper = getattr(class_, "__mapper__", None)
    if mapper is None:
        from .exc import UnmappedClassError

        raise UnmappedClassError(class_)
    if configure:
        configure_mappers()
    return mapper


def object_mapper(instance):
    return _instances.state_of(instance).mapper


def clear_mappers():
    _UNCONFIGURED.clear()


def polymorphic_union(*args, **kw):
    from .._base import unsupported

    raise unsupported("sqlalchemy.orm.polymorphic_union")
