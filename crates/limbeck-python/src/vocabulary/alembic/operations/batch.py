"""Names of `alembic.operations.batch`."""

from .._batch import BatchOperations

__all__ = ["BatchOperations"]
