"""Values that tell their object when they change: `MutableDict.as_mutable(JSON)`."""

import weakref

from .. import _types


class MutableBase:
    """What all kinds share."""

    _owner = None
    _attribute = None

    @classmethod
    def coerce(cls, key, value):
        if value is None or isinstance(value, cls):
            return value
        raise ValueError("Attribute '%s' does not accept objects of type %s" % (key, type(value)))

    @classmethod
    def attach(cls, value, obj, key):
        """The value as an object's attribute holds it."""
        made = cls.coerce(key, value)
        if made is not None:
            made._owner = weakref.ref(obj)
            made._attribute = key
        return made

    def changed(self):
        from ..orm._instances import flag_modified

        obj = self._owner() if self._owner is not None else None
        if obj is not None:
            flag_modified(obj, self._attribute)


class Mutable(MutableBase):
    @classmethod
    def as_mutable(cls, sqltype):
        made = _types.to_instance(sqltype)
        made = made.copy() if hasattr(made, "copy") else made
        made._mutable = cls
        return made

    @classmethod
    def associate_with(cls, sqltype):
        sqltype._mutable = cls

    @classmethod
    def associate_with_attribute(cls, attribute):
        attribute.type._mutable = cls


class MutableComposite(MutableBase):
    pass


def _telling(base, names):
    """Methods of a built-in class that change it, followed by a word to the owner."""

    def make(name):
        plain = getattr(base, name)

        def method(self, *args, **kw):
            result = plain(self, *args, **kw)
            self.changed()
            return result if result is not NotImplemented and name not in ("__ior__", "__iadd__", "__iand__", "__isub__", "__ixor__") else self

        return method

    return {name: make(name) for name in names.split() if hasattr(base, name)}


class MutableDict(Mutable, dict):
    locals().update(_telling(dict, "__setitem__ __delitem__ __ior__ setdefault update pop popitem clear"))

    @classmethod
    def coerce(cls, key, value):
        if isinstance(value, dict) and not isinstance(value, cls):
            return cls(value)
        return Mutable.coerce.__func__(cls, key, value)

    def __reduce__(self):
        return (dict, (dict(self),))


class MutableList(Mutable, list):
    locals().update(_telling(list, "__setitem__ __delitem__ __iadd__ append extend insert pop remove clear sort reverse"))

    @classmethod
    def coerce(cls, key, value):
        if isinstance(value, (list, tuple)) and not isinstance(value, cls):
            return cls(value)
        return Mutable.coerce.__func__(cls, key, value)

    def __reduce__(self):
        return (list, (list(self),))


class MutableSet(Mutable, set):
    locals().update(_telling(set, "add discard remove pop clear update intersection_update difference_update __ior__ __iand__ __isub__ __ixor__"))

    @classmethod
    def coerce(cls, key, value):
        if isinstance(value, (set, frozenset)) and not isinstance(value, cls):
            return cls(value)
        return Mutable.coerce.__func__(cls, key, value)

    __hash__ = None
