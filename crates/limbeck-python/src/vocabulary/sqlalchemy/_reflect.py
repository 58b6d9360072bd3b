"""Tables read from the database: `Table(autoload_with=…)`, `MetaData.reflect`."""

from . import exc
from ._base import conv
from ._constraints import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from ._decode import _text, default_text, expression_text, name_of, option_value, type_of
from ._defaults import Computed, DefaultClause, Identity
from ._elements import TextClause
from ._inspect import Inspector, inspect


def inspector_of(bind):
    if isinstance(bind, Inspector):
        return bind
    return inspect(bind)


def load_table(table, bind, given, include, resolve_fks):
    """Fills a table from the database; columns in `given` are the script's own."""
    from ._schema import Column

    inspector = inspector_of(bind)
    data = inspector._table(table.name, table.schema)
    primary = inspector._primary_key_names(data)
    for entry in data["columns"]:
        name = _text(entry["name"])
        if name in given or (include is not None and name not in include):
            continue
        if name in table.c:
            continue
        items = []
        if entry.get("identity") is not None:
            items.append(Identity(**{key: value for key, value in entry["identity"].items() if value is not None}))
        if entry.get("computed") is not None:
            items.append(Computed(TextClause(expression_text(entry["computed"]["expr"])), entry["computed"].get("persisted")))
        column = Column(
            name, type_of(entry["type_"]), *items, primary_key=name in primary, nullable=inspector._column(entry, primary)["nullable"], comment=entry.get("comment")
        )
        text = default_text(entry.get("server_default"))
        if text is not None:
            column.server_default = DefaultClause(TextClause(text), _reflected=True)
        if column._sequence_item is None and text is not None and text.startswith("nextval("):
            column.autoincrement = True
        table.append_column(column)
    if data.get("comment") is not None and table.comment is None:
        table.comment = data["comment"]
    for option, value in (data.get("options") or {}).items():
        table._dialect_kw.setdefault(option, option_value(value))
    _load_constraints(table, data, inspector, include, resolve_fks)


def _load_constraints(table, data, inspector, include, resolve_fks):
    for tag, constraint in data.get("constraints") or ():
        name = name_of(constraint.get("name"))
        name = conv(name) if name is not None else None
        columns = [_text(column) for column in constraint.get("columns") or ()]
        if include is not None and not all(column in table.c for column in columns):
            continue
        common = {"name": name, "deferrable": constraint.get("deferrable"), "initially": constraint.get("initially")}
        if tag == "primary_key":
            made = PrimaryKeyConstraint(*columns, **common)
        elif tag == "unique":
            made = UniqueConstraint(*columns, **common)
        elif tag == "check":
            made = CheckConstraint(TextClause(expression_text(constraint["condition"])), **common)
        elif tag == "foreign_key":
            made = _foreign_key(table, constraint, columns, common, inspector, resolve_fks)
        else:
            continue
        made._reflected = True
        table.append_constraint(made)
    for entry in data.get("indexes") or ():
        elements = []
        for element in entry["elements"]:
            if isinstance(element, (tuple, list)) and element[0] == "column":
                elements.append(_text(element[1]["name"]))
            else:
                elements.append(TextClause(expression_text(element)))
        if include is not None and any(isinstance(element, str) and element not in table.c for element in elements):
            continue
        options = {key: option_value(value) for key, value in (entry.get("options") or {}).items()}
        for key, value in options.items():
            if key.endswith("_where") and isinstance(value, str):
                options[key] = TextClause(value)
        name = name_of(entry.get("name"))
        Index(conv(name) if name is not None else None, *elements, unique=bool(entry.get("unique")), _table=table, **options)


def _foreign_key(table, constraint, columns, common, inspector, resolve_fks):
    referred = constraint["referred_table"]
    schema, name = _text(referred.get("schema")), _text(referred["name"])
    full = "%s.%s" % (schema, name) if schema else name
    names = [_text(column) for column in constraint["referred_columns"]]
    if resolve_fks and full not in table.metadata.tables:
        from ._schema import Table

        try:
            Table(name, table.metadata, schema=schema, autoload_with=inspector)
        except exc.NoSuchTableError:
            pass
    if not names:
        target = table.metadata.tables.get(full)
        names = [column.name for column in target.primary_key.columns] if target is not None else columns
    return ForeignKeyConstraint(
        columns, ["%s.%s" % (full, column) for column in names], onupdate=constraint.get("onupdate"), ondelete=constraint.get("ondelete"),
        match=constraint.get("match_"), **common,
    )  # fmt: skip


def reflect(metadata, bind, schema, views, only, extend_existing, resolve_fks):
    from ._schema import Table

    inspector = inspector_of(bind)
    schema = schema if schema is not None else metadata.schema
    names = inspector.get_table_names(schema)
    if views:
        names = names + inspector.get_view_names(schema)
    if only is not None:
        if callable(only):
            names = [name for name in names if only(name, metadata)]
        else:
            missing = [name for name in only if name not in names]
            if missing:
                raise exc.InvalidRequestError(
                    "Could not reflect: requested table(s) not available in %r%s: (%s)"
                    % (inspector.engine, " schema %r" % schema if schema else "", ", ".join(missing))
                )
            names = [name for name in only]
    for name in names:
        full = "%s.%s" % (schema, name) if schema else name
        if full in metadata.tables and not extend_existing:
            continue
        options = {"extend_existing": True} if full in metadata.tables else {}
        Table(name, metadata, schema=schema, autoload_with=inspector, resolve_fks=resolve_fks, **options)
