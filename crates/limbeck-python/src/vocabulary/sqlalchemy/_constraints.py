"""Constraints and indexes."""

from . import _base, _options
from ._base import Collection, conv, constraint_name, encoding, ident, maybe_quoted, table_name
from ._elements import ColumnClause, ColumnElement, TextClause, clause, is_clause


class SchemaItem:
    """The base of what a table is made of."""

    __visit_name__ = "schema_item"
    info = {}
    _kind = None

    def _check_kw(self, options):
        return _options.check(self._kind, options, self) if options else {}


class Constraint(SchemaItem):
    """The base of constraints."""

    table = None
    _column = None
    _implicit = False

    def __init__(self, name=None, deferrable=None, initially=None, info=None, comment=None, **options):
        for ignored in ("_create_rule", "_type_bound", "_implicit_generated"):
            options.pop(ignored, None)
        self.name = name
        self.deferrable = deferrable
        self.initially = initially
        self.info = info or {}
        self._dialect_kw = self._check_kw(options)

    @property
    def kwargs(self):
        return self._dialect_kw

    dialect_kwargs = kwargs

    @property
    def dialect_options(self):
        from ._schema import _options_by_dialect

        return _options_by_dialect(self._dialect_kw)

    def _attach(self, table):
        self.table = table
        if not any(self is item for item in table._constraint_list):
            table._constraint_list.append(self)

    def _copy(self, **kw):
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__)
        fresh.table = None
        fresh._column = None
        return fresh

    copy = _copy

    def _common(self):
        data = {"name": constraint_name(self.name)}
        if self.deferrable is not None:
            data["deferrable"] = bool(self.deferrable)
        if self.initially is not None:
            data["initially"] = str(self.initially)
        if self._dialect_kw:
            data["options"] = _options.encode(self._dialect_kw)
        return data

    def _tagged(self):
        run_hook(self)
        return (self._tag, self._data())

    def __repr__(self):
        return "%s(name=%r)" % (type(self).__name__, None if self.name is None else str(self.name))


class _Default(str):
    """What a hook gets when it hands an element back to the compiler."""


class _HookCompiler:
    def __getattr__(self, name):
        if name.startswith("visit_"):
            return lambda element, **kw: _Default("default")
        from .ext.compiler import StandInCompiler

        return getattr(StandInCompiler(), name)


def run_hook(constraint):
    """Runs the script's `@compiles` function for a constraint: what it changes counts, a text of its own cannot be taken."""
    if not _base.compiled_builtins:
        return
    for cls in type(constraint).__mro__:
        registry = cls.__dict__.get("_compiled_by")
        function = (registry.get(_base.dialect_name()) or registry.get("default")) if registry else None
        if function is not None:
            if not isinstance(function(constraint, _HookCompiler()), _Default):
                raise _base.unsupported("@compiles(%s) with a text of its own" % cls.__name__)
            return


def column_name(value):
    """A column given by name or object, as a name."""
    if isinstance(value, str):
        return value
    if is_clause(value):
        return clause(value).name
    from . import exc

    raise exc.ArgumentError("Element %r is not a string name or column element" % (value,))


class ColumnCollectionConstraint(Constraint):
    def __init__(self, *columns, name=None, deferrable=None, initially=None, info=None, _autoattach=True, **options):
        Constraint.__init__(self, name, deferrable, initially, info, **options)
        self._given = list(columns)
        tables = [clause(item).table for item in columns if is_clause(item) and getattr(clause(item), "table", None) is not None]
        if _autoattach and tables and hasattr(tables[0], "_constraint_list"):
            self._attach(tables[0])

    @property
    def _names(self):
        names = []
        for item in self._given:
            name = column_name(item)
            if self.table is not None and isinstance(item, str):
                column = self.table.c.get(item)
                if column is not None:
                    name = column.name
            names.append(name)
        return names

    @property
    def columns(self):
        found = []
        for item in self._given:
            if is_clause(item):
                column = clause(item)
            else:
                column = self.table.c.get(item) if self.table is not None else None
            if column is not None:
                found.append((column.key, column))
        return Collection(found)

    c = columns

    def __iter__(self):
        return iter(self.columns)

    def __len__(self):
        return len(self._given)

    def contains_column(self, column):
        return any(item is column for item in self.columns)

    def _attach(self, table):
        Constraint._attach(self, table)
        if not len(table.c):
            return
        for item in self._given:
            if isinstance(item, str) and item not in table.c:
                from . import exc

                raise exc.ConstraintColumnNotFoundError("Can't create %s on table '%s': no column named '%s' is present." % (type(self).__name__, table.description, item))

    def _data(self):
        data = self._common()
        data["columns"] = [ident(name) for name in self._names]
        return data


class UniqueConstraint(ColumnCollectionConstraint):
    _tag = "unique"
    _kind = "UniqueConstraint"


class PrimaryKeyConstraint(ColumnCollectionConstraint):
    _tag = "primary_key"
    _kind = "PrimaryKeyConstraint"

    def _attach(self, table):
        for other in list(table._constraint_list):
            if isinstance(other, PrimaryKeyConstraint) and other is not self:
                table._constraint_list.remove(other)
        ColumnCollectionConstraint._attach(self, table)
        for column in self.columns:
            column.__dict__["primary_key"] = True


class CheckConstraint(Constraint):
    _tag = "check"
    _kind = "CheckConstraint"

    def __init__(self, sqltext, name=None, deferrable=None, initially=None, table=None, info=None, _create_rule=None, _autoattach=True, _type_bound=False, **options):
        Constraint.__init__(self, name, deferrable, initially, info, **options)
        self.sqltext = TextClause(sqltext) if isinstance(sqltext, str) else _condition(sqltext)
        if table is not None:
            self._attach(table)

    @property
    def columns(self):
        return Collection()

    def _data(self):
        data = self._common()
        with encoding():
            data["condition"] = self.sqltext._encode()
        return data


def _condition(value):
    from ._elements import condition

    return condition(value)


class ForeignKey(SchemaItem):
    """A foreign key of one column."""

    _kind = "ForeignKey"
    parent = None
    constraint = None

    def __init__(self, column, _constraint=None, use_alter=False, name=None, onupdate=None, ondelete=None, deferrable=None, initially=None,
                 link_to_name=False, match=None, info=None, comment=None, _unresolvable=False, **options):  # fmt: skip
        if hasattr(column, "__clause_element__") and not isinstance(column, str):
            column = clause(column)
        elif not isinstance(column, str):
            from . import exc

            raise exc.ArgumentError("String column name or Column object expected, got %r" % (column,))
        self._colspec = column
        self.use_alter = use_alter
        self.name = name
        self.onupdate = onupdate
        self.ondelete = ondelete
        self.deferrable = deferrable
        self.initially = initially
        self.link_to_name = link_to_name
        self.match = match
        self.info = info or {}
        self._dialect_kw = self._check_kw(options)

    def _copy(self, **kw):
        fresh = object.__new__(ForeignKey)
        fresh.__dict__.update(self.__dict__)
        fresh.parent = None
        fresh.constraint = None
        return fresh

    copy = _copy

    def _implicit_constraint(self, table):
        if self.constraint is None:
            made = object.__new__(ForeignKeyConstraint)
            made._from_key(self, table)
            self.constraint = made

    def _target(self):
        """Schema, table and column names that are referred to."""
        spec = self._colspec
        if not isinstance(spec, str):
            table = spec.table
            return (None, None, spec.name) if table is None else (table.schema, table.name, spec.name)
        parts = str.__str__(spec).split(".")
        if len(parts) == 1:
            return None, parts[0], None
        if len(parts) == 2:
            return None, parts[0], parts[1]
        return ".".join(parts[:-2]), parts[-2], parts[-1]

    @property
    def target_fullname(self):
        schema, table, column = self._target()
        return ".".join(str(part) for part in (schema, table, column) if part is not None)

    def _referred_table(self):
        if not isinstance(self._colspec, str):
            return self._colspec.table
        return self._referred_from(self.parent.table if self.parent is not None else None)

    def _referred_from(self, table):
        """The table that a key of `table` refers to, if its metadata knows it."""
        if table is None or getattr(table, "metadata", None) is None:
            return None
        schema, name, _ = self._target()
        if schema is None:
            schema = table.metadata.schema
        return table.metadata._tables.get("%s.%s" % (schema, name) if schema else name)

    @property
    def column(self):
        from . import exc

        if not isinstance(self._colspec, str):
            return self._colspec
        table = self._referred_table()
        schema, name, column = self._target()
        if table is None:
            raise exc.NoReferencedTableError(
                "Foreign key associated with column '%s' could not find table '%s' with which to generate a foreign key to target column '%s'"
                % (self.parent, name, column),
                name,
            )
        found = table.c.get(column if column is not None else self.parent.key)
        if found is None:
            raise exc.NoReferencedColumnError(
                "Could not initialize target column for ForeignKey '%s' on table '%s': table '%s' has no column named '%s'"
                % (self._colspec, self.parent.table.name, name, column),
                name,
                column,
            )
        return found

    def references(self, table):
        return self._referred_table() is table

    def get_referent(self, table):
        return table.c.get(self.column.key)

    def _data(self, owner=None):
        schema, table, column = self._target()
        if table is None and owner is not None:
            schema, table = owner.schema, owner.name
        if schema is None and isinstance(self._colspec, str) and owner is not None and getattr(owner, "metadata", None) is not None:
            schema = owner.metadata.schema
        name = self.name
        if "ForeignKeyConstraint" in _base.compiled_builtins and self.parent is not None:
            constraint = object.__new__(ForeignKeyConstraint)
            constraint._from_key(self, owner)
            run_hook(constraint)
            name = constraint.name
        data = {"name": constraint_name(name), "referred_table": table_name(table, schema)}
        if column is None and self.parent is not None:
            column = self.parent.name
        if isinstance(self._colspec, str) and not self.link_to_name:
            # Strings name columns by their keys.
            referred = self._referred_from(owner)
            found = referred.c.get(column) if referred is not None else None
            if found is not None:
                column = found.name
        data["referred_columns"] = [ident(column)]
        return _key_arguments(self, data)


def _key_arguments(key, data):
    for field, name in (("onupdate", "onupdate"), ("ondelete", "ondelete"), ("initially", "initially"), ("match_", "match")):
        value = getattr(key, name)
        if value is not None:
            data[field] = str(value)
    if key.deferrable is not None:
        data["deferrable"] = bool(key.deferrable)
    if key.use_alter:
        data["use_alter"] = True
    if key._dialect_kw:
        data["options"] = _options.encode(key._dialect_kw)
    return data


class ForeignKeyConstraint(ColumnCollectionConstraint):
    _tag = "foreign_key"
    _kind = "ForeignKeyConstraint"

    def __init__(self, columns, refcolumns, name=None, onupdate=None, ondelete=None, deferrable=None, initially=None, use_alter=False,
                 link_to_name=False, match=None, table=None, info=None, comment=None, **options):  # fmt: skip
        from . import exc

        if isinstance(columns, str) or isinstance(refcolumns, str):
            raise exc.ArgumentError("ForeignKeyConstraint columns must be given as lists")
        columns, refcolumns = list(columns), list(refcolumns)
        if len(columns) != len(refcolumns):
            raise exc.ArgumentError("ForeignKeyConstraint number of constrained columns must match the number of referenced columns.")
        Constraint.__init__(self, name, deferrable, initially, info, **options)
        self._given = columns
        self.onupdate = onupdate
        self.ondelete = ondelete
        self.match = match
        self.use_alter = use_alter
        self.link_to_name = link_to_name
        self.elements = [
            ForeignKey(spec, None, use_alter, name, onupdate, ondelete, deferrable, initially, link_to_name, match) for spec in refcolumns
        ]
        for element in self.elements:
            element.constraint = self
        if table is not None:
            self._attach(table)

    def _from_key(self, key, table):
        """The constraint that a `ForeignKey` in a column stands for."""
        self.table = table
        self.name = key.name
        self.deferrable, self.initially = key.deferrable, key.initially
        self.info = {}
        self._dialect_kw = key._dialect_kw
        self._given = [key.parent]
        self.onupdate, self.ondelete, self.match = key.onupdate, key.ondelete, key.match
        self.use_alter, self.link_to_name = key.use_alter, key.link_to_name
        self.elements = [key]
        self._implicit = True

    @property
    def column_keys(self):
        return [column.key for column in self.columns] or [column_name(item) for item in self._given]

    @property
    def referred_table(self):
        return self.elements[0].column.table

    @property
    def referred_columns(self):
        return [element.column for element in self.elements]

    def _attach(self, table):
        ColumnCollectionConstraint._attach(self, table)
        for item, element in zip(self._given, self.elements):
            column = clause(item) if is_clause(item) else table.c.get(item)
            if column is not None:
                element.parent = column
                column.foreign_keys.add(element)

    def _copy(self, **kw):
        return ForeignKeyConstraint(
            [column_name(item) for item in self._given], [element._colspec for element in self.elements], self.name, self.onupdate, self.ondelete,
            self.deferrable, self.initially, self.use_alter, self.link_to_name, self.match, **self._dialect_kw,
        )  # fmt: skip

    copy = _copy

    def _data(self):
        first = self.elements[0]._data(self.table)
        data = self._common()
        data["columns"] = [ident(name) for name in self._names]
        data["referred_table"] = first["referred_table"]
        data["referred_columns"] = [element._data(self.table)["referred_columns"][0] for element in self.elements]
        return _key_arguments(self, data)


class ExcludeConstraint(ColumnCollectionConstraint):
    """PostgreSQL's EXCLUDE."""

    _tag = "exclude"
    _kind = "ExcludeConstraint"

    def __init__(self, *elements, name=None, deferrable=None, initially=None, using="gist", where=None, ops=None, **options):
        Constraint.__init__(self, name, deferrable, initially)
        self.elements = list(elements)
        self._given = [item for item, _ in elements if isinstance(item, (str, ColumnClause)) and not isinstance(item, TextClause)]
        self.using = using
        self.where = TextClause(where) if isinstance(where, str) else where
        self.ops = ops or {}

    def _attach(self, table):
        Constraint._attach(self, table)

    def _data(self):
        data = self._common()
        data.pop("options", None)
        with encoding():
            data["elements"] = [[index_element(item, self.table), op] for item, op in self.elements]
            if self.where is not None:
                data["where_"] = clause(self.where)._encode()
        data["using"] = self.using
        data["ops"] = {str(key): str(value) for key, value in self.ops.items()}
        return data


def index_element(item, table=None):
    """Encodes an element of an index: a column's name or an expression."""
    if isinstance(item, str):
        column = table.c.get(item) if table is not None else None
        return ("column", {"table": None, "name": ident(column.name if column is not None else item)})
    element = clause(item)
    if hasattr(element, "_encode_labelled") and element.name is not None:
        # Operator classes are found by the label.
        return element._encode_labelled()
    return element._encode()


class Index(SchemaItem):
    """An index."""

    _kind = "Index"
    table = None

    def __init__(self, name, *expressions, unique=False, quote=None, info=None, _table=None, _column_flag=False, **options):
        self.name = maybe_quoted(name, quote) if not isinstance(name, conv) else name
        self.expressions = list(expressions)
        self.unique = unique
        self.info = info or {}
        self._dialect_kw = self._check_kw(options)
        if _table is not None:
            self._attach(_table)
        else:
            for item in expressions:
                table = _table_of(item)
                if table is not None and hasattr(table, "_index_list"):
                    self._attach(table)
                    break

    @property
    def columns(self):
        found = []
        for item in self.expressions:
            if isinstance(item, str):
                column = self.table.c.get(item) if self.table is not None else None
                if column is not None:
                    found.append((column.key, column))
            elif isinstance(clause(item), ColumnClause):
                found.append((clause(item).key, clause(item)))
        return Collection(found)

    c = columns

    @property
    def kwargs(self):
        return self._dialect_kw

    dialect_kwargs = kwargs

    @property
    def dialect_options(self):
        from ._schema import _options_by_dialect

        return _options_by_dialect(self._dialect_kw)

    def _attach(self, table):
        self.table = table
        if not any(self is item for item in table._index_list):
            table._index_list.append(self)
            table.indexes.add(self)
        if len(table.c):
            for item in self.expressions:
                if isinstance(item, str) and item not in table.c:
                    from . import exc

                    raise exc.ConstraintColumnNotFoundError("Can't create Index on table '%s': no column named '%s' is present." % (table.description, item))

    def _copy(self):
        fresh = object.__new__(Index)
        fresh.__dict__.update(self.__dict__)
        fresh.table = None
        fresh.expressions = [clause(item).name if not isinstance(item, str) and isinstance(clause(item), ColumnClause) else item for item in self.expressions]
        return fresh

    def create(self, bind, checkfirst=False):
        from ._engine import run_ddl

        if checkfirst:
            from ._inspect import inspect

            if inspect(bind).has_index(self.table.name, self.name, schema=self.table.schema):
                return
        run_ddl(bind, ("create_index", {"index": self._data_alone()}))

    def drop(self, bind, checkfirst=False):
        from ._engine import run_ddl

        if checkfirst:
            from ._inspect import inspect

            if not inspect(bind).has_index(self.table.name, self.name, schema=self.table.schema):
                return
        run_ddl(bind, ("drop_index", self._drop_data()))

    def _drop_data(self):
        table = self.table
        return {
            "name": constraint_name(self.name),
            "table": table_name(table.name, table.schema) if table is not None else None,
            "options": _options.encode(self._dialect_kw),
        }

    def _data_alone(self):
        with encoding():
            return self._data()

    def _data(self):
        table = self.table
        return {
            "name": constraint_name(self.name),
            "table": table_name(table.name, table.schema),
            "elements": [index_element(item, table) for item in self.expressions],
            "unique": bool(self.unique),
            "options": _options.encode(self._dialect_kw),
        }

    def __repr__(self):
        return "Index(%s)" % ", ".join([repr(None if self.name is None else str(self.name))] + [repr(item) for item in self.expressions] + (["unique=True"] if self.unique else []))


def _table_of(item):
    if isinstance(item, str) or not is_clause(item):
        return None
    element = clause(item)
    if isinstance(element, ColumnClause):
        return element.table
    from ._selectable import froms_of

    found = []
    if isinstance(element, ColumnElement):
        froms_of(element, found)
    return found[0] if found else None


for _class in (
    Constraint, ColumnCollectionConstraint, UniqueConstraint, PrimaryKeyConstraint, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SchemaItem,
):  # fmt: skip
    _class.__module__ = "sqlalchemy.sql.schema"
