"""Tables, columns, and the collection that holds them."""

import _limbeck

from . import _options, _types
from ._base import NO_ARG, Collection, encoding, ident, maybe_quoted, table_name
from ._constraints import (
    CheckConstraint,
    Constraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SchemaItem,
    UniqueConstraint,
)
from ._defaults import Computed, DefaultClause, FetchedValue, Identity, Sequence, client_default, encode_server_default
from ._elements import ClauseElement, ColumnClause, clause, is_clause
from ._from import TableClause


class Column(SchemaItem, ColumnClause):
    """A column of a table."""

    _kind = "Column"

    def __init__(self, *args, **kw):
        args = list(args)
        name = kw.pop("name", None)
        type_ = kw.pop("type_", None)
        if args and name is None and (args[0] is None or isinstance(args[0], str)):
            name = args.pop(0)
        if args and type_ is None and _is_type(args[0]):
            type_ = args.pop(0)
        elif args and args[0] is None:
            args.pop(0)
        pop = kw.pop
        quote = pop("quote", None)
        self.name = maybe_quoted(name, quote)
        self.key = pop("key", self.name)
        self.table = None
        self.is_literal = False
        self.primary_key = bool(pop("primary_key", False))
        nullable = pop("nullable", NO_ARG)
        self._nullable = None if nullable is NO_ARG or nullable is None else bool(nullable)
        self._client = pop("default", NO_ARG)
        pop("insert_default", None)
        self._client_update = pop("onupdate", None)
        self.server_default = None
        server_default = pop("server_default", None)
        self.server_onupdate = pop("server_onupdate", None)
        self.index = pop("index", None)
        self.unique = pop("unique", None)
        self.system = bool(pop("system", False))
        self.doc = pop("doc", None)
        self.autoincrement = pop("autoincrement", "auto")
        self.comment = pop("comment", None)
        self.info = pop("info", None) or {}
        self.sort_order = pop("sort_order", 0)
        for ignored in ("_proxies", "insert_sentinel", "_omit_from_statements", "_insert_sentinel"):
            pop(ignored, None)
        self.identity = None
        self.computed = None
        self.foreign_keys = set()
        self._foreign_keys = []
        self.constraints = []
        self._sequence_item = None
        self._dialect_kw = _options.check("Column", kw, self) if kw else {}
        if type(type_).__name__ == "Deferred" and _limbeck.context.get("whole"):
            type_.__limbeck_use__()
        self.type = _types.to_instance(type_)
        if is_clause(server_default) or isinstance(server_default, SchemaItem) or hasattr(server_default, "_set_column"):
            if isinstance(server_default, (Identity, Computed)):
                server_default._set_column(self)
                server_default = None
            elif isinstance(server_default, FetchedValue) and not isinstance(server_default, DefaultClause):
                self.server_default = server_default
                server_default = None
        if server_default is not None:
            self.server_default = server_default if isinstance(server_default, DefaultClause) else DefaultClause(server_default)
        for item in args:
            if type(item).__name__ == "Deferred" and _limbeck.context.get("whole"):
                # A type of a package that is not there: without it the column would look like one of another type.
                item.__limbeck_use__()
            self._take(item)
        self.default = client_default(self, self._client)
        self.onupdate = client_default(self, self._client_update if self._client_update is not None else NO_ARG)

    def _take(self, item):
        if isinstance(item, ForeignKey):
            self._foreign_keys.append(item)
            self.foreign_keys.add(item)
            item.parent = self
        elif isinstance(item, Sequence):
            self._sequence_item = item
            item.column = self
        elif isinstance(item, (Identity, Computed)):
            item._set_column(self)
        elif isinstance(item, Constraint):
            self.constraints.append(item)
            item._column = self
        elif isinstance(item, FetchedValue):
            self.server_default = item
        elif hasattr(item, "arg") and hasattr(item, "_value_for_statement"):
            self._client = item
        elif item is None:
            pass
        elif hasattr(item, "_set_column"):
            item._set_column(self)
        elif not isinstance(item, type) and hasattr(item, "dispatch"):
            pass
        else:
            from . import exc

            raise exc.ArgumentError("'SchemaItem' object, such as a 'Column' or a 'Constraint' expected, got %r" % (item,))

    @property
    def nullable(self):
        if self._nullable is not None:
            return self._nullable
        return not (self.primary_key or self.identity is not None)

    @nullable.setter
    def nullable(self, value):
        self._nullable = None if value is None else bool(value)

    @property
    def kwargs(self):
        return self._dialect_kw

    dialect_kwargs = kwargs

    def _sequence(self):
        return self._sequence_item

    def references(self, column):
        return any(key.column is column for key in self.foreign_keys)

    def append_foreign_key(self, key):
        self._take(key)

    def copy(self, **kw):
        return self._copy(**kw)

    def _copy(self, **kw):
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__)
        fresh.table = None
        if isinstance(self.type, _types.SchemaType):
            fresh.type = self.type.copy()
        fresh.foreign_keys = set()
        fresh._foreign_keys = []
        fresh.constraints = []
        for key in self._foreign_keys:
            fresh._take(key._copy())
        for constraint in self.constraints:
            fresh._take(constraint._copy())
        for name in ("identity", "computed"):
            item = getattr(self, name)
            if item is not None:
                setattr(fresh, name, item)
        return fresh

    def _set_type(self, type_):
        self.type = _types.to_instance(type_)

    @property
    def expression(self):
        return self

    def __repr__(self):
        parts = [repr(str(self.name)), repr(self.type)]
        if self.table is not None:
            parts.append("table=<%s>" % self.table.description)
        if self.primary_key:
            parts.append("primary_key=True")
        if not self.nullable:
            parts.append("nullable=False")
        return "Column(%s)" % ", ".join(parts)

    def _resolved_type(self):
        if self.type is _types.NULLTYPE and self._foreign_keys:
            for key in self._foreign_keys:
                try:
                    return key.column._resolved_type()
                except Exception:
                    continue
        return self.type

    def _data(self, table=None):
        """Encodes the column's definition."""
        if self.name is None:
            from . import exc

            raise exc.ArgumentError("Column must be constructed with a non-blank name or assign a non-blank .name before adding to a Table.")
        owner = table if table is not None else self.table
        data = {"name": ident(self.name), "type_": _types.encode(self._resolved_type())}
        if self._nullable is not None:
            data["nullable"] = self._nullable
        if self.primary_key:
            data["primary_key"] = True
        if self.autoincrement != "auto":
            data["autoincrement"] = {True: "true", False: "false", "ignore_fk": "ignore_fk"}.get(self.autoincrement, "auto")
        if self.unique:
            data["unique"] = True
        if self.index:
            data["index"] = True
        if self.server_default is not None:
            data["server_default"] = encode_server_default(self.server_default)
        if self.default is not None:
            data["has_client_default"] = True
        if self._sequence_item is not None:
            data["sequence"] = self._sequence_item._data()
        if self.identity is not None:
            data["identity"] = self.identity._data()
        if self.computed is not None:
            data["computed"] = self.computed._data()
        if self.comment is not None:
            data["comment"] = str(self.comment)
        if self._foreign_keys:
            data["foreign_keys"] = [key._data(owner) for key in self._foreign_keys]
        if self.constraints:
            data["checks"] = [item._data() for item in self.constraints]
        if self.system:
            data["system"] = True
        if self._dialect_kw:
            data["options"] = _options.encode(self._dialect_kw)
        return data


def _is_type(value):
    if isinstance(value, _types.TypeEngine) or (isinstance(value, type) and issubclass(value, _types.TypeEngine)):
        return True
    return not isinstance(value, (SchemaItem, ClauseElement, str)) and getattr(value, "__sa_type__", False)


class Table(SchemaItem, TableClause):
    """A table with everything that belongs to it."""

    _kind = "Table"

    def __new__(cls, *args, **kw):
        if not args and not kw:
            return object.__new__(cls)
        name = args[0] if args else kw["name"]
        metadata = args[1] if len(args) > 1 else kw.get("metadata")
        from . import exc

        if not isinstance(metadata, MetaData):
            raise exc.ArgumentError("expected MetaData object, got %r" % (metadata,))
        schema = kw.get("schema")
        if schema is None:
            schema = metadata.schema
        elif schema is BLANK_SCHEMA:
            schema = None
        key = _key(name, schema)
        existing = metadata._tables.get(key)
        if existing is not None:
            if kw.get("must_exist") or kw.get("keep_existing") or kw.get("extend_existing") or len(args) <= 2:
                return existing
            raise exc.InvalidRequestError(
                "Table '%s' is already defined for this MetaData instance.  Specify 'extend_existing=True' to redefine options and columns on an existing Table object." % key
            )
        if kw.get("must_exist"):
            raise exc.InvalidRequestError("Table '%s' not defined" % key)
        return object.__new__(cls)

    def __init__(self, name=None, metadata=None, *args, **kw):
        if "_dialect_kw" in self.__dict__:
            # The table was there already.
            if kw.get("keep_existing"):
                return
            if kw.get("extend_existing"):
                self._extend(args, kw)
            return
        pop = kw.pop
        self.name = maybe_quoted(name, pop("quote", None))
        self.metadata = metadata
        schema = pop("schema", None)
        if schema is None:
            schema = metadata.schema
        elif schema is BLANK_SCHEMA:
            schema = None
        self.schema = maybe_quoted(schema, pop("quote_schema", None))
        self.c = Collection()
        self._column_list = []
        self._constraint_list = []
        self.indexes = set()
        self._index_list = []
        self.comment = pop("comment", None)
        self.info = pop("info", None) or {}
        self._prefixes = [str(part) for part in pop("prefixes", None) or ()]
        self.implicit_returning = pop("implicit_returning", True)
        autoload_with = pop("autoload_with", None)
        autoload = pop("autoload", autoload_with is not None)
        replace = pop("autoload_replace", True)
        include = pop("include_columns", None)
        resolve_fks = pop("resolve_fks", True)
        for ignored in ("extend_existing", "keep_existing", "must_exist", "listeners", "_extend_on", "_no_init", "sqlite_autoload", "_reflect_info"):
            pop(ignored, None)
        self._dialect_kw = _options.check("Table", kw, self) if kw else {}
        metadata._tables[_key(name, self.schema)] = self
        try:
            if autoload:
                from ._reflect import load_table

                if autoload_with is None:
                    from . import exc

                    raise exc.ArgumentError("Table(autoload=True) needs autoload_with=")
                load_table(self, autoload_with, {item.name for item in args if isinstance(item, Column)}, include, resolve_fks)
            for item in args:
                self._take(item, replace_existing=autoload and replace)
        except BaseException:
            metadata._tables.pop(_key(name, self.schema), None)
            raise

    def _extend(self, args, kw):
        if kw.get("autoload_with") is not None:
            from ._reflect import load_table

            load_table(self, kw["autoload_with"], {item.name for item in args if isinstance(item, Column)}, kw.get("include_columns"), kw.get("resolve_fks", True))
        for item in args:
            self._take(item, replace_existing=True)

    def _take(self, item, replace_existing=False):
        if isinstance(item, Column):
            self.append_column(item, replace_existing=replace_existing)
        elif isinstance(item, Constraint):
            self.append_constraint(item)
        elif isinstance(item, Index):
            item._attach(self)
        elif item is None or isinstance(item, (MetaData, Sequence)):
            # SQLAlchemy lets them be given and does nothing with them.
            pass
        elif isinstance(item, ClauseElement) or not hasattr(item, "_set_table"):
            from . import exc

            raise exc.ArgumentError("'SchemaItem' object, such as a 'Column' or a 'Constraint' expected, got %r" % (item,))
        else:
            item._set_table(self)

    def append_column(self, column, replace_existing=False):
        from . import exc

        if column.name is None:
            raise exc.ArgumentError("Column must be constructed with a non-blank name or assign a non-blank .name before adding to a Table.")
        if column.key is None:
            column.key = column.name
        if column.table is not None and column.table is not self:
            raise exc.ArgumentError("Column object '%s' already assigned to Table '%s'" % (column.key, column.table.description))
        existing = self.c.get(column.key)
        if existing is not None and existing is not column:
            if not replace_existing:
                raise exc.DuplicateColumnError(
                    "A column with name '%s' is already present in table '%s'." % (column.name, self.name)
                    if existing.name == column.name
                    else "A column with key '%s' is already present in table '%s'." % (column.key, self.name)
                )
            self._column_list[_position(self._column_list, existing)] = column
            self.c._items[column.key] = column
        else:
            self._column_list.append(column)
            self.c._add(column.key, column)
        column.table = self
        if isinstance(column.type, (_types.SchemaType, _types.ARRAY)) or column.type._variants:
            for type_ in [column.type, *(column.type._variants or {}).values()]:
                inner = type_.item_type if isinstance(type_, _types.ARRAY) else type_
                if isinstance(inner, _types.SchemaType):
                    inner._set_table_of(self)
        for key in column._foreign_keys:
            key._implicit_constraint(self)

    def append_constraint(self, constraint):
        constraint._attach(self)

    @property
    def constraints(self):
        found = set(self._constraint_list)
        for column in self._column_list:
            found.update(item for item in column.constraints)
            for key in column._foreign_keys:
                if key.constraint is not None:
                    found.add(key.constraint)
            if column.unique and not column.index:
                found.add(self._flag_constraint(column))
        found.add(self.primary_key)
        return found

    def _flag_constraint(self, column):
        made = self.__dict__.setdefault("_flag_constraints", {})
        if column.key not in made:
            constraint = UniqueConstraint(column.key)
            constraint.table = self
            made[column.key] = constraint
        return made[column.key]

    @property
    def primary_key(self):
        for constraint in self._constraint_list:
            if isinstance(constraint, PrimaryKeyConstraint):
                return constraint
        made = PrimaryKeyConstraint(*[column.key for column in self._column_list if column.primary_key])
        made.table = self
        return made

    @property
    def foreign_keys(self):
        found = set()
        for column in self._column_list:
            found.update(column.foreign_keys)
        return found

    @property
    def foreign_key_constraints(self):
        return {key.constraint for key in self.foreign_keys if key.constraint is not None}

    @property
    def _autoincrement_column(self):
        keys = list(self.primary_key.columns)
        for column in keys:
            if column.autoincrement is True:
                return column
        if len(keys) == 1:
            column = keys[0]
            if (
                column.type._affinity == "integer"
                and column.autoincrement in ("auto", "ignore_fk")
                and (not column.foreign_keys or column.autoincrement == "ignore_fk")
                and column.server_default is None
                and column.default is None
            ):
                return column
        return None

    autoincrement_column = _autoincrement_column

    @property
    def key(self):
        return _key(self.name, self.schema)

    @property
    def kwargs(self):
        return self._dialect_kw

    dialect_kwargs = kwargs

    @property
    def dialect_options(self):
        return _options_by_dialect(self._dialect_kw)

    def add_is_dependent_on(self, table):
        self.__dict__.setdefault("_extra", []).append(table)

    def create(self, bind, checkfirst=False):
        from ._engine import run_ddl

        run_ddl(bind, ("create_table", {"table": self._data(), "check_first": bool(checkfirst)}))

    def drop(self, bind, checkfirst=False):
        from ._engine import run_ddl

        run_ddl(bind, ("drop_table", self._drop_data(bool(checkfirst))))

    def _drop_data(self, checkfirst=False):
        return {
            "table": table_name(self.name, self.schema),
            "check_first": checkfirst,
            "columns": [column._data(self) for column in self._column_list],
            "options": _options.encode(self._dialect_kw),
        }

    def exists(self, bind=None):
        from ._inspect import inspect

        return inspect(bind).has_table(self.name, schema=self.schema)

    def to_metadata(self, metadata, schema=NO_ARG, referred_schema_fn=None, name=None):
        schema = self.schema if schema is NO_ARG else schema
        made = Table(name or self.name, metadata, *[column._copy() for column in self._column_list], schema=schema, comment=self.comment, **self._dialect_kw)
        for constraint in self._constraint_list:
            made.append_constraint(constraint._copy())
        for index in self._index_list:
            index._copy()._attach(made)
        return made

    tometadata = to_metadata

    def __repr__(self):
        return "Table(%s)" % ", ".join([repr(str(self.name)), "MetaData()"] + [repr(column) for column in self._column_list])

    def __str__(self):
        return self.fullname

    def _data(self):
        """Encodes the table's definition; what flags of columns imply is settled in Rust."""
        with encoding():
            data = {"name": table_name(self.name, self.schema)}
            data["columns"] = [column._data(self) for column in self._column_list]
            data["constraints"] = [constraint._tagged() for constraint in self._constraint_list]
            data["indexes"] = [index._data() for index in self._index_list]
            if self.comment is not None:
                data["comment"] = str(self.comment)
            if self._prefixes:
                data["prefixes"] = self._prefixes
            if self._dialect_kw:
                data["options"] = _options.encode(self._dialect_kw)
        return data


def _position(items, wanted):
    for position, item in enumerate(items):
        if item is wanted:
            return position
    return -1


def _options_by_dialect(options):
    found = {}
    for name, value in options.items():
        dialect, _, argument = name.partition("_")
        found.setdefault(dialect, {})[argument] = value
    return found


def _key(name, schema):
    return "%s.%s" % (schema, name) if schema else str.__str__(name)


class _BlankSchema:
    def __repr__(self):
        return "BLANK_SCHEMA"


BLANK_SCHEMA = _BlankSchema()


def _looked_at():
    """Tables of classes that were not evaluated would be missed (`alembic/_alike.py`)."""
    if _limbeck.context.get("alike"):
        _limbeck.alike_spoilt()


class _Tables(dict):
    """`metadata.tables`, which scripts only read."""


class MetaData(SchemaItem):
    """A collection of tables."""

    def __init__(self, schema=None, quote_schema=None, naming_convention=None, info=None, **kw):
        self.schema = maybe_quoted(schema, quote_schema)
        self.naming_convention = naming_convention if naming_convention else {"ix": "ix_%(column_0_label)s"}
        self.info = info or {}
        self._tables = _Tables()
        self._sequences = {}

    @property
    def tables(self):
        _looked_at()
        return self._tables

    def __contains__(self, name):
        _looked_at()
        if not isinstance(name, str):
            name = name.key
        return name in self._tables

    def __repr__(self):
        return "MetaData()"

    def clear(self):
        _looked_at()
        self._tables.clear()

    def remove(self, table):
        _looked_at()
        self._tables.pop(table.key, None)

    @property
    def sorted_tables(self):
        _looked_at()
        return sort_tables(sorted(self._tables.values(), key=lambda table: table.key))

    def reflect(self, bind, schema=None, views=False, only=None, extend_existing=False, autoload_replace=True, resolve_fks=True, **kw):
        from ._reflect import reflect

        reflect(self, bind, schema, views, only, extend_existing, resolve_fks)

    def create_all(self, bind, tables=None, checkfirst=True):
        chosen = self.sorted_tables if tables is None else sort_tables(list(tables))
        for table in chosen:
            table.create(bind, checkfirst=checkfirst)

    def drop_all(self, bind, tables=None, checkfirst=True):
        chosen = self.sorted_tables if tables is None else sort_tables(list(tables))
        for table in reversed(chosen):
            table.drop(bind, checkfirst=checkfirst)

    def get_schema_objects(self, *args, **kw):
        return []

    def _naming_data(self):
        """The convention's patterns, and the names of tokens that are callables."""
        patterns = {}
        custom = []
        names = {"Index": "ix", "UniqueConstraint": "uq", "CheckConstraint": "ck", "ForeignKeyConstraint": "fk", "PrimaryKeyConstraint": "pk"}
        for key, value in self.naming_convention.items():
            if callable(value):
                custom.append({"name": str(key)})
            else:
                patterns[names.get(getattr(key, "__name__", None), str(key))] = str(value)
        return {"patterns": patterns, "custom": custom}


def sort_tables(tables, skip_fn=None, extra_dependencies=None):
    """Tables in the order in which they can be created: first those that need no other, then those that need only these, and so on.

    Foreign keys of tables in a cycle count for nothing, as those with `use_alter`.
    """
    tables = list(tables)
    known = {id(table) for table in tables}
    fixed, by_key = set(), set()
    for child, parents in ((table, table.__dict__.get("_extra", ())) for table in tables):
        fixed.update((id(parent), id(child)) for parent in parents if id(parent) in known)
    for parent, child in extra_dependencies or ():
        fixed.add((id(parent), id(child)))
    for table in tables:
        for key in table.foreign_keys:
            if key.use_alter or skip_fn is not None and skip_fn(key):
                continue
            parent = key._referred_table()
            if parent is not None and parent is not table and id(parent) in known:
                by_key.add((id(parent), id(table)))
    result, left = _levels(tables, fixed | by_key)
    if left:
        cycle = _in_cycles(left, by_key)
        result, left = _levels(tables, fixed | {edge for edge in by_key if edge[1] not in cycle})
    return result + left


def _levels(tables, edges):
    """(tables level by level, tables that wait for each other)."""
    parents = {}
    for parent, child in edges:
        parents.setdefault(child, set()).add(parent)
    result, left = [], tables
    waiting = {id(table) for table in tables}
    while left:
        ready = [table for table in left if waiting.isdisjoint(parents.get(id(table), ()))]
        if not ready:
            break
        result.extend(ready)
        waiting.difference_update(id(table) for table in ready)
        left = [table for table in left if id(table) in waiting]
    return result, left


def _in_cycles(tables, edges):
    """Those tables that a way leads back to."""
    children = {}
    for parent, child in edges:
        children.setdefault(parent, []).append(child)
    found = set()
    for table in tables:
        seen, open_ = set(), list(children.get(id(table), ()))
        while open_:
            item = open_.pop()
            if item == id(table):
                found.add(item)
                break
            if item not in seen:
                seen.add(item)
                open_.extend(children.get(item, ()))
    return found


for _class in (Column, Table, MetaData):
    _class.__module__ = "sqlalchemy.sql.schema"
__all__ = ["CheckConstraint", "ForeignKeyConstraint", "clause"]
