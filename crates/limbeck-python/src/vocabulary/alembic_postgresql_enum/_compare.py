"""Compares the enum types that columns of the models have with those of the database."""

import logging

from alembic.autogenerate import comparators
from alembic.operations import ops
from alembic.util import DispatchPriority
from sqlalchemy import ARRAY, Column, Enum, String, text
from sqlalchemy.types import TypeDecorator

from . import _sync
from ._operations import AddEnumValuesOp, CreateEnumOp, DropEnumOp, SyncEnumValuesOp
from .configuration import get_configuration
from .get_enum_data.types import ColumnType, TableReference
from .sql_commands.indexes import get_dependent_indexes

log = logging.getLogger("alembic.alembic_postgresql_enum")


def _enum_of(type_):
    """The enum type that a column's type is or stands for."""
    inner = getattr(type_, "impl", None) if isinstance(type_, TypeDecorator) else type_
    return inner if isinstance(inner, Enum) and (inner is not type_ or inner.native_enum) else None


@comparators.dispatch_for("schema", priority=DispatchPriority.LAST)
def compare_enums(autogen_context, upgrade_ops, schema_names):
    config = get_configuration()
    dialect = autogen_context.dialect
    if dialect.name != "postgresql" and not config.force_dialect_support:
        log.warning("This library only supports postgresql, but you are using %s, skipping", dialect.name)
        return
    _add_using(upgrade_ops)
    default = dialect.default_schema_name
    names = list(schema_names)
    for operation in upgrade_ops.ops:
        if isinstance(operation, ops.CreateTableOp) and operation.schema not in names:
            names.append(operation.schema)
    for schema in dict.fromkeys(name or default for name in names):
        _compare_schema(autogen_context, upgrade_ops, schema, default, config)


# Tables name types with `create_type=False` from here on.
compare_enums._makes_enums = True


def _compare_schema(autogen_context, upgrade_ops, schema, default, config):
    connection = autogen_context.connection
    have = _in_database(connection, schema, config)
    wanted, columns = _in_models(autogen_context, upgrade_ops, schema, default, config)
    for name, values in wanted.items():
        if name not in have:
            log.debug("Detected added enum %r with values %r", name, values)
            upgrade_ops.ops.insert(0, CreateEnumOp(name=name, schema=schema, enum_values=values))
    if config.drop_unused_enums:
        for name, values in have.items():
            if name not in wanted:
                log.debug("Detected unused enum %r with values %r", name, values)
                upgrade_ops.ops.append(DropEnumOp(name=name, schema=schema, enum_values=values))
    if not config.detect_enum_values_changes:
        return
    for name, values in wanted.items():
        old = have.get(name)
        if old is None or (sorted(values) == sorted(old) if config.ignore_enum_values_order else values == old):
            continue
        log.debug("Detected changed enum values in %r\nWas: %r\nBecome: %r", name, list(old), list(values))
        # In the order of their names, for the same text each time.
        used = sorted(columns[name], key=lambda reference: (reference.table_schema, reference.table_name, reference.column_name))
        if tuple(value for value in values if value in old) == old:
            upgrade_ops.ops.append(AddEnumValuesOp(schema, name, list(old), list(values), used))
        else:
            indexes = sorted(get_dependent_indexes(connection, schema, name), key=lambda index: index.name)
            upgrade_ops.ops.append(SyncEnumValuesOp(schema, name, list(old), list(values), used, indexes))


def _in_database(connection, schema, config):
    rows = connection.execute(
        text(
            "SELECT t.typname, ARRAY(SELECT enumlabel\\:\\:text FROM pg_catalog.pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) "
            "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND n.nspname = :schema"
        ),
        {"schema": schema},
    )
    return {name: tuple(values) for name, values in rows.fetchall() if config.include_name(name)}


def _in_models(autogen_context, upgrade_ops, schema, default, config):
    """The values by the type's name, and the columns that have it."""
    values, columns = {}, {}
    added = dict(_new_defaults(upgrade_ops, default))
    for table in _tables(autogen_context):
        for column in table.columns:
            type_, kind = column.type, ColumnType.COMMON
            if isinstance(type_, ARRAY):
                type_, kind = type_.item_type, ColumnType.ARRAY
            enum = _enum_of(type_)
            if enum is None or not config.include_name(enum.name) or (enum.schema or default) != schema:
                continue
            name = str.__str__(enum.name)
            values.setdefault(name, _values(type_, enum))
            place = (str.__str__(table.schema) if table.schema else default, str.__str__(table.name), str.__str__(column.name))
            server_default = added[place] if place in added else _sync.column_default(autogen_context.connection, *place)
            columns.setdefault(name, set()).add(TableReference(place[1], place[2], place[0], kind, server_default))
    return values, columns


def _values(type_, enum):
    if type_ is enum:
        return tuple(enum.enums)
    return tuple(type_.process_bind_param(value, None) for value in enum.enums)


def _tables(autogen_context):
    metadata = autogen_context.metadata
    for one in metadata if isinstance(metadata, (list, tuple)) else [metadata]:
        yield from one.tables.values()


def _new_defaults(upgrade_ops, default):
    """The server defaults that this revision sets."""

    def told(schema, table, column):
        given = column.server_default
        sql = getattr(getattr(given, "arg", None), "text", None)
        if sql is not None:
            yield (schema or default, table, column.name), sql

    for group in upgrade_ops.ops:
        if isinstance(group, ops.CreateTableOp):
            for column in group.columns:
                if isinstance(column, Column):
                    yield from told(group.schema, group.table_name, column)
        for operation in group.ops if isinstance(group, ops.ModifyTableOps) else ():
            if isinstance(operation, ops.AddColumnOp):
                yield from told(operation.schema, operation.table_name, operation.column)
            elif isinstance(operation, ops.AlterColumnOp) and operation.modify_server_default is not False:
                yield (operation.schema or default, operation.table_name, operation.column_name), operation.modify_server_default


def _add_using(upgrade_ops):
    """A column that becomes an enum, or another one, needs to be told how."""
    for group in upgrade_ops.ops:
        for operation in group.ops if isinstance(group, ops.ModifyTableOps) else ():
            if not isinstance(operation, ops.AlterColumnOp) or _enum_of(operation.modify_type) is None:
                continue
            through = "::text" if _enum_of(operation.existing_type) is not None else "" if isinstance(operation.existing_type, String) else None
            if through is not None:
                operation.kw["postgresql_using"] = "%s%s::%s" % (operation.column_name, through, operation.modify_type.name)
                log.debug("postgresql_using added to %r.%r alteration", operation.table_name, operation.column_name)
