"""`func.anything(...)`."""

from . import _base, _types
from ._elements import (
    BOOLEANTYPE,
    NULLTYPE,
    BindParameter,
    ClauseList,
    ColumnElement,
    Grouping,
    LabelReference,
    UnaryExpression,
    clause,
    coerce,
    is_clause,
    literal_column,
)

# Return types of the functions SQLAlchemy knows; "first" takes the type of the first argument.
_RETURNS = {
    "now": _types.DateTime,
    "current_timestamp": _types.DateTime,
    "sysdate": _types.DateTime,
    "localtimestamp": _types.DateTime,
    "current_date": _types.Date,
    "current_time": _types.Time,
    "localtime": _types.DateTime,
    "count": _types.Integer,
    "char_length": _types.Integer,
    "rank": _types.Integer,
    "dense_rank": _types.Integer,
    "row_number": _types.Integer,
    "concat": _types.String,
    "current_user": _types.String,
    "session_user": _types.String,
    "user": _types.String,
    "percent_rank": _types.Numeric,
    "cume_dist": _types.Numeric,
    "random": None,
    "coalesce": "first",
    "max": "first",
    "min": "first",
    "sum": "first",
    "pow": "first",
    "array_agg": None,
    "next_value": _types.Integer,
    "grouping_sets": None,
    "cube": None,
    "rollup": None,
    "string_agg": _types.String,
    "aggregate_strings": _types.String,
}


class FunctionElement(ColumnElement):
    """The base of functions; a class of the script's own gets its text from `@compiles`."""

    packagenames = ()
    name = None

    def __init__(self, *clauses):
        self.clauses = [_argument(self, value) for value in clauses]

    def _bind_base(self):
        return self.name or "param"


class Function(FunctionElement):
    def __init__(self, name, *clauses, type_=None, packagenames=()):
        lowered = name.lower()
        known = not packagenames and lowered in _RETURNS
        self.name = lowered if known else name
        self.packagenames = packagenames
        self.clauses = [_argument(self, value) for value in clauses]
        if type_ is not None:
            self.type = _types.to_instance(type_)
        elif known:
            returns = _RETURNS[lowered]
            if returns == "first":
                self.type = next((part.type for part in self.clauses if part.type is not NULLTYPE), NULLTYPE)
            else:
                self.type = returns() if returns is not None else NULLTYPE
        if self.name == "count" and not self.clauses:
            self.clauses = [literal_column("*")]
        if self.name == "array_agg" and type_ is None and self.clauses:
            first = self.clauses[0].type
            self.type = first if isinstance(first, _types.ARRAY) else _types.ARRAY(first)
        self._filter = None
        self._over = None
        self._order_by = ()
        self._within = ()

    @property
    def clause_expr(self):
        return Grouping(ClauseList(*self.clauses))

    def _bind_base(self):
        return self.name

    def _result_name(self):
        return None

    def _anonymous_label(self):
        return self.name

    def self_group(self, against=None):
        if against in ("[]",) and isinstance(self.type, _types.ARRAY):
            return Grouping(self)
        return ColumnElement.self_group(self, against)

    def filter(self, *criteria):
        from ._elements import and_

        fresh = self._copy_self()
        parts = criteria if self._filter is None else (self._filter,) + criteria
        fresh._filter = and_(*parts)
        return fresh

    def over(self, partition_by=None, order_by=None, rows=None, range_=None, groups=None, exclude=None):
        fresh = self._copy_self()
        fresh._over = (_elements(partition_by), _elements(order_by), _frame(rows, range_, groups))
        return fresh

    def within_group(self, *order_by):
        raise _base.unsupported("sqlalchemy.within_group")

    def aggregate_order_by(self, *order_by):
        fresh = self._copy_self()
        fresh._order_by = [clause(part) for part in order_by]
        return fresh

    def alias(self, name=None, joins_implicitly=False):
        return self.table_valued(name=name)

    def table_valued(self, *columns, name=None, joins_implicitly=False, **kw):
        from ._selectable import TableValuedAlias

        return TableValuedAlias(self, name, columns)

    def column_valued(self, name=None, joins_implicitly=False):
        return self.table_valued(name=name).scalar_column()

    def select(self):
        from ._selectable import select

        return select(self)

    def as_comparison(self, left_index, right_index):
        fresh = self._copy_self()
        fresh.type = BOOLEANTYPE
        return fresh

    def _encode(self):
        if type(self) is not Function:
            text = _types.custom_text(self)
            if text is not None:
                return ("literal_column", text)
        args = self.clauses
        distinct = False
        if len(args) == 1 and isinstance(args[0], UnaryExpression) and args[0].operator == "DISTINCT":
            distinct = True
            args = [args[0].element]
        order_by = list(self._order_by)
        encoded = []
        for part in args:
            if isinstance(part, AggregateOrderBy):
                encoded.append(part.target._encode())
                order_by = part.order_by
            else:
                encoded.append(part._encode())
        name = self.name
        if self.packagenames:
            name = ".".join(tuple(self.packagenames) + (name,))
        data = {"name": str.__str__(name), "args": encoded}
        quote = getattr(self.name, "quote", None)
        if quote is not None:
            data["quote"] = quote
        if distinct:
            data["distinct"] = True
        if order_by:
            data["order_by"] = [part._encode() for part in order_by]
        if self._filter is not None:
            data["filter"] = self._filter._encode()
        if self._over is not None:
            partition_by, over_order, frame = self._over
            data["over"] = {
                "partition_by": [part._encode() for part in partition_by],
                "order_by": [part._encode() for part in over_order],
                "frame": frame,
            }
        return ("func", data)


def _argument(function, value):
    if is_clause(value):
        value = clause(value)
        if value._is_from:
            return value.scalar_subquery() if hasattr(value, "scalar_subquery") else value
        return value.self_group(against=",") if hasattr(value, "self_group") else value
    if value is None:
        from ._elements import null

        return null()
    return BindParameter(None, value, type_=_types.type_of_value(value), _base_name=function.name or "param")


def _elements(value):
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        value = [value]
    return [LabelReference(part) if isinstance(part, str) else coerce(part) for part in value]


def _frame(rows, range_, groups):
    for word, bounds in (("ROWS", rows), ("RANGE", range_), ("GROUPS", groups)):
        if bounds is not None:
            low, high = bounds
            return "%s BETWEEN %s AND %s" % (word, _bound(low, "PRECEDING"), _bound(high, "FOLLOWING"))
    return None


def _bound(value, unbounded):
    if value is None:
        return "UNBOUNDED " + unbounded
    if value == 0:
        return "CURRENT ROW"
    return "%d %s" % (abs(value), "PRECEDING" if value < 0 else "FOLLOWING")


class AggregateOrderBy(ColumnElement):
    """`aggregate_order_by(expr, ordering…)`."""

    def __init__(self, target, *order_by):
        self.target = coerce(target)
        self.type = self.target.type
        self.order_by = [coerce(part) for part in order_by]

    def _encode(self):
        raise _base.unsupported("aggregate_order_by outside of a function")


class NextValue(ColumnElement):
    type = _types.INTEGERTYPE

    def __init__(self, sequence):
        self.sequence = sequence

    def _encode(self):
        return ("next_value", {"sequence": _base.table_name(self.sequence.name, self.sequence.schema)})


class _FunctionGenerator:
    """`func`: every attribute is a function of that name."""

    def __init__(self, packagenames=()):
        self.__dict__["_packagenames"] = packagenames

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("_"):
            name = name[:-1]
        return _FunctionGenerator(self._packagenames + (name,))

    def __call__(self, *clauses, type_=None, **kw):
        names = self._packagenames
        if names[-1] == "next_value" and len(names) == 1:
            return NextValue(clauses[0])
        if names[-1] == "cast" and len(names) == 1 and len(clauses) == 2:
            from ._elements import Cast

            return Cast(*clauses)
        return Function(names[-1], *clauses, type_=type_, packagenames=names[:-1])


func = _FunctionGenerator()


class GenericFunction(Function):
    """A function class of the script's own."""

    type = NULLTYPE
    name = None

    def __init__(self, *args, **kw):
        own_type = type(self).__dict__.get("type")
        Function.__init__(self, type(self).name or type(self).__name__, *args, type_=kw.get("type_", own_type))


def over(element, partition_by=None, order_by=None, rows=None, range_=None, groups=None):
    return element.over(partition_by, order_by, rows, range_, groups)


def funcfilter(function, *criterion):
    return function.filter(*criterion)


def within_group(element, *order_by):
    return element.within_group(*order_by)
