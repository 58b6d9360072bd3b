"""Join conditions of relationships: directions, the marks of `foreign()` and `remote()`, and the pairs of columns in a condition."""

from .._elements import BinaryExpression, BooleanClauseList, ColumnClause, ColumnElement, Grouping, clause


class RelationshipDirection:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return "symbol('%s')" % self.name


ONETOMANY, MANYTOONE, MANYTOMANY = RelationshipDirection("ONETOMANY"), RelationshipDirection("MANYTOONE"), RelationshipDirection("MANYTOMANY")


class Marked(ColumnElement):
    """`foreign(column)`, `remote(column)` in a join condition."""

    def __init__(self, element, mark):
        self.element = clause(element)
        self.type = self.element.type
        self.marks = {mark}
        if isinstance(self.element, Marked):
            self.marks |= self.element.marks
            self.element = self.element.element

    @property
    def key(self):
        return self.element.key

    def _bind_base(self):
        return self.element._bind_base()

    def _encode(self):
        return self.element._encode()


def foreign(expr):
    return Marked(expr, "foreign")


def remote(expr):
    return Marked(expr, "remote")


def plain(element):
    while isinstance(element, (Marked, Grouping)):
        element = element.element
    return element


def conjuncts(expression):
    """The parts of `a AND b AND c`."""
    expression = expression.element if isinstance(expression, Grouping) else expression
    if isinstance(expression, BooleanClauseList) and expression.operator == "AND":
        return [part for inner in expression.clauses for part in conjuncts(inner)]
    return [expression]


def as_pair(part):
    """(left, right) of `column = column`, with their marks, or None."""
    if isinstance(part, BinaryExpression) and part.operator == "=":
        sides = [part.left, part.right]
        marks = [side.marks if isinstance(side, Marked) else set() for side in sides]
        columns = [plain(side) for side in sides]
        if all(isinstance(column, ColumnClause) for column in columns):
            return columns, marks
    return None


def columns_of(value):
    if value is None:
        return []
    items = value if isinstance(value, (list, tuple, set)) else [value]
    return [plain(clause(item)) for item in items]


def adapter(entity):
    adapt = getattr(entity, "_adapt_column", None) if entity is not None else None
    return adapt if adapt is not None else (lambda column: column)


def table_adapter(table, alias):
    if alias is None:
        return lambda column: column
    return lambda column: alias.c[column.key]
