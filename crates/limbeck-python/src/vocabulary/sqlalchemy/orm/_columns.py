"""`Mapped[...]` and `mapped_column(...)`: columns that take type and nullability from an annotation."""

from .. import _types
from .._base import NO_ARG
from .._schema import Column


class MappedColumn(Column):
    """A column of a declarative class."""

    def __init__(self, *args, **kw):
        pop = kw.pop
        self.deferred = bool(pop("deferred", False) or pop("deferred_group", None))
        self._dataclass_init = pop("init", True)
        self._dataclass_factory = pop("default_factory", NO_ARG)
        self._dataclass_kw_only = pop("kw_only", NO_ARG)
        for ignored in ("deferred_raiseload", "repr", "compare", "hash", "use_existing_column", "active_history", "dataclass_metadata"):
            pop(ignored, None)
        if "insert_default" in kw:
            self._dataclass_default = pop("default", NO_ARG)
            kw["default"] = pop("insert_default")
        else:
            self._dataclass_default = kw.get("default", NO_ARG)
        self._nullable_said = "nullable" in kw
        super().__init__(*args, **kw)
        self._type_said = self.type is not _types.NULLTYPE

    # An attribute that a declarative class gives this descriptor's place to.
    @property
    def column(self):
        return self


def mapped_column(*args, **kw):
    return MappedColumn(*args, **kw)


class MappedOf:
    """`Mapped[X]`."""

    __slots__ = ("kind", "argument")

    def __init__(self, kind, argument):
        self.kind = kind
        self.argument = argument

    def __repr__(self):
        return "%s[%r]" % (self.kind, self.argument)

    def __or__(self, other):
        return self

    __ror__ = __or__


class _MappedMeta(type):
    def __getitem__(cls, argument):
        return MappedOf(cls.__name__, argument)


class Mapped(metaclass=_MappedMeta):
    """The annotation of a mapped attribute."""


class WriteOnlyMapped(Mapped):
    pass


class DynamicMapped(Mapped):
    pass


class MappedSQLExpression(Mapped):
    pass


# ---- annotations

_NONE = type(None)
_COLLECTIONS = ("list", "set", "List", "Set", "Sequence", "Collection", "Iterable", "MutableSequence", "MutableSet", "AbstractSet", "FrozenSet")
_MAPPINGS = ("dict", "Dict", "Mapping", "MutableMapping", "KeyFuncDict")


def evaluate(annotation, cls, namespace=None):
    """An annotation that was written as a string, evaluated where the class stands; itself if that cannot be done."""
    text = getattr(annotation, "__forward_arg__", annotation)
    if not isinstance(text, str):
        return annotation
    names = dict(_names_around(cls))
    for known in ("Mapped", "WriteOnlyMapped", "DynamicMapped"):
        names.setdefault(known, globals()[known])
    names.update(namespace or {})
    names.setdefault(cls.__name__, cls)
    try:
        return eval(text, names)
    except Exception:
        return _by_hand(text)


def _names_around(cls):
    """The globals of the module in which a class stands: a revision's script is no entry of `sys.modules`."""
    import sys

    module = sys.modules.get(cls.__module__)
    if module is not None:
        return vars(module)
    for value in list(cls.__dict__.values()):
        found = getattr(getattr(value, "fget", value), "__globals__", None)
        if found is not None and found.get("__name__") == cls.__module__:
            return found
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == cls.__module__:
            return frame.f_globals
        frame = frame.f_back
    return {}


def _by_hand(text):
    """`Mapped["X"]` where `X` is known only to a type checker: the outer word is enough."""
    text = text.strip()
    for kind in ("WriteOnlyMapped", "DynamicMapped", "Mapped"):
        for start in (kind + "[", "orm." + kind + "[", "so." + kind + "["):
            if text.startswith(start) and text.endswith("]"):
                return MappedOf(kind, text[len(start) : -1])
    return text


def own_annotations(cls):
    """The annotations of a class itself, whatever of them can be evaluated."""
    found = cls.__dict__.get("__annotations__")
    if not isinstance(found, dict):
        try:
            found = cls.__annotations__
        except NameError:
            found = _lazily(cls)
        except AttributeError:
            found = {}
        if any(found is base.__dict__.get("__annotations__") for base in cls.__mro__[1:]):
            found = {}
    return dict(found or {})


def _lazily(cls):
    """Annotations with names that do not exist when the program runs (`if TYPE_CHECKING:`), as text."""
    try:
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.STRING)
    except Exception:
        return {}


def mapped_argument(annotation, cls):
    """(kind, X) of `Mapped[X]`, or None."""
    annotation = evaluate(annotation, cls)
    if isinstance(annotation, MappedOf):
        return annotation.kind, annotation.argument
    if isinstance(annotation, type) and issubclass(annotation, Mapped):
        return annotation.__name__, None
    return None


def _arguments(annotation):
    return getattr(annotation, "__args__", None) or ()


def _origin_name(annotation):
    origin = getattr(annotation, "__origin__", None)
    if origin is None:
        return ""
    return getattr(origin, "__name__", None) or getattr(origin, "_name", None) or str(origin)


def without_none(annotation):
    """(X, True) of `Optional[X]` or `X | None`."""
    arguments = _arguments(annotation)
    is_union = _origin_name(annotation) in ("Union", "UnionType", "typing.Union") or type(annotation).__name__ in ("UnionType", "Union")
    if not is_union or _NONE not in arguments:
        return annotation, False
    rest = tuple(item for item in arguments if item is not _NONE)
    if len(rest) == 1:
        return rest[0], True
    try:
        whole = rest[0]
        for item in rest[1:]:
            whole = whole | item
        return whole, True
    except TypeError:
        return rest[0], True


def apply(column, annotation, cls, type_map):
    """Gives a column the type and the nullability of its annotation."""
    annotation = evaluate(annotation, cls)
    inner, optional = without_none(annotation)
    inner = evaluate(inner, cls)
    if hasattr(inner, "__metadata__"):
        for extra in inner.__metadata__:
            if isinstance(extra, Column):
                _inherit(column, extra)
        if not getattr(column, "_type_said", True) and not column._foreign_keys:
            found = _lookup(inner, type_map)
            if found is not None:
                column._set_type(_taken(found))
                column._type_said = True
        inner = inner.__origin__
        inner, deep = without_none(inner)
        optional = optional or deep
    if not column._nullable_said and not column.primary_key:
        column.nullable = optional
    # The type of a foreign key is that of the column it refers to, whatever the annotation.
    if not column._type_said and not column._foreign_keys:
        column._set_type(_type_for(inner, annotation, type_map, column, cls))


def _inherit(column, extra):
    """What `Annotated[int, mapped_column(...)]` says and the column itself does not."""
    if extra.type is not _types.NULLTYPE and not column._type_said:
        column._set_type(extra.type.copy() if isinstance(extra.type, _types.SchemaType) else extra.type)
        column._type_said = True
    if extra.primary_key:
        column.primary_key = True
    for name in ("index", "unique", "comment", "server_default", "default", "onupdate", "identity", "computed"):
        if getattr(column, name) is None and getattr(extra, name) is not None:
            setattr(column, name, getattr(extra, name))
    if extra._nullable_said and not column._nullable_said:
        column.nullable = extra._nullable
        column._nullable_said = True
    if not column._foreign_keys:
        for key in extra._foreign_keys:
            column._take(key._copy())
    if column.name is None and extra.name is not None:
        column.name = extra.name
    if extra.autoincrement != "auto":
        column.autoincrement = extra.autoincrement


_PLAIN = {
    "int": "Integer", "str": "String", "float": "Double", "bool": "Boolean", "bytes": "LargeBinary", "datetime": "DateTime", "date": "Date",
    "time": "Time", "timedelta": "Interval", "Decimal": "Numeric", "UUID": "Uuid",
}  # fmt: skip


def _lookup(annotation, type_map):
    for known, type_ in type_map.items():
        try:
            if known is annotation or known == annotation:
                return type_
        except Exception:
            continue
    return None


def _taken(type_):
    """A type of the map, as a column gets it."""
    type_ = _types.to_instance(type_)
    return type_._of_annotation(None) if isinstance(type_, _types.Enum) else type_


def _general(type_map, kinds):
    """What the map says of every enumeration, or of every `Literal`."""
    for kind in kinds:
        found = _lookup(kind, type_map) if kind is not None else None
        if found is not None and isinstance(_types.to_instance(found), _types.Enum):
            return _types.to_instance(found)
    return _types.Enum()


def _type_for(inner, whole, type_map, column, cls, needed=True):
    for candidate in (whole, inner):
        found = _lookup(candidate, type_map)
        if found is not None:
            return _taken(found)
    name = getattr(inner, "__name__", None)
    if isinstance(inner, type) and hasattr(inner, "__members__"):
        return _general(type_map, inner.__mro__[1:])._of_annotation(inner)
    if (
        isinstance(inner, type)
        and name in _PLAIN
        and (inner.__module__ in ("builtins", "datetime", "_datetime", "decimal", "_decimal", "_pydecimal", "uuid", "_pydatetime"))
    ):
        return getattr(_types, _PLAIN[name])()
    if _origin_name(inner) == "Literal" or type(inner).__name__ == "_LiteralGenericAlias":
        return _general(type_map, [getattr(inner, "__origin__", None)])._of_annotation([str(item) for item in _arguments(inner)])
    if hasattr(inner, "__supertype__"):
        return _type_for(inner.__supertype__, inner.__supertype__, type_map, column, cls, needed)
    if hasattr(inner, "__value__"):
        return _type_for(inner.__value__, inner.__value__, type_map, column, cls, needed)
    if isinstance(inner, type):
        for base in inner.__mro__[1:]:
            if base.__name__ in _PLAIN:
                return getattr(_types, _PLAIN[base.__name__])()
    if not needed:
        return None
    from .exc import MappedAnnotationError

    raise MappedAnnotationError(
        "Could not locate SQLAlchemy Core type for Python type %s inside the 'type_annotation_map'; attribute of class %s needs an explicit type"
        % (getattr(inner, "__name__", inner), cls.__name__)
    )


def relation_target(annotation, cls):
    """(target, uselist) of the annotation of a relationship."""
    kind, argument = mapped_argument(annotation, cls) or (None, annotation)
    argument = evaluate(argument, cls) if not isinstance(argument, str) else _text_or_value(argument, cls)
    if isinstance(argument, str):
        return _target_of_text(argument, kind)
    argument, optional = without_none(argument)
    name = _origin_name(argument) or (argument.__name__ if isinstance(argument, type) and argument in (list, set) else "")
    if name in _COLLECTIONS or name in _MAPPINGS:
        arguments = _arguments(argument)
        target = arguments[-1] if arguments else None
        return _name(target), True
    return _name(argument), (True if kind in ("WriteOnlyMapped", "DynamicMapped") else False)


def _text_or_value(text, cls):
    value = evaluate(text, cls)
    return text if isinstance(value, str) else value


def _target_of_text(text, kind):
    """The class named in an annotation that cannot be evaluated yet."""
    text = text.strip().strip("'\"")
    if text.startswith("Optional[") and text.endswith("]"):
        text = text[len("Optional[") : -1]
    text = text.replace("| None", "").replace("None |", "").strip().strip("'\"")
    for name in _COLLECTIONS + _MAPPINGS:
        for start in (name + "[", "typing." + name + "[", "t." + name + "["):
            if text.startswith(start) and text.endswith("]"):
                return text[len(start) : -1].split(",")[-1].strip().strip("'\""), True
    return text, kind in ("WriteOnlyMapped", "DynamicMapped")


def _name(target):
    return getattr(target, "__forward_arg__", target)
