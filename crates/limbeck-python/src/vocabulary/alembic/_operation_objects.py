"""Operations as the objects of `alembic.operations.ops`, from data."""

from sqlalchemy._base import conv
from sqlalchemy._decode import _text, default_text, expression_text, name_of, option_value, type_of
from sqlalchemy._elements import ColumnElement, TextClause

from .operations import ops


class Kept(ColumnElement):
    """An expression that goes back as it came."""

    def __init__(self, data):
        self.data = data

    def _encode(self):
        return self.data

    def __str__(self):
        return expression_text(self.data)

    __repr__ = __str__
    text = property(__str__)


class Opaque(ops.MigrateOperation):
    """An operation without a class in Alembic."""

    def __init__(self, data):
        self.data = data

    def _invoke(self, operations=None):
        import _limbeck

        _limbeck.operation(self.data)


def make(operation, target):
    tag, data = operation
    function = _MAKERS.get(tag)
    return Opaque(operation) if function is None else function(data, target)


def _full(name):
    return _text(name["name"]), _text(name.get("schema"))


def _name(data):
    name = name_of(data)
    return conv(name) if name is not None and data[0] == "final" else name


def _options(data):
    return {key: Kept(value[1]) if not isinstance(value, str) and value[0] == "expr" else option_value(value) for key, value in (data or {}).items()}


def _create_table(data, target):
    from ._reflected import make as tables

    name, schema = _full(data["table"]["name"])
    table = target.table(schema, name)
    if table is None:
        table = tables([data["table"]])[(schema, name)]
    items = list(table._column_list) + list(table._constraint_list)
    made = ops.CreateTableOp(name, items, schema=schema, if_not_exists=data.get("if_not_exists") or None, comment=table.comment, prefixes=table._prefixes or None, **table._dialect_kw)
    made.info_table = table
    return made


def _drop_table(data, target):
    name, schema = _full(data["table"])
    return ops.DropTableOp(name, schema=schema, if_exists=data.get("if_exists") or None, table_kw=_options(data.get("options")))


def _column(data, table_name, target):
    """The model's own column, else one made from the data."""
    name, schema = _full(table_name)
    table = target.table(schema, name)
    for column in table._column_list if table is not None else ():
        if column.name == _text(data["name"]):
            return column._copy()
    from ._reflected import make as tables

    made = tables([{"name": {"name": "t"}, "columns": [data]}])[(None, "t")]
    return made._column_list[0]._copy()


def _add_column(data, target):
    name, schema = _full(data["table"])
    options = {key: data.get(key) or None for key in ("if_not_exists", "inline_references", "inline_primary_key")}
    return ops.AddColumnOp(name, _column(data["column"], data["table"], target), schema=schema, **options)


def _drop_column(data, target):
    name, schema = _full(data["table"])
    return ops.DropColumnOp(name, _text(data["column"]), schema=schema, if_exists=data.get("if_exists") or None, **_options(data.get("options")))


def _change(data, decode):
    if data in (None, "keep"):
        return False
    return None if data == "clear" else decode(data[1])


def _default(data):
    if data == "fetched":
        return None
    tag, payload = data
    if tag == "text":
        return payload
    if tag == "expr":
        return Kept(payload)
    text = default_text(data)
    return TextClause(text) if text is not None else None


def _alter_column(data, target):
    name, schema = _full(data["table"])
    types = {key: type_of(data[key]) if data.get(key) is not None else None for key in ("type_", "existing_type")}
    table = target.table(schema, name)
    if types["type_"] is not None and table is not None:
        for column in table._column_list:
            if column.name == _text(data["column"]):
                types["type_"] = column.type
    more = {key: data[key] for key in ("autoincrement", "existing_autoincrement") if data.get(key) is not None}
    return ops.AlterColumnOp(
        name, _text(data["column"]), schema=schema, existing_type=types["existing_type"], existing_nullable=data.get("existing_nullable"),
        existing_comment=data.get("existing_comment"), existing_server_default=_change(data.get("existing_server_default"), _default),
        modify_nullable=data.get("nullable"), modify_comment=_change(data.get("comment"), str),
        modify_server_default=_change(data.get("server_default"), _default), modify_name=_text(data.get("new_name")), modify_type=types["type_"],
        **more, **_options(data.get("options")),
    )  # fmt: skip


def _create_index(data, target):
    index = data["index"]
    name, schema = _full(index["table"])
    columns = [
        _text(element[1]["name"]) if not isinstance(element, str) and element[0] == "column" else Kept(element) for element in index["elements"]
    ]
    options = _options(index.get("options"))
    return ops.CreateIndexOp(_name(index.get("name")), name, columns, schema=schema, unique=bool(index.get("unique")), if_not_exists=data.get("if_not_exists") or None, **options)


def _drop_index(data, target):
    name, schema = _full(data["table"]) if data.get("table") else (None, _text(data.get("schema")))
    return ops.DropIndexOp(_name(data.get("name")), name, schema=schema, if_exists=data.get("if_exists") or None, **_options(data.get("options")))


def _create_constraint(data, target):
    name, schema = _full(data["table"])
    tag, constraint = data["constraint"]
    own = _name(constraint.get("name"))
    columns = [_text(column) for column in constraint.get("columns") or ()]
    common = {key: constraint[key] for key in ("deferrable", "initially") if constraint.get(key) is not None}
    common.update(_options(constraint.get("options")))
    if tag == "unique":
        return ops.CreateUniqueConstraintOp(own, name, columns, schema=schema, **common)
    if tag == "primary_key":
        return ops.CreatePrimaryKeyOp(own, name, columns, schema=schema)
    if tag == "check":
        return ops.CreateCheckConstraintOp(own, name, Kept(constraint["condition"]), schema=schema, **common)
    if tag == "foreign_key":
        referent, referent_schema = _full(constraint["referred_table"])
        more = {"match": constraint["match_"]} if constraint.get("match_") else {}
        more.update({key: constraint[key] for key in ("onupdate", "ondelete") if constraint.get(key)})
        return ops.CreateForeignKeyOp(
            own, name, referent, columns, [_text(column) for column in constraint["referred_columns"]], source_schema=schema,
            referent_schema=referent_schema, **common, **more,
        )  # fmt: skip
    return Opaque(("create_constraint", data))


_WORDS = {"primary_key": "primary", "unique": "unique", "check": "check", "foreign_key": "foreignkey"}


def _drop_constraint(data, target):
    name, schema = _full(data["table"])
    return ops.DropConstraintOp(_name(data.get("name")), name, _WORDS.get(data.get("kind")), schema=schema, if_exists=data.get("if_exists") or None)


def _create_comment(data, target):
    name, schema = _full(data["table"])
    return ops.CreateTableCommentOp(name, data.get("comment"), schema=schema)


def _drop_comment(data, target):
    name, schema = _full(data["table"])
    return ops.DropTableCommentOp(name, schema=schema)


_MAKERS = {
    "create_table": _create_table, "drop_table": _drop_table, "add_column": _add_column, "drop_column": _drop_column, "alter_column": _alter_column,
    "create_index": _create_index, "drop_index": _drop_index, "create_constraint": _create_constraint, "drop_constraint": _drop_constraint,
    "create_table_comment": _create_comment, "drop_table_comment": _drop_comment,
}  # fmt: skip
