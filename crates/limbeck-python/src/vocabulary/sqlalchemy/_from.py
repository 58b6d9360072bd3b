"""What stands in FROM: tables by name, aliases, joins, subqueries, common table expressions."""

from . import _base
from ._base import Collection, ident, table_name
from ._elements import ClauseElement, ColumnClause, Grouping, and_, clause, coerce, condition


class Selectable(ClauseElement):
    pass


class FromClause(Selectable):
    """The base of FROM items."""

    _is_from = True
    schema = None
    name = None

    @property
    def columns(self):
        return self.c

    @property
    def exported_columns(self):
        return self.c

    @property
    def primary_key(self):
        return [column for column in self.c if getattr(column, "primary_key", False)]

    @property
    def foreign_keys(self):
        found = []
        for column in self.c:
            found.extend(column.foreign_keys)
        return found

    def select(self):
        from ._selectable import select

        return select(self)

    def alias(self, name=None, flat=False):
        return Alias(self, name)

    def join(self, right, onclause=None, isouter=False, full=False):
        return Join(self, clause(right), onclause, isouter, full)

    def outerjoin(self, right, onclause=None, full=False):
        return Join(self, clause(right), onclause, True, full)

    def corresponding_column(self, column, require_embedded=False):
        return self.c.get(column.key)

    def is_derived_from(self, other):
        return self is other

    def tablesample(self, *args, **kw):
        raise _base.unsupported("sqlalchemy.tablesample")

    def lateral(self, name=None):
        raise _base.unsupported("sqlalchemy.lateral")

    def _hidden(self):
        """FROM items that this one already brings."""
        return ()

    @property
    def entity_namespace(self):
        return self.c

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__


class TableClause(FromClause):
    """`table("name", column(...))`."""

    implicit_returning = False
    named_with_column = True

    def __init__(self, name, *columns, schema=None, **kw):
        if kw:
            from . import exc

            raise exc.ArgumentError("Unsupported argument(s): %s" % list(kw))
        self.name = name
        self.schema = schema
        self.c = Collection()
        for column in columns:
            column.table = self
            self.c._add(column.key, column)

    @property
    def fullname(self):
        return "%s.%s" % (self.schema, self.name) if self.schema else self.name

    @property
    def description(self):
        return self.name

    def append_column(self, column):
        column.table = self
        self.c._add(column.key, column)

    def _from_name(self):
        return table_name(self.name, self.schema)

    def _encode_from(self):
        return ("table", table_name(self.name, self.schema))

    def insert(self, values=None, **kw):
        from ._dml import Insert

        made = Insert(self)
        return made.values(values) if values is not None else made

    def update(self, whereclause=None, values=None, **kw):
        from ._dml import Update

        made = Update(self)
        if whereclause is not None:
            made = made.where(whereclause)
        return made.values(values) if values is not None else made

    def delete(self, whereclause=None, **kw):
        from ._dml import Delete

        made = Delete(self)
        return made.where(whereclause) if whereclause is not None else made

    def count(self):
        raise AttributeError("count")

    def __str__(self):
        return self.fullname

    def __repr__(self):
        return "<sqlalchemy.sql.selectable.TableClause; %s>" % self.name


def table(name, *columns, schema=None, **kw):
    return TableClause(name, *columns, schema=schema, **kw)


def proxy(column, owner):
    """A column of an alias or subquery that stands for one inside."""
    made = ColumnClause(column.key if getattr(column, "key", None) else column.name, column.type, False, owner)
    made._proxies = column
    made.primary_key = getattr(column, "primary_key", False)
    made.foreign_keys = getattr(column, "foreign_keys", ())
    if isinstance(column, ColumnClause):
        made.name = column.name
        made._key = column.key
    return made


class Derived(FromClause):
    """A FROM item with a name of its own: alias, subquery, common table expression."""

    _anonymous_base = "anon"

    def __init__(self, element, name=None):
        self.element = element
        self._given_name = name
        self.c = Collection()
        for key, column in self._inner_columns():
            self.c._add(key, proxy(column, self))

    def _inner_columns(self):
        return self.element.c.items()

    @property
    def name(self):
        return self._given_name if self._given_name is not None else self._anonymous_base

    @property
    def original(self):
        return self.element

    def _own_name(self):
        if self._given_name is not None:
            return ident(self._given_name)
        _base.state.keep.append(self)
        return _base.state.anonymous(id(self), self._anonymous_base)

    def _from_name(self):
        return {"schema": None, "name": self._own_name()}


class Alias(Derived):
    def __init__(self, element, name=None):
        self._anonymous_base = str(getattr(element, "name", None) or "anon")
        Derived.__init__(self, element, name)

    def _encode_from(self):
        return ("alias", {"item": self.element._encode_from(), "name": self._own_name()})


class Subquery(Derived):
    """`select(...).subquery()`."""

    def _inner_columns(self):
        return self.element._exported()

    def as_scalar(self):
        return self.element.scalar_subquery()

    def scalar_subquery(self):
        return self.element.scalar_subquery()

    def _encode_from(self):
        return ("subquery", {"query": self.element._encode_select(True), "name": self._own_name()})


class CTE(Derived):
    """`select(...).cte("name")`."""

    _anonymous_base = "anon"

    def __init__(self, element, name=None, recursive=False):
        self.recursive = recursive
        self._restates = None
        Derived.__init__(self, element, name)

    def _inner_columns(self):
        return self.element._exported()

    def union(self, *others):
        return self._restate(self.element.union(*others))

    def union_all(self, *others):
        return self._restate(self.element.union_all(*others))

    def _restate(self, element):
        made = CTE(element, self._given_name, self.recursive)
        made._restates = self
        return made

    def alias(self, name=None, flat=False):
        return Alias(self, name)

    def _root(self):
        return self._restates if self._restates is not None else self

    def _own_name(self):
        root = self._root()
        return Derived._own_name(root) if root is not self else Derived._own_name(self)

    def _encode_from(self):
        state = _base.state
        root = self._root()
        for registered in state.ctes:
            if registered[0] is root:
                # The recursive half refers to the name under which the whole is defined.
                if self._restates is None or registered[1] is self:
                    return ("cte", self._own_name())
        if self._restates is None and any(getattr(entry[1], "_restates", None) is self for entry in state.ctes):
            return ("cte", self._own_name())
        entry = [root, self, None]
        state.ctes.append(entry)
        name = self._own_name()
        data = self.element._encode_query(True) if hasattr(self.element, "_encode_select") else self.element._encode_query()
        # What the definition itself needed was registered after it and must come first.
        position = state.ctes.index(entry)
        later = state.ctes[position + 1 :]
        del state.ctes[position:]
        state.ctes.extend(later)
        entry[2] = {"name": name, "columns": self._column_names(), "query": data, "recursive": bool(self.recursive)}
        state.ctes.append(entry)
        return ("cte", name)

    def _column_names(self):
        return [ident(column.name) for column in self.c] if self.recursive else []


class Join(FromClause):
    """`left JOIN right ON condition`."""

    def __init__(self, left, right, onclause=None, isouter=False, full=False):
        self.left = clause(left)
        self.right = clause(right)
        self.onclause = condition(onclause).self_group(against="asbool") if onclause is not None else join_condition(self.left, self.right)
        self.isouter = isouter
        self.full = full

    @property
    def c(self):
        made = Collection()
        for side in (self.left, self.right):
            for column in side.c:
                owner = column.table.name if getattr(column, "table", None) is not None else ""
                made._add("%s_%s" % (owner, column.name), column)
        return made

    def _flat_columns(self):
        found = []
        for side in (self.left, self.right):
            found.extend(side._flat_columns() if isinstance(side, Join) else list(side.c))
        return found

    def _hidden(self):
        inner = [self.left, self.right]
        for side in (self.left, self.right):
            inner.extend(side._hidden())
        return inner

    def _encode_from(self):
        kind = "full" if self.full else "left" if self.isouter else "inner"
        return ("join", {"left": self.left._encode_from(), "right": self.right._encode_from(), "kind": kind, "on": self.onclause._encode()})


def _tables_of(item):
    if isinstance(item, Join):
        return _tables_of(item.left) + _tables_of(item.right)
    return [item]


def _column_for(item, column):
    """The column of `item` that is `column` or stands for it."""
    for own in item.c:
        inner = own
        while inner is not None:
            if inner is column:
                return own
            inner = getattr(inner, "_proxies", None)
    return None


def join_condition(left, right):
    """The ON clause that foreign keys between the two sides imply."""
    from . import exc

    found = []
    for one, other in ((right, left), (left, right)):
        for item in _tables_of(one):
            for column in item.c:
                for key in column.foreign_keys:
                    try:
                        target = key.column
                    except exc.NoReferenceError:
                        continue
                    for candidate in _tables_of(other):
                        match = _column_for(candidate, target)
                        if match is not None:
                            found.append((key, (match == column) if one is right else (column == match)))
        if found:
            break
    if not found:
        raise exc.NoForeignKeysError(
            "Can't find any foreign key relationships between '%s' and '%s'." % (getattr(left, "name", left), getattr(right, "name", right))
        )
    constraints = {id(getattr(key, "constraint", key)) for key, _ in found}
    if len(constraints) > 1:
        raise exc.AmbiguousForeignKeysError(
            "Can't determine join between '%s' and '%s'; tables have more than one foreign key constraint relationship between them. "
            "Please specify the 'onclause' of this join explicitly." % (getattr(left, "name", left), getattr(right, "name", right))
        )
    return and_(*[on for _, on in found])


def join(left, right, onclause=None, isouter=False, full=False):
    return Join(left, right, onclause, isouter, full)


def outerjoin(left, right, onclause=None, full=False):
    return Join(left, right, onclause, True, full)


def alias(selectable, name=None, flat=False):
    return clause(selectable).alias(name)


class TableValuedAlias(FromClause):
    """A function in FROM."""

    def __init__(self, function, name, columns):
        self.function = function
        self._given_name = name
        self._columns = [column if isinstance(column, ColumnClause) else ColumnClause(column) for column in columns]
        self.c = Collection()
        for column in self._columns:
            column.table = self
            self.c._add(column.key, column)
        self._render = False

    @property
    def name(self):
        return self._given_name

    @property
    def column(self):
        return self.scalar_column()

    def scalar_column(self):
        owner = self
        made = ColumnClause(self._given_name or self.function.name, self.function.type)

        class _Whole(ColumnClause):
            def _encode(self):
                return ("column", {"table": None, "name": owner._own_name()})

        whole = _Whole(made.name, made.type)
        whole.table = owner
        return whole

    def render_derived(self, name=None, with_types=False):
        fresh = TableValuedAlias(self.function, name or self._given_name, self._columns)
        fresh._render = True
        return fresh

    def alias(self, name=None, flat=False):
        return TableValuedAlias(self.function, name, self._columns)

    def _own_name(self):
        if self._given_name is not None:
            return ident(self._given_name)
        _base.state.keep.append(self)
        return _base.state.anonymous(id(self), "anon")

    def _from_name(self):
        return {"schema": None, "name": self._own_name()}

    def _encode_from(self):
        columns = [ident(column.name) for column in self._columns] if self._render else []
        return ("func", {"func": self.function._encode(), "name": self._own_name(), "columns": columns})


class Values(FromClause):
    """`values(column(...), name="v").data([...])`."""

    def __init__(self, *columns, name=None, literal_binds=False):
        self._given_name = name
        self._columns = list(columns)
        self._rows = []
        self.literal_binds = literal_binds
        self._attach()

    def _attach(self):
        self.c = Collection()
        for column in self._columns:
            made = ColumnClause(column.name, column.type, False, self)
            self.c._add(made.key, made)

    @property
    def name(self):
        return self._given_name

    def data(self, rows):
        fresh = self._copy_self()
        fresh._rows = self._rows + [tuple(row) for row in rows]
        fresh._attach()
        return fresh

    def alias(self, name=None, flat=False):
        fresh = self._copy_self()
        fresh._given_name = name
        fresh._attach()
        return fresh

    def _own_name(self):
        if self._given_name is not None:
            return ident(self._given_name)
        _base.state.keep.append(self)
        return _base.state.anonymous(id(self), "anon")

    def _from_name(self):
        return {"schema": None, "name": self._own_name()}

    def _encode_from(self):
        rows = []
        for row in self._rows:
            rows.append([coerce(value, type_=column.type)._encode() if value is not None else "null" for value, column in zip(row, self._columns)])
        return ("values", {"rows": rows, "name": self._own_name(), "columns": [ident(column.name) for column in self._columns]})


def values(*columns, name=None, literal_binds=False):
    return Values(*columns, name=name, literal_binds=literal_binds)


class TextFrom(FromClause):
    """`select_from(text("…"))`."""

    def __init__(self, text):
        self.text = text
        self.c = Collection()

    def _encode_from(self):
        return ("text", self.text)


def from_item(value):
    """Something given as FROM."""
    value = clause(value)
    if isinstance(value, Grouping):
        value = value.element
    if not value._is_from:
        from ._elements import TextClause

        if isinstance(value, TextClause):
            return TextFrom(value.text)
        from . import exc

        raise exc.ArgumentError("FROM expression, such as a Table or alias() object expected, got %r." % (value,))
    if not hasattr(value, "_encode_from"):
        return value.subquery()
    return value
