"""SELECT and its combinations."""

from . import _base, _types
from ._base import Collection, ident
from ._elements import (
    BindParameter,
    BooleanClauseList,
    Case,
    Cast,
    ClauseElement,
    ColumnClause,
    ColumnElement,
    Exists,
    Label,
    LabelReference,
    ScalarSelect,
    TextClause,
    TypeCoerce,
    UnaryExpression,
    and_,
    clause,
    coerce,
    condition,
    is_clause,
)
from ._from import CTE, FromClause, Join, Selectable, Subquery, TableClause, TableValuedAlias, Values, from_item, proxy
from ._functions import FunctionElement

__all__ = ["CTE", "Subquery", "TableClause", "TableValuedAlias", "Values"]

LABEL_STYLE_NONE, LABEL_STYLE_TABLENAME_PLUS_COL, LABEL_STYLE_DISAMBIGUATE_ONLY = 0, 1, 2
LABEL_STYLE_DEFAULT = LABEL_STYLE_DISAMBIGUATE_ONLY


def froms_of(element, found):
    """Adds the FROM items that an expression's columns come from."""
    if isinstance(element, ColumnClause):
        table = element.table
        if table is not None and not any(table is item for item in found):
            found.append(table)
        return
    if isinstance(element, (ScalarSelect, Exists, BindParameter)):
        return
    for name, value in element.__dict__.items():
        if isinstance(value, ClauseElement):
            if value._is_from:
                if isinstance(value, TableValuedAlias) and not any(value is item for item in found):
                    found.append(value)
            elif name != "_proxies":
                froms_of(value, found)
        elif isinstance(value, (list, tuple)):
            for part in value:
                if isinstance(part, ClauseElement) and not part._is_from:
                    froms_of(part, found)
                elif isinstance(part, tuple):
                    for inner in part:
                        if isinstance(inner, ClauseElement):
                            froms_of(inner, found)


class Executable:
    supports_execution = True
    _execution_options = {}

    def execution_options(self, **kw):
        fresh = self._copy_self()
        fresh._execution_options = dict(self._execution_options, **kw)
        return fresh

    def get_execution_options(self):
        return self._execution_options

    def options(self, *options):
        fresh = self._copy_self()
        fresh._with_options = getattr(self, "_with_options", ()) + options
        return fresh


class SelectBase(Executable, Selectable):
    """What SELECT and UNION share."""

    _is_from = True
    is_select = True
    _order = ()
    _limit = None
    _offset = None

    def subquery(self, name=None):
        return Subquery(self, name)

    def alias(self, name=None, flat=False):
        return Subquery(self, name)

    def cte(self, name=None, recursive=False, nesting=False):
        return CTE(self, name, recursive)

    def scalar_subquery(self):
        return ScalarSelect(self)

    as_scalar = scalar_subquery

    def label(self, name):
        return self.scalar_subquery().label(name)

    def exists(self):
        return Exists(self)

    def lateral(self, name=None):
        raise _base.unsupported("sqlalchemy.lateral")

    def in_(self, other):
        return self.scalar_subquery().in_(other)

    def order_by(self, *clauses):
        fresh = self._copy_self()
        if len(clauses) == 1 and (clauses[0] is None or clauses[0] is False):
            fresh._order = ()
        else:
            fresh._order = tuple(self._order) + tuple(_ordering(part) for part in clauses)
        return fresh

    def limit(self, limit):
        fresh = self._copy_self()
        fresh._limit = _count(limit)
        return fresh

    def offset(self, offset):
        fresh = self._copy_self()
        fresh._offset = _count(offset)
        return fresh

    def slice(self, start, stop):
        made = self
        if stop is not None:
            made = made.limit(stop - (start or 0))
        return made.offset(start) if start else made

    def fetch(self, *args, **kw):
        raise _base.unsupported("select().fetch()")

    def union(self, *others):
        return CompoundSelect("UNION", self, *others)

    def union_all(self, *others):
        return CompoundSelect("UNION ALL", self, *others)

    def except_(self, *others):
        return CompoundSelect("EXCEPT", self, *others)

    def except_all(self, *others):
        return CompoundSelect("EXCEPT ALL", self, *others)

    def intersect(self, *others):
        return CompoundSelect("INTERSECT", self, *others)

    def intersect_all(self, *others):
        return CompoundSelect("INTERSECT ALL", self, *others)

    def set_label_style(self, style):
        fresh = self._copy_self()
        fresh._label_style = style
        return fresh

    def self_group(self, against=None):
        return self

    def _encode_query(self, as_from=False):
        return ("select", self._encode_select(as_from))

    def _encode(self):
        return ("scalar", self._encode_query())

    @property
    def selected_columns(self):
        return Collection(self._exported())

    @property
    def c(self):
        return Collection([(key, proxy(column, self)) for key, column in self._exported()])

    columns = c

    def _result_types(self):
        return [column.type for _, column in self._exported()]

    def _tail(self, data):
        data["order_by"] = [part._encode() for part in self._order]
        if self._limit is not None:
            data["limit"] = self._limit._encode()
        if self._offset is not None:
            data["offset"] = self._offset._encode()
        return data


def _count(value):
    if value is None:
        return None
    if is_clause(value):
        return clause(value)
    return BindParameter(None, int(value), type_=_types.INTEGERTYPE, _base_name="param")


def _ordering(value):
    if isinstance(value, str):
        return LabelReference(value)
    value = coerce(value)
    if isinstance(value, Label):
        return _LabelInOrder(value)
    if isinstance(value, UnaryExpression) and value.modifier and isinstance(value.element, Label):
        fresh = value._copy_self()
        fresh.element = _LabelInOrder(value.element)
        return fresh
    return value


class _LabelInOrder(ColumnElement):
    """A label in ORDER BY: its name where the statement selects it, the expression elsewhere."""

    def __init__(self, label):
        self.label_ = label
        self.type = label.type

    def _encode(self):
        label = self.label_
        if label.name is not None and any(label is shown for shown in _base.state.labels):
            return ("column", {"table": None, "name": ident(label.name)})
        return label._encode()


class Select(SelectBase):
    _where = ()
    _froms = ()
    _group = ()
    _having = ()
    _distinct = False
    _distinct_on = ()
    _for_update = None
    _correlate = None
    _correlate_except = None
    _label_style = LABEL_STYLE_DEFAULT
    _joins = ()

    def __init__(self, *entities):
        self._raw = [_entity(value) for value in entities]

    # ---- building
    def with_only_columns(self, *entities, maintain_column_froms=False):
        fresh = self._copy_self()
        if len(entities) == 1 and isinstance(entities[0], (list, tuple)):
            entities = tuple(entities[0])
        if maintain_column_froms:
            fresh._froms = tuple(self._froms_list())
        fresh._raw = [_entity(value) for value in entities]
        return fresh

    def add_columns(self, *entities):
        fresh = self._copy_self()
        fresh._raw = self._raw + [_entity(value) for value in entities]
        return fresh

    column = add_columns

    def where(self, *criteria):
        fresh = self._copy_self()
        fresh._where = self._where + tuple(condition(part) for part in criteria)
        return fresh

    filter = where

    def filter_by(self, **kw):
        target = self._filter_target()
        return self.where(*[getattr(target, name) == value for name, value in kw.items()])

    def _filter_target(self):
        if self._joins:
            target = self._joins[-1][0]
            return target if not isinstance(target, FromClause) else target.c
        first = self._raw[0]
        if first.entity is not None:
            return first.entity
        if self._froms:
            return self._froms[-1].c
        return self._froms_list()[0].c

    def having(self, *criteria):
        fresh = self._copy_self()
        fresh._having = self._having + tuple(condition(part) for part in criteria)
        return fresh

    def group_by(self, *clauses):
        fresh = self._copy_self()
        if len(clauses) == 1 and clauses[0] is None:
            fresh._group = ()
        else:
            fresh._group = self._group + tuple(LabelReference(part) if isinstance(part, str) else coerce(part) for part in clauses)
        return fresh

    def distinct(self, *expr):
        fresh = self._copy_self()
        fresh._distinct = True
        fresh._distinct_on = self._distinct_on + tuple(coerce(part) for part in expr)
        return fresh

    def select_from(self, *froms):
        fresh = self._copy_self()
        fresh._froms = self._froms + tuple(from_item(part) for part in froms)
        return fresh

    def join(self, target, onclause=None, isouter=False, full=False):
        return self._join(None, target, onclause, isouter, full)

    def outerjoin(self, target, onclause=None, full=False):
        return self._join(None, target, onclause, True, full)

    def join_from(self, left, target, onclause=None, isouter=False, full=False):
        return self._join(left, target, onclause, isouter, full)

    def outerjoin_from(self, left, target, onclause=None, full=False):
        return self._join(left, target, onclause, True, full)

    def _join(self, left, target, onclause, isouter, full):
        relation = getattr(target, "_relation", None) or getattr(onclause, "_relation", None)
        if relation is not None:
            entity, onclause = relation.join_parts(target if onclause is not None else None)
            target = entity
        right = from_item(target)
        fresh = self._copy_self()
        froms = list(self._froms)
        if left is not None:
            left = from_item(left)
        elif froms:
            left = self._pick_left(froms, right, onclause)
        else:
            candidates = [item for item in self._froms_list() if item is not right]
            if not candidates:
                from . import exc

                raise exc.InvalidRequestError("Can't determine which FROM clause to join from")
            left = self._pick_left(candidates, right, onclause)
        joined = Join(left, right, onclause, isouter, full)
        for position, item in enumerate(froms):
            if item is left:
                froms[position] = joined
                break
        else:
            froms.append(joined)
        fresh._froms = tuple(froms)
        fresh._joins = self._joins + ((target, onclause),)
        return fresh

    def _pick_left(self, candidates, right, onclause):
        if len(candidates) == 1:
            return candidates[0]
        if onclause is not None:
            used = []
            froms_of(condition(onclause), used)
            for item in candidates:
                if any(item is table or any(table is hidden for hidden in item._hidden()) for table in used):
                    return item
        return candidates[0]

    def correlate(self, *froms):
        fresh = self._copy_self()
        fresh._correlate = () if froms and froms[0] is None else tuple(from_item(part) for part in froms)
        return fresh

    def correlate_except(self, *froms):
        fresh = self._copy_self()
        fresh._correlate_except = () if froms and froms[0] is None else tuple(from_item(part) for part in froms)
        return fresh

    def with_for_update(self, nowait=False, read=False, of=None, skip_locked=False, key_share=False):
        fresh = self._copy_self()
        text = "FOR " + ("KEY SHARE" if read and key_share else "SHARE" if read else "NO KEY UPDATE" if key_share else "UPDATE")
        if of is not None:
            tables = of if isinstance(of, (list, tuple)) else [of]
            names = []
            for part in tables:
                part = clause(part)
                names.append(str(getattr(part, "table", None).name if getattr(part, "table", None) is not None else part.name))
            text += " OF " + ", ".join(names)
        if nowait:
            text += " NOWAIT"
        if skip_locked:
            text += " SKIP LOCKED"
        fresh._for_update = text
        return fresh

    def prefix_with(self, *prefixes, dialect="*"):
        if dialect not in ("*", _base.dialect_name()):
            return self
        raise _base.unsupported("select().prefix_with()")

    def suffix_with(self, *suffixes, dialect="*"):
        if dialect not in ("*", _base.dialect_name()):
            return self
        raise _base.unsupported("select().suffix_with()")

    def with_hint(self, selectable, text, dialect_name="*"):
        return self

    def with_statement_hint(self, text, dialect_name="*"):
        return self

    def reduce_columns(self, only_synonyms=True):
        return self

    @property
    def whereclause(self):
        return and_(*self._where) if self._where else None

    @property
    def froms(self):
        return self._froms_list()

    def get_final_froms(self):
        return self._froms_list()

    @property
    def inner_columns(self):
        return self._columns()

    @property
    def column_descriptions(self):
        return [{"name": getattr(raw.source, "key", None), "entity": raw.entity, "expr": raw.source} for raw in self._raw]

    # ---- reading
    def _columns(self):
        found = []
        for raw in self._raw:
            found.extend(raw.columns)
        return found

    def _exported(self):
        keys = {}
        for column in self._columns():
            key = getattr(column, "key", None) or _derived_name(column)
            if key is None:
                key = "anon_%d" % (len(keys) + 1)
            key = str(key)
            if key in keys:
                number = 1
                while "%s_%d" % (key, number) in keys:
                    number += 1
                key = "%s_%d" % (key, number)
            keys[key] = column
        return list(keys.items())

    def _scalar_type(self):
        columns = self._columns()
        return columns[0].type if columns else _types.NULLTYPE

    def _froms_list(self):
        found = list(self._froms)
        for column in self._columns():
            if isinstance(column, ClauseElement) and not isinstance(column, TextClause):
                froms_of(column, found)
        for raw in self._raw:
            if raw.table is not None and not any(raw.table is item for item in found):
                found.append(raw.table)
        for part in self._where:
            froms_of(part, found)
        hidden = []
        for item in found:
            hidden.extend(item._hidden())
        return [item for item in found if not any(item is inner for inner in hidden)]

    def _display_froms(self):
        froms = self._froms_list()
        enclosing = _base.state.enclosing
        if self._correlate is not None:
            gone = [item for item in self._correlate if any(item is outer for outer in enclosing)]
        elif self._correlate_except is not None:
            gone = [item for item in enclosing if not any(item is kept for kept in self._correlate_except)]
        else:
            gone = list(enclosing)
            if all(any(item is outer for outer in gone) for item in froms):
                gone = []
        return [item for item in froms if not any(item is outer for outer in gone)]

    # ---- encoding
    def _encode_select(self, as_from=False):
        state = _base.state
        froms = self._display_froms()
        outer = state.enclosing
        outer_labels = state.labels
        every = list(froms)
        for item in froms:
            every.extend(item._hidden())
        state.enclosing = list(outer) + every
        state.labels = [column for column in self._columns() if isinstance(column, Label)]
        try:
            columns = self._encode_columns(as_from)
            # A subquery in FROM sees nothing of this statement.
            state.enclosing = ()
            from_items = [item._encode_from() for item in froms]
            state.enclosing = list(outer) + every
            data = {
                "columns": columns,
                "from": from_items,
                "distinct": self._distinct and not self._distinct_on,
                "distinct_on": [part._encode() for part in self._distinct_on],
                "where_": _conditions(self._where),
                "group_by": [part._encode() for part in self._group],
                "having": _conditions(self._having),
                "for_update": None if _base.dialect_name() == "sqlite" else self._for_update,
            }
            return self._tail(data)
        finally:
            state.enclosing = outer
            state.labels = outer_labels

    def _encode_columns(self, as_from):
        used = {}
        return [_encode_column(column, used, self._label_style, as_from)[0] for column in self._columns()]


def _conditions(criteria):
    if not criteria:
        return []
    joined = and_(*criteria)
    return [joined._encode()] if not (isinstance(joined, BooleanClauseList) and not joined.clauses) else []


def _derived_name(column):
    name = column._result_name() if hasattr(column, "_result_name") else None
    return str(name) if name is not None else None


def _encode_column(column, used, style=LABEL_STYLE_DEFAULT, as_from=False):
    """Encodes one result column with the label SQLAlchemy gives it; `used` holds the columns seen, by name."""
    state = _base.state
    if isinstance(column, TextClause):
        return column._encode(), None
    if isinstance(column, Label):
        data = column._encode_labelled()
        name = data[1]["name"]
        used.setdefault(name if isinstance(name, str) else name["text"], column)
        return data, name
    if isinstance(column, ColumnClause):
        if column.is_literal or column.name == "*":
            return column._encode(), column.name
        name = str(column.name)
        if style == LABEL_STYLE_TABLENAME_PLUS_COL and column.table is not None:
            label = "%s_%s" % (column.table.name, name)
            used.setdefault(label, column)
            return ("label", {"expr": column._encode(), "name": label}), label
        if name in used:
            state.keep.append(column)
            label = state.anonymous(("dedupe", len(state.names)), name + "_" if used[name] is column else name)
            return ("label", {"expr": column._encode(), "name": label}), label
        used[name] = column
        if as_from and column.table is not None:
            return ("label", {"expr": column._encode(), "name": ident(column.name)}), name
        return column._encode(), name
    name = _derived_name(column)
    state.keep.append(column)
    if name is not None and isinstance(column, (Cast, TypeCoerce)):
        label = name if name not in used else state.anonymous(("dedupe", len(state.names)), name)
    elif isinstance(column, UnaryExpression) and not as_from:
        return column._encode(), name
    else:
        inner = column
        while isinstance(inner, (Cast, TypeCoerce)):
            inner = inner.clause
        label = state.anonymous(id(column), str(inner.name) if isinstance(inner, FunctionElement) and inner.name else "anon")
    used.setdefault(label, column)
    return ("label", {"expr": column._encode(), "name": label}), label


class _Raw:
    """One argument of select(): its columns, and the mapped class they make up, if any."""

    __slots__ = ("source", "entity", "columns", "table")

    def __init__(self, source, entity, columns, table=None):
        self.source, self.entity, self.columns, self.table = source, entity, columns, table


def _entity(value):
    mapper = getattr(value, "__mapper__", None)
    if mapper is not None and not isinstance(value, ClauseElement):
        return _Raw(value, value, mapper.entity_columns(value), clause(value))
    if isinstance(value, (list, tuple)):
        from . import exc

        raise exc.ArgumentError(
            "Column expression, FROM clause, or other columns clause element expected, got %r. Did you mean to say select(%s)?"
            % (value, ", ".join(repr(part) for part in value))
        )
    if isinstance(value, str):
        from . import exc

        raise exc.ArgumentError("Textual column expression %r should be explicitly declared as text(%r)" % (value, value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _Raw(value, None, [ColumnClause(repr(value), _types.type_of_value(value), True)])
    if not is_clause(value):
        return _Raw(value, None, [coerce(value)])
    source = value
    value = clause(value)
    if value._is_from:
        if isinstance(value, SelectBase):
            return _Raw(source, None, [value.scalar_subquery()])
        if isinstance(value, Join):
            return _Raw(source, None, value._flat_columns(), value)
        return _Raw(source, None, list(value.c), value)
    if isinstance(value, (Case, Exists)) or not isinstance(value, TextClause):
        value = value.self_group(against=",") if not isinstance(value, Label) else value
    return _Raw(source, None, [value])


def select(*entities):
    return Select(*entities)


class CompoundSelect(SelectBase):
    """UNION, EXCEPT, INTERSECT."""

    def __init__(self, keyword, *selects):
        self.keyword = keyword
        self.selects = [clause(part) for part in selects]

    def _exported(self):
        return self.selects[0]._exported()

    def _columns(self):
        return self.selects[0]._columns()

    @property
    def _raw(self):
        return self.selects[0]._raw

    def _scalar_type(self):
        return self.selects[0]._scalar_type()

    def _encode_select(self, as_from=False):
        parts = [part._encode_select(as_from) for part in self.selects]
        data = parts[0]
        if data.get("order_by") or data.get("limit") or data.get("offset"):
            raise _base.unsupported("%s of a SELECT with its own ORDER BY or LIMIT" % self.keyword)
        operations = list(data.get("set_operations", ()))
        if operations and any(entry["keyword"] != self.keyword for entry in operations):
            raise _base.unsupported("%s of a %s" % (self.keyword, operations[0]["keyword"]))
        data["set_operations"] = operations + [{"keyword": self.keyword, "select": part} for part in parts[1:]]
        return self._tail(data)


def _compound(keyword):
    def make(*selects):
        return CompoundSelect(keyword, *selects)

    return make


union = _compound("UNION")
union_all = _compound("UNION ALL")
except_ = _compound("EXCEPT")
except_all = _compound("EXCEPT ALL")
intersect = _compound("INTERSECT")
intersect_all = _compound("INTERSECT ALL")


def subquery(alias, *args):
    return Select(*args).subquery(alias)


def cte(selectable, name=None, recursive=False):
    return selectable.cte(name, recursive)


def encode_statement(statement, params=None):
    """Encodes a whole statement: its common table expressions belong to the outermost one."""
    with _base.encoding() as state:
        state.params = params or {}
        tag, data = statement._encode_query()
        if state.ctes:
            data["ctes"] = [entry[2] for entry in state.ctes]
    return (tag, data)
