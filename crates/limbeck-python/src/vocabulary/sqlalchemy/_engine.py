"""The connection of a migration, and the engines that env.py makes.

There is one database connection, Limbeck's own. Whatever a script calls connection, engine or session hands its statements to the host. While
env.py is only evaluated (learn mode) statements are recorded and nothing runs.
"""

import _limbeck

from . import _base
from ._url import URL, make_url

__all__ = ["URL", "make_url"]


def _context():
    return _limbeck.context


# ---------------------------------------------------------------- dialects


class IdentifierPreparer:
    def __init__(self, dialect):
        self.dialect = dialect
        self.initial_quote = self.final_quote = "`" if dialect.name in ("mysql", "mariadb") else '"'

    def quote_identifier(self, value):
        mark = self.initial_quote
        return mark + str(value).replace(mark, mark * 2) + mark

    def quote(self, ident, force=None):
        force = getattr(ident, "quote", None) if force is None else force
        if force is True or (force is None and self._requires_quotes(ident)):
            return self.quote_identifier(ident)
        return str(ident)

    def _requires_quotes(self, value):
        from ._reserved import reserved

        text = str(value)
        return (
            not text
            or text.lower() in reserved(self.dialect.name)
            or text[0].isdigit()
            or text[0] == "$"
            or text != text.lower()
            or not all(char.isascii() and (char.isalnum() or char in "_$") for char in text)
        )

    def quote_schema(self, schema, force=None):
        return self.quote(schema, force)

    def format_table(self, table, use_schema=True, name=None):
        text = self.quote(name or table.name)
        if use_schema and getattr(table, "schema", None):
            text = self.quote_schema(table.schema) + "." + text
        return text

    def format_column(self, column, use_table=False, name=None, table_name=None, use_schema=False):
        text = self.quote(name or column.name)
        if use_table:
            return self.format_table(column.table, use_schema) + "." + text
        return text

    def format_sequence(self, sequence, use_schema=True):
        return self.format_table(sequence, use_schema)

    def format_constraint(self, constraint):
        return self.quote(constraint.name)

    def format_index(self, index):
        return self.quote(index.name)

    def format_schema(self, name):
        return self.quote(name)

    def unformat_identifiers(self, identifiers):
        return [part.strip(self.initial_quote) for part in identifiers.split(".")]


class Dialect:
    """What scripts ask of a dialect."""

    paramstyle = "named"
    supports_alter = True
    supports_native_boolean = False
    supports_native_enum = False
    supports_comments = False
    supports_sequences = False
    supports_sane_rowcount = True
    supports_sane_multi_rowcount = True
    max_identifier_length = 9999
    default_paramstyle = "named"
    is_async = False
    dbapi = None
    server_side_cursors = False

    def __init__(self, name=None, driver=None, **kw):
        self.name = name or type(self).name
        self.driver = driver or {"postgresql": "psycopg2", "sqlite": "pysqlite", "mysql": "mysqldb", "mariadb": "mysqldb"}.get(self.name, "default")
        self.identifier_preparer = IdentifierPreparer(self)
        self.is_mariadb = self.name == "mariadb"
        if self.name == "postgresql":
            self.paramstyle = "pyformat"
            self.supports_native_boolean = self.supports_native_enum = self.supports_comments = self.supports_sequences = True
            self.supports_sane_multi_rowcount = False
            self.max_identifier_length = 63
        elif self.name == "sqlite":
            self.paramstyle = "qmark"
            self.supports_alter = False
        elif self.name in ("mysql", "mariadb"):
            self.paramstyle = "format"
            self.supports_comments = True
            self.supports_native_enum = True
            self.max_identifier_length = 255
            self.supports_sane_multi_rowcount = True

    name = "default"

    @property
    def server_version_info(self):
        version = _context().get("server_version")
        if version is None and not _base.offline() and not _context().get("learn"):
            version = _limbeck.inspect("server_version")
            _context()["server_version"] = version
        return tuple(version) if version is not None else None

    @property
    def default_schema_name(self):
        known = _context().get("default_schema")
        if known is None:
            if self.name == "sqlite":
                return "main"
            if not _base.offline() and not _context().get("learn"):
                known = _limbeck.inspect("default_schema_name")
            known = known or ("public" if self.name == "postgresql" else None)
        return known

    @property
    def ddl_compiler(self):
        return _base.Unsupported("dialect.ddl_compiler")

    @property
    def type_compiler(self):
        from .ext.compiler import StandInCompiler

        return StandInCompiler()

    type_compiler_instance = type_compiler
    statement_compiler = type_compiler
    preparer = IdentifierPreparer

    def type_descriptor(self, type_):
        from ._types import to_instance

        return to_instance(type_)

    def has_table(self, connection, table_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).has_table(table_name, schema=schema)

    def has_sequence(self, connection, sequence_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).has_sequence(sequence_name, schema=schema)

    def has_index(self, connection, table_name, index_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).has_index(table_name, index_name, schema=schema)

    def has_type(self, connection, type_name, schema=None, **kw):
        return bool(_limbeck.inspect(("has_type", {"schema": schema, "name": type_name})))

    def has_schema(self, connection, schema_name, **kw):
        from ._inspect import inspect

        return inspect(connection).has_schema(schema_name)

    def get_table_names(self, connection, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).get_table_names(schema)

    def get_columns(self, connection, table_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).get_columns(table_name, schema)

    def get_view_names(self, connection, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).get_view_names(schema)

    def normalize_name(self, name):
        return name

    denormalize_name = normalize_name

    def dbapi_exception_translation_map(self):
        return {}

    @classmethod
    def get_dialect_cls(cls, url):
        return cls

    def get_driver_connection(self, connection):
        return connection

    def import_dbapi(self):
        return None

    def on_connect(self):
        return None

    def __repr__(self):
        return "<sqlalchemy.dialects.%s.base.dialect object>" % self.name


DefaultDialect = Dialect
_dialects = {}


def current_dialect():
    name = _base.dialect_name()
    found = _dialects.get(name)
    if found is None:
        from importlib import import_module

        cls = Dialect
        if name in ("postgresql", "sqlite", "mysql"):
            cls = import_module("sqlalchemy.dialects.%s.base" % name).dialect
        found = _dialects[name] = cls(name=name)
    driver = _context().get("driver")
    if driver:
        found.driver = driver
    return found


def dialect_for(name, driver=None):
    if name == _base.dialect_name():
        return current_dialect()
    return Dialect(name, driver)


# ---------------------------------------------------------------- transactions


class Transaction:
    def __init__(self, connection):
        self.connection = connection
        self.is_active = True

    @property
    def is_valid(self):
        return self.is_active

    def commit(self):
        if self.is_active:
            self.is_active = False
            self._commit()

    def rollback(self):
        if self.is_active:
            self.is_active = False
            self._rollback()

    close = rollback

    def _commit(self):
        pass

    def _rollback(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.commit()
        else:
            self.rollback()
        return False


class RootTransaction(Transaction):
    """`connection.begin()`: the migration's own transaction is open already, so this is its inner commit and rollback."""

    def _commit(self):
        self.connection._control("commit")

    def _rollback(self):
        self.connection._control("rollback")


class NestedTransaction(Transaction):
    """A savepoint."""

    _number = 0

    def __init__(self, connection):
        Transaction.__init__(self, connection)
        NestedTransaction._number += 1
        self.name = "sa_savepoint_%d" % NestedTransaction._number
        connection._control(("savepoint", self.name))

    def _commit(self):
        self.connection._control(("release_savepoint", self.name))

    def _rollback(self):
        self.connection._control(("rollback_savepoint", self.name))


class TwoPhaseTransaction(RootTransaction):
    pass


# ---------------------------------------------------------------- connections


class Connection:
    """The migration's connection."""

    closed = False
    invalidated = False
    should_close_with_result = False

    def __init__(self, engine=None, options=None):
        self._engine = engine
        self._options = dict(options or {})
        self.info = {}
        self._transaction = None

    # ---- about
    @property
    def dialect(self):
        return self._engine.dialect if self._engine is not None else current_dialect()

    @property
    def engine(self):
        if self._engine is None:
            self._engine = Engine(make_url(_context().get("url") or "%s://" % _base.dialect_name()))
        return self._engine

    @property
    def connection(self):
        return RawConnection(self)

    def get_raw_connection(self):
        return RawConnection(self)

    @property
    def default_isolation_level(self):
        return "SERIALIZABLE" if self.dialect.name == "sqlite" else "READ COMMITTED"

    def get_isolation_level(self):
        return self.default_isolation_level

    def execution_options(self, **options):
        self._options.update(options)
        level = options.get("isolation_level")
        if level is not None and str(level).upper() == "AUTOCOMMIT":
            self._autocommit = True
        return self

    _autocommit = False

    def get_execution_options(self):
        return self._options

    def _control(self, what):
        if _context().get("learn"):
            _limbeck.record("control", what)
        elif not _base.offline():
            _limbeck.control(what)

    # ---- transactions
    def begin(self):
        self._transaction = RootTransaction(self)
        return self._transaction

    def begin_nested(self):
        return NestedTransaction(self)

    def begin_twophase(self, xid=None):
        return TwoPhaseTransaction(self)

    def in_transaction(self):
        return not self._autocommit

    def in_nested_transaction(self):
        return False

    def get_transaction(self):
        return self._transaction or RootTransaction(self)

    def get_nested_transaction(self):
        return None

    def commit(self):
        self._control("commit")

    def rollback(self):
        self._control("rollback")

    def close(self):
        pass

    def invalidate(self, exception=None):
        pass

    def detach(self):
        pass

    def connect(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        return False

    # ---- statements
    def execute(self, statement, parameters=None, *, execution_options=None, **kw):
        return run_statement(self, statement, parameters)

    def scalar(self, statement, parameters=None, *, execution_options=None):
        return self.execute(statement, parameters).scalar()

    def scalars(self, statement, parameters=None, *, execution_options=None):
        return self.execute(statement, parameters).scalars()

    def stream(self, *args, **kw):
        return self.execute(*args, **kw)

    def exec_driver_sql(self, statement, parameters=None, execution_options=None):
        return run_raw(self, statement, parameters)

    def run_callable(self, function, *args, **kw):
        return function(self, *args, **kw)

    def run_sync(self, function, *args, **kw):
        return function(self, *args, **kw)

    @property
    def sync_connection(self):
        return self

    def schema_for_object(self, obj):
        return obj.schema


class MockConnection:
    """`op.get_bind()` without a database: statements are printed and have no result. It has no more methods than SQLAlchemy's own."""

    __module__ = "sqlalchemy.engine.mock"

    @property
    def dialect(self):
        return current_dialect()

    @property
    def engine(self):
        return self

    @property
    def url(self):
        return make_url(_context().get("url") or "%s://" % _base.dialect_name())

    @property
    def name(self):
        return self.dialect.name

    @property
    def driver(self):
        return self.dialect.driver

    def schema_for_object(self, obj):
        return obj.schema

    def connect(self, **kw):
        return self

    def execution_options(self, **kw):
        return self

    def execute(self, statement, parameters=None, *, execution_options=None, **kw):
        if isinstance(statement, str):
            from ._elements import TextClause

            statement = TextClause(statement)
        run_effect(statement)
        return None


class RawConnection:
    """`connection.connection`: the driver's side, of which scripts use cursors."""

    def __init__(self, owner):
        self._owner = owner

    @property
    def dbapi_connection(self):
        return self

    driver_connection = dbapi_connection
    autocommit = property(lambda self: self._owner._autocommit, lambda self, value: self._set_autocommit(value))
    isolation_level = None

    def _set_autocommit(self, value):
        if bool(value) != self._owner._autocommit:
            self._owner._autocommit = bool(value)
            self._owner._control("autocommit_begin" if value else "autocommit_end")

    def cursor(self, *args, **kw):
        from ._result import DriverCursor

        return DriverCursor(self._owner)

    def execute(self, sql, parameters=None):
        cursor = self.cursor()
        cursor.execute(sql, parameters)
        return cursor

    def set_isolation_level(self, level):
        self._set_autocommit(level == 0)

    def commit(self):
        self._owner.commit()

    def rollback(self):
        self._owner.rollback()

    def close(self):
        pass

    def create_function(self, *args, **kw):
        raise _base.unsupported("SQL functions written in Python (create_function)")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise _base.unsupported("connection.connection.%s" % name)


_current = []


def current_connection():
    """The connection of the running migration."""
    kind = MockConnection if _base.offline() else Connection
    if not _current or type(_current[0]) is not kind:
        _current[:] = [kind()]
    return _current[0]


def _parameter_sets(parameters):
    from .exc import ArgumentError

    if parameters is None:
        return [{}]
    if isinstance(parameters, dict) or hasattr(parameters, "keys"):
        return [dict(parameters)]
    if isinstance(parameters, (list, tuple)):
        made = []
        for entry in parameters:
            if hasattr(entry, "_mapping"):
                entry = entry._mapping
            if not (isinstance(entry, dict) or hasattr(entry, "keys")):
                raise ArgumentError("List argument must consist only of dictionaries")
            made.append(dict(entry))
        return made or [{}]
    raise ArgumentError("mapping or list expected for parameters")


def run_statement(connection, statement, parameters=None):
    """Runs an expression object; gives a result."""
    from ._elements import ClauseElement
    from ._result import CursorResult, no_rows
    from .exc import ObjectNotExecutableError

    if isinstance(statement, str):
        raise ObjectNotExecutableError(statement)
    if hasattr(statement, "__clause_element__") and not isinstance(statement, ClauseElement):
        statement = statement.__clause_element__()
    operation = getattr(statement, "_operation", None)
    if operation is not None:
        run_ddl(connection, operation())
        return no_rows(connection)
    if not hasattr(statement, "_encode_query"):
        if callable(getattr(statement, "next_value", None)):
            from ._selectable import select

            statement = select(statement.next_value())
        elif isinstance(statement, ClauseElement) and custom_ddl(statement) is not None:
            return run_raw(connection, custom_ddl(statement), None)
        elif isinstance(statement, ClauseElement) and hasattr(statement, "type"):
            from ._selectable import select

            statement = select(statement)
        else:
            raise ObjectNotExecutableError(statement)
    from ._selectable import encode_statement

    sets = _parameter_sets(parameters)
    if _context().get("learn"):
        _record_statement(statement)
        return no_rows(connection)
    answers = [_limbeck.execute(encode_statement(statement, values)) for values in sets]
    answer = answers[-1]
    if len(answers) > 1:
        counts = [one.get("rowcount", -1) for one in answers]
        rows = [row for one in answers for row in one.get("rows") or ()]
        answer = dict(answer, rowcount=sum(counts) if min(counts) >= 0 else -1, rows=rows)
    return CursorResult(answer, statement, connection)


def _record_statement(statement):
    from ._printing import text_of

    try:
        text = statement.text if hasattr(statement, "text") else text_of(statement)
    except Exception:
        text = "(%s)" % type(statement).__name__
    _limbeck.record("statement", text)


def run_raw(connection, sql, parameters=None):
    """Runs text as the driver would."""
    from ._result import CursorResult, no_rows

    if _context().get("learn"):
        _limbeck.record("statement", sql)
        return no_rows(connection)
    sets = [parameters]
    if isinstance(parameters, list) and parameters and isinstance(parameters[0], (list, tuple, dict)):
        sets = parameters
    answer = None
    for values in sets:
        answer = _limbeck.execute(_raw_query(sql, values))
    return CursorResult(answer, None, connection)


def _raw_query(sql, values):
    if not values:
        return ("raw", {"sql": sql})
    if isinstance(values, dict):
        # Drivers take `%(name)s` or `:name`; both become named parameters of text.
        text = sql.replace("\\", "\\\\").replace(":", "\\:") if "%(" in sql else sql
        for name in values:
            text = text.replace("%%(%s)s" % name, ":%s" % name)
        if "%(" in sql:
            text = text.replace("%%", "%").replace("\\\\", "\\")
        binds = [{"name": name, "value": _base.literal(value)} for name, value in values.items()]
        return ("text", {"sql": text, "binds": binds})
    if _base.dialect_name() == "sqlite":
        return ("raw", {"sql": sql, "params": [_base.literal(value) for value in values]})
    parts = sql.replace("%%", "\0").split("%s")
    if len(parts) != len(values) + 1:
        from .exc import ProgrammingError

        raise ProgrammingError(sql, values, None, message="not all arguments converted during string formatting")
    text = parts[0]
    for number, part in enumerate(parts[1:]):
        text += "\1param_%d" % (number + 1) + part
    text = text.replace("\\", "\\\\").replace(":", "\\:").replace("\1", ":").replace("\0", "%").replace("\\\\", "\\")
    return ("text", {"sql": text, "binds": [{"name": "param_%d" % (number + 1), "value": _base.literal(value)} for number, value in enumerate(values)]})


def run_effect(statement):
    """Runs (or prints) a statement for its effect."""
    operation = getattr(statement, "_operation", None)
    if operation is not None:
        run_ddl(None, operation())
        return
    if not hasattr(statement, "_encode_query"):
        from ._elements import ClauseElement

        text = custom_ddl(statement) if isinstance(statement, ClauseElement) else None
        if text is not None:
            query = ("raw", {"sql": text})
        elif isinstance(statement, ClauseElement) and hasattr(statement, "clauses"):
            from ._selectable import encode_statement, select

            query = encode_statement(select(statement))
        else:
            from .exc import ObjectNotExecutableError

            raise ObjectNotExecutableError(statement)
    else:
        from ._selectable import encode_statement

        query = encode_statement(statement)
    if _context().get("learn"):
        _record_statement(statement)
        return
    options = getattr(statement, "_execution_options", None) or {}
    _limbeck.operation(("execute", {"query": query, "autocommit": _autocommit_option(options)}))


def _autocommit_option(options):
    return bool(options.get("autocommit")) or str(options.get("isolation_level", "")).upper() == "AUTOCOMMIT"


def custom_ddl(statement):
    """The text of a statement class of the script's own (`@compiles`), or None."""
    from ._types import custom_text

    return custom_text(statement)


def run_ddl(bind, operation):
    """Runs an operation that a schema object stands for."""
    if _context().get("learn"):
        _limbeck.record("operation", operation[0])
        return
    _limbeck.operation(operation)


# ---------------------------------------------------------------- engines


class Engine:
    """What `create_engine` gives."""

    echo = False

    def __init__(self, url, options=None):
        self.url = url
        self._options = dict(options or {})
        name = url.get_backend_name()
        self.dialect = dialect_for(name, url.get_driver_name())
        self.pool = None
        self._execution_options = {}

    @property
    def name(self):
        return self.dialect.name

    @property
    def driver(self):
        return self.dialect.driver

    @property
    def engine(self):
        return self

    @property
    def sync_engine(self):
        return self

    def connect(self, **kw):
        return Connection(self, self._execution_options)

    def begin(self):
        return _EngineBegin(self)

    def raw_connection(self):
        return RawConnection(self.connect())

    def execution_options(self, **options):
        fresh = Engine(self.url, self._options)
        fresh._execution_options = dict(self._execution_options, **options)
        return fresh

    def get_execution_options(self):
        return self._execution_options

    def dispose(self, close=True):
        pass

    def run_callable(self, function, *args, **kw):
        return function(self.connect(), *args, **kw)

    def has_table(self, table_name, schema=None):
        from ._inspect import inspect

        return inspect(self).has_table(table_name, schema=schema)

    def __repr__(self):
        return "Engine(%s)" % self.url


class _EngineBegin:
    def __init__(self, engine):
        self.connection = engine.connect()

    def __enter__(self):
        return self.connection

    def __exit__(self, *exc_info):
        return False


def create_engine(url, **kw):
    made = Engine(make_url(url), kw)
    if _context().get("learn"):
        options = {name: value for name, value in kw.items() if isinstance(value, (str, int, float, bool, type(None)))}
        _limbeck.record("engine", {"url": made.url.render_as_string(hide_password=False), "options": options})
    return made


def engine_from_config(configuration, prefix="sqlalchemy.", **kwargs):
    options = {name[len(prefix) :]: value for name, value in configuration.items() if name.startswith(prefix)}
    options.update(kwargs)
    url = options.pop("url")
    return create_engine(url, **options)


def create_mock_engine(url, executor, **kw):
    raise _base.unsupported("sqlalchemy.create_mock_engine")


def create_pool_from_url(url, **kw):
    raise _base.unsupported("sqlalchemy.create_pool_from_url")
