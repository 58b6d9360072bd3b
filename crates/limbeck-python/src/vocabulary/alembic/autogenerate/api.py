"""What functions of env.py get to see of autogenerate, and names of `alembic.autogenerate.api`."""

from . import Rewriter, comparators, renderers

__all__ = ["AutogenContext", "Rewriter", "comparators", "renderers"]


_DEFAULTS = {"include_schemas": False, "include_name": None, "include_object": None, "sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op."}


class AutogenContext:
    """The comparison that is under way."""

    def __init__(self, migration_context, metadata=None, opts=None, autogenerate=True):
        self.migration_context = migration_context
        self.metadata = metadata
        self.opts = dict(opts or {})
        for name, value in _DEFAULTS.items():
            self.opts.setdefault(name, value)
        self.imports = set()
        self.run_filters_called = False
        self.comparators = comparators

    @property
    def connection(self):
        return self.migration_context.bind

    @property
    def dialect(self):
        return self.migration_context.dialect

    @property
    def inspector(self):
        from sqlalchemy._inspect import inspect

        return inspect(self.connection)

    @property
    def sorted_tables(self):
        found = []
        for metadata in self.metadata if isinstance(self.metadata, (list, tuple)) else [self.metadata]:
            found.extend(metadata.sorted_tables)
        return found

    @property
    def table_key_to_table(self):
        return {table.key: table for table in self.sorted_tables}

    def run_name_filters(self, name, type_, parent_names):
        function = self.opts.get("include_name")
        if function is not None and type_ != "schema":
            # As Alembic: a name with its schema goes along.
            parent_names = dict(parent_names)
            table = name if type_ == "table" else parent_names["table_name"]
            if table:
                schema = parent_names.get("schema_name")
                parent_names["schema_qualified_table_name"] = "%s.%s" % (schema, table) if schema else table
        return function is None or bool(function(name, type_, parent_names))

    def run_object_filters(self, object_, name, type_, reflected, compare_to):
        function = self.opts.get("include_object")
        return function is None or bool(function(object_, name, type_, reflected, compare_to))

    run_filters = run_object_filters


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.autogenerate.api." + name)
