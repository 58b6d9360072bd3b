"""`alembic_postgresql_enum`: enum types of PostgreSQL as operations of their own. Importing it changes what autogenerate looks at."""

from ._compare import compare_enums as _compare_enums  # noqa: F401
from ._operations import AddEnumValuesOp, CreateEnumOp, DropEnumOp, SyncEnumValuesOp  # noqa: F401
from .configuration import Config, get_configuration, set_configuration
from .get_enum_data.types import ColumnType, TableReference

__version__ = "1.11.0"
__all__ = ["ColumnType", "Config", "TableReference", "get_configuration", "set_configuration"]
