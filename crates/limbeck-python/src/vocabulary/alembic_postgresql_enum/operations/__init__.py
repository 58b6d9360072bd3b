"""Names of `alembic_postgresql_enum.operations`."""

from .._operations import AddEnumValuesOp, CreateEnumOp, DropEnumOp, SyncEnumValuesOp

__all__ = ["AddEnumValuesOp", "CreateEnumOp", "DropEnumOp", "SyncEnumValuesOp"]
