"""Lists, sets and mappings of related objects, which tell their owner of changes."""

import weakref

from .._elements import clause
from ._instances import remember, state_of


class _Collection:
    """What lists and sets of related objects share: they tell their owner of changes."""

    _owner = None
    _relation_property = None

    def _belong(self, obj, relation):
        self._owner = weakref.ref(obj)
        self._relation_property = relation

    def _parent(self):
        """The object this belongs to."""
        if self._owner is None:
            return None
        obj = self._owner()
        if obj is None:
            from .exc import ObjectDereferencedError

            raise ObjectDereferencedError(
                "Can't emit change event for attribute '%s' - parent object of type <%s> has been garbage collected."
                % (self._relation_property, self._relation_property.parent.class_.__name__)
            )
        return obj

    def _note(self):
        obj = self._parent()
        if obj is not None:
            remember(obj, state_of(obj), self._relation_property.key, list(self))
        return obj

    def _has(self, item):
        return any(item is other for other in self)

    def _arrived(self, obj, item):
        if obj is None or item is None:
            return
        for check in state_of(obj).mapper.validators.get(self._relation_property.key, ()):
            check(obj, self._relation_property.key, item)
        session = state_of(obj).session
        if session is not None:
            session._cascade(item)
        self._relation_property._tell(item, obj, True)

    def _left(self, obj, item):
        if obj is not None and item is not None:
            self._relation_property._tell(item, obj, False)

    def replace(self, items):
        items = list(items.values() if hasattr(items, "values") and hasattr(items, "keys") else items)
        obj = self._note()
        before = list(self)
        self._reset(items)
        for item in before:
            if not any(item is other for other in items):
                self._left(obj, item)
        for item in items:
            if not any(item is other for other in before):
                self._arrived(obj, item)

    def __reduce__(self):
        return (list, (list(self),))


class InstrumentedList(_Collection, list):
    def _reset(self, items):
        list.__setitem__(self, slice(None), items)

    def _silently_add(self, item):
        list.append(self, item)

    def _silently_remove(self, item):
        for position, other in enumerate(self):
            if other is item:
                list.__delitem__(self, position)
                return

    def append(self, item):
        obj = self._note()
        list.append(self, item)
        self._arrived(obj, item)

    def insert(self, position, item):
        obj = self._note()
        list.insert(self, position, item)
        self._arrived(obj, item)

    def extend(self, items):
        for item in list(items):
            self.append(item)

    def __iadd__(self, items):
        self.extend(items)
        return self

    def remove(self, item):
        obj = self._note()
        list.remove(self, item)
        self._left(obj, item)

    def pop(self, position=-1):
        obj = self._note()
        item = list.pop(self, position)
        self._left(obj, item)
        return item

    def clear(self):
        self.replace(())

    def __setitem__(self, position, item):
        items = list(self)
        items[position] = item
        self.replace(items)

    def __delitem__(self, position):
        items = list(self)
        del items[position]
        self.replace(items)

    def __repr__(self):
        return list.__repr__(self)


class InstrumentedSet(_Collection, set):
    def _reset(self, items):
        set.clear(self)
        set.update(self, items)

    def _silently_add(self, item):
        set.add(self, item)

    def _silently_remove(self, item):
        set.discard(self, item)

    def add(self, item):
        if item not in self:
            obj = self._note()
            set.add(self, item)
            self._arrived(obj, item)

    append = add

    def discard(self, item):
        if item in self:
            obj = self._note()
            set.discard(self, item)
            self._left(obj, item)

    def remove(self, item):
        if item not in self:
            raise KeyError(item)
        self.discard(item)

    def update(self, *others):
        for items in others:
            for item in list(items):
                self.add(item)

    def clear(self):
        self.replace(())

    def __ior__(self, items):
        self.update(items)
        return self

    __hash__ = None


class InstrumentedDict(_Collection, dict):
    """A collection kept by a key of its items."""

    _keyfunc = None

    def __iter__(self):
        return dict.__iter__(self)

    def _has(self, item):
        return any(item is other for other in self.values())

    def _note(self):
        obj = self._parent()
        if obj is not None:
            remember(obj, state_of(obj), self._relation_property.key, list(self.values()))
        return obj

    def _reset(self, items):
        dict.clear(self)
        for item in items:
            dict.__setitem__(self, self._keyfunc(item), item)

    def replace(self, items):
        items = list(items.values() if hasattr(items, "values") else items)
        obj = self._note()
        before = list(self.values())
        self._reset(items)
        for item in before:
            if not any(item is other for other in items):
                self._left(obj, item)
        for item in items:
            if not any(item is other for other in before):
                self._arrived(obj, item)

    def _silently_add(self, item):
        dict.__setitem__(self, self._keyfunc(item), item)

    def _silently_remove(self, item):
        for key, other in list(self.items()):
            if other is item:
                dict.__delitem__(self, key)

    def __setitem__(self, key, item):
        obj = self._note()
        old = self.get(key)
        dict.__setitem__(self, key, item)
        if old is not None and old is not item:
            self._left(obj, old)
        self._arrived(obj, item)

    def __delitem__(self, key):
        obj = self._note()
        item = dict.pop(self, key)
        self._left(obj, item)

    def set(self, item):
        self[self._keyfunc(item)] = item

    append = set


class KeyedBy:
    """`collection_class=attribute_keyed_dict("name")`."""

    def __init__(self, keyfunc):
        self.keyfunc = keyfunc

    def __call__(self, items=()):
        made = InstrumentedDict()
        made._keyfunc = self.keyfunc
        for item in items:
            made._silently_add(item)
        return made


def attribute_keyed_dict(attr_name, *, ignore_unpopulated_attribute=False):
    return KeyedBy(lambda item: getattr(item, attr_name))


def column_keyed_dict(column, *, ignore_unpopulated_attribute=False):
    return KeyedBy(lambda item: getattr(item, state_of(item).mapper.attribute_of(clause(column))))


def keyfunc_mapping(keyfunc, *, ignore_unpopulated_attribute=False):
    return KeyedBy(keyfunc)


attribute_mapped_collection, column_mapped_collection, mapped_collection = attribute_keyed_dict, column_keyed_dict, keyfunc_mapping
_MIXED = {}


def mixed(base, wanted):
    made = _MIXED.get(wanted)
    if made is None:
        made = _MIXED[wanted] = type(wanted.__name__, (base, wanted), {})
    return made


class collections:
    """Names of `sqlalchemy.orm.collections` that scripts use."""

    InstrumentedList, InstrumentedSet, InstrumentedDict = InstrumentedList, InstrumentedSet, InstrumentedDict


def collection_adapter(collection):
    return collection
