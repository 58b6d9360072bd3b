"""`op.batch_alter_table`: steps are collected and leave as one operation when the block ends."""

from sqlalchemy import _options
from sqlalchemy._base import ident, table_name

from . import _directives, _encode


class BatchBlock:
    """The context manager; what it gives is the block's operations."""

    def __init__(self, table, schema, recreate, partial_reordering, copy_from, table_args, table_kwargs, reflect_args, reflect_kwargs, naming_convention):
        if recreate not in ("auto", "always", "never"):
            raise ValueError("recreate may be one of 'auto', 'always', or 'never'.")
        self.table = table
        self.schema = schema
        self.data = {"table": table_name(table, schema), "recreate": recreate}
        if copy_from is not None:
            self.data["copy_from"] = copy_from._data()
            # Alembic takes the convention of the table's own MetaData then.
            naming_convention = copy_from.metadata.naming_convention
        self._take_table_args(table_args)
        if table_kwargs:
            self.data["table_options"] = _options.encode(dict(table_kwargs))
        self._take_reflect_args(reflect_args, reflect_kwargs)
        if naming_convention:
            from sqlalchemy._schema import MetaData

            self.data["naming_convention"] = MetaData(naming_convention=naming_convention)._naming_data()
        if partial_reordering:
            self.data["partial_reordering"] = [[ident(name) for name in group] for group in partial_reordering]

    def _take_table_args(self, table_args):
        if not table_args:
            return
        from sqlalchemy._base import encoding
        from sqlalchemy._constraints import Constraint, Index
        from sqlalchemy._schema import Column

        constraints, indexes = [], []
        with encoding():
            for item in table_args:
                if isinstance(item, Constraint):
                    constraints.append(item._tagged())
                elif isinstance(item, Index):
                    indexes.append(_encode.index(item.name, self.table, self.schema, item.expressions, item.unique, dict(item._dialect_kw)))
                elif isinstance(item, Column):
                    self.data.setdefault("extra_columns", []).append(_encode.column(item))
                else:
                    raise TypeError("a constraint, index or column expected in table_args, got %r" % (item,))
        self.data["extra_constraints"] = constraints
        self.data["extra_indexes"] = indexes

    def _take_reflect_args(self, reflect_args, reflect_kwargs):
        from sqlalchemy._schema import Column

        columns = []
        for item in reflect_args:
            if isinstance(item, Column):
                columns.append(_encode.column(item))
            else:
                from sqlalchemy._base import unsupported

                raise unsupported("reflect_args with %s" % type(item).__name__)
        for key in reflect_kwargs:
            # Listeners only adjust what is read: types, which the rebuild keeps as they are.
            if key not in ("listeners", "schema", "resolve_fks", "include_columns"):
                from sqlalchemy._base import unsupported

                raise unsupported("reflect_kwargs with %s" % key)
        if reflect_kwargs.get("listeners"):
            from sqlalchemy._base import unsupported

            raise unsupported("batch_alter_table(reflect_kwargs={'listeners': ...})")
        self.data["reflect_columns"] = columns

    def __enter__(self):
        self.operations = BatchOperations(self)
        self.steps = []
        return self.operations

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self._flush()
        return False

    def _flush(self):
        _directives._emit(("batch", dict(self.data, steps=self.steps)))

    def __call__(self, function):
        def inner(*args, **kw):
            with self:
                return function(*args, **kw)

        return inner


class BatchOperations:
    """The operations inside of a block."""

    def __init__(self, block):
        self._block = block
        self.impl = self

    @property
    def migration_context(self):
        return _directives.get_context()

    def _step(self, tag, data):
        self._block.steps.append((tag, data))

    def f(self, name):
        return _directives.f(name)

    def get_bind(self):
        return _directives.get_bind()

    def get_context(self):
        return _directives.get_context()

    def inline_literal(self, value, type_=None):
        return _directives.inline_literal(value, type_)

    def add_column(self, column, *, insert_before=None, insert_after=None, if_not_exists=None, inline_references=None, inline_primary_key=None):
        data = {
            "column": _encode.column(column, self._block.table, self._block.schema),
            "if_not_exists": bool(if_not_exists),
            "inline_references": bool(inline_references),
            "inline_primary_key": bool(inline_primary_key),
        }
        if insert_before is not None:
            data["insert_before"] = ident(insert_before)
        if insert_after is not None:
            data["insert_after"] = ident(insert_after)
        self._step("add_column", data)

    def drop_column(self, column_name, **kw):
        data = {"column": ident(column_name), "if_exists": bool(kw.pop("if_exists", None))}
        if kw.get("existing_type") is not None:
            data["existing_type"] = _encode.encode_type(kw["existing_type"])
        self._step("drop_column", data)

    def alter_column(self, column_name, *, nullable=None, comment=False, server_default=False, new_column_name=None, type_=None, existing_type=None,
                     existing_server_default=False, existing_nullable=None, existing_comment=None, insert_before=None, insert_after=None, **kw):  # fmt: skip
        block = self._block
        data = _encode.alter_column(
            block.table, block.schema, column_name, nullable, comment, server_default, new_column_name, type_, existing_type, existing_server_default,
            existing_nullable, existing_comment, kw,
        )  # fmt: skip
        self._step("alter_column", data)

    def create_index(self, index_name, columns, **kw):
        unique = kw.pop("unique", False)
        if_not_exists = kw.pop("if_not_exists", None)
        data = _encode.index(index_name, self._block.table, self._block.schema, columns, unique, kw)
        self._step("create_index", {"index": data, "if_not_exists": bool(if_not_exists)})

    def drop_index(self, index_name, **kw):
        kw.pop("table_name", None)
        if_exists = kw.pop("if_exists", None)
        self._step("drop_index", _encode.drop_index(index_name, self._block.table, self._block.schema, if_exists, kw))

    def create_unique_constraint(self, constraint_name, columns, **kw):
        self._step("create_constraint", _encode.unique(constraint_name, columns, kw))

    def create_check_constraint(self, constraint_name, condition, **kw):
        self._step("create_constraint", _encode.check(constraint_name, condition, kw))

    def create_primary_key(self, constraint_name, columns):
        self._step("create_constraint", _encode.primary_key(constraint_name, columns, {}))

    def create_exclude_constraint(self, constraint_name, *elements, **kw):
        self._step("create_constraint", _encode.exclude(constraint_name, elements, kw))

    def create_foreign_key(self, constraint_name, referent_table, local_cols, remote_cols, *, referent_schema=None, onupdate=None, ondelete=None,
                           deferrable=None, initially=None, match=None, **dialect_kw):  # fmt: skip
        options = dict(dialect_kw, onupdate=onupdate, ondelete=ondelete, deferrable=deferrable, initially=initially, match=match)
        self._step("create_constraint", _encode.foreign_key(constraint_name, referent_table, local_cols, remote_cols, referent_schema, options))

    def drop_constraint(self, constraint_name, type_=None):
        self._step("drop_constraint", {"name": _encode.constraint_name(constraint_name), "kind": _encode.constraint_kind(type_)})

    def create_table_comment(self, comment, *, existing_comment=None):
        self._step("create_table_comment", {"comment": comment})

    def drop_table_comment(self, *, existing_comment=None):
        self._block.steps.append("drop_table_comment")

    def execute(self, sqltext, *, execution_options=None):
        # Alembic runs it at once, before the block's collected steps.
        _directives.execute(sqltext, execution_options=execution_options)

    def invoke(self, operation):
        from .operations._registry import invoke_operation

        return invoke_operation(operation, self)

    def batch_alter_table(self, *args, **kw):
        return _directives.batch_alter_table(*args, **kw)

    def run_async(self, async_function, *args, **kw):
        return _directives.run_async(async_function, *args, **kw)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        from .operations._registry import directive

        found = directive(name, self, batch=True)
        if found is None:
            raise AttributeError("'BatchOperations' object has no attribute %r" % name)
        return found
