"""Pools: names only, because the connection of a migration is Limbeck's."""


class Pool:
    def __init__(self, *args, **kw):
        pass

    def dispose(self):
        pass


class NullPool(Pool):
    pass


class QueuePool(Pool):
    pass


class StaticPool(Pool):
    pass


class AssertionPool(Pool):
    pass


class SingletonThreadPool(Pool):
    pass


class AsyncAdaptedQueuePool(Pool):
    pass


class FallbackAsyncAdaptedQueuePool(Pool):
    pass


class PoolProxiedConnection:
    pass
