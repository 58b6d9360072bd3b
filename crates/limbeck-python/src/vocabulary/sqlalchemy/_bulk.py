"""Rows of `op.bulk_insert`."""

from . import _types
from ._base import encoding, ident, offline, table_name
from ._dml import Insert
from ._elements import BindParameter, clause, is_clause


def encode_rows(table, rows, multiinsert):
    """Encodes rows by the table's columns; client-side defaults fill what a row leaves out."""
    from ._dml import _defaults

    table = clause(table)
    statement = Insert(table)
    encoded = []
    used = []
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
            for column, _ in settled:
                if not any(column is known for known in used):
                    used.append(column)
            encoded.append([[ident(column.name), _cell(column, value)] for column, value in settled])
        columns = [column for column in table.c if any(column is known for known in used)]
        columns += [column for column in used if not any(column is known for known in columns)]
        return {
            "table": table_name(table.name, table.schema),
            "columns": [[ident(column.name), _types.encode(column.type)] for column in columns],
            "rows": encoded,
            "multi_insert": bool(multiinsert),
        }


def _cell(column, value):
    if is_clause(value):
        element = clause(value)
        if isinstance(element, BindParameter) and element.type is _types.NULLTYPE:
            element = element._copy_self()
            element.type = column.type
        return element._encode()
    return BindParameter(str(column.key), value, type_=column.type)._encode()
