"""Calls env.py's functions with objects of this vocabulary: `include_object`, `compare_type`, `render_item` and their kin."""

from sqlalchemy import _naming
from sqlalchemy._constraints import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy._decode import _text

from . import _metadata
from .autogenerate import comparators
from .autogenerate.api import AutogenContext
from .util import DispatchPriority
from .util.exc import CommandError


def reflected(number, tables):
    """Takes the database's tables over."""
    from ._reflected import make

    target = _metadata.known[number]
    with target:
        target.reflected = make(tables)


def autogen_context(target):
    context = getattr(target, "context", None)
    if context is None:
        context = target.context = AutogenContext(_migration_context(target), target.given, target.opts)
    context.imports = set()
    return context


def compare(target, upgrade):
    """Asks the project's own comparisons: they look at the database and change the operations of an upgrade."""
    context = autogen_context(target)
    schemas = _schemas(target, context)
    for priority in (DispatchPriority.FIRST, DispatchPriority.MEDIUM, DispatchPriority.LAST):
        if priority == DispatchPriority.FIRST:
            # Before the tables were compared.
            rest, upgrade.ops = upgrade.ops, []
        for function in comparators.of("schema", target.dialect, priority):
            function(context, upgrade, set(schemas))
        if priority == DispatchPriority.FIRST:
            upgrade.ops = upgrade.ops + rest


def _schemas(target, context):
    if not target.opts.get("include_schemas"):
        names = {None}
    else:
        inspector = context.inspector
        names = set(inspector.get_schema_names()) - {"information_schema", inspector.default_schema_name} | {None}
    return {name for name in names if context.run_name_filters(name, "schema", {})}


def _migration_context(target):
    from .runtime.migration import MigrationContext, current_context

    try:
        current = current_context()
        if current.opts.get("target_metadata") is target.given:
            return current
    except Exception:
        pass
    return MigrationContext(dict(target.opts, target_metadata=target.given))


def call(number, calls):
    """The answers to a list of questions."""
    target = _metadata.known[number]
    with target:
        return [_ask(target, kind, question) for kind, question in calls]


def _ask(target, kind, question):
    if kind == "name":
        function = _function(target, "include_name")
        return ("bool", bool(function(question["name"], question["type_"], dict(question["parent_names"]))))
    if kind == "object":
        function = _function(target, "include_object")
        compare_to = question["compare_to"]
        other = _find(target, compare_to) if compare_to is not None else None
        return ("bool", bool(function(_find(target, question["object"]), question["name"], question["type_"], question["reflected"], other)))
    if kind == "compare_type":
        ours, wanted = _pair(target, question)
        answer = _function(target, "compare_type")(_migration_context(target), ours, wanted, ours.type, wanted.type)
        return _decision(answer)
    if kind == "compare_server_default":
        ours, wanted = _pair(target, question)
        answer = _function(target, "compare_server_default")(
            _migration_context(target), ours, wanted, question["inspected_default"], wanted.server_default, question["rendered_metadata_default"]
        )
        return _decision(answer)
    context = autogen_context(target)
    type_ = question["type_"]
    try:
        part = _part(target, type_, question["object"])
    except CommandError:
        # `process_revision_directives` made it.
        return "none"
    answer = _function(target, "render_item")(type_, part, context)
    text = "" if answer is None else str(answer)
    return "none" if answer is False else ("text", {"text": text, "imports": sorted(context.imports)})


def _decision(answer):
    return "none" if answer is None else ("bool", bool(answer))


def _function(target, name):
    function = target.opts.get(name)
    if not callable(function):
        raise CommandError("env.py gives no function %s" % name)
    return function


def _pair(target, question):
    name = question["column"]
    return _table(target, "database", question["table"]).c[name], _column(_table(target, "models", question["table"]), name)


def _table(target, side, name):
    schema, table = _text(name.get("schema")), _text(name["name"])
    found = target.reflected.get((schema, table)) if side == "database" else target.table(schema, table)
    if found is None:
        raise CommandError("no table %s is known (%s)" % (table, side))
    return found


def _column(table, name):
    for column in table._column_list:
        if column.name == name:
            return column
    raise CommandError("table %s has no column %s" % (table.name, name))


def _find(target, ref, class_=object):
    table = _table(target, ref["side"], ref["table"])
    item = ref["item"]
    if item == "table":
        return table
    kind, wanted = item
    if kind == "column":
        return _column(table, wanted)
    constraints, indexes = _naming.items_of(table)
    if kind == "index":
        for index in indexes:
            if _named(index, table) == wanted:
                return index
        raise CommandError("table %s has no index %s" % (table.name, wanted))
    found = None
    for constraint in constraints:
        if not isinstance(constraint, class_):
            continue
        name = _named(constraint, table)
        if wanted["name"] is not None:
            if name == wanted["name"]:
                return constraint
        elif [column.name for column in constraint.columns] == list(wanted["columns"]):
            found = found or constraint
    if found is None:
        raise CommandError("table %s has no constraint %s" % (table.name, wanted["name"] or wanted["columns"]))
    return found


_CLASSES = {
    "primary_key": PrimaryKeyConstraint,
    "unique": UniqueConstraint,
    "foreign_key": ForeignKeyConstraint,
    "check": CheckConstraint,
}  # fmt: skip


def _part(target, type_, ref):
    """What `render_item` looks at: a part of a column, or a constraint of that kind."""
    if type_ in ("type", "server_default"):
        column = _find(target, ref)
        return column.type if type_ == "type" else _default(column)
    return _find(target, ref, _CLASSES.get(type_, object))


def _default(column):
    for name in ("computed", "identity"):
        item = getattr(column, name, None)
        if item is not None:
            return item
    return column.server_default


def _named(item, table):
    """The item's name; from here on it has the one that the convention gives it."""
    name = _naming.name_of(item, table)
    if name is not None and item.name is None:
        item.name = name
    return name
