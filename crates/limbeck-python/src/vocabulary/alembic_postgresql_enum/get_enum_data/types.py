"""A column that uses an enum type, and how."""

from enum import Enum

from sqlalchemy import ARRAY
from sqlalchemy import Enum as EnumOfColumn

# Scripts of earlier versions name no schema.
Unspecified = object()


class ColumnType(Enum):
    COMMON = EnumOfColumn
    ARRAY = ARRAY

    def __repr__(self):
        return "ColumnType.%s" % self.name


class TableReference:
    def __init__(self, table_name, column_name, table_schema=Unspecified, column_type=ColumnType.COMMON, existing_server_default=None):
        self.table_name, self.column_name, self.table_schema = table_name, column_name, table_schema
        self.column_type, self.existing_server_default = column_type, existing_server_default

    def _key(self):
        return self.table_name, self.column_name, self.table_schema, self.column_type, self.existing_server_default

    def __eq__(self, other):
        return self._key() == other._key() if type(other) is type(self) else NotImplemented

    def __hash__(self):
        return hash(self._key())

    def __repr__(self):
        parts = ["table_schema=%r" % self.table_schema] if self.table_schema else []
        parts += ["table_name=%r" % self.table_name, "column_name=%r" % self.column_name]
        if self.is_column_type_import_needed:
            parts.append("column_type=%r" % self.column_type)
        if self.existing_server_default is not None:
            parts.append("existing_server_default=%r" % self.existing_server_default)
        return "TableReference(%s)" % ", ".join(parts)

    @property
    def is_column_type_import_needed(self):
        return self.column_type is not ColumnType.COMMON

    @property
    def table_name_with_schema(self):
        return '"%s"."%s"' % (self.table_schema, self.table_name) if self.table_schema else '"%s"' % self.table_name

    @property
    def escaped_column_name(self):
        return '"%s"' % self.column_name
