"""PostgreSQL's expressions."""

from ... import _types
from ..._constraints import ExcludeConstraint
from ..._elements import ColumnElement, all_, any_, coerce
from ..._functions import AggregateOrderBy as aggregate_order_by
from ..._functions import func

__all__ = ["ExcludeConstraint", "aggregate_order_by"]


class array(ColumnElement):
    """`ARRAY[…]`."""

    def __init__(self, clauses, type_=None):
        self.clauses = [coerce(value) for value in clauses]
        item = type_
        if item is None:
            item = next((part.type for part in self.clauses if part.type is not _types.NULLTYPE), _types.NULLTYPE)
        self.type = _types.ARRAY(item)

    def _encode(self):
        return ("array", [part._encode() for part in self.clauses])


def array_agg(*args, **kw):
    return func.array_agg(*args, **kw)


def Any(other, arrexpr, operator=None):
    return coerce(other) == any_(arrexpr)


def All(other, arrexpr, operator=None):
    return coerce(other) == all_(arrexpr)


def hstore(*args, **kw):
    return func.hstore(*args, **kw)


def to_tsvector(*args, **kw):
    return func.to_tsvector(*args, **kw)


def to_tsquery(*args, **kw):
    return func.to_tsquery(*args, **kw)


def plainto_tsquery(*args, **kw):
    return func.plainto_tsquery(*args, **kw)


def websearch_to_tsquery(*args, **kw):
    return func.websearch_to_tsquery(*args, **kw)


def ts_headline(*args, **kw):
    return func.ts_headline(*args, **kw)
