"""Tables of the database as objects, from what Rust read."""

from sqlalchemy._decode import _text
from sqlalchemy._inspect import Inspector
from sqlalchemy._reflect import load_table
from sqlalchemy._schema import MetaData, Table


class _Told(Inspector):
    """An inspector that was told everything."""

    def __init__(self, tables):
        self.tables = tables

    def _table(self, table_name, schema=None):
        return self.tables[(schema, str(table_name))]

    @property
    def dialect(self):
        from sqlalchemy._engine import current_dialect

        return current_dialect()


def make(tables):
    """Tables by schema and name."""
    known = {(_text(data["name"].get("schema")), _text(data["name"]["name"])): data for data in tables}
    inspector = _Told(known)
    metadata = MetaData()
    made = {}
    for schema, name in known:
        table = made[(schema, name)] = Table(name, metadata, schema=schema)
        load_table(table, inspector, set(), None, False)
    return made
