"""Column expressions and their operators.

Parentheses are placed here, by SQLAlchemy's table of precedence, as explicit `grouping` nodes; everything else about text is Rust's. Operators
that differ by dialect are settled here too, because the dialect is known when an element encodes itself.
"""

from . import _base, _types
from ._base import dialect_name, ident
from ._operators import _ASSOCIATIVE, _BOOLEAN, NEGATED, PRECEDENCE, binds_weaker, custom_op
from ._types import BOOLEANTYPE, NULLTYPE, STRINGTYPE, to_instance, type_of_value


class ClauseElement(_base.Generative):
    """The base of everything that renders."""

    _is_from = False
    supports_execution = False
    _propagate_attrs = {}
    __visit_name__ = None

    def __class_getitem__(cls, item):
        return cls

    def _encode(self):
        text = _types.custom_text(self)
        if text is None:
            raise _base.unsupported("rendering of %s" % type(self).__name__)
        return ("literal_column", text)

    def self_group(self, against=None):
        return self

    def compile(self, bind=None, dialect=None, compile_kwargs=None, **kw):
        from ._printing import Compiled

        return Compiled(self, dialect, **(compile_kwargs or {}))

    def __str__(self):
        from ._printing import text_of

        return text_of(self)

    def __bool__(self):
        raise TypeError("Boolean value of this clause is not defined")

    def __invert__(self):
        return self._negate()

    def _negate(self):
        return UnaryExpression(self.self_group(against="NOT"), operator="NOT", type_=BOOLEANTYPE)

    def unique_params(self, *args, **kw):
        return self.params(*args, **kw)

    def params(self, *args, **kw):
        raise _base.unsupported("params() on %s" % type(self).__name__)

    def __clause_element__(self):
        return self


class Operators:
    def __class_getitem__(cls, item):
        return cls


class ColumnOperators(Operators):
    """The operators that columns have."""

    timetuple = None

    def operate(self, op, other, **kw):
        return binary(self, op, other)

    def reverse_operate(self, op, other, **kw):
        return binary(self, op, other, reverse=True)

    def op(self, opstring, precedence=0, is_comparison=False, return_type=None, **kw):
        operator = custom_op(opstring, precedence, is_comparison, return_type, **kw)

        def against(other):
            return binary(self, operator, other)

        return against

    def bool_op(self, opstring, precedence=0, **kw):
        return self.op(opstring, precedence=precedence, is_comparison=True)

    def __eq__(self, other):
        return compare(self, "=", other)

    def __ne__(self, other):
        return compare(self, "!=", other)

    def __lt__(self, other):
        return compare(self, "<", other)

    def __le__(self, other):
        return compare(self, "<=", other)

    def __gt__(self, other):
        return compare(self, ">", other)

    def __ge__(self, other):
        return compare(self, ">=", other)

    __hash__ = object.__hash__

    def is_(self, other):
        return compare(self, "IS", other)

    def is_not(self, other):
        return compare(self, "IS NOT", other)

    isnot = is_not

    def is_distinct_from(self, other):
        return compare(self, "IS DISTINCT FROM", other)

    def is_not_distinct_from(self, other):
        return compare(self, "IS NOT DISTINCT FROM", other)

    isnot_distinct_from = is_not_distinct_from

    def in_(self, other):
        return membership(self, "IN", other)

    def not_in(self, other):
        return membership(self, "NOT IN", other)

    notin_ = not_in

    def like(self, other, escape=None):
        return compare(self, "LIKE", other, escape=escape)

    def not_like(self, other, escape=None):
        return compare(self, "NOT LIKE", other, escape=escape)

    notlike = not_like

    def ilike(self, other, escape=None):
        return compare(self, "ILIKE", other, escape=escape)

    def not_ilike(self, other, escape=None):
        return compare(self, "NOT ILIKE", other, escape=escape)

    notilike = not_ilike

    def startswith(self, other, escape=None, autoescape=False):
        return _pattern(self, other, "", "%", escape, autoescape)

    def endswith(self, other, escape=None, autoescape=False):
        return _pattern(self, other, "%", "", escape, autoescape)

    def contains(self, other, escape=None, autoescape=False, **kw):
        contains = getattr(getattr(self, "type", None), "_contains", None)
        if contains is not None:
            return contains(self, other)
        return _pattern(self, other, "%", "%", escape, autoescape)

    def icontains(self, other, escape=None, autoescape=False):
        return _pattern(_lower(self), other, "%", "%", escape, autoescape, lower=True)

    def istartswith(self, other, escape=None, autoescape=False):
        return _pattern(_lower(self), other, "", "%", escape, autoescape, lower=True)

    def iendswith(self, other, escape=None, autoescape=False):
        return _pattern(_lower(self), other, "%", "", escape, autoescape, lower=True)

    def match(self, other, **kw):
        if dialect_name() == "postgresql":
            from ._functions import Function

            other = Function("plainto_tsquery", coerce(other, self, "MATCH"))
            return BinaryExpression(self, other, custom_op("@@", 5, True), BOOLEANTYPE)
        return compare(self, "MATCH", other)

    def regexp_match(self, pattern, flags=None):
        if dialect_name() == "postgresql":
            op = custom_op("~*" if flags == "i" else "~", 5, True)
            op.negation = custom_op("!~*" if flags == "i" else "!~", 5, True)
            return BinaryExpression(self, coerce(pattern, self, "REGEXP"), op, BOOLEANTYPE, negate=op.negation)
        return compare(self, "REGEXP", pattern)

    def regexp_replace(self, pattern, replacement, flags=None):
        from ._functions import Function

        args = [self, coerce(pattern, self, ","), coerce(replacement, self, ",")]
        if flags is not None:
            args.append(literal_column("'%s'" % flags))
        elif dialect_name() != "postgresql":
            return Function("regexp_replace", *args)
        return Function("regexp_replace", *args)

    def between(self, cleft, cright, symmetric=False):
        return _between(self, cleft, cright, symmetric)

    def desc(self):
        return UnaryExpression(self, modifier="DESC", type_=self.type)

    def asc(self):
        return UnaryExpression(self, modifier="ASC", type_=self.type)

    def nulls_first(self):
        return UnaryExpression(self, modifier="NULLS FIRST", type_=self.type)

    nullsfirst = nulls_first

    def nulls_last(self):
        return UnaryExpression(self, modifier="NULLS LAST", type_=self.type)

    nullslast = nulls_last

    def collate(self, collation):
        return CollationClause(self, collation)

    def distinct(self):
        return UnaryExpression(self, operator="DISTINCT", type_=self.type)

    def any_(self):
        return CollectionAggregate("ANY", self)

    def all_(self):
        return CollectionAggregate("ALL", self)

    def concat(self, other):
        return binary(self, "||", other)

    def __add__(self, other):
        return binary(self, "+", other)

    def __radd__(self, other):
        return binary(self, "+", other, reverse=True)

    def __sub__(self, other):
        return binary(self, "-", other)

    def __rsub__(self, other):
        return binary(self, "-", other, reverse=True)

    def __mul__(self, other):
        return binary(self, "*", other)

    def __rmul__(self, other):
        return binary(self, "*", other, reverse=True)

    def __truediv__(self, other):
        return binary(self, "/", other)

    def __rtruediv__(self, other):
        return binary(self, "/", other, reverse=True)

    def __floordiv__(self, other):
        return binary(self, "//", other)

    def __rfloordiv__(self, other):
        return binary(self, "//", other, reverse=True)

    def __mod__(self, other):
        return binary(self, "%", other)

    def __rmod__(self, other):
        return binary(self, "%", other, reverse=True)

    def __pow__(self, other):
        from ._functions import Function

        return Function("pow", self, other)

    def __neg__(self):
        return UnaryExpression(self, operator="neg", type_=self.type)

    def __and__(self, other):
        return and_(self, other)

    def __rand__(self, other):
        return and_(other, self)

    def __or__(self, other):
        return or_(self, other)

    def __ror__(self, other):
        return or_(other, self)

    def __lshift__(self, other):
        return binary(self, "<<", other)

    def __rshift__(self, other):
        return binary(self, ">>", other)

    def bitwise_and(self, other):
        return binary(self, "&", other)

    def bitwise_or(self, other):
        return binary(self, "|", other)

    def bitwise_xor(self, other):
        return binary(self, "^", other)

    def bitwise_lshift(self, other):
        return binary(self, "<<", other)

    def bitwise_rshift(self, other):
        return binary(self, ">>", other)

    def bitwise_not(self):
        return UnaryExpression(self, operator="~", type_=self.type)

    def __getitem__(self, index):
        return _index(self, index)

    def __iter__(self):
        raise TypeError("'%s' object is not iterable" % type(self).__name__)


class SQLColumnExpression(ColumnOperators):
    pass


class ColumnElement(ColumnOperators, ClauseElement):
    """An expression with a type."""

    type = NULLTYPE
    key = None
    primary_key = False
    foreign_keys = ()
    _label = None

    def _bind_param(self, op, value, type_=None, expanding=False):
        if type_ is None:
            type_ = self.type.coerce_compared_value(op, value)
        return BindParameter(None, value, type_=type_, _base_name=self._bind_base(), expanding=expanding)

    def _bind_base(self):
        return "param"

    def label(self, name):
        return Label(name, self, self.type)

    def self_group(self, against=None):
        if against in ("AND", "OR", "asbool") and self.type._affinity == "boolean":
            return AsBoolean(self, "is_true")
        return self

    def _negate(self):
        if self.type._affinity == "boolean":
            return AsBoolean(self, "is_false")
        return UnaryExpression(self.self_group(against="NOT"), operator="NOT", type_=BOOLEANTYPE)

    def __getattr__(self, name):
        # PostgreSQL's and JSON's comparators add methods by type.
        if name.startswith("_"):
            raise AttributeError(name)
        from ._comparators import method_of

        found = method_of(self, name)
        if found is None:
            raise AttributeError("Neither '%s' object nor 'Comparator' object has an attribute '%s'" % (type(self).__name__, name))
        return found

    @property
    def expression(self):
        return self

    @property
    def comparator(self):
        return self

    @property
    def base_columns(self):
        return {self}

    def shares_lineage(self, other):
        return self is other

    def _result_name(self):
        """The name a result column gets, or None when SQLAlchemy makes one up."""
        return None

    def cast(self, type_):
        return Cast(self, type_)


def is_clause(value):
    return isinstance(value, ClauseElement) or hasattr(value, "__clause_element__")


def clause(value):
    """The element behind `value`: an ORM attribute gives its column."""
    while not isinstance(value, ClauseElement):
        value = value.__clause_element__()
    return value


def coerce(value, expr=None, op=None, type_=None):
    """Makes an operand: an element as it is, a plain value as a bound parameter."""
    if is_clause(value):
        value = clause(value)
        if value._is_from:
            return value.scalar_subquery() if hasattr(value, "scalar_subquery") else value
        if isinstance(value, TextClause):
            return value.self_group(against=op)
        if isinstance(value, BindParameter) and value.type is NULLTYPE and expr is not None and not value._type_given:
            fresh = value._copy_self()
            fresh.type = expr.type
            if value._name is not None:
                fresh.__dict__["_origin"] = value._origin
            return fresh
        return value
    if isinstance(value, (list, tuple, set)) and expr is not None and expr.type._affinity in ("null",) and not isinstance(expr, Tuple):
        return BindParameter(None, value, type_=type_, _base_name="param")
    if expr is not None:
        if value is None and type_ is None:
            return null()
        return expr._bind_param(op, value, type_)
    if value is None:
        return null()
    return BindParameter(None, value, type_=type_ if type_ is not None else type_of_value(value), _base_name="param")


def _lower(expr):
    from ._functions import Function

    return Function("lower", expr)


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def compare(left, op, other, escape=None):
    left = clause(left)
    if isinstance(left, CollectionAggregate):
        other = coerce(other, type_=left.type if left.type is not NULLTYPE and not is_clause(other) else None) if other is not None else null()
        return BinaryExpression(other, left, _MIRRORED.get(op, op), BOOLEANTYPE)
    if isinstance(other, (type(None), bool)) or isinstance(other, (Null, True_, False_)):
        if op in ("=", "!=") and isinstance(other, (bool, True_, False_)):
            right = constant(other)
            return BinaryExpression(left, right, op, BOOLEANTYPE, negate=NEGATED[op])
        if op in ("IS DISTINCT FROM", "IS NOT DISTINCT FROM"):
            return BinaryExpression(left, constant(other), op, BOOLEANTYPE, negate=NEGATED[op])
        if op in ("=", "IS"):
            return BinaryExpression(left, constant(other), "IS", BOOLEANTYPE, negate="IS NOT")
        elif op in ("!=", "IS NOT"):
            return BinaryExpression(left, constant(other), "IS NOT", BOOLEANTYPE, negate="IS")
        else:
            from . import exc

            raise exc.ArgumentError("Only '=', '!=', 'is_()', 'is_not()', 'is_distinct_from()', 'is_not_distinct_from()' operators can be used with None/True/False")
    right = coerce(other, left, op)
    return BinaryExpression(left, right, op, BOOLEANTYPE, negate=NEGATED.get(op), escape=escape)


def constant(value):
    if value is None:
        return null()
    if value is True:
        return true()
    if value is False:
        return false()
    return value


_DATES = ("date", "datetime", "time", "interval")


def _adapted(op, left, right):
    """The operator and type of arithmetic between two types."""
    mine, other = left.type._affinity, right.type._affinity
    if op == "+" and (mine in ("string", "enum") or (mine == "null" and other == "string")):
        return "||", left.type if mine != "null" else right.type
    if op == "||":
        return op, left.type if mine != "null" else right.type
    if op == "/":
        if mine == "integer" and other == "integer":
            return op, _types.NUMERICTYPE
        return op, left.type if mine != "integer" else right.type
    if mine == "null" or mine == other:
        if mine in _DATES and op == "-":
            return op, NULLTYPE if mine == "null" else _types.Interval()
        return op, left.type if mine != "null" else (right.type if other not in ("null",) else NULLTYPE)
    if mine == "integer" and other == "numeric":
        return op, right.type
    if mine in _DATES:
        return op, left.type
    return op, left.type


def binary(left, op, other, reverse=False):
    left = clause(left)
    other = coerce(other, left, op if not isinstance(op, custom_op) else op.opstring)
    if reverse:
        left, other = other, left
    if isinstance(op, custom_op):
        type_ = op.return_type or (BOOLEANTYPE if op.is_comparison else left.type)
    else:
        op, type_ = _adapted(op, left, other)
    if op in _ASSOCIATIVE:
        parts = []
        for side in (left, other):
            if getattr(side, "operator", None) == op and side.type._affinity == type_._affinity:
                parts.extend(side._flat())
            else:
                parts.append(side)
        if len(parts) > 2:
            return ExpressionClauseList(op, parts, type_)
    return BinaryExpression(left, other, op, type_)


def membership(expr, op, other):
    expr = clause(expr)
    if is_clause(other):
        right = clause(other)
        if right._is_from:
            right = right.scalar_subquery() if hasattr(right, "scalar_subquery") else right.select().scalar_subquery()
        elif isinstance(right, BindParameter):
            right = right._copy_self()
            right.expanding = True
            if right.type is NULLTYPE:
                right.type = expr.type
        elif not isinstance(right, (ClauseList, ScalarSelect, TextClause, Grouping)) and not hasattr(right, "clauses"):
            from . import exc

            raise exc.ArgumentError("IN expression list, SELECT construct, or bound parameter object expected, got %r." % (other,))
        return BinaryExpression(expr, right, op, BOOLEANTYPE, negate=NEGATED[op])
    if isinstance(other, str) or not hasattr(other, "__iter__"):
        from . import exc

        raise exc.ArgumentError("IN expression list, SELECT construct, or bound parameter object expected, got %r." % (other,))
    values = list(other)
    if any(is_clause(value) for value in values):
        parts = [coerce(value, expr, op) if value is not None else null() for value in values]
        return BinaryExpression(expr, ClauseList(*parts, operator=",", group=True), op, BOOLEANTYPE, negate=NEGATED[op])
    right = BindParameter(None, values, type_=expr.type if not values else _list_type(expr, op, values), _base_name=expr._bind_base(), expanding=True)
    return BinaryExpression(expr, right, op, BOOLEANTYPE, negate=NEGATED[op])


def _list_type(expr, op, values):
    if isinstance(expr, Tuple):
        return expr.type
    for value in values:
        if value is not None:
            return expr.type.coerce_compared_value(op, value)
    return expr.type


def _pattern(left, other, before, after, escape, autoescape, lower=False):
    left = clause(left)
    if autoescape:
        escape = escape or "/"
        other = other.replace(escape, escape + escape)
        other = other.replace("%", escape + "%").replace("_", escape + "_")
    right = coerce(other, left, "LIKE")
    if lower:
        right = _lower(right)
    percent = LiteralColumn("'%'", STRINGTYPE)
    parts = ([percent] if before else []) + [right] + ([percent] if after else [])
    pattern = ExpressionClauseList("||", parts, STRINGTYPE)
    expression = BinaryExpression(left, pattern, "LIKE", BOOLEANTYPE, negate="NOT LIKE", escape=escape, raw_right=True)
    expression._loose = True
    return expression


def _between(expr, low, high, symmetric=False):
    expr = clause(expr)
    low = coerce(low, expr, "AND")
    high = coerce(high, expr, "AND")
    bounds = ExpressionClauseList("AND", [low, high], NULLTYPE, group=False)
    op = "BETWEEN SYMMETRIC" if symmetric else "BETWEEN"
    return BinaryExpression(expr, bounds, op, BOOLEANTYPE, negate="NOT " + op, raw_right=True)


def _index(expr, index):
    affinity = expr.type._affinity
    if affinity == "json":
        from ._comparators import json_item

        return json_item(expr, index)
    if affinity == "array":
        if isinstance(index, slice):
            raise _base.unsupported("slices of ARRAY columns")
        if isinstance(index, int) and getattr(expr.type, "zero_indexes", False):
            index += 1
        return IndexExpression(expr, coerce(index, type_=_types.INTEGERTYPE), expr.type.item_type)
    if affinity == "hstore":
        return BinaryExpression(expr, coerce(index, type_=STRINGTYPE), "->", STRINGTYPE)
    raise NotImplementedError("Operator 'getitem' is not supported on this expression")


class Null(ColumnElement):
    def _encode(self):
        return "null"


class True_(ColumnElement):
    type = BOOLEANTYPE

    def _encode(self):
        return "true"

    def _negate(self):
        return False_()

    def self_group(self, against=None):
        return self


class False_(ColumnElement):
    type = BOOLEANTYPE

    def _encode(self):
        return "false"

    def _negate(self):
        return True_()

    def self_group(self, against=None):
        return self


def null():
    return Null()


def true():
    return True_()


def false():
    return False_()


class Grouping(ColumnElement):
    def __init__(self, element):
        self.element = element
        self.type = getattr(element, "type", NULLTYPE)

    def _encode(self):
        return ("grouping", self.element._encode())

    @property
    def key(self):
        return getattr(self.element, "key", None)

    def _result_name(self):
        return self.element._result_name() if hasattr(self.element, "_result_name") else None

    def self_group(self, against=None):
        return self


class AsBoolean(ColumnElement):
    """A boolean value used as a condition: `x = 1` where the database has no boolean."""

    type = BOOLEANTYPE

    def __init__(self, element, how):
        self.element = element
        self.how = how

    def _negate(self):
        if self.how == "is_true":
            return AsBoolean(self.element, "is_false")
        return AsBoolean(self.element, "is_true")

    def self_group(self, against=None):
        return self

    def _encode(self):
        inner = self.element._encode()
        if dialect_name() in ("postgresql", "default"):
            return inner if self.how == "is_true" else ("prefix", {"op": "NOT", "expr": inner})
        one = "1" if self.how == "is_true" else "0"
        return ("binary", {"op": "=", "left": inner, "right": ("literal_column", one)})


class UnaryExpression(ColumnElement):
    def __init__(self, element, operator=None, modifier=None, type_=None):
        self.operator = operator
        self.modifier = modifier
        self.element = element.self_group(against=operator or modifier)
        self.type = type_ if type_ is not None else NULLTYPE

    def self_group(self, against=None):
        if self.operator and binds_weaker(self.operator, against):
            return Grouping(self)
        return self

    def _negate(self):
        if self.type._affinity == "boolean" and self.operator == "NOT":
            return self.element.element if isinstance(self.element, Grouping) else self.element
        return ColumnElement._negate(self)

    def _encode(self):
        inner = self.element._encode()
        if self.modifier:
            return ("postfix", {"op": self.modifier, "expr": inner})
        return ("prefix", {"op": {"neg": "-"}.get(self.operator, self.operator), "expr": inner})

    def _result_name(self):
        return self.element._result_name() if self.operator == "DISTINCT" and hasattr(self.element, "_result_name") else None

    @property
    def key(self):
        return getattr(self.element, "key", None) if self.modifier else None


class BinaryExpression(ColumnElement):
    def __init__(self, left, right, operator, type_=None, negate=None, escape=None, raw_right=False, modifiers=None):
        self.left = left.self_group(against=operator)
        self.right = right if raw_right else right.self_group(against=operator)
        self.operator = operator
        self.type = to_instance(type_) if type_ is not None else NULLTYPE
        self.negate = negate
        self.escape = escape

    def _flat(self):
        return [self.left, self.right]

    def __bool__(self):
        if self.operator in ("=", "!="):
            same = _plain(self.left) is _plain(self.right)
            return same if self.operator == "=" else not same
        raise TypeError("Boolean value of this clause is not defined")

    # Patterns (`startswith` and its kin) have no place in the table of precedence: they are always grouped.
    _loose = False

    def self_group(self, against=None):
        if self._loose or binds_weaker(self.operator, against) or (against == "NOT" and self.operator not in _BOOLEAN and not getattr(self.operator, "is_comparison", False)):
            return Grouping(self)
        return self

    def _negate(self):
        if self.negate is not None:
            fresh = self._copy_self()
            fresh.operator, fresh.negate = self.negate, self.operator
            return fresh
        if self.type._affinity == "boolean":
            return UnaryExpression(self.self_group(against="NOT"), operator="NOT", type_=BOOLEANTYPE)
        return ColumnElement._negate(self)

    def _encode(self):
        state = _base.state
        outer, state.in_operator = state.in_operator, True
        try:
            return self._encode_operator(self.operator)
        finally:
            state.in_operator = outer

    def _encode_operator(self, op):
        if isinstance(op, custom_op):
            return _binary_data(op.opstring, self.left._encode(), self.right._encode())
        special = _SPECIAL.get(op)
        if special is not None:
            made = special(self)
            if made is not None:
                return made
        return _binary_data(op, self.left._encode(), self.right._encode(), self.escape)


def _plain(element):
    return element._origin if isinstance(element, BindParameter) else element


def _binary_data(op, left, right, escape=None):
    data = {"op": op, "left": left, "right": right}
    if escape is not None:
        data["escape"] = escape
    return ("binary", data)


def _encode_ilike(expression):
    if dialect_name() == "postgresql":
        return None
    lower = lambda data: ("func", {"name": "lower", "args": [data]})  # noqa: E731
    op = "LIKE" if expression.operator == "ILIKE" else "NOT LIKE"
    return _binary_data(op, lower(expression.left._encode()), lower(expression.right._encode()), expression.escape)


def _encode_distinct_from(expression):
    name = dialect_name()
    negative = "NOT" in expression.operator
    if name == "sqlite":
        return _binary_data("IS" if negative else "IS NOT", expression.left._encode(), expression.right._encode())
    if name in ("mysql", "mariadb"):
        data = _binary_data("<=>", expression.left._encode(), expression.right._encode())
        return data if negative else ("prefix", {"op": "NOT", "expr": ("grouping", data)})
    return None


def _encode_division(expression):
    name = dialect_name()
    left, right = expression.left, expression.right
    if expression.operator == "//":
        if left.type._affinity == "integer" and right.type._affinity == "integer" and name != "mysql":
            return _binary_data("/", left._encode(), right._encode())
        return ("func", {"name": "FLOOR", "args": [_binary_data("/", left._encode(), right._encode())]})
    if right.type._affinity in ("integer",) or (right.type._affinity == "null" and left.type._affinity == "integer"):
        if name in ("sqlite",):
            return _binary_data("/", left._encode(), ("grouping", _binary_data("+", right._encode(), ("literal_column", "0.0"))))
        if name in ("postgresql", "default"):
            return _binary_data("/", left._encode(), ("cast", {"expr": right._encode(), "type_": ("numeric", {})}))
    return None


_SPECIAL = {
    "ILIKE": _encode_ilike,
    "NOT ILIKE": _encode_ilike,
    "IS DISTINCT FROM": _encode_distinct_from,
    "IS NOT DISTINCT FROM": _encode_distinct_from,
    "/": _encode_division,
    "//": _encode_division,
}


class IndexExpression(ColumnElement):
    def __init__(self, expr, index, type_):
        self.expr, self.index, self.type = expr.self_group(against="[]"), index, type_

    def _encode(self):
        return ("index", {"expr": self.expr._encode(), "index": self.index._encode()})


class ExpressionClauseList(ColumnElement):
    """`a || b || c`, `a + b + c`."""

    def __init__(self, operator, clauses, type_, group=True):
        self.operator = operator
        self.clauses = [part.self_group(against=operator) for part in clauses]
        self.type = type_
        self.group = group

    def _flat(self):
        return self.clauses

    def self_group(self, against=None):
        if self.group and binds_weaker(self.operator, against):
            return Grouping(self)
        return self

    def _encode(self):
        return ("joined", {"op": self.operator, "clauses": [part._encode() for part in self.clauses]})


class BooleanClauseList(ExpressionClauseList):
    """`a AND b`, `a OR b`."""

    def __init__(self, operator, clauses):
        ExpressionClauseList.__init__(self, operator, clauses, BOOLEANTYPE)

    def _negate(self):
        return UnaryExpression(Grouping(self), operator="NOT", type_=BOOLEANTYPE)

    def self_group(self, against=None):
        if binds_weaker(self.operator, against):
            return Grouping(self)
        return self

    def __iter__(self):
        return iter(self.clauses)

    @staticmethod
    def and_(*clauses):
        return and_(*clauses)

    @staticmethod
    def or_(*clauses):
        return or_(*clauses)


def condition(value):
    """An element that may stand in WHERE."""
    if value is None:
        return null()
    if value is True:
        return true()
    if value is False:
        return false()
    if is_clause(value):
        value = clause(value)
        if value._is_from and hasattr(value, "scalar_subquery"):
            return value.scalar_subquery()
        return value
    from . import exc

    if isinstance(value, str):
        raise exc.ArgumentError("Textual SQL expression %r should be explicitly declared as text(%r)" % (value, value))
    raise exc.ArgumentError("SQL expression for WHERE/HAVING role expected, got %r." % (value,))


def _conjunction(operator, continue_on, skip_on, clauses):
    parts = []
    for value in clauses:
        value = condition(value)
        if isinstance(value, continue_on):
            kept = value
            if not parts:
                parts.append(kept)
            continue
        if isinstance(value, skip_on):
            return value
        if isinstance(value, BooleanClauseList) and value.operator == operator:
            flat = value.clauses
        else:
            flat = [value]
        if len(parts) == 1 and isinstance(parts[0], continue_on):
            parts = []
        parts.extend(flat)
    if not parts:
        return BooleanClauseList(operator, [])
    if len(parts) == 1:
        return parts[0].self_group(against="asbool")
    return BooleanClauseList(operator, parts)


def and_(*clauses):
    return _conjunction("AND", True_, False_, clauses)


def or_(*clauses):
    return _conjunction("OR", False_, True_, clauses)


def not_(value):
    return condition(value)._negate()


class ClauseList(ColumnElement):
    """A comma list."""

    def __init__(self, *clauses, operator=",", group=True, **kw):
        self.clauses = list(clauses)
        self.operator = operator
        self.group = group

    def self_group(self, against=None):
        return self

    def __iter__(self):
        return iter(self.clauses)

    def __len__(self):
        return len(self.clauses)

    def _encode(self):
        return ("tuple", [part._encode() for part in self.clauses])


class ColumnClause(ColumnElement):
    """A column by name: `column("x")`."""

    default = onupdate = server_default = server_onupdate = None

    def __init__(self, text, type_=None, is_literal=False, _selectable=None):
        self.name = text
        self.type = to_instance(type_)
        self.is_literal = is_literal
        self.table = _selectable

    key = property(lambda self: self.__dict__.get("_key", self.name), lambda self, value: self.__dict__.__setitem__("_key", value))

    def _bind_base(self):
        return str(self.key) if self.key is not None else "param"

    def _result_name(self):
        return None if self.is_literal and not _is_word(self.name) else self.name

    @property
    def description(self):
        return str(self.name)

    def _encode(self):
        if self.is_literal:
            return ("literal_column", self.name)
        if self.name == "*":
            return ("star", {"table": self._from_name()})
        return ("column", {"table": self._from_name(), "name": ident(self.name)})

    def _from_name(self):
        table = self.table
        return None if table is None else table._from_name()

    @property
    def info(self):
        return self.__dict__.setdefault("_info", {})

    def __str__(self):
        if self.table is not None and getattr(self.table, "name", None):
            return "%s.%s" % (self.table.name, self.name)
        return str(self.name)

    def __repr__(self):
        return "<sqlalchemy.sql.elements.ColumnClause; %s>" % self.name

    def __getstate__(self):
        return dict(self.__dict__)


def _is_word(text):
    return text.replace("_", "a").isalnum()


def column(text, type_=None, is_literal=False, _selectable=None):
    return ColumnClause(text, type_, is_literal, _selectable)


class LiteralColumn(ColumnClause):
    def __init__(self, text, type_=None):
        ColumnClause.__init__(self, text, type_, True)


def literal_column(text, type_=None):
    return ColumnClause(text, type_, True)


def between(expr, lower_bound, upper_bound, symmetric=False):
    return coerce(expr).between(lower_bound, upper_bound, symmetric)


def _modified(method):
    def make(column):
        if isinstance(column, str):
            column = LabelReference(column)
        return getattr(clause(column), method)()

    return make


asc = _modified("asc")
desc = _modified("desc")
nulls_first = nullsfirst = _modified("nulls_first")
nulls_last = nullslast = _modified("nulls_last")


class LabelReference(ColumnClause):
    """A name given to ORDER BY or GROUP BY as a string."""

    def __init__(self, name):
        ColumnClause.__init__(self, name)


def distinct(expr):
    return coerce(expr).distinct()


# What is built from the above; its modules import this one, so they come last.
from ._binds import BindParameter, bind_value, bindparam, encode_type, literal, outparam  # noqa: E402
from ._constructs import (  # noqa: E402
    Case,
    Cast,
    CollationClause,
    CollectionAggregate,
    Exists,
    Extract,
    Label,
    ScalarSelect,
    Tuple,
    TypeCoerce,
    all_,
    any_,
    case,
    cast,
    collate,
    exists,
    extract,
    label,
    tuple_,
    type_coerce,
)
from ._text import TextClause, TextualSelect, text, text_names  # noqa: E402

__all__ = [
    "BindParameter", "Case", "Cast", "CollationClause", "CollectionAggregate", "Exists", "Extract", "Label", "PRECEDENCE", "ScalarSelect", "TextClause", "TextualSelect",
    "Tuple", "TypeCoerce", "all_", "any_", "bind_value", "bindparam", "case", "cast", "collate", "encode_type", "exists", "extract", "label", "literal",
    "outparam", "text", "text_names", "tuple_", "type_coerce",
]  # fmt: skip
