"""Relationships: loaded when they are read, kept in step with their other end, written when the session is flushed."""

from .._base import NO_ARG, unsupported
from .._elements import and_
from ._collections import (
    InstrumentedList,
    InstrumentedSet,
    KeyedBy,
    attribute_keyed_dict,
    attribute_mapped_collection,
    collection_adapter,
    collections,
    column_keyed_dict,
    column_mapped_collection,
    keyfunc_mapping,
    mapped_collection,
    mixed,
)
from ._instances import NO_VALUE, remember, shown, state_of
from ._joins import MANYTOMANY, MANYTOONE, ONETOMANY, RelationshipDirection, adapter, foreign, remote, table_adapter
from ._mapper import MapperProperty
from ._relation_attribute import DynamicCollection, RelationAttribute
from ._relation_setup import Configured

__all__ = [
    "MANYTOMANY", "ONETOMANY", "RelationshipDirection", "attribute_keyed_dict", "attribute_mapped_collection", "collection_adapter", "collections",
    "column_keyed_dict", "column_mapped_collection", "foreign", "keyfunc_mapping", "mapped_collection", "remote",
]  # fmt: skip


class Relationship(Configured, MapperProperty):
    """`relationship(...)`."""

    def __init__(self, argument=None, secondary=None, *, uselist=None, collection_class=None, primaryjoin=None, secondaryjoin=None, back_populates=None,
                 order_by=False, backref=None, overlaps=None, post_update=False, cascade=None, viewonly=False, init=True, default=NO_ARG,
                 default_factory=NO_ARG, lazy="select", passive_deletes=False, passive_updates=True, active_history=False, enable_typechecks=True,
                 foreign_keys=None, remote_side=None, join_depth=None, comparator_factory=None, single_parent=False, innerjoin=False,
                 distinct_target_key=None, load_on_pending=False, query_class=None, info=None, omit_join=None, sync_backref=None, doc=None, **kw):  # fmt: skip
        self.argument = argument
        self.secondary = secondary
        self.uselist = uselist
        self.collection_class = collection_class
        self.primaryjoin = primaryjoin
        self.secondaryjoin = secondaryjoin
        self.back_populates = back_populates
        self.order_by = order_by
        self.backref = backref if not isinstance(backref, str) else (backref, {})
        self.viewonly = viewonly
        self.lazy = lazy
        self.passive_deletes = passive_deletes
        self.foreign_keys = foreign_keys
        self.remote_side = remote_side
        self.info = info or {}
        self.doc = doc
        self._dataclass_init = init
        self._dataclass_default = default
        self._dataclass_factory = default_factory
        self.cascade = _cascades(cascade if cascade is not None else "merge" if viewonly else "save-update, merge")

    def copy(self):
        fresh = Relationship.__new__(Relationship)
        fresh.__dict__.update(self.__dict__)
        return fresh

    def annotated(self, annotation, cls, kind):
        """Takes target and kind of collection from `Mapped[...]`."""
        from ._columns import relation_target

        target, uselist = relation_target(annotation, cls)
        if self.argument is None:
            self.argument = target
        if self.uselist is None:
            self.uselist = uselist
        if kind == "DynamicMapped":
            self.lazy = "dynamic"
        elif kind == "WriteOnlyMapped":
            self.lazy = "write_only"

    # ---- on the class
    def join_parts(self, entity=None, source=None):
        """(entity, ON condition) of a join along the relationship."""
        self.check()
        if self.secondary is not None:
            raise unsupported("select().join() along the many-to-many relationship %s" % self)
        entity = entity if entity is not None else self.target.class_
        return entity, and_(*self._conditions(source, entity))

    def _conditions(self, source, entity, secondary=None):
        here = adapter(source)
        there = adapter(entity)
        if self.secondary is None:
            return [here(local) == there(away) for local, away in self.pairs] + list(self.extra)
        between = table_adapter(self.secondary, secondary)
        return [here(local) == between(inner) for local, inner in self.pairs] + [there(away) == between(inner) for away, inner in self.secondary_pairs]

    def __get__(self, obj, owner=None):
        if obj is None:
            return RelationAttribute(self, owner)
        values = obj.__dict__
        if self.key in values:
            return values[self.key]
        self.check()
        if self.lazy in ("dynamic", "write_only"):
            return DynamicCollection(self, obj)
        value = self._load(obj)
        values[self.key] = value
        return value

    def __set__(self, obj, value):
        self.check()
        state = state_of(obj)
        for check in state.mapper.validators.get(self.key, ()):
            value = check(obj, self.key, value)
        if self.uselist:
            current = self.__get__(obj)
            current.replace(value if value is not None else ())
            return
        old = obj.__dict__.get(self.key, NO_VALUE)
        if old is NO_VALUE and state.key is not None:
            old = self.__get__(obj) if self.reverse is not None else NO_VALUE
        if old is value:
            return
        remember(obj, state, self.key, old)
        obj.__dict__[self.key] = value
        if value is not None and state.session is not None:
            state.session._cascade(value)
        if old is not NO_VALUE and old is not None:
            self._tell(old, obj, False)
        if value is not None:
            self._tell(value, obj, True)

    def __delete__(self, obj):
        self.__set__(obj, None)

    def _tell(self, other, obj, there):
        """Keeps the other end of the relationship in step."""
        reverse = self.reverse
        if reverse is None:
            return
        state = state_of(other)
        if reverse.uselist:
            if reverse.key not in other.__dict__:
                if state.key is not None or reverse.lazy in ("dynamic", "write_only"):
                    if there and state.session is not None:
                        state.session._cascade(obj)
                    return
                other.__dict__[reverse.key] = reverse.collection(other, ())
            items = other.__dict__[reverse.key]
            if there and not items._has(obj):
                items._note()
                items._silently_add(obj)
            elif not there and items._has(obj):
                items._note()
                items._silently_remove(obj)
        else:
            old = other.__dict__.get(reverse.key, NO_VALUE)
            if old is NO_VALUE:
                old = reverse._known(other)
            new = obj if there else None
            if there and self.uselist and old is not NO_VALUE and old is not None and old is not obj:
                # It leaves the collection it was in.
                items = old.__dict__.get(self.key)
                if items is not None and items._has(other):
                    items._note()
                    items._silently_remove(other)
            if old is not new:
                remember(other, state, reverse.key, old)
                other.__dict__[reverse.key] = new
        session = state.session or state_of(obj).session
        if there and session is not None:
            session._cascade(other)
            session._cascade(obj)

    # ---- loading
    def collection(self, obj, items):
        made = self._collection_type()(items)
        made._belong(obj, self)
        return made

    def _collection_type(self):
        wanted = self.collection_class
        if wanted is None or wanted is list:
            return InstrumentedList
        if wanted is set:
            return InstrumentedSet
        if isinstance(wanted, KeyedBy):
            return wanted
        if isinstance(wanted, type) and issubclass(wanted, list):
            return mixed(InstrumentedList, wanted)
        if isinstance(wanted, type) and issubclass(wanted, set):
            return mixed(InstrumentedSet, wanted)
        raise unsupported("relationship(collection_class=%r)" % (wanted,))

    def _known(self, obj):
        """The target of a many-to-one relationship as far as the session knows it without asking the database."""
        state = state_of(obj)
        if self.direction is not MANYTOONE or self.extra or state.session is None:
            return NO_VALUE
        values = {id(away): obj.__dict__.get(self.parent.attribute_of(local)) for local, away in self.pairs}
        key = tuple(values.get(id(column)) for column in self.target.primary_key)
        found = state.session._identity((self.target.base.class_, key))
        return NO_VALUE if found is None else found

    def _load(self, obj):
        state = state_of(obj)
        if state.key is None and not (self.direction is MANYTOONE and state.session is not None):
            return self.collection(obj, ()) if self.uselist else None
        if state.session is None:
            from .exc import DetachedInstanceError

            raise DetachedInstanceError(
                "Parent instance %s is not bound to a Session; lazy load operation of attribute '%s' cannot proceed (Background on this error at: https://sqlalche.me/e/20/bhk3)"
                % (shown(obj), self.key)
            )
        session = state.session
        with session.no_autoflush:
            values = [getattr(obj, self.parent.attribute_of(local)) for local, _ in self.pairs]
        if any(value is None for value in values):
            return self.collection(obj, ()) if self.uselist else None
        if self.direction is MANYTOONE and not self.extra:
            keys = self.target.primary_key
            if len(keys) == len(self.pairs) and all(any(away is key for _, away in self.pairs) for key in keys):
                by_column = {id(away): value for (_, away), value in zip(self.pairs, values)}
                return session.get(self.target.class_, tuple(by_column[id(key)] for key in keys))
        query = self.query_for(session, values)
        if self.uselist:
            return self.collection(obj, query.all())
        return query.first()

    def query_for(self, session, values):
        query = session.query(self.target.class_)
        if self.secondary is None:
            query = query.filter(*[away == value for (_, away), value in zip(self.pairs, values)])
        else:
            query = query.select_from(self.target.class_, self.secondary)
            query = query.filter(*[inner == value for (_, inner), value in zip(self.pairs, values)])
            query = query.filter(*[away == inner for away, inner in self.secondary_pairs])
        if self.extra:
            query = query.filter(*self.extra)
        ordering = self._evaluated(self.order_by) if self.order_by not in (None, False) else None
        if ordering is not None:
            query = query.order_by(*(ordering if isinstance(ordering, (list, tuple)) else [ordering]))
        return query

    # ---- what scripts look at
    @property
    def mapper(self):
        self.check()
        return self.target

    @property
    def local_columns(self):
        self.check()
        return {local for local, _ in self.pairs}

    @property
    def local_remote_pairs(self):
        self.check()
        return list(self.pairs)

    def __str__(self):
        return "%s.%s" % (self.parent.class_.__name__ if self.parent is not None else "?", self.key)


RelationshipProperty = Relationship


def relationship(argument=None, secondary=None, **kw):
    return Relationship(argument, secondary, **kw)


relation = relationship


def dynamic_loader(argument=None, **kw):
    return Relationship(argument, lazy="dynamic", **kw)


def backref(name, **kwargs):
    return (name, kwargs)


def _cascades(text):
    found = {part.strip() for part in (text or "").split(",") if part.strip()} if not isinstance(text, (set, frozenset, list, tuple)) else set(text)
    if "all" in found:
        found.discard("all")
        found |= {"save-update", "merge", "refresh-expire", "expunge", "delete"}
    return found
