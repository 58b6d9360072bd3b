"""Operation objects: what `op.invoke` takes."""

from .. import _directives


class MigrateOperation:
    """The base of operations."""

    _fields = ()
    _directive = None

    @property
    def info(self):
        return self.__dict__.setdefault("_info", {})

    def reverse(self):
        raise NotImplementedError()

    def to_diff_tuple(self):
        raise NotImplementedError()

    def _arguments(self):
        raise NotImplementedError()

    def _invoke(self, operations=None):
        args, kw = self._arguments()
        return getattr(_directives, self._directive)(*args, **kw)


def _defined(**kw):
    return {key: value for key, value in kw.items() if value is not None}


class AlterTableOp(MigrateOperation):
    def __init__(self, table_name, *, schema=None):
        self.table_name = table_name
        self.schema = schema


class AddConstraintOp(MigrateOperation):
    add_constraint_ops = {}


class CreateTableOp(MigrateOperation):
    _directive = "create_table"

    def __init__(self, table_name, columns, *, schema=None, if_not_exists=None, _namespace_metadata=None, _constraints_included=False, **kw):
        self.table_name, self.columns, self.schema, self.if_not_exists = table_name, columns, schema, if_not_exists
        self.comment = kw.pop("comment", None)
        self.prefixes = kw.pop("prefixes", None)
        self.kw = kw

    def _arguments(self):
        return (self.table_name,) + tuple(self.columns), dict(_defined(schema=self.schema, comment=self.comment, prefixes=self.prefixes), if_not_exists=self.if_not_exists, **self.kw)

    def reverse(self):
        return DropTableOp(self.table_name, schema=self.schema)


class DropTableOp(MigrateOperation):
    _directive = "drop_table"

    def __init__(self, table_name, *, schema=None, if_exists=None, table_kw=None, _reverse=None):
        self.table_name, self.schema, self.if_exists, self.table_kw = table_name, schema, if_exists, table_kw or {}

    def _arguments(self):
        return (self.table_name,), dict(self.table_kw, schema=self.schema, if_exists=self.if_exists)


class RenameTableOp(AlterTableOp):
    _directive = "rename_table"

    def __init__(self, old_table_name, new_table_name, *, schema=None):
        AlterTableOp.__init__(self, old_table_name, schema=schema)
        self.new_table_name = new_table_name

    def _arguments(self):
        return (self.table_name, self.new_table_name), {"schema": self.schema}


class AddColumnOp(AlterTableOp):
    _directive = "add_column"

    def __init__(self, table_name, column, *, schema=None, if_not_exists=None, inline_references=None, inline_primary_key=None, **kw):
        AlterTableOp.__init__(self, table_name, schema=schema)
        self.column, self.kw = column, kw
        self.options = {"if_not_exists": if_not_exists, "inline_references": inline_references, "inline_primary_key": inline_primary_key}

    def _arguments(self):
        return (self.table_name, self.column), dict(self.options, schema=self.schema)

    def reverse(self):
        return DropColumnOp(self.table_name, self.column.name, schema=self.schema)


class DropColumnOp(AlterTableOp):
    _directive = "drop_column"

    def __init__(self, table_name, column_name, *, schema=None, if_exists=None, _reverse=None, **kw):
        AlterTableOp.__init__(self, table_name, schema=schema)
        self.column_name, self.if_exists, self.kw = column_name, if_exists, kw

    def _arguments(self):
        return (self.table_name, self.column_name), dict(self.kw, schema=self.schema, if_exists=self.if_exists)


class AlterColumnOp(AlterTableOp):
    _directive = "alter_column"

    def __init__(self, table_name, column_name, *, schema=None, existing_type=None, existing_server_default=False, existing_nullable=None, existing_comment=None,
                 modify_nullable=None, modify_comment=False, modify_server_default=False, modify_name=None, modify_type=None, **kw):  # fmt: skip
        AlterTableOp.__init__(self, table_name, schema=schema)
        self.column_name, self.kw = column_name, kw
        self.existing_type, self.existing_server_default = existing_type, existing_server_default
        self.existing_nullable, self.existing_comment = existing_nullable, existing_comment
        self.modify_nullable, self.modify_comment, self.modify_server_default = modify_nullable, modify_comment, modify_server_default
        self.modify_name, self.modify_type = modify_name, modify_type

    def _arguments(self):
        return (self.table_name, self.column_name), dict(
            self.kw, schema=self.schema, nullable=self.modify_nullable, comment=self.modify_comment, server_default=self.modify_server_default,
            new_column_name=self.modify_name, type_=self.modify_type, existing_type=self.existing_type,
            existing_server_default=self.existing_server_default, existing_nullable=self.existing_nullable, existing_comment=self.existing_comment,
        )  # fmt: skip


class CreateIndexOp(MigrateOperation):
    _directive = "create_index"

    def __init__(self, index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, **kw):
        self.index_name, self.table_name, self.columns = index_name, table_name, columns
        self.schema, self.unique, self.if_not_exists, self.kw = schema, unique, if_not_exists, kw

    def _arguments(self):
        return (self.index_name, self.table_name, self.columns), dict(self.kw, schema=self.schema, unique=self.unique, if_not_exists=self.if_not_exists)


class DropIndexOp(MigrateOperation):
    _directive = "drop_index"

    def __init__(self, index_name, table_name=None, *, schema=None, if_exists=None, _reverse=None, **kw):
        self.index_name, self.table_name, self.schema, self.if_exists, self.kw = index_name, table_name, schema, if_exists, kw

    def _arguments(self):
        return (self.index_name, self.table_name), dict(self.kw, schema=self.schema, if_exists=self.if_exists)


class CreateUniqueConstraintOp(AddConstraintOp):
    _directive = "create_unique_constraint"

    def __init__(self, constraint_name, table_name, columns, *, schema=None, **kw):
        self.constraint_name, self.table_name, self.columns, self.schema, self.kw = constraint_name, table_name, columns, schema, kw

    def _arguments(self):
        return (self.constraint_name, self.table_name, self.columns), dict(self.kw, schema=self.schema)


class CreatePrimaryKeyOp(CreateUniqueConstraintOp):
    _directive = "create_primary_key"


class CreateCheckConstraintOp(AddConstraintOp):
    _directive = "create_check_constraint"

    def __init__(self, constraint_name, table_name, condition, *, schema=None, **kw):
        self.constraint_name, self.table_name, self.condition, self.schema, self.kw = constraint_name, table_name, condition, schema, kw

    def _arguments(self):
        return (self.constraint_name, self.table_name, self.condition), dict(self.kw, schema=self.schema)


class CreateForeignKeyOp(AddConstraintOp):
    _directive = "create_foreign_key"

    def __init__(self, constraint_name, source_table, referent_table, local_cols, remote_cols, **kw):
        self.constraint_name, self.source_table, self.referent_table = constraint_name, source_table, referent_table
        self.local_cols, self.remote_cols, self.kw = local_cols, remote_cols, kw

    def _arguments(self):
        return (self.constraint_name, self.source_table, self.referent_table, self.local_cols, self.remote_cols), self.kw


class DropConstraintOp(MigrateOperation):
    _directive = "drop_constraint"

    def __init__(self, constraint_name, table_name, type_=None, *, schema=None, if_exists=None, _reverse=None):
        self.constraint_name, self.table_name, self.constraint_type = constraint_name, table_name, type_
        self.schema, self.if_exists = schema, if_exists

    def _arguments(self):
        return (self.constraint_name, self.table_name, self.constraint_type), {"schema": self.schema, "if_exists": self.if_exists}


class CreateTableCommentOp(AlterTableOp):
    _directive = "create_table_comment"

    def __init__(self, table_name, comment, *, schema=None, existing_comment=None):
        AlterTableOp.__init__(self, table_name, schema=schema)
        self.comment, self.existing_comment = comment, existing_comment

    def _arguments(self):
        return (self.table_name, self.comment), {"schema": self.schema, "existing_comment": self.existing_comment}


class DropTableCommentOp(AlterTableOp):
    _directive = "drop_table_comment"

    def __init__(self, table_name, *, schema=None, existing_comment=None):
        AlterTableOp.__init__(self, table_name, schema=schema)
        self.existing_comment = existing_comment

    def _arguments(self):
        return (self.table_name,), {"schema": self.schema, "existing_comment": self.existing_comment}


class BulkInsertOp(MigrateOperation):
    _directive = "bulk_insert"

    def __init__(self, table, rows, *, multiinsert=True):
        self.table, self.rows, self.multiinsert = table, rows, multiinsert

    def _arguments(self):
        return (self.table, self.rows), {"multiinsert": self.multiinsert}


class ExecuteSQLOp(MigrateOperation):
    _directive = "execute"

    def __init__(self, sqltext, *, execution_options=None):
        self.sqltext, self.execution_options = sqltext, execution_options

    def _arguments(self):
        return (self.sqltext,), {"execution_options": self.execution_options}


class OpContainer(MigrateOperation):
    def __init__(self, ops=()):
        self.ops = list(ops)

    def is_empty(self):
        return not self.ops

    def _invoke(self, operations=None):
        from ._registry import invoke_operation

        for operation in self.ops:
            invoke_operation(operation, operations)


class ModifyTableOps(OpContainer):
    def __init__(self, table_name, ops, *, schema=None):
        OpContainer.__init__(self, ops)
        self.table_name, self.schema = table_name, schema


class UpgradeOps(OpContainer):
    def __init__(self, ops=(), upgrade_token="upgrades"):
        OpContainer.__init__(self, ops)
        self.upgrade_token = upgrade_token


class DowngradeOps(OpContainer):
    def __init__(self, ops=(), downgrade_token="downgrades"):
        OpContainer.__init__(self, ops)
        self.downgrade_token = downgrade_token


class MigrationScript(MigrateOperation):
    """A revision that is about to be written."""

    def __init__(self, rev_id, upgrade_ops, downgrade_ops, *, message=None, imports=None, head=None, splice=None, branch_label=None, version_path=None,
                 depends_on=None):  # fmt: skip
        self.rev_id, self.message, self.imports = rev_id, message, imports if imports is not None else set()
        self.head, self.splice, self.branch_label = head, splice, branch_label
        self.version_path, self.depends_on = version_path, depends_on
        self.upgrade_ops = upgrade_ops
        self.downgrade_ops = downgrade_ops

    @property
    def upgrade_ops(self):
        return _only(self._upgrade_ops, "upgrade_ops")

    @upgrade_ops.setter
    def upgrade_ops(self, value):
        self._upgrade_ops = _listed(value)

    @property
    def downgrade_ops(self):
        return _only(self._downgrade_ops, "downgrade_ops")

    @downgrade_ops.setter
    def downgrade_ops(self, value):
        self._downgrade_ops = _listed(value)

    @property
    def upgrade_ops_list(self):
        return self._upgrade_ops

    @property
    def downgrade_ops_list(self):
        return self._downgrade_ops


def _listed(value):
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _only(found, name):
    if len(found) > 1:
        raise ValueError("This MigrationScript instance has a multiple-entry list for %s; please use the %s_list attribute." % ("UpgradeOps" if name[0] == "u" else "DowngradeOps", name))
    return found[0] if found else None
