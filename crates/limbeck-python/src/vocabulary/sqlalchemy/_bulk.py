"""Rows of `op.bulk_insert`."""

from . import _types
from ._base import encoding, ident, offline, table_name
from ._binds import bind_value
from ._dml import Insert
from ._elements import BindParameter, clause, is_clause


def encode_rows(table, rows, multiinsert):
    """Encodes rows by the table's columns; client-side defaults fill what a row leaves out."""
    from ._dml import _defaults

    table = clause(table)
    statement = Insert(table)
    encoded = []
    used = []
    binds = {}
    with encoding():
        for row in rows:
            if not isinstance(row, dict):
                row = dict(row)
            if offline():
                for key in row:
                    if key not in table.c:
                        raise KeyError(key)
            settled = statement._settled(row)
            settled = settled + _defaults(table, [column for column, _ in settled], "default")
            cells = []
            for column, value in settled:
                bind = binds.get(column)
                if bind is None:
                    bind = binds[column] = _Bind(column)
                    used.append(column)
                cells.append([bind.name, bind.cell(value)])
            encoded.append(cells)
        columns = [column for column in table.c if any(column is known for known in used)]
        columns += [column for column in used if not any(column is known for known in columns)]
        return {
            "table": table_name(table.name, table.schema),
            "columns": [[ident(column.name), _types.encode(column.type)] for column in columns],
            "rows": encoded,
            "multi_insert": bool(multiinsert),
        }


class _Bind:
    """What the cells of one column have in common."""

    def __init__(self, column):
        self.column = column
        self.name = ident(column.name)
        self.type = column.type
        self.data = BindParameter(str(column.key), type_=column.type)._payload()

    def cell(self, value):
        if is_clause(value):
            element = clause(value)
            if isinstance(element, BindParameter) and element.type is _types.NULLTYPE:
                element = element._copy_self()
                element.type = self.type
            return element._encode()
        return ("bind", dict(self.data, value=bind_value(self.type, value)))
