"""Expressions with words of their own: CAST, CASE, EXTRACT, EXISTS, labels, collations."""

from . import _base, _types
from ._base import ident
from ._elements import BindParameter, ClauseList, ColumnElement, Grouping, clause, coerce, condition, is_clause, literal_column
from ._operators import binds_weaker
from ._types import BOOLEANTYPE, NULLTYPE, encode as encode_type, to_instance


class Tuple(ClauseList):
    def __init__(self, *clauses, types=None):
        parts = [coerce(value) for value in clauses]
        ClauseList.__init__(self, *parts)
        self.type = _types.TupleType(*(types or [part.type for part in parts]))

    def _bind_base(self):
        return "param"

    def _bind_param(self, op, value, type_=None, expanding=False):
        return Tuple(*[BindParameter(None, part, type_=self.type.types[n]) for n, part in enumerate(value)])


def tuple_(*clauses, types=None):
    return Tuple(*clauses, types=types)


class Label(ColumnElement):
    def __init__(self, name, element, type_=None):
        element = clause(element)
        if isinstance(element, Label):
            element = element.element
        self.name = name
        self.element = element.self_group(against="AS") if hasattr(element, "self_group") else element
        self.type = to_instance(type_) if type_ is not None else getattr(element, "type", NULLTYPE)

    @property
    def key(self):
        return self.name

    def _result_name(self):
        return self.name

    def _encode(self):
        """Outside of a column list only the expression itself is rendered."""
        return self.element._encode()

    def _encode_labelled(self):
        name = self.name
        if name is None:
            _base.state.keep.append(self)
            name = _base.state.anonymous(id(self), "anon")
        return ("label", {"expr": self.element._encode(), "name": ident(name)})

    def self_group(self, against=None):
        return self.element.self_group(against) if against not in (None, "AS") else self


def label(name, element, type_=None):
    return Label(name, element, type_)


class CollationClause(ColumnElement):
    def __init__(self, expr, collation):
        self.element = coerce(expr).self_group(against="COLLATE")
        self.collation = collation
        self.type = self.element.type

    def _encode(self):
        return ("collate", {"expr": self.element._encode(), "collation": self.collation})

    @property
    def key(self):
        return getattr(self.element, "key", None)

    operator = "COLLATE"

    def self_group(self, against=None):
        return Grouping(self) if binds_weaker("COLLATE", against) else self


def collate(expression, collation):
    return CollationClause(expression, collation)


class Cast(ColumnElement):
    def __init__(self, expression, type_):
        self.type = to_instance(type_)
        self.clause = coerce(expression, type_=self.type)

    def _encode(self):
        return ("cast", {"expr": self.clause._encode(), "type_": encode_type(self.type)})

    def _result_name(self):
        return self.clause._result_name() if hasattr(self.clause, "_result_name") else None


def cast(expression, type_):
    return Cast(expression, type_)


class TypeCoerce(ColumnElement):
    def __init__(self, expression, type_):
        self.type = to_instance(type_)
        self.clause = coerce(expression, type_=self.type)

    def _encode(self):
        return self.clause._encode()

    def _result_name(self):
        return self.clause._result_name()


def type_coerce(expression, type_):
    return TypeCoerce(expression, type_)


class Case(ColumnElement):
    def __init__(self, *whens, value=None, else_=None):
        if len(whens) == 1 and isinstance(whens[0], dict):
            whens = tuple(whens[0].items())
        elif len(whens) == 1 and isinstance(whens[0], (list, tuple)) and whens[0] and isinstance(whens[0][0], (list, tuple)):
            whens = tuple(whens[0])
        self.value = coerce(value) if value is not None else None
        pairs = []
        for when, then in whens:
            when = coerce(when) if self.value is not None else condition(when).self_group()
            pairs.append((when, coerce(then)))
        self.whens = pairs
        self.else_ = coerce(else_) if else_ is not None else None
        self.type = NULLTYPE
        for _, then in pairs[::-1] + ([(None, self.else_)] if self.else_ is not None else []):
            if then.type._affinity != "null":
                self.type = then.type

    def _encode(self):
        return (
            "case",
            {
                "value": self.value._encode() if self.value is not None else None,
                "whens": [[when._encode(), then._encode()] for when, then in self.whens],
                "else_": self.else_._encode() if self.else_ is not None else None,
            },
        )


def case(*whens, value=None, else_=None):
    return Case(*whens, value=value, else_=else_)


class Extract(ColumnElement):
    type = _types.INTEGERTYPE

    def __init__(self, field, expr):
        self.field = field
        self.expr = coerce(expr)

    def _encode(self):
        return ("extract", {"field": self.field, "expr": self.expr._encode()})


def extract(field, expr):
    return Extract(field, expr)


class CollectionAggregate(ColumnElement):
    def __init__(self, word, element):
        self.word = word
        element = coerce(element)
        self.element = element.element if isinstance(element, ScalarSelect) else element
        self.type = getattr(element.type, "item_type", NULLTYPE) if hasattr(element, "type") else NULLTYPE

    def _encode(self):
        inner = self.element
        if inner._is_from:
            return ("prefix", {"op": self.word, "expr": ("scalar", inner._encode_query())})
        return ("func", {"name": self.word, "args": [inner._encode()]})


def any_(expr):
    return CollectionAggregate("ANY", expr)


def all_(expr):
    return CollectionAggregate("ALL", expr)


class ScalarSelect(ColumnElement):
    """`(SELECT …)` as a value."""

    def __init__(self, element):
        self.element = element
        self.type = element._scalar_type()

    def where(self, *criteria):
        return ScalarSelect(self.element.where(*criteria))

    def correlate(self, *froms):
        return ScalarSelect(self.element.correlate(*froms))

    def _encode(self):
        return ("scalar", self.element._encode_query())

    def self_group(self, against=None):
        return self

    def _result_name(self):
        return None


class Exists(ColumnElement):
    type = BOOLEANTYPE

    def __init__(self, element):
        self.element = element
        self.negative = False

    def _encode(self):
        data = ("exists", self.element._encode_query())
        return ("prefix", {"op": "NOT", "expr": ("grouping", data)}) if self.negative else data

    def _negate(self):
        fresh = self._copy_self()
        fresh.negative = not self.negative
        return fresh

    def self_group(self, against=None):
        return self

    def where(self, *criteria):
        fresh = self._copy_self()
        fresh.element = self.element.where(*criteria)
        return fresh

    def select_from(self, *froms):
        fresh = self._copy_self()
        fresh.element = self.element.select_from(*froms)
        return fresh

    def correlate(self, *froms):
        fresh = self._copy_self()
        fresh.element = self.element.correlate(*froms)
        return fresh

    def select(self, *args):
        from ._selectable import select

        return select(self)


def exists(*args):
    from ._selectable import select

    if not args:
        return Exists(select(literal_column("*")))
    first = clause(args[0]) if is_clause(args[0]) else args[0]
    if len(args) == 1 and isinstance(first, ScalarSelect):
        return Exists(first.element)
    if len(args) == 1 and first._is_from and hasattr(first, "_encode_query"):
        return Exists(first)
    return Exists(select(*args))
