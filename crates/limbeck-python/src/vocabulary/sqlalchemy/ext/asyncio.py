"""Async engines and sessions over the migration's one connection: every await is done at once."""

from .. import _engine
from .._base import Unsupported


def drive(coroutine):
    """Runs a coroutine whose awaits never wait."""
    if not hasattr(coroutine, "send"):
        return coroutine
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value


class _Awaitable:
    """A value that may be awaited or entered."""

    def __init__(self, value):
        self._value = value

    def __await__(self):
        return self._value
        yield

    async def __aenter__(self):
        return self._value

    async def __aexit__(self, *exc_info):
        return False

    async def start(self):
        return self._value


class AsyncConnection:
    def __init__(self, sync_connection):
        self.sync_connection = sync_connection

    @property
    def dialect(self):
        return self.sync_connection.dialect

    @property
    def engine(self):
        return AsyncEngine(self.sync_connection.engine)

    async def run_sync(self, function, *args, **kw):
        return function(self.sync_connection, *args, **kw)

    async def execute(self, *args, **kw):
        return self.sync_connection.execute(*args, **kw)

    async def exec_driver_sql(self, *args, **kw):
        return self.sync_connection.exec_driver_sql(*args, **kw)

    async def scalar(self, *args, **kw):
        return self.sync_connection.scalar(*args, **kw)

    async def scalars(self, *args, **kw):
        return self.sync_connection.scalars(*args, **kw)

    async def execution_options(self, **kw):
        self.sync_connection.execution_options(**kw)
        return self

    async def commit(self):
        self.sync_connection.commit()

    async def rollback(self):
        self.sync_connection.rollback()

    async def close(self):
        pass

    async def get_raw_connection(self):
        return self.sync_connection.get_raw_connection()

    def begin(self):
        return _Awaitable(self)

    def begin_nested(self):
        return _AsyncNested(self.sync_connection)

    def in_transaction(self):
        return self.sync_connection.in_transaction()

    def __await__(self):
        return self
        yield

    async def start(self):
        return self

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        return False


class _AsyncNested:
    def __init__(self, connection):
        self._connection = connection

    async def __aenter__(self):
        self._transaction = self._connection.begin_nested()
        return self._transaction

    async def __aexit__(self, kind, value, traceback):
        if kind is None:
            self._transaction.commit()
        else:
            self._transaction.rollback()
        return False


class AsyncEngine:
    def __init__(self, sync_engine):
        self.sync_engine = sync_engine

    @property
    def url(self):
        return self.sync_engine.url

    @property
    def dialect(self):
        return self.sync_engine.dialect

    @property
    def name(self):
        return self.sync_engine.name

    @property
    def driver(self):
        return self.sync_engine.driver

    def connect(self):
        return AsyncConnection(self.sync_engine.connect())

    def begin(self):
        return _Awaitable(AsyncConnection(self.sync_engine.connect()))

    def execution_options(self, **kw):
        return AsyncEngine(self.sync_engine.execution_options(**kw))

    async def dispose(self, close=True):
        pass


def create_async_engine(url, **kw):
    return AsyncEngine(_engine.create_engine(url, **kw))


def async_engine_from_config(configuration, prefix="sqlalchemy.", **kw):
    return AsyncEngine(_engine.engine_from_config(configuration, prefix, **kw))


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name in ("AsyncSession", "async_sessionmaker", "async_scoped_session"):
        from . import _async_session

        return getattr(_async_session, name)
    return Unsupported("sqlalchemy.ext.asyncio." + name)


AsyncTransaction = Unsupported("sqlalchemy.ext.asyncio.AsyncTransaction")


def async_object_session(instance):
    return None
