"""Operators by name, for scripts that pass them around."""

import operator as _operator

from .. import _names
from .._elements import custom_op

eq, ne, lt, le, gt, ge = _operator.eq, _operator.ne, _operator.lt, _operator.le, _operator.gt, _operator.ge
add, sub, mul, truediv, mod, neg = _operator.add, _operator.sub, _operator.mul, _operator.truediv, _operator.mod, _operator.neg
and_, or_, inv = _operator.and_, _operator.or_, _operator.inv


def like_op(a, b, escape=None):
    return a.like(b, escape)


def ilike_op(a, b, escape=None):
    return a.ilike(b, escape)


def in_op(a, b):
    return a.in_(b)


def not_in_op(a, b):
    return a.not_in(b)


def is_(a, b):
    return a.is_(b)


def is_not(a, b):
    return a.is_not(b)


def concat_op(a, b):
    return a.concat(b)


ColumnOperators = _names.find("ColumnOperators")
Operators = _names.find("Operators")
__all__ = ["custom_op"]
