"""The same UPDATE for many rows: encoded once, then only the values change."""

import _limbeck

from .._dml import Update
from .._elements import bind_value, is_clause
from .._selectable import encode_statement


def update_by_key(session, table, keys, values):
    """Writes `values` (by column key) to the row whose key columns have these values."""

    def statement():
        return Update(table).where(*[column == value for column, value in keys]).values(values)

    if not _is_plain(table, keys, values):
        session._run(statement())
        return
    shape = (id(table), tuple(values), tuple(type(value) for _, value in keys))
    template = session._templates.get(shape)
    if template is None:
        template = session._templates[shape] = _Template(table, keys, statement(), values)
    if template.places is None:
        session._run(statement())
    else:
        session.connection()
        template.run(list(values.values()) + [value for _, value in keys])


def _is_plain(table, keys, values):
    if _limbeck.context.get("learn") or any(value is None for _, value in keys) or any(is_clause(value) for value in values.values()):
        return False
    return all(getattr(column, "onupdate", None) is None for column in table.c)


class _Template:
    """An encoded statement, and where in it each value stands."""

    def __init__(self, table, keys, statement, values):
        self.query = encode_statement(statement)
        data = self.query[1]
        by_column = {}
        for item in data["set"]:
            name = item["column"]
            by_column[name["text"] if isinstance(name, dict) else name] = item["value"]
        found = []
        for key in values:
            column = table.c[key]
            found.append((by_column.get(str(column.name)), column.type))
        binds = []
        for part in data["where_"]:
            _collect(part, binds)
        found.extend((bind, column.type.coerce_compared_value("=", value)) for bind, (column, value) in zip(binds, keys))
        plain = len(binds) == len(keys) and all(isinstance(bind, tuple) and bind[0] == "bind" for bind, _ in found)
        self.places = [(bind[1], type_) for bind, type_ in found] if plain else None

    def run(self, values):
        for (bind, type_), value in zip(self.places, values):
            bind["value"] = bind_value(type_, value)
        _limbeck.execute(self.query)


def _collect(data, binds):
    """The parameters of an encoded condition, in order."""
    if isinstance(data, tuple) and len(data) == 2 and data[0] == "bind":
        binds.append(data)
    elif isinstance(data, dict):
        for value in data.values():
            _collect(value, binds)
    elif isinstance(data, (tuple, list)):
        for value in data:
            _collect(value, binds)
