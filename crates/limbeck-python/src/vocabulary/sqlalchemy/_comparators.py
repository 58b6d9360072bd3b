"""Operators that only columns of some types have: JSON access, arrays, ranges, dates."""

from . import _base, _types
from ._base import dialect_name
from ._elements import (
    BOOLEANTYPE,
    NULLTYPE,
    BinaryExpression,
    ColumnElement,
    coerce,
    custom_op,
    encode_type,
)

_STRING = _types.STRINGTYPE


def method_of(element, name):
    """The bound method `name` that the type of `element` adds, or None."""
    table = _METHODS.get(element.type._affinity)
    function = table.get(name) if table else None
    if function is None:
        # A TypeDecorator's comparator_factory, or a comparator the script's own type brings.
        factory = type(element.type).__dict__.get("comparator_factory")
        function = getattr(factory, name, None) if factory is not None else None
        if function is None:
            return None
        return lambda *args, **kw: function(_ForComparator(element), *args, **kw)
    return lambda *args, **kw: function(element, *args, **kw)


class _ForComparator:
    def __init__(self, expr):
        self.expr = expr
        self.type = expr.type


def _base_name(element):
    while isinstance(element, JSONItem):
        element = element.base
    return element._bind_base()


class JSONItem(ColumnElement):
    """`col["key"]` and `col[("a", "b")]`, as JSON or converted."""

    def __init__(self, base, path, as_=None, type_=None, args=()):
        self.base = base
        self.path = path
        self.as_ = as_
        self.type = type_ if type_ is not None else base.type

    operator = "->"

    def self_group(self, against=None):
        if self.as_ == "string" and against == "AND":
            return self
        return ColumnElement.self_group(self, against)

    def _convert(self, as_, type_):
        return JSONItem(self.base, self.path, as_, type_)

    def _encode(self):
        name = dialect_name()
        if name == "postgresql":
            return self._encode_postgresql()
        if name in ("mysql", "mariadb"):
            data = ("func", {"name": "JSON_EXTRACT", "args": [self.base._encode(), self._path_bind()]})
            if self.as_ == "string":
                return ("func", {"name": "JSON_UNQUOTE", "args": [data]})
            return data
        if self.as_ == "text":
            return ("binary", {"op": "->>", "left": self.base._encode(), "right": self._path_bind()})
        data = ("func", {"name": "JSON_EXTRACT", "args": [self.base._encode(), self._path_bind()]})
        if self.as_ is None:
            return ("func", {"name": "JSON_QUOTE", "args": [data]})
        return ("cast", {"expr": data, "type_": encode_type(self.type)})

    def _path_bind(self):
        parts = self.path if isinstance(self.path, tuple) else (self.path,)
        text = "$" + "".join("[%d]" % part if isinstance(part, int) else '."%s"' % part for part in parts)
        return _bind(text, _STRING, _base_name(self))

    def _encode_postgresql(self):
        text = self.as_ is not None and self.as_ != "json"
        if isinstance(self.path, tuple):
            op = "#>>" if text else "#>"
            right = _bind("{%s}" % ", ".join(str(part) for part in self.path), _STRING, _base_name(self))
        else:
            op = "->>" if text else "->"
            right = _bind(self.path, _types.INTEGERTYPE if isinstance(self.path, int) else _STRING, _base_name(self))
        state = _base.state
        outer, state.in_operator = state.in_operator, True
        data = ("binary", {"op": op, "left": self.base.self_group(against="->")._encode(), "right": right})
        state.in_operator = outer
        if outer:
            data = ("grouping", data)
        if text and self.as_ != "text":
            return ("cast", {"expr": data, "type_": encode_type(self.type)})
        return data


def _bind(value, type_, base_name):
    from ._elements import BindParameter

    return BindParameter(None, value, type_=type_, _base_name=base_name)._encode()


def json_item(expr, index):
    if isinstance(index, list):
        index = tuple(index)
    if isinstance(expr, JSONItem) and expr.as_ is None and dialect_name() != "postgresql":
        base = expr.path if isinstance(expr.path, tuple) else (expr.path,)
        return JSONItem(expr.base, base + (index if isinstance(index, tuple) else (index,)))
    return JSONItem(expr, index)


def _json_as(as_, type_):
    def convert(element, *args):
        if not isinstance(element, JSONItem):
            from . import exc

            raise exc.InvalidRequestError("The JSON cast operator JSON.%s() only works with a JSON index expression e.g. col['q'].%s()" % (as_, as_))
        return element._convert(as_, type_() if not args else _types.Numeric(*args))

    return convert


def _astext(element):
    return element._convert("text", _STRING)


def _comparison(op):
    def apply(element, other, **kw):
        return BinaryExpression(element, coerce(other, element, op), custom_op(op, 5, True), BOOLEANTYPE)

    return apply


def _container(op):
    def apply(element, other, **kw):
        if op == "?":
            other = coerce(other, type_=_STRING)
        else:
            other = coerce(other, element, op)
        return BinaryExpression(element, other, custom_op(op, 5, True), BOOLEANTYPE)

    return apply


def _any(word):
    def apply(element, other, operator=None):
        from ._elements import CollectionAggregate

        item = getattr(element.type, "item_type", NULLTYPE)
        return BinaryExpression(coerce(other, type_=item), CollectionAggregate(word, element), "=", BOOLEANTYPE)

    return apply


def json_attribute(element, name):
    if name == "astext":
        return _astext(element)
    return None


_JSON = {
    "as_string": _json_as("string", _types.Unicode),
    "as_integer": _json_as("integer", _types.Integer),
    "as_float": _json_as("float", _types.Float),
    "as_boolean": _json_as("boolean", _types.Boolean),
    "as_numeric": _json_as("numeric", _types.Numeric),
    "as_json": lambda element: element,
    "has_key": _container("?"),
    "has_all": _container("?&"),
    "has_any": _container("?|"),
    "contains": _container("@>"),
    "contained_by": _container("<@"),
}
_METHODS = {
    "json": _JSON,
    "hstore": {name: _JSON[name] for name in ("has_key", "has_all", "has_any", "contained_by")},
    "array": {"contained_by": _container("<@"), "overlap": _container("&&"), "any": _any("ANY"), "all": _any("ALL")},
    "range": {
        "contained_by": _container("<@"),
        "overlaps": _container("&&"),
        "strictly_left_of": _container("<<"),
        "strictly_right_of": _container(">>"),
        "adjacent_to": _container("-|-"),
    },
}


def _astext_property(self):
    if self.type._affinity != "json":
        raise AttributeError("astext")
    return _astext(self)


JSONItem.astext = property(_astext_property)


def type_contains(element, other):
    return _container("@>")(element, other)


for _class in (_types.ARRAY, _types.JSON):
    _class._contains = staticmethod(type_contains)
