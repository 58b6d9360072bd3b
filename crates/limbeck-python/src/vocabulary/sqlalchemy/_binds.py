"""Bound parameters, and how their values are encoded."""

from . import _base, _types
from ._elements import ColumnElement, clause, is_clause
from ._types import NULLTYPE, to_instance, type_of_value


class BindParameter(ColumnElement):
    """A parameter, named or not."""

    inherit_cache = True

    def __init__(self, key, value=_base.NO_ARG, type_=None, unique=False, required=_base.NO_ARG, quote=None, callable_=None, expanding=False,
                 isoutparam=False, literal_execute=False, _base_name=None):  # fmt: skip
        if key is not None and not isinstance(key, str) and hasattr(key, "key"):
            type_ = type_ or key.type
            key = key.key
        self.required = value is _base.NO_ARG and callable_ is None
        self.value = None if value is _base.NO_ARG else value
        self.callable = callable_
        self._type_given = type_ is not None
        if type_ is None:
            sample = self.value
            if expanding and sample:
                sample = next(iter(sample))
            type_ = type_of_value(sample) if not self.required else NULLTYPE
        self.type = to_instance(type_)
        self.unique = unique
        self.expanding = expanding
        self.literal_execute = literal_execute
        self._name = None if key is None else str(key)
        self._base_name = _base_name or self._name or "param"
        self._origin = self

    @property
    def key(self):
        return self._name if self._name is not None else self._base_name

    @property
    def effective_value(self):
        return self.callable() if self.callable is not None else self.value

    def _bind_base(self):
        return "param"

    def _with_value(self, value):
        fresh = self._copy_self()
        fresh.value = value
        fresh.required = False
        fresh.callable = None
        if fresh.type is NULLTYPE:
            fresh.type = type_of_value(value[0] if fresh.expanding and value else value)
        return fresh

    def render_literal_execute(self):
        fresh = self._copy_self()
        fresh.literal_execute = True
        return fresh

    def _payload(self):
        state = _base.state
        name = self._name
        if name is None or self.unique:
            state.keep.append(self._origin)
            name = state.anonymous(id(self._origin), self._base_name)
        value = self.effective_value
        required = self.required
        if self._name is not None and self._name in state.params:
            value = state.params[self._name]
            required = False
        if required:
            data = None
        elif self.expanding:
            data = ("array", [_bind_item(self.type, item) for item in value])
        else:
            data = bind_value(self.type, value)
        return {
            "name": name,
            "value": data,
            "type_": None if isinstance(self.type, _types.TupleType) else encode_type(self.type),
            "inline": bool(self.literal_execute or state.inline),
            "expanding": bool(self.expanding),
        }

    def _encode(self):
        return ("bind", self._payload())


def bind_value(type_, value):
    if value is None and not type_.should_evaluate_none and type_._affinity != "json":
        decorated = _types.resolve(type_)
        return decorated._bind(None) if isinstance(decorated, _types.TypeDecorator) else "null"
    return _types.resolve(type_)._bind(value)


def _bind_item(type_, item):
    if isinstance(type_, _types.TupleType):
        types = type_.types
        return ("array", [bind_value(types[n] if n < len(types) else NULLTYPE, part) for n, part in enumerate(item)])
    return bind_value(type_, item)


def encode_type(type_):
    return _types.encode(type_)


bindparam = BindParameter


def literal(value, type_=None, literal_execute=False):
    if is_clause(value):
        return clause(value)
    return BindParameter(None, value, type_=type_, literal_execute=literal_execute, _base_name="param")


def outparam(key, type_=None):
    raise _base.unsupported("sqlalchemy.outparam")
