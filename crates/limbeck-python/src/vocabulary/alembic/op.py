"""`alembic.op`."""

from ._directives import (
    add_column,
    alter_column,
    batch_alter_table,
    bulk_insert,
    create_check_constraint,
    create_exclude_constraint,
    create_foreign_key,
    create_index,
    create_primary_key,
    create_table,
    create_table_comment,
    create_unique_constraint,
    drop_column,
    drop_constraint,
    drop_index,
    drop_table,
    drop_table_comment,
    execute,
    f,
    get_bind,
    get_context,
    inline_literal,
    invoke,
    rename_table,
    run_async,
)

__all__ = [
    "add_column", "alter_column", "batch_alter_table", "bulk_insert", "create_check_constraint", "create_exclude_constraint", "create_foreign_key",
    "create_index", "create_primary_key", "create_table", "create_table_comment", "create_unique_constraint", "drop_column", "drop_constraint",
    "drop_index", "drop_table", "drop_table_comment", "execute", "f", "get_bind", "get_context", "inline_literal", "invoke", "rename_table", "run_async",
]  # fmt: skip


def register_operation(name, sourcename=None):
    from .operations._registry import register

    return register(name, sourcename)


def implementation_for(op_cls, replace=False):
    from .operations._registry import implement

    return implement(op_cls, replace)


def __getattr__(name):
    if name == "Operations":
        from .operations.base import Operations

        return Operations
    from .operations._registry import directive

    found = directive(name)
    if found is None:
        raise AttributeError("module 'alembic.op' has no attribute %r" % name)
    return found
