"""Stand-ins for model classes that are like others (`src/alike` in Rust), and what the tables of their exemplars tell.

A stand-in that is touched becomes the class at that moment; until then nobody needs it.
"""

import sys

import _limbeck

stand_ins = {}
_made = {}
_by_place = {}
_exemplars = {}
_plain = {}
_real = {}
_UNKNOWN = object()

# What the machinery of annotations looks at in any object.
_HARMLESS = frozenset((
    "__forward_arg__", "__origin__", "__args__", "__parameters__", "__metadata__", "__supertype__", "__value__", "__typing_subst__", "__typing_unpacked_tuple_args__",
    "__typing_is_unpacked_typevartuple__", "__typing_prepare_subst__", "__limbeck_missing__",
))  # fmt: skip


def alike(number, group, *bases):
    """Takes the place of a class statement."""
    names = sys._getframe(1).f_globals
    key = (group, id(names), bases)
    plain = _plain.get(key, _UNKNOWN)
    if plain is _UNKNOWN:
        plain = _plain[key] = _look_at(group, names, bases)
    if plain is None or plain[1] and _limbeck.alike_clash(number, plain[1]):
        return _written(number, names)
    stand_ins[number] = (group, plain[0])
    made = object.__new__(StandIn)
    object.__setattr__(made, "_limbeck", (number, names))
    return made


def _written(number, names):
    """Evaluates the class as it is written."""
    made = _real.get(number)
    if made is None:
        stand_ins.pop(number, None)
        source, path, name = _limbeck.alike_source(number)
        exec(compile(source, path, "exec", 0, True), names)
        made = _real[number] = names[name]
    return made


def _class_of(stand_in):
    return _written(*object.__getattribute__(stand_in, "_limbeck"))


class StandIn:
    __slots__ = ("_limbeck",)

    def __getattribute__(self, name):
        if name == "__class__":
            return StandIn
        if name == "__mro_entries__":
            return lambda bases: (_class_of(self),)
        if name in _HARMLESS:
            raise AttributeError(name)
        return getattr(_class_of(self), name)

    def __setattr__(self, name, value):
        setattr(_class_of(self), name, value)

    def __delattr__(self, name):
        delattr(_class_of(self), name)

    def __call__(self, *args, **kwargs):
        return _class_of(self)(*args, **kwargs)

    def __getitem__(self, key):
        return _class_of(self)[key]

    def __instancecheck__(self, value):
        return isinstance(value, _class_of(self))

    def __subclasscheck__(self, value):
        return issubclass(value, _class_of(self))

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __hash__(self):
        return id(self)

    def __repr__(self):
        return repr(_class_of(self))


def _look_at(group, names, bases):
    """The MetaData that a class puts its table into, and the attributes that its bases bring; None where its words may mean something else than they do in
    the exemplars, or bases have a say in what the class becomes."""
    from sqlalchemy._schema import MetaData

    places, reads = _limbeck.alike_group(group)
    exemplars = tuple(_by_place.get(tuple(place)) for place in places)
    for exemplar in exemplars:
        if exemplar is None or exemplar.__bases__ != bases or exemplar.__mapper__.inherits is not None:
            return None
        there = sys.modules[exemplar.__module__].__dict__
        if there is not names and any(there.get(name, _UNKNOWN) is not names.get(name, _UNKNOWN) for name in reads):
            return None
    if not all(map(_is_plain, bases)):
        return None
    metadata = exemplars[0].__table__.metadata
    if not isinstance(metadata, MetaData) or any(exemplar.__table__.metadata is not metadata for exemplar in exemplars):
        return None
    _exemplars[group] = exemplars
    return metadata, sorted(_inherited(exemplars[0]))


def _is_plain(base):
    from sqlalchemy.orm._declare import DeclarativeAttributeIntercept, DeclarativeMeta
    from sqlalchemy.orm._fields import declared_attr

    if not isinstance(base, type) or base.__dict__.get("_sa_is_declarative_base"):
        return False
    for cls in base.__mro__:
        if cls is object or cls.__module__.startswith("sqlalchemy.") or cls.__module__ in ("typing", "abc"):
            continue
        own = cls.__dict__
        if type(cls) not in (type, DeclarativeAttributeIntercept, DeclarativeMeta):
            return False
        if any(name in own for name in ("__mapper__", "__table__", "__table_cls__", "__init_subclass__", "__set_name__", "_sa_dataclass")):
            return False
        if not isinstance(own.get("__table_args__") or {}, dict):
            return False
        if any(isinstance(value, declared_attr) and name != "__tablename__" for name, value in own.items()):
            return False
    return True


# ---------------------------------------------------------------- what Rust asks


def tables(metadata):
    """The tables that were made, by their keys; None where their order follows from more than foreign keys."""
    found = sorted(metadata._tables.values(), key=lambda table: table.key)
    return None if any("_extra" in table.__dict__ for table in found) else found


def made(cls):
    """Remembers what a class's table was when it was made."""
    _made[cls] = _picture(cls.__table__)
    module = sys.modules.get(cls.__module__)
    _by_place.setdefault((getattr(module, "__file__", None), cls.__qualname__), cls)


def _picture(table):
    parts = [table.name, table.schema, table.comment, repr(table.info), *table._prefixes, *table._dialect_kw.items()]
    for column in table._column_list:
        parts.append(column)
        parts.extend(value for name, value in column.__dict__.items() if not isinstance(value, (list, set, dict)))
        parts.extend(column._foreign_keys)
        parts.extend(column.constraints)
        parts.extend(column._dialect_kw.values())
        parts.append(column.type)
        parts.extend(value for value in column.type.__dict__.values() if not isinstance(value, (list, set, dict)))
        for key in column._foreign_keys:
            parts.extend((key._colspec, key.name, key.onupdate, key.ondelete, key.use_alter))
    return parts


def _is_as_made(cls):
    then = _made.get(cls)
    now = _picture(cls.__table__)
    return then is not None and len(then) == len(now) and all(map(_same, then, now))


def _same(one, other):
    # Of strings and numbers the value counts; a comparison of columns would make an expression.
    return one is other or type(one) is type(other) and isinstance(one, (str, int, float, tuple)) and one == other


def collected(metadata):
    """The stand-ins whose tables belong to a MetaData, grouped by their exemplars; raises where an exemplar's table was changed after it was made."""
    groups, places, exemplars = {}, {}, []
    for number, (group, of) in stand_ins.items():
        if of is metadata:
            groups.setdefault(group, []).append(number)
    found = []
    for group, numbers in groups.items():
        for exemplar in _exemplars[group]:
            if exemplar not in places:
                if not _is_as_made(exemplar):
                    raise NotImplementedError("classes have to be evaluated")
                places[exemplar] = len(exemplars)
                exemplars.append(_exemplar(exemplar))
        found.append({"exemplars": [places[exemplar] for exemplar in _exemplars[group]], "classes": numbers})
    return {"groups": found, "exemplars": exemplars}


def _exemplar(cls):
    from sqlalchemy import _types
    from sqlalchemy._base import table_name
    from sqlalchemy._schema import Column

    table = cls.__table__
    places = {id(column): place for place, column in enumerate(table._column_list)}
    columns = {}
    for name, value in cls.__mapper__._properties.items():
        column = value if isinstance(value, Column) else getattr(value, "column", None)
        if id(column) in places:
            columns[name] = places[id(column)]
    return {
        "table": table_name(table.name, table.schema),
        "columns": columns,
        "orders": [column.sort_order for column in table._column_list],
        "untyped": [place for place, column in enumerate(table._column_list) if type(column.type) is _types.NullType],
        "inherited": sorted(_inherited(cls)),
    }


def _inherited(cls):
    """The names of attributes that bases declare and that may be columns."""
    from sqlalchemy._schema import Column
    from sqlalchemy.orm._columns import own_annotations
    from sqlalchemy.orm._mapper import MapperProperty

    found = set()
    for base in cls.__mro__[1:]:
        if base is object:
            continue
        found.update(name for name, value in base.__dict__.items() if isinstance(value, (Column, MapperProperty)))
        found.update(own_annotations(base))
    return found
