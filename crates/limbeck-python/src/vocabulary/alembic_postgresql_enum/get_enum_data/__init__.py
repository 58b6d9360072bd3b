"""What operations are told of the columns that use an enum type."""

from .types import ColumnType, TableReference

__all__ = ["ColumnType", "TableReference"]
