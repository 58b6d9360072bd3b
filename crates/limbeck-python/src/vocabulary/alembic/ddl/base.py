"""DDL elements that projects give texts of their own with `@compiles`."""

from sqlalchemy._elements import ClauseElement


class AlterTable(ClauseElement):
    supports_execution = True

    def __init__(self, table_name, schema=None):
        self.table_name = table_name
        self.schema = schema


class AddColumn(AlterTable):
    def __init__(self, name, column, schema=None, **kw):
        AlterTable.__init__(self, name, schema)
        self.column = column


class DropColumn(AlterTable):
    def __init__(self, name, column, schema=None, **kw):
        AlterTable.__init__(self, name, schema)
        self.column = column


class AlterColumn(AlterTable):
    def __init__(self, name, column_name, schema=None, **kw):
        AlterTable.__init__(self, name, schema)
        self.column_name = column_name


class ColumnType(AlterColumn):
    pass


class ColumnNullable(AlterColumn):
    pass


class ColumnDefault(AlterColumn):
    pass


class ColumnName(AlterColumn):
    pass


class RenameTable(AlterTable):
    def __init__(self, old_table_name, new_table_name, schema=None):
        AlterTable.__init__(self, old_table_name, schema)
        self.new_table_name = new_table_name
