"""The directives of `alembic.op`: each builds one operation and hands it over."""

import _limbeck

from sqlalchemy import _options
from sqlalchemy._base import conv, ident, table_name
from sqlalchemy._run import check_hooks

from . import _encode


def _emit(operation):
    if _limbeck.context.get("learn"):
        from .util.exc import CommandError

        raise CommandError("operations cannot run while env.py is only evaluated")
    check_hooks(operation[0])
    _limbeck.operation(operation)


def f(name):
    """Marks a name as final."""
    return conv(name)


def create_table(table_name, *columns, if_not_exists=None, **kw):
    from sqlalchemy._schema import Column, MetaData, Table

    kw.pop("_constraints_included", None)
    items = [item._copy() if isinstance(item, Column) and item.table is not None else item for item in columns]
    table = Table(table_name, MetaData(), *items, **kw)
    _emit(("create_table", {"table": table._data(), "if_not_exists": bool(if_not_exists)}))
    return table


def drop_table(table_name, *, schema=None, if_exists=None, **kw):
    from sqlalchemy._schema import Table

    options = {key: value for key, value in kw.items() if key not in ("comment", "info", "prefixes", "quote", "extend_existing")}
    if options:
        _options.check("Table", options, object.__new__(Table))
    _emit(("drop_table", {"table": _encode.table_name(table_name, schema), "if_exists": bool(if_exists), "options": _options.encode(options)}))


def rename_table(old_table_name, new_table_name, *, schema=None):
    _emit(("rename_table", {"from": table_name(old_table_name, schema), "to": ident(new_table_name)}))


def add_column(table_name, column, *, schema=None, if_not_exists=None, inline_references=None, inline_primary_key=None):
    _emit(
        (
            "add_column",
            {
                "table": _encode.table_name(table_name, schema),
                "column": _encode.column(column, table_name, schema),
                "if_not_exists": bool(if_not_exists),
                "inline_references": bool(inline_references),
                "inline_primary_key": bool(inline_primary_key),
            },
        )
    )


def drop_column(table_name, column_name, *, schema=None, **kw):
    if_exists = kw.pop("if_exists", None)
    _emit(
        (
            "drop_column",
            {"table": _encode.table_name(table_name, schema), "column": ident(column_name), "if_exists": bool(if_exists), "options": _options.encode(kw)},
        )
    )


def alter_column(table_name, column_name, *, nullable=None, comment=False, server_default=False, new_column_name=None, type_=None, existing_type=None,
                 existing_server_default=False, existing_nullable=None, existing_comment=None, schema=None, **kw):  # fmt: skip
    data = _encode.alter_column(
        table_name, schema, column_name, nullable, comment, server_default, new_column_name, type_, existing_type, existing_server_default,
        existing_nullable, existing_comment, kw,
    )  # fmt: skip
    _emit(("alter_column", data))


def create_index(index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, **kw):
    data = _encode.index(index_name, table_name, schema, columns, unique, kw)
    _emit(("create_index", {"index": data, "if_not_exists": bool(if_not_exists)}))


def drop_index(index_name, table_name=None, *, schema=None, if_exists=None, **kw):
    _emit(("drop_index", _encode.drop_index(index_name, table_name, schema, if_exists, kw)))


def _create_constraint(table, schema, constraint):
    _emit(("create_constraint", {"table": table_name(table, schema), "constraint": constraint}))


def create_unique_constraint(constraint_name, table_name, columns, *, schema=None, **kw):
    _create_constraint(table_name, schema, _encode.unique(constraint_name, columns, kw))


def create_check_constraint(constraint_name, table_name, condition, *, schema=None, **kw):
    _create_constraint(table_name, schema, _encode.check(constraint_name, condition, kw))


def create_primary_key(constraint_name, table_name, columns, *, schema=None):
    _create_constraint(table_name, schema, _encode.primary_key(constraint_name, columns, {}))


def create_exclude_constraint(constraint_name, table_name, *elements, **kw):
    schema = kw.pop("schema", None)
    _create_constraint(table_name, schema, _encode.exclude(constraint_name, elements, kw))


def create_foreign_key(constraint_name, source_table, referent_table, local_cols, remote_cols, *, onupdate=None, ondelete=None, deferrable=None,
                       initially=None, match=None, source_schema=None, referent_schema=None, **dialect_kw):  # fmt: skip
    options = dict(dialect_kw, onupdate=onupdate, ondelete=ondelete, deferrable=deferrable, initially=initially, match=match)
    data = _encode.foreign_key(constraint_name, referent_table, local_cols, remote_cols, referent_schema, options)
    _create_constraint(source_table, source_schema, data)


def drop_constraint(constraint_name, table_name, type_=None, *, schema=None, if_exists=None):
    _emit(
        (
            "drop_constraint",
            {
                "table": _encode.table_name(table_name, schema),
                "name": _encode.constraint_name(constraint_name),
                "kind": _encode.constraint_kind(type_),
                "if_exists": bool(if_exists),
            },
        )
    )


def create_table_comment(table_name, comment, *, existing_comment=None, schema=None):
    _emit(("create_table_comment", {"table": _encode.table_name(table_name, schema), "comment": comment}))


def drop_table_comment(table_name, *, existing_comment=None, schema=None):
    _emit(("drop_table_comment", {"table": _encode.table_name(table_name, schema)}))


def execute(sqltext, *, execution_options=None):
    from sqlalchemy._engine import run_effect

    run_effect(_executable(sqltext, execution_options))


def _executable(sqltext, execution_options):
    if isinstance(sqltext, str):
        from sqlalchemy._elements import TextClause

        sqltext = TextClause(sqltext)
    if execution_options and hasattr(sqltext, "execution_options"):
        sqltext = sqltext.execution_options(**execution_options)
    return sqltext


def bulk_insert(table, rows, *, multiinsert=True):
    from sqlalchemy._bulk import encode_rows

    if not isinstance(rows, list):
        raise TypeError("List expected")
    if rows and not isinstance(rows[0], dict):
        raise TypeError("List of dictionaries expected")
    if rows:
        _emit(("bulk_insert", encode_rows(table, rows, multiinsert)))


def inline_literal(value, type_=None):
    from sqlalchemy._elements import BindParameter

    made = BindParameter(None, value, type_=type_)
    made.literal_execute = True
    return made


def get_bind():
    if _limbeck.context.get("learn"):
        from . import context

        return context.get_bind()
    from sqlalchemy._engine import current_connection

    return current_connection()


def get_context():
    from .runtime.migration import current_context

    return current_context()


def batch_alter_table(table_name, schema=None, recreate="auto", partial_reordering=None, copy_from=None, table_args=(), table_kwargs=None, reflect_args=(),
                      reflect_kwargs=None, naming_convention=None):  # fmt: skip
    from ._batch import BatchBlock

    return BatchBlock(
        table_name, schema, recreate, partial_reordering, copy_from, table_args, table_kwargs or {}, reflect_args, reflect_kwargs or {}, naming_convention
    )


def invoke(operation):
    from .operations._registry import invoke_operation

    return invoke_operation(operation)


def run_async(async_function, *args, **kw_args):
    from sqlalchemy.ext.asyncio import AsyncConnection, drive

    return drive(async_function(AsyncConnection(get_bind()), *args, **kw_args))
