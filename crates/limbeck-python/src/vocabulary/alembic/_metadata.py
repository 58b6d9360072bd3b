"""`target_metadata` as data, after env.py was evaluated: the part of autogenerate that needs the project's objects.

What `context.configure(...)` was given stays in `_limbeck.context["targets"]` until `targets()` takes it; hooks are called with those objects later.
"""

import _limbeck

from sqlalchemy import _naming
from sqlalchemy._base import ident, table_name
from sqlalchemy._schema import MetaData

from . import _spelling

known = []
_FUNCTIONS = ("include_object", "include_name", "render_item", "process_revision_directives")
_PLAIN = (str, int, float, bool, type(None))


def targets():
    """The number of targets; each is asked for by its number."""
    known[:] = [Target(opts, metadata) for opts, metadata in _limbeck.context.pop("targets", ())]
    return len(known)


class Target:
    """One `context.configure(...)`."""

    def __init__(self, opts, metadata):
        self.opts = opts
        self.given = metadata
        self.metadata = _as_list(metadata)
        self.dialect = _limbeck.context.get("dialect") or opts.get("_dialect")
        self.reflected = {}

    def __enter__(self):
        _limbeck.context["dialect"] = self.dialect
        return self

    def __exit__(self, *exc_info):
        return False

    def table(self, schema, name):
        """A table of the models by its name."""
        for metadata in self.metadata:
            found = metadata._tables.get("%s.%s" % (schema, name) if schema else name)
            if found is not None:
                return found
        return None


def _as_list(metadata):
    from .util.exc import CommandError

    if metadata is None:
        return []
    found = list(metadata) if isinstance(metadata, (list, tuple, set, frozenset)) else [metadata]
    for item in found:
        if type(item).__name__ == "Deferred":
            item.__limbeck_use__()
        if not isinstance(item, MetaData):
            raise CommandError("target_metadata is %r, which is neither a MetaData nor a list of them" % (item,))
    return found


def summary(number):
    """Everything about a target but its tables."""
    target = known[number]
    with target:
        return {
            "given": target.given is not None,
            "dialect": target.dialect,
            "options": _options(target.opts),
            "metadata": [
                {
                    "schema": str.__str__(item.schema) if item.schema is not None else None,
                    "naming": {} if _naming.settled_here(item) else item._naming_data(),
                    "sequences": [sequence._data() for sequence in item._sequences.values() if sequence.column is None],
                }
                for item in target.metadata
            ],
        }


def _switch(value):
    return "function" if callable(value) else "on" if value else "off"


def _options(opts):
    data = {"compare_type": _switch(opts.get("compare_type", True)), "compare_server_default": _switch(opts.get("compare_server_default", False))}
    for name in _FUNCTIONS:
        data[name] = bool(opts.get(name))
    for name in ("include_schemas", "render_as_batch"):
        data[name] = bool(opts.get(name))
    for name in ("user_module_prefix", "version_table_schema"):
        data[name] = opts.get(name)
    for name in ("sqlalchemy_module_prefix", "alembic_module_prefix"):
        if name in opts:
            data[name] = opts[name] or ""
    for name in ("upgrade_token", "downgrade_token", "version_table"):
        if opts.get(name):
            data[name] = opts[name]
    plugins = opts.get("autogenerate_plugins")
    if plugins is not None:
        data["plugins"] = [plugin if isinstance(plugin, str) else _plugin_name(plugin) for plugin in plugins]
    from .autogenerate import comparators

    data["own_comparators"] = sorted(str(name) for name in comparators.functions if name != "schema")
    data["compares_schemas"] = "schema" in comparators.functions
    data["enums_apart"] = any(getattr(function, "_makes_enums", False) for _, _, function in comparators.functions.get("schema", ()))
    data["template_args"] = {str(key): value for key, value in (opts.get("template_args") or {}).items() if isinstance(value, _PLAIN)}
    return data


def _plugin_name(plugin):
    return getattr(plugin, "name", None) or getattr(plugin, "__name__", None) or repr(plugin)


def tables(number, item):
    """The tables of one of a target's metadata, in the order in which they can be created."""
    return known[number].metadata[item].sorted_tables


def every_table(number, item):
    """As `tables`, by their keys; raises where their order follows from more than foreign keys."""
    from . import _alike

    metadata = known[number].metadata[item]
    found = _alike.tables(metadata)
    if found is None or _naming.settled_here(metadata):
        raise NotImplementedError("classes have to be evaluated")
    return found


def alike(number, item):
    """The classes of one of a target's metadata that were not evaluated, and their exemplars."""
    from . import _alike

    return _alike.collected(known[number].metadata[item])


def table(number, item, table):
    """One table as data."""
    target = known[number]
    with target:
        if _naming.settled_here(target.metadata[item]):
            data = _naming.settled_data(table)
        else:
            data = table._data()
        if table.info:
            data["info"] = repr(table.info)
        return data


def spellings(number, table):
    """The types of a table's columns as a script writes them, where their data alone does not tell."""
    target = known[number]
    found = []
    with target:
        for column in table._column_list:
            written = _spelling.of_column(column, target)
            if written is not None:
                text, imports, modules = written
                place = {"table": table_name(table.name, table.schema), "column": str.__str__(column.name)}
                found.append({**place, "text": text, "imports": imports, "modules": modules, "shown": _spelling.shown(column.type)})
    return found
