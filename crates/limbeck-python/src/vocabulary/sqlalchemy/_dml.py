"""INSERT, UPDATE, DELETE."""

from . import _base, _types
from ._base import Collection, dialect_name, ident, table_name
from ._elements import BindParameter, ClauseElement, ColumnClause, TextClause, clause, condition, is_clause
from ._from import Alias, FromClause, Join, from_item
from ._selectable import Executable, _conditions, _encode_column, _entity, froms_of


class UpdateBase(Executable, ClauseElement):
    """What the three share."""

    is_select = False
    _returning = ()
    _prefixes = ()

    def __init__(self, target):
        self.entity = target if hasattr(target, "__mapper__") else None
        self.table = clause(target)
        if not self.table._is_from:
            from . import exc

            raise exc.ArgumentError("subject table for an INSERT, UPDATE or DELETE expected, got %r." % (target,))

    def returning(self, *columns, **kw):
        fresh = self._copy_self()
        made = []
        for value in columns:
            made.append(_entity(value))
        fresh._returning = tuple(self._returning) + tuple(made)
        return fresh

    def return_defaults(self, *args, **kw):
        return self

    def with_hint(self, *args, **kw):
        return self

    def prefix_with(self, *prefixes, dialect="*"):
        if dialect not in ("*", dialect_name()):
            return self
        fresh = self._copy_self()
        fresh._prefixes = self._prefixes + tuple(part.text if isinstance(part, TextClause) else part for part in prefixes)
        return fresh

    def with_dialect_options(self, **kw):
        return self

    @property
    def _raw(self):
        return list(self._returning)

    def _returned_columns(self):
        found = []
        for raw in self._returning:
            found.extend(raw.columns)
        return found

    @property
    def exported_columns(self):
        return Collection([(column.key, column) for column in self._returned_columns()])

    def _result_types(self):
        return [column.type for column in self._returned_columns()] if self._returning else None

    def _exported(self):
        return [(column.key, column) for column in self._returned_columns()]

    def _encode_returning(self, columns=None):
        used = {}
        return [_encode_column(column, used)[0] for column in (columns if columns is not None else self._returned_columns())]

    def cte(self, name=None, recursive=False, nesting=False):
        from ._from import CTE

        return CTE(self, name, recursive)

    def _column_key(self, key):
        """The table's column for a key given as name, attribute name or column."""
        if isinstance(key, str):
            if self.entity is not None:
                mapped = self.entity.__mapper__.columns_by_attribute.get(key)
                if mapped is not None:
                    return mapped
            return self.table.c.get(key)
        key = clause(key)
        if isinstance(key, ColumnClause) and key.table is not None and key.table is not self.table:
            return key
        return self.table.c.get(key.key)

    def _settled(self, given):
        """The given values by column, in the order of the table's columns; unknown names are refused."""
        by_column = {}
        loose = []
        for key, value in given.items():
            column = self._column_key(key)
            if column is None:
                if isinstance(self.table, FromClause) and not len(self.table.c):
                    # A table named without columns takes any.
                    column = ColumnClause(key)
                    loose.append(column)
                else:
                    from . import exc

                    raise exc.CompileError("Unconsumed column names: %s" % (key if isinstance(key, str) else key.key))
            by_column[column] = value
        order = [column for column in self.table.c if column in by_column] + loose
        if len(order) < len(by_column):
            order += [column for column in by_column if not any(column is known for known in order)]
        return [(column, by_column[column]) for column in order]


def _value(column, value, suffix=""):
    """Encodes a value given for a column."""
    if is_clause(value):
        element = clause(value)
        if element._is_from and hasattr(element, "scalar_subquery"):
            element = element.scalar_subquery()
        if isinstance(element, BindParameter) and element.type is _types.NULLTYPE:
            element = element._copy_self()
            element.type = column.type
        return element.self_group()._encode() if hasattr(element, "self_group") else element._encode()
    return BindParameter(str(column.key) + suffix, value, type_=column.type)._encode_as_given()


def _encode_as_given(self):
    # The names of SET and VALUES parameters are the columns'; no parameter given at execution replaces them.
    params, _base.state.params = _base.state.params, {}
    try:
        return self._encode()
    finally:
        _base.state.params = params


BindParameter._encode_as_given = _encode_as_given


class ValuesBase(UpdateBase):
    _values = None
    _multi = None

    def values(self, *args, **kw):
        fresh = self._copy_self()
        if args:
            given = args[0]
            if len(args) > 1:
                given = args
            if isinstance(given, dict):
                fresh._values = dict(self._values or {}, **{})
                fresh._values.update(given)
            elif isinstance(given, (list, tuple)) and given and isinstance(given[0], (dict, list, tuple)):
                fresh._multi = list(self._multi or []) + [self._row(row) for row in given]
            elif isinstance(given, (list, tuple)) and given:
                fresh._values = dict(self._values or {})
                fresh._values.update(self._row(given))
            elif hasattr(given, "items") or hasattr(given, "_mapping"):
                fresh._values = dict(self._values or {})
                fresh._values.update(dict(given) if hasattr(given, "keys") else dict(given._mapping))
        if kw:
            fresh._values = dict(fresh._values or {})
            fresh._values.update(kw)
        return fresh

    def _row(self, row):
        if isinstance(row, dict):
            return row
        return {column.key: value for column, value in zip(self.table.c, row)}


class Insert(ValuesBase):
    _select = None
    _on_conflict = None
    _inline = False

    def inline(self):
        fresh = self._copy_self()
        fresh._inline = True
        return fresh

    def from_select(self, names, select, include_defaults=True):
        fresh = self._copy_self()
        fresh._select = ([self._named(name) for name in names], clause(select))
        return fresh

    def _named(self, name):
        column = self._column_key(name)
        return ColumnClause(str(name)) if column is None else column

    @property
    def select(self):
        return self._select[1] if self._select else None

    def _encode_query(self):
        state = _base.state
        data = {"prefixes": list(self._prefixes), "table": table_name(self.table.name, self.table.schema), "columns": []}
        data["source"] = "defaults"
        returning = None
        if self._select is not None:
            columns, select = self._select
            data["columns"] = [ident(column.name) for column in columns]
            data["source"] = ("select", select._encode_query())
        elif self._multi is not None:
            rows = [self._settled(dict(row)) for row in self._multi]
            columns = [column for column, _ in rows[0]]
            columns += [column for column, _ in _defaults(self.table, columns, "default")]
            data["columns"] = [ident(column.name) for column in columns]
            encoded = []
            for number, row in enumerate(rows):
                given = dict(row)
                for column, value in _defaults(self.table, [column for column, _ in row], "default"):
                    given[column] = value
                encoded.append([_value(column, given.get(column), "_m%d" % number) for column in columns])
            data["source"] = ("rows", encoded)
        else:
            given = {} if self._values is None else dict(self._values)
            for key, value in state.params.items():
                if self._column_key(key) is not None:
                    given[key] = value
            settled = self._settled(given)
            filled = dict(settled)
            for column, value in _defaults(self.table, [column for column, _ in settled], "default"):
                filled[column] = value
            ordered = [column for column in self.table.c if column in filled]
            ordered += [column for column, _ in settled if not any(column is known for known in ordered)]
            if ordered:
                data["columns"] = [ident(column.name) for column in ordered]
                data["source"] = ("rows", [[_value(column, filled[column]) for column in ordered]])
            elif not settled and not _has_defaults(self.table) and state.params == {} and self._values is None and len(self.table.c):
                # `table.insert()` alone stands for one parameter per column.
                ordered = list(self.table.c)
                data["columns"] = [ident(column.name) for column in ordered]
                data["source"] = ("rows", [[BindParameter(str(column.key), type_=column.type)._encode() for column in ordered]])
            returning = self._implicit_returning(filled)
        if self._on_conflict is not None:
            data["on_conflict"] = self._on_conflict._encode_conflict(self)
        if self._returning:
            data["returning"] = self._encode_returning()
        elif returning:
            data["returning"] = self._encode_returning(returning)
        return ("insert", data)

    def _implicit_returning(self, filled):
        """Primary key columns whose value only the database knows; SQLAlchemy asks for them."""
        from ._schema import Table

        table = self.table
        name = dialect_name()
        if not isinstance(table, Table) or self._inline or self._returning or not table.implicit_returning or name not in ("postgresql", "sqlite"):
            return None
        keys = table.primary_key.columns
        needed = False
        for column in keys:
            if column in filled:
                if is_clause(filled[column]) and not isinstance(clause(filled[column]), BindParameter):
                    needed = True
            elif name == "postgresql":
                if column.server_default is not None or column is table._autoincrement_column or column._sequence() is not None:
                    needed = True
            elif column.server_default is not None:
                needed = True
        return list(keys) if needed else None

    def on_conflict_do_nothing(self, constraint=None, index_elements=None, index_where=None):
        fresh = self._copy_self()
        fresh._on_conflict = OnConflict(constraint, index_elements, index_where, None, None)
        return fresh

    def on_conflict_do_update(self, constraint=None, index_elements=None, index_where=None, set_=None, where=None):
        if not set_:
            raise ValueError("set parameter must be provided")
        fresh = self._copy_self()
        fresh._on_conflict = OnConflict(constraint, index_elements, index_where, set_, where)
        return fresh

    @property
    def excluded(self):
        return Alias(self.table, "excluded").c

    def on_duplicate_key_update(self, *args, **kw):
        raise _base.unsupported("sqlalchemy.dialects.mysql.insert().on_duplicate_key_update")


class OnConflict:
    def __init__(self, constraint, index_elements, index_where, set_, where):
        self.constraint = constraint
        self.index_elements = index_elements
        self.index_where = index_where
        self.set_ = set_
        self.where = where
        if constraint is not None and not isinstance(constraint, str) and hasattr(constraint, "columns"):
            if constraint.name is not None and not hasattr(constraint, "expressions"):
                self.constraint = constraint.name
            else:
                self.constraint = None
                self.index_elements = list(getattr(constraint, "expressions", None) or constraint.columns)

    def _encode_conflict(self, statement):
        target = None
        if self.constraint is not None:
            target = {"constraint": ident(self.constraint)}
        elif self.index_elements is not None:
            elements = [ColumnClause(part) if isinstance(part, str) else clause(part) for part in self.index_elements]
            target = {"elements": [part._encode() for part in elements]}
            if self.index_where is not None:
                where = TextClause(self.index_where) if isinstance(self.index_where, str) else condition(self.index_where)
                target["where_"] = where._encode()
        if self.set_ is None:
            return {"target": target, "action": "nothing"}
        given = dict(self.set_.items()) if hasattr(self.set_, "items") else dict(self.set_)
        assignments = []
        for column in statement.table.c:
            for key in (column.key, column):
                if key in given:
                    assignments.append({"column": ident(column.name), "value": _conflict_value(column, given.pop(key))})
                    break
        for key, value in given.items():
            column = statement._column_key(key)
            if column is None:
                column = ColumnClause(key if isinstance(key, str) else key.name)
            assignments.append({"column": ident(column.name), "value": _conflict_value(column, value)})
        action = {"set": assignments}
        if self.where is not None:
            action["where_"] = condition(self.where)._encode()
        return {"target": target, "action": ("update", action)}


def _conflict_value(column, value):
    if is_clause(value):
        return _value(column, value)
    return BindParameter(None, value, type_=column.type, _base_name="param")._encode()


def _has_defaults(table):
    return any(getattr(column, "default", None) is not None for column in table.c)


def _defaults(table, given, kind):
    """Values of client-side `default=` (`onupdate=`) for the columns not given."""
    found = []
    for column in table.c:
        default = getattr(column, kind, None)
        if default is None or any(column is known for known in given):
            continue
        value = default._value_for_statement()
        if value is not _base.NO_ARG:
            found.append((column, value))
    return found


class DMLWhereBase:
    _where = ()

    def where(self, *criteria):
        fresh = self._copy_self()
        fresh._where = self._where + tuple(condition(part) for part in criteria)
        return fresh

    filter = where

    def filter_by(self, **kw):
        target = self.entity if self.entity is not None else self.table.c
        return self.where(*[getattr(target, name) == value for name, value in kw.items()])

    @property
    def whereclause(self):
        from ._elements import and_

        return and_(*self._where) if self._where else None

    def _other_froms(self, values=()):
        found = []
        for part in self._where:
            froms_of(part, found)
        for value in values:
            if is_clause(value):
                froms_of(clause(value), found)
        hidden = []
        for item in found:
            hidden.extend(item._hidden())
        return [item for item in found if item is not self.table and not any(item is inner for inner in hidden)]

    def _target(self):
        table = self.table
        if isinstance(table, Alias):
            return {"table": table_name(table.element.name, table.element.schema), "alias": table._own_name()}
        if isinstance(table, Join):
            raise _base.unsupported("UPDATE or DELETE of a join")
        return {"table": table_name(table.name, table.schema)}


class Update(DMLWhereBase, ValuesBase):
    _ordered = None

    def ordered_values(self, *pairs):
        fresh = self._copy_self()
        fresh._ordered = list(pairs)
        return fresh

    def _encode_query(self):
        state = _base.state
        data = self._target()
        if self._ordered is not None:
            settled = [(self._column_key(key), value) for key, value in self._ordered]
        else:
            given = dict(self._values or {})
            named = _bind_names(self)
            for key in state.params:
                if key not in named and key not in given and self._column_key(key) is not None:
                    given[key] = state.params[key]
            if not given and not state.params and self._values is None:
                given = {column.key: BindParameter(column.key, type_=column.type) for column in self.table.c}
            settled = self._settled(given)
        settled = settled + _defaults(self.table, [column for column, _ in settled], "onupdate")
        others = self._other_froms([value for _, value in settled])
        state.enclosing = [self.table] + others
        data["set"] = [{"column": ident(column.name), "value": _value(column, value)} for column, value in settled]
        data["from"] = [item._encode_from() for item in others]
        data["where_"] = _conditions(self._where)
        state.enclosing = ()
        if self._returning:
            data["returning"] = self._encode_returning()
        return ("update", data)


def _bind_names(statement):
    """Names of the parameters that the statement mentions itself."""
    found = set()

    def visit(element, depth):
        if isinstance(element, BindParameter):
            if element._name is not None:
                found.add(element._name)
            return
        if depth > 60:
            return
        for name, value in element.__dict__.items():
            if name in ("table", "_proxies"):
                continue
            for part in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(part, ClauseElement) and not (part._is_from and not hasattr(part, "_encode_query")):
                    visit(part, depth + 1)

    for part in statement._where:
        visit(part, 0)
    for value in (statement._values or {}).values():
        if is_clause(value):
            visit(clause(value), 0)
    return found


class Delete(DMLWhereBase, UpdateBase):
    _using = ()

    def using(self, *froms):
        fresh = self._copy_self()
        fresh._using = self._using + tuple(from_item(part) for part in froms)
        return fresh

    def _encode_query(self):
        state = _base.state
        data = self._target()
        others = list(self._using) + self._other_froms()
        state.enclosing = [self.table] + others
        data["using"] = [item._encode_from() for item in others]
        data["where_"] = _conditions(self._where)
        state.enclosing = ()
        if self._returning:
            data["returning"] = self._encode_returning()
        return ("delete", data)


def insert(table):
    return Insert(table)


def update(table):
    return Update(table)


def delete(table):
    return Delete(table)
