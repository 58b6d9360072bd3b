"""Operation objects, and the registry of a project's own operations."""

from .._batch import BatchOperations
from .base import AbstractOperations, Operations

__all__ = ["AbstractOperations", "BatchOperations", "MigrateOperation", "Operations", "ops"]


def __getattr__(name):
    if name in ("ops", "toimpl", "schemaobj", "batch"):
        __import__("alembic.operations." + name)
        import sys

        return sys.modules["alembic.operations." + name]
    if name == "MigrateOperation":
        from .ops import MigrateOperation

        return MigrateOperation
    raise AttributeError("module 'alembic.operations' has no attribute %r" % name)
