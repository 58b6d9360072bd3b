"""The object-relational part, as far as migrations use it: declarative models, sessions, queries, relationships.

Each name is loaded on first use. Rows become objects, changed objects become statements; eager loading options are taken and loading stays lazy,
which gives the same objects.
"""

import sys

_HOMES = {
    "_declare": (
        "DeclarativeBase DeclarativeBaseNoMeta DeclarativeMeta DeclarativeAttributeIntercept MappedAsDataclass declarative_base declared_attr "
        "declarative_mixin registry has_inherited_table as_declarative synonym_for add_mapped_attribute mapped_as_dataclass"
    ),
    "_columns": "Mapped MappedColumn mapped_column WriteOnlyMapped DynamicMapped MappedSQLExpression",
    "_mapper": (
        "Mapper InstrumentedAttribute QueryableAttribute configure_mappers class_mapper object_mapper column_property ColumnProperty synonym Synonym "
        "SynonymProperty deferred query_expression composite Composite CompositeProperty MapperProperty reconstructor validates clear_mappers "
        "polymorphic_union"
    ),
    "_relation": (
        "relationship Relationship RelationshipProperty RelationshipDirection backref foreign remote dynamic_loader relation ONETOMANY MANYTOONE "
        "MANYTOMANY attribute_keyed_dict attribute_mapped_collection column_keyed_dict column_mapped_collection keyfunc_mapping mapped_collection "
        "collections collection_adapter"
    ),
    "_session": ("Session SessionTransaction object_session make_transient make_transient_to_detached close_all_sessions UserDefinedOption"),
    "_sessionmaking": "sessionmaker scoped_session ScopedSession",
    "_transaction": "SessionTransactionOrigin",
    "_query": "Query Bundle aliased AliasedClass with_polymorphic with_parent was_deleted outerjoin join with_loader_criteria",
    "_options": (
        "Load load_only defer undefer undefer_group joinedload selectinload subqueryload lazyload immediateload noload raiseload contains_eager "
        "defaultload selectin_polymorphic with_expression lazyload_all joinedload_all"
    ),
    "_instances": "InstanceState attributes_of",
    "_events": "MapperEvents SessionEvents InstanceEvents AttributeEvents QueryEvents InstrumentationEvents",
}
_INDEX = {name: home for home, names in _HOMES.items() for name in names.split()}
_MODULES = frozenset((
    "attributes base clsregistry collections context decl_api decl_base descriptor_props dynamic events exc identity instrumentation interfaces loading "
    "mapped_collection mapper path_registry persistence properties query relationships scoping session state strategies strategy_options sync unitofwork "
    "util writeonly"
).split())  # fmt: skip


def load(module):
    full = "sqlalchemy.orm." + module
    loaded = sys.modules.get(full)
    if loaded is None:
        __import__(full)
        loaded = sys.modules[full]
    return loaded


def find(name):
    """The object behind a name of this package, or None."""
    home = _INDEX.get(name)
    if home is None:
        return None
    return getattr(load(home), name)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError("module 'sqlalchemy.orm' has no attribute %r" % name)
    # A few names are both a module and something in it.
    value = find(name) if name != "collections" else None
    if value is None:
        if name not in _MODULES:
            raise AttributeError("module 'sqlalchemy.orm' has no attribute %r" % name)
        value = load(name)
    globals()[name] = value
    return value


def alias_module(module_name, own=None):
    """The `__getattr__` of a module such as `sqlalchemy.orm.session`, which shows names that live elsewhere."""

    def lookup(name):
        if name.startswith("__"):
            raise AttributeError("module %r has no attribute %r" % (module_name, name))
        target = (own or {}).get(name)
        if target is not None:
            return getattr(load(target), name)
        value = find(name)
        if value is not None:
            return value
        from .. import _names

        value = _names.find(name)
        if value is not None:
            return value
        return _names.Unsupported("%s.%s" % (module_name, name))

    return lookup
