"""`association_proxy("relationship", "attribute")`: an attribute of related objects as if it were the parent's own."""


class AssociationProxy:
    def __init__(self, target_collection, attr, *, creator=None, **kw):
        self.target_collection = target_collection
        self.value_attr = attr
        self.creator = creator
        self.key = None

    def __set_name__(self, owner, name):
        self.key = name

    def _relation(self, owner):
        return owner.__mapper__.get_property(self.target_collection)

    def _create(self, owner, value):
        if self.creator is not None:
            return self.creator(value)
        return self._relation(owner).mapper.class_(value)

    def __get__(self, instance, owner):
        if instance is None:
            return _OnClass(self, owner)
        if not self._relation(owner).uselist:
            target = getattr(instance, self.target_collection)
            return None if target is None else getattr(target, self.value_attr)
        return ProxiedList(self, instance)

    def __set__(self, instance, value):
        owner = type(instance)
        if self._relation(owner).uselist:
            setattr(instance, self.target_collection, [self._create(owner, item) for item in value])
            return
        target = getattr(instance, self.target_collection)
        if target is None:
            setattr(instance, self.target_collection, self._create(owner, value))
        else:
            setattr(target, self.value_attr, value)

    def for_class(self, class_, obj=None):
        return _OnClass(self, class_)


class _OnClass:
    """`Class.proxy` in a filter."""

    def __init__(self, proxy, owner):
        self._proxy, self._owner = proxy, owner
        self.value_attr = proxy.value_attr
        self.target_collection = proxy.target_collection

    def _ask(self, condition):
        relation = getattr(self._owner, self.target_collection)
        target = getattr(relation.property.mapper.class_, self.value_attr)
        return relation.any(condition(target)) if relation.property.uselist else relation.has(condition(target))

    def __eq__(self, other):
        return self._ask(lambda target: target == other)

    def __ne__(self, other):
        return self._ask(lambda target: target != other)

    __hash__ = object.__hash__

    def contains(self, other):
        return self._ask(lambda target: target == other)

    def in_(self, others):
        return self._ask(lambda target: target.in_(others))


class ProxiedList:
    """The attribute of each related object."""

    def __init__(self, proxy, instance):
        self._proxy, self._instance = proxy, instance

    @property
    def _items(self):
        return getattr(self._instance, self._proxy.target_collection)

    def _values(self):
        items = self._items
        return [getattr(item, self._proxy.value_attr) for item in (items.values() if hasattr(items, "values") else items)]

    def __iter__(self):
        return iter(self._values())

    def __len__(self):
        return len(self._items)

    def __contains__(self, value):
        return value in self._values()

    def __getitem__(self, position):
        return self._values()[position]

    def __eq__(self, other):
        return self._values() == list(other)

    __hash__ = None

    def append(self, value):
        self._items.append(self._proxy._create(type(self._instance), value))

    add = append

    def extend(self, values):
        for value in values:
            self.append(value)

    update = extend

    def remove(self, value):
        for item in list(self._items):
            if getattr(item, self._proxy.value_attr) == value:
                self._items.remove(item)
                return
        raise ValueError("value not in list")

    discard = remove

    def clear(self):
        setattr(self._instance, self._proxy.target_collection, [])

    def __repr__(self):
        return repr(self._values())


def association_proxy(target_collection, attr, *, creator=None, **kw):
    return AssociationProxy(target_collection, attr, creator=creator, **kw)
