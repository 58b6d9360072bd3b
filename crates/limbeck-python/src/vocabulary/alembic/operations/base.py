"""`alembic.operations.Operations`."""

from .. import _directives
from .._batch import BatchOperations

__all__ = ["AbstractOperations", "BatchOperations", "Operations"]


class AbstractOperations:
    """The directives as methods."""

    def __init__(self, migration_context=None, impl=None):
        self._migration_context = migration_context

    @property
    def migration_context(self):
        return self._migration_context or _directives.get_context()

    @property
    def impl(self):
        return self.migration_context.impl

    def get_context(self):
        return self.migration_context

    def get_bind(self):
        return _directives.get_bind()

    @classmethod
    def register_operation(cls, name, sourcename=None):
        from ._registry import register

        return register(name, sourcename)

    @classmethod
    def implementation_for(cls, op_cls, replace=False):
        from ._registry import implement

        return implement(op_cls, replace)

    @classmethod
    def context(cls, migration_context):
        return _Inside(cls(migration_context))

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(_directives, name, None)
        if found is not None:
            return found
        from ._registry import directive

        found = directive(name, self)
        if found is None:
            raise AttributeError("'Operations' object has no attribute %r" % name)
        return found


class Operations(AbstractOperations):
    pass


class _Inside:
    def __init__(self, operations):
        self.operations = operations

    def __enter__(self):
        return self.operations

    def __exit__(self, *exc_info):
        return False
