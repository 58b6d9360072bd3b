"""Async sessions: a session whose methods are awaited."""

from .asyncio import AsyncConnection

_DIRECT = ("add", "add_all", "expunge", "expunge_all", "begin_nested", "in_transaction", "get_bind", "new", "dirty", "deleted", "info")


class AsyncSession:
    def __init__(self, bind=None, **kw):
        from ..orm import Session

        bind = getattr(bind, "sync_connection", None) or getattr(bind, "sync_engine", None) or bind
        kw.pop("sync_session_class", None)
        self.sync_session = Session(bind=bind, **kw)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.sync_session, name)
        if name in _DIRECT or not callable(found):
            return found

        async def call(*args, **kw):
            return found(*args, **kw)

        return call

    async def run_sync(self, function, *args, **kw):
        return function(self.sync_session, *args, **kw)

    async def connection(self, **kw):
        return AsyncConnection(self.sync_session.connection())

    def begin(self):
        return self

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, value, traceback):
        if kind is None:
            self.sync_session.flush()
        self.sync_session.close()
        return False


def async_sessionmaker(bind=None, class_=AsyncSession, **options):
    def make(**kw):
        return class_(bind, **dict(options, **kw))

    return make


async_scoped_session = async_sessionmaker
