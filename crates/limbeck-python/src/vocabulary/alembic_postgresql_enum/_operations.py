"""The operations on enum types: how they run, turn round, and are written."""

import logging

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import text

from . import _sync
from .configuration import get_configuration

log = logging.getLogger("alembic." + __name__)


def _supported(operations):
    name = operations.migration_context.dialect.name
    if name == "postgresql" or get_configuration().force_dialect_support:
        return True
    log.warning("This library only supports postgresql, but you are using %s, skipping", name)
    return False


def _comment():
    config = get_configuration()
    return config.type_ignore_comment if config.add_type_ignore else ""


class EnumLifecycleOp(MigrateOperation):
    """A type comes or goes."""

    def __init__(self, schema, name, enum_values):
        self.schema, self.name, self.enum_values = schema, name, enum_values

    def to_diff_tuple(self):
        return self.operation_name, self.name, self.schema, self.enum_values

    def _enum(self):
        from sqlalchemy import Enum

        return Enum(*self.enum_values, name=self.name, schema=self.schema)


class CreateEnumOp(EnumLifecycleOp):
    operation_name = "create_enum"

    def reverse(self):
        return DropEnumOp(schema=self.schema, name=self.name, enum_values=self.enum_values)

    def _about(self):
        return "Enum type %s is in the model but not in the database" % self.name

    def _invoke(self, operations=None):
        self._enum().create(operations.get_bind())


class DropEnumOp(EnumLifecycleOp):
    operation_name = "drop_enum"

    def reverse(self):
        return CreateEnumOp(schema=self.schema, name=self.name, enum_values=self.enum_values)

    def _about(self):
        return "Enum type %s exists in the database but no column of the model has it" % self.name

    def _invoke(self, operations=None):
        self._enum().drop(operations.get_bind())


class _ChangedValues(MigrateOperation):
    """A type gets other values."""

    def __init__(self, schema, name, old_values, new_values, affected_columns, affected_indexes=None):
        self.schema, self.name, self.old_values, self.new_values = schema, name, old_values, new_values
        self.affected_columns, self.indexes_to_recreate = affected_columns, affected_indexes or []

    def reverse(self):
        return SyncEnumValuesOp(self.schema, self.name, self.new_values, self.old_values, self.affected_columns, self.indexes_to_recreate)

    def to_diff_tuple(self):
        return self.operation_name, self.old_values, self.new_values, self.affected_columns

    def _about(self):
        return "Enum type %s has the values %s in the database but %s in the model" % (self.name, ", ".join(self.old_values), ", ".join(self.new_values))


@Operations.register_operation("sync_enum_values")
class SyncEnumValuesOp(_ChangedValues):
    operation_name = "change_enum_variants"

    @classmethod
    def sync_enum_values(cls, operations, enum_schema, enum_name, new_values, affected_columns, enum_values_to_rename=(), indexes_to_recreate=None):
        if _supported(operations):
            connection = operations.get_bind()
            columns = _sync.references(connection, enum_schema, affected_columns)
            _sync.exchange(connection, enum_schema, enum_name, new_values, columns, list(enum_values_to_rename), indexes_to_recreate or [])

    def _invoke(self, operations=None):
        self.sync_enum_values(operations, self.schema, self.name, self.new_values, self.affected_columns, (), self.indexes_to_recreate)


@Operations.register_operation("add_enum_value")
class AddEnumValuesOp(_ChangedValues):
    operation_name = "add_enum_value"

    @classmethod
    def add_enum_value(cls, operations, enum_schema, enum_name, new_value, before_value=None):
        if _supported(operations):
            # The package's own word, whatever the argument is called.
            place = " AFTER '%s'" % before_value if before_value else ""
            operations.get_bind().execute(text("""ALTER TYPE "%s"."%s" ADD VALUE '%s'%s""" % (enum_schema, enum_name, new_value, place)))

    def _added(self):
        """Each new value with the one it goes before; those behind all old ones last."""
        old = list(self.old_values)
        for value in self.new_values:
            if old and value == old[0]:
                old.pop(0)
            else:
                yield value, old[0] if old else None

    def _invoke(self, operations=None):
        for value, before in self._added():
            self.add_enum_value(operations, self.schema, self.name, value, before)


@renderers.dispatch_for(CreateEnumOp)
@renderers.dispatch_for(DropEnumOp)
def render_lifecycle(autogen_context, op):
    sa, alembic = autogen_context.opts["sqlalchemy_module_prefix"], autogen_context.opts["alembic_module_prefix"]
    schema = ", schema='%s'" % op.schema if op.schema != autogen_context.dialect.default_schema_name else ""
    values = ", ".join(repr(value) for value in op.enum_values)
    return "%sEnum(%s, name='%s'%s).%s(%sget_bind())" % (sa, values, op.name, schema, op.operation_name.partition("_")[0], alembic)


@renderers.dispatch_for(SyncEnumValuesOp)
def render_sync(autogen_context, op):
    imports = autogen_context.imports
    if any(column.is_column_type_import_needed for column in op.affected_columns):
        imports.add("from alembic_postgresql_enum import ColumnType")
    imports.add("from alembic_postgresql_enum import TableReference")
    lines = [
        "%ssync_enum_values(%s" % (autogen_context.opts["alembic_module_prefix"], _comment()),
        "    enum_schema=%r," % op.schema,
        "    enum_name=%r," % op.name,
        "    new_values=%r," % op.new_values,
        "    affected_columns=%r," % op.affected_columns,
        "    enum_values_to_rename=[],",
    ]
    if op.indexes_to_recreate:
        imports.add("from alembic_postgresql_enum.sql_commands.indexes import TableIndex")
        lines.append("    indexes_to_recreate=[")
        for index in op.indexes_to_recreate:
            lines += ["        TableIndex(", "            name=%r," % index.name, "            definition=%r," % index.definition, "        ),"]
        lines.append("    ],")
    return "\n".join(lines + [")"])


@renderers.dispatch_for(AddEnumValuesOp)
def render_added(autogen_context, op):
    calls = []
    for value, before in op._added():
        lines = ["%sadd_enum_value(%s" % (autogen_context.opts["alembic_module_prefix"], _comment())]
        lines += ["    enum_schema=%r," % op.schema, "    enum_name=%r," % op.name, "    new_value=%r," % value]
        if before:
            lines.append("    before_value=%r," % before)
        calls.append("\n".join(lines + [")"]))
    return "\n".join(calls)
