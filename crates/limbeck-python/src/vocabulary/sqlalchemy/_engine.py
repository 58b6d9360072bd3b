"""The connection of a migration, and the engines that env.py makes.

There is one database connection, Limbeck's own. Whatever a script calls connection, engine or session hands its statements to the host. While
env.py is only evaluated (learn mode) statements are recorded and nothing runs.
"""

import _limbeck
from . import _base
from ._dialect import DefaultDialect, Dialect, IdentifierPreparer, _context, current_dialect, dialect_for
from ._run import custom_ddl, run_ddl, run_effect, run_raw, run_statement
from ._url import URL, make_url

__all__ = ["DefaultDialect", "Dialect", "IdentifierPreparer", "URL", "current_dialect", "custom_ddl", "make_url", "run_ddl"]


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
