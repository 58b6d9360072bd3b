"""What the body of a declarative class and of its mixins declare."""

from .._schema import Column
from . import _columns
from ._columns import MappedColumn, mapped_argument, own_annotations
from ._mapper import InstrumentedAttribute, MapperProperty


class declared_attr:
    """An attribute that a mixin works out for each class."""

    def __init__(self, fn, cascading=False, quiet=False):
        if isinstance(fn, (classmethod, staticmethod)):
            fn = fn.__func__
        self.fget = fn
        self.cascading_ = cascading
        self.__doc__ = getattr(fn, "__doc__", None)

    def __get__(self, instance, owner):
        made = owner.__dict__.get("_sa_declared", {}).get(id(self))
        if made is not None:
            return made[0]
        return self.fget(owner)

    @classmethod
    def directive(cls, fn):
        return cls(fn)

    class _Cascading:
        def __get__(self, instance, owner):
            return lambda fn: owner(fn, cascading=True)

    cascading = _Cascading()


def mapped_parent(cls):
    for base in cls.__mro__[1:]:
        mapper = base.__dict__.get("__mapper__")
        if mapper is not None:
            return mapper
    return None


class Fields:
    """What the body of a class and of its mixins declare, by attribute."""

    def __init__(self, cls):
        self.cls = cls
        self.values = {}
        self.type_map = dict(getattr(cls, "type_annotation_map", None) or {})
        self.type_map.update(getattr(cls.registry, "type_annotation_map", None) or {})
        self.declared = {}
        type.__setattr__(cls, "_sa_declared", self.declared)
        for base in cls.__mro__:
            if base is object:
                continue
            if base is not cls and base.__dict__.get("__mapper__") is not None:
                continue
            if self._seen_by_parent(base):
                self._scan_cascading(base)
            else:
                self._scan(base)
        for name, value in self.values.items():
            if isinstance(value, Column) and value.name is None:
                value.name = name
                if value.key is None:
                    value.key = name

    def _names(self, base, annotations):
        """Body and annotations in the order written: one list is walked up to a name that both have, then the other."""
        body = [name for name in base.__dict__ if not name.startswith("__")]
        shared = set(body) & set(annotations)
        found = []
        current, other = iter(body), iter(annotations)
        while True:
            for name in current:
                if name in shared:
                    shared.discard(name)
                    current, other = other, current
                    break
                if name not in found:
                    found.append(name)
            else:
                found.extend(name for name in other if name not in found)
                return found

    def _scan(self, base):
        annotations = own_annotations(base)
        nearer_classes = self.cls.__mro__[: self.cls.__mro__.index(base)]
        for name in self._names(base, annotations):
            if name in self.values or any(name in nearer.__dict__ for nearer in nearer_classes):
                continue
            value = base.__dict__.get(name)
            self._take(base, name, value, annotations.get(name))

    def _take(self, base, name, value, annotation):
        if isinstance(value, declared_attr):
            made = value.fget(self.cls)
            if not isinstance(made, (Column, MapperProperty)):
                return
            self.declared[id(value)] = (made,)
            returned = getattr(value.fget, "__annotations__", None)
            annotation = returned.get("return") if isinstance(returned, dict) else None
            value = made
            if isinstance(value, Column) and value.table is not None:
                value = value._copy()
        elif base is not self.cls and isinstance(value, Column):
            value = value._copy()
        elif base is not self.cls and isinstance(value, MapperProperty):
            if isinstance(value, InstrumentedAttribute):
                value = InstrumentedAttribute(value.column._copy(), value.deferred)
            elif hasattr(value, "join_parts"):
                value = value.copy()
        argument = mapped_argument(annotation, base) if annotation is not None else None
        if value is None and argument is None:
            return
        if value is None:
            if name in base.__dict__:
                return
            value = MappedColumn()
        if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], (Column, MapperProperty)):
            value = value[0]
        if type(value).__name__ == "Deferred" and value._is_made():
            # What a missing package made may be a column.
            value.__limbeck_use__()
        if not isinstance(value, (Column, MapperProperty)):
            return
        if argument is not None:
            kind, inner = argument
            if isinstance(value, MappedColumn):
                _columns.apply(value, inner, base, self.type_map)
            elif isinstance(value, InstrumentedAttribute) and isinstance(value.column, MappedColumn):
                _columns.apply(value.column, inner, base, self.type_map)
            elif hasattr(value, "join_parts"):
                value.annotated(annotation, base, kind)
        self.values[name] = value

    def _scan_cascading(self, base):
        """What a mixin of a mapped parent works out for each class again."""
        for name, value in list(base.__dict__.items()):
            if isinstance(value, declared_attr) and value.cascading_ and name not in self.values and not name.startswith("__"):
                self._take(base, name, value, None)

    def columns(self):
        found = []
        for name, value in self.values.items():
            if isinstance(value, Column):
                found.append((name, value))
            elif isinstance(value, InstrumentedAttribute):
                if value.column.name is None:
                    value.column.name = value.column.key = name
                found.append((name, value.column))
        return found

    def special(self, name):
        """`__tablename__` and its kin: of the class itself or of a mixin, not of a mapped parent."""
        for base in self.cls.__mro__:
            if name not in base.__dict__:
                continue
            if base is not self.cls and base.__dict__.get("__mapper__") is not None:
                if not isinstance(base.__dict__[name], declared_attr):
                    continue
            value = base.__dict__[name]
            if isinstance(value, declared_attr):
                return value.fget(self.cls)
            if name == "__tablename__" and base is not self.cls and mapped_parent(self.cls) is not None and self._seen_by_parent(base):
                return None
            return getattr(self.cls, name) if hasattr(value, "__get__") else value
        return None

    def _seen_by_parent(self, base):
        return any(base in other.__mro__ for other in self.cls.__mro__[1:] if other.__dict__.get("__mapper__") is not None)
