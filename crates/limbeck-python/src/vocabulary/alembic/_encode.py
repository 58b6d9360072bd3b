"""Encodes the arguments of directives: shared by `op`, batch blocks and operation objects."""

from sqlalchemy import _options
from sqlalchemy._base import constraint_name, encoding, ident, literal, table_name
from sqlalchemy._constraints import CheckConstraint, ExcludeConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint, index_element
from sqlalchemy._types import encode as encode_type

__all__ = ["constraint_name", "ident", "literal", "table_name"]

_KINDS = {"foreignkey": "foreign_key", "primary": "primary_key", "unique": "unique", "check": "check"}


def constraint_kind(type_):
    if type_ is None:
        return None
    kind = _KINDS.get(type_)
    if kind is None:
        raise TypeError("'type' can be one of %s" % ", ".join(sorted(repr(item) for item in list(_KINDS) + [None])))
    return kind


def _tagged(constraint):
    with encoding():
        return constraint._tagged()


def unique(name, columns, options):
    return _tagged(UniqueConstraint(*list(columns), name=name, **options))


def primary_key(name, columns, options):
    return _tagged(PrimaryKeyConstraint(*list(columns), name=name, **options))


def check(name, condition, options):
    return _tagged(CheckConstraint(condition, name=name, **options))


def exclude(name, elements, options):
    return _tagged(ExcludeConstraint(*elements, name=name, **options))


def foreign_key(name, referent_table, local_cols, remote_cols, referent_schema, options):
    if isinstance(local_cols, str) or isinstance(remote_cols, str):
        from sqlalchemy import exc

        raise exc.ArgumentError("ForeignKeyConstraint columns must be given as lists")
    for key, value in list(options.items()):
        if value is None:
            del options[key]
    made = ForeignKeyConstraint(list(local_cols), ["t.%s" % column for column in remote_cols], name=name, **options)
    tag, data = _tagged(made)
    data["referred_table"] = table_name(referent_table, referent_schema)
    data["referred_columns"] = [ident(column) for column in remote_cols]
    return (tag, data)


def index(name, table, schema, columns, unique, options):
    options = _options.check("Index", options, _INDEX) if options else {}
    if isinstance(columns, str):
        columns = [columns]
    with encoding():
        return {
            "name": constraint_name(name),
            "table": table_name(table, schema),
            "elements": [index_element(item) for item in columns],
            "unique": bool(unique),
            "options": _options.encode(options),
        }


_INDEX = Index.__new__(Index)


def drop_index(name, table, schema, if_exists, options):
    options = _options.check("Index", options, _INDEX) if options else {}
    data = {"name": constraint_name(name), "if_exists": bool(if_exists), "options": _options.encode(options)}
    if table is not None:
        data["table"] = table_name(table, schema)
    elif schema is not None:
        data["schema"] = ident(schema)
    return data


def column(item, table=None, schema=None):
    """Encodes a column that is added; it may be one of another table already."""
    if item.table is not None:
        item = item._copy()
    with encoding():
        return item._data()


def _change(value, encode):
    if value is False:
        return "keep"
    if value is None:
        return "clear"
    return ("set", encode(value))


def alter_column(table, schema, name, nullable, comment, server_default, new_column_name, type_, existing_type, existing_server_default, existing_nullable,
                 existing_comment, options):  # fmt: skip
    from sqlalchemy._defaults import encode_server_default

    data = {"table": table_name(table, schema), "column": ident(name)}
    with encoding():
        if nullable is not None:
            data["nullable"] = bool(nullable)
        data["server_default"] = _change(server_default, encode_server_default)
        data["comment"] = _change(comment, str)
        if new_column_name is not None:
            data["new_name"] = ident(new_column_name)
        if type_ is not None:
            data["type_"] = encode_type(type_)
        if existing_type is not None:
            data["existing_type"] = encode_type(existing_type)
        data["existing_server_default"] = _change(existing_server_default, encode_server_default)
        if existing_nullable is not None:
            data["existing_nullable"] = bool(existing_nullable)
        if existing_comment is not None:
            data["existing_comment"] = str(existing_comment)
        for key in ("autoincrement", "existing_autoincrement"):
            value = options.pop(key, None)
            if value is not None:
                data[key] = bool(value)
        if options:
            data["options"] = _options.encode(options)
    return data
