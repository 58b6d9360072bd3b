"""How tightly operators bind, and which of them negate each other."""

from ._types import to_instance


# How tightly an operator binds. An operand whose operator binds no tighter than the one around it gets parentheses.
PRECEDENCE = {
    "[]": 15, "->": 15, "->>": 15, "#>": 15, "#>>": 15,
    "*": 8, "/": 8, "//": 8, "%": 8, "neg": 8, "~": 8,
    "+": 7, "-": 7, "^": 7, "|": 7, "&": 7, "<<": 7, ">>": 7,
    "filter": 6,
    "||": 5, "MATCH": 5, "REGEXP": 5, "ILIKE": 5, "NOT ILIKE": 5, "LIKE": 5, "NOT LIKE": 5, "IN": 5, "NOT IN": 5, "IS": 5, "IS NOT": 5,
    "=": 5, "!=": 5, "IS DISTINCT FROM": 5, "IS NOT DISTINCT FROM": 5, ">": 5, "<": 5, ">=": 5, "<=": 5, "BETWEEN": 5, "NOT BETWEEN": 5,
    "DISTINCT": 5, "NOT": 5, "is_true": 5, "is_false": 5,
    "COLLATE": 4,
    "AND": 3, "DESC": 3, "ASC": 3,
    "OR": 2,
    "EXISTS": 0,
    ",": -1, "AS": -1,
    "asbool": -10,
}  # fmt: skip

_SMALLEST = -100
_ASSOCIATIVE = frozenset(("AND", "OR", "||", "+", "*", "|", "&", "^"))
# Comparisons bind at the level of an operator they are equal to, without parentheses only for these.
_SELF = _ASSOCIATIVE | {"[]", "->", "->>", "#>", "#>>", ","}
_BOOLEAN = frozenset((
    "=", "!=", ">", "<", ">=", "<=", "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IN", "NOT IN", "IS", "IS NOT", "IS DISTINCT FROM",
    "IS NOT DISTINCT FROM", "BETWEEN", "NOT BETWEEN", "AND", "OR", "NOT", "is_true", "is_false", "MATCH", "EXISTS", "REGEXP",
))  # fmt: skip
NEGATED = {
    "=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "IS": "IS NOT", "IS NOT": "IS", "IN": "NOT IN", "NOT IN": "IN",
    "LIKE": "NOT LIKE", "NOT LIKE": "LIKE", "ILIKE": "NOT ILIKE", "NOT ILIKE": "ILIKE", "BETWEEN": "NOT BETWEEN", "NOT BETWEEN": "BETWEEN",
    "IS DISTINCT FROM": "IS NOT DISTINCT FROM", "IS NOT DISTINCT FROM": "IS DISTINCT FROM", "REGEXP": "NOT REGEXP", "NOT REGEXP": "REGEXP",
}  # fmt: skip


def _weight(op):
    return getattr(op, "precedence", None) if isinstance(op, custom_op) else PRECEDENCE.get(op)


def binds_weaker(op, against):
    """Whether an expression of `op` needs parentheses inside one of `against`."""
    if op == against and (op in _SELF or getattr(op, "natural_self_precedent", False)):
        return False
    own, other = _weight(op), _weight(against)
    # Without an operator around it (`against` is None) an operator expression is grouped: SET, CASE WHEN.
    return (_SMALLEST if own is None else own) <= (-_SMALLEST if other is None else other)


class custom_op:
    """`expression.op("…")`."""

    def __init__(self, opstring, precedence=0, is_comparison=False, return_type=None, natural_self_precedent=False, eager_grouping=False, **kw):
        self.opstring = opstring
        self.precedence = precedence
        self.is_comparison = is_comparison
        self.return_type = to_instance(return_type) if return_type else None
        self.natural_self_precedent = natural_self_precedent

    def __call__(self, left, right, **kw):
        return left.operate(self, right)
