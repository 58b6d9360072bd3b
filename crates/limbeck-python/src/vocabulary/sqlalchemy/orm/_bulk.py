"""Many rows in few statements."""

from .._base import NO_ARG
from .._dml import Insert, Update
from ._instances import NO_VALUE, state_of
from ._rows import attribute_for, changed_columns, takes_none, update_row

# Parameters of one INSERT of many rows: SQLite takes 32,766.
_PARAMETERS = 3000


def bulk_save(session, objects):
    """New objects become rows, known ones are updated; sessions and relationships have no part in it."""
    new, known = [], []
    for obj in objects:
        state = state_of(obj)
        (known if state.key is not None else new).append(obj)
    by_mapper = {}
    for obj in new:
        by_mapper.setdefault(state_of(obj).mapper, []).append(obj)
    for mapper, group in by_mapper.items():
        rows = [{key: value for key, value in obj.__dict__.items() if key in mapper.columns_by_attribute} for obj in group]
        bulk_insert(session, mapper, rows)
        for obj in group:
            state_of(obj).original.clear()
    for obj in known:
        state = state_of(obj)
        if changed_columns(obj, state):
            update_row(session, obj)
        state.original.clear()
        session._dirty.pop(id(obj), None)


def bulk_insert(session, mapper, rows, render_nulls=False):
    """Rows given by attribute, in as few statements as their shapes allow."""
    if mapper.polymorphic_on is not None and mapper.polymorphic_identity is not None:
        key = mapper.attribute_of(mapper.polymorphic_on)
        for row in rows:
            row.setdefault(key, mapper.polymorphic_identity)
    for table in mapper.tables:
        shape, batch = None, []
        for row in rows:
            values = _bulk_values(mapper, table, row, render_nulls)
            names = tuple(values)
            if batch and (names != shape or (len(batch) + 1) * max(len(names), 1) > _PARAMETERS):
                _insert_rows(session, table, batch)
                batch = []
            shape = names
            batch.append(values)
        if batch:
            _insert_rows(session, table, batch)


def _bulk_values(mapper, table, row, render_nulls):
    values = {}
    for column in table.c:
        key = attribute_for(mapper, column)
        value = row.get(key, NO_VALUE) if key is not None else NO_VALUE
        if value is NO_VALUE and str(column.key) in row:
            value = row[str(column.key)]
        if value is None and not render_nulls and not takes_none(column):
            value = NO_VALUE
        if value is NO_VALUE and column.default is not None:
            made = column.default._value_for_statement()
            value = NO_VALUE if made is NO_ARG else made
        if value is NO_VALUE:
            if column.primary_key or column.server_default is not None or column.identity is not None or column.computed is not None:
                continue
            value = None
        values[str(column.key)] = value
    return values


def _insert_rows(session, table, rows):
    if len(rows) == 1 or not rows[0]:
        for row in rows:
            session._run(Insert(table).inline().values(row))
        return
    session._run(Insert(table).inline().values(rows))


def bulk_update(session, mapper, rows):
    """Rows by primary key."""
    for row in rows:
        for table in mapper.tables:
            keys, values = [], {}
            for column in table.c:
                name = attribute_for(mapper, column)
                source = name if name in row else str(column.key) if str(column.key) in row else None
                if source is None:
                    continue
                if column.primary_key:
                    keys.append(column == row[source])
                else:
                    values[str(column.key)] = row[source]
            if not keys:
                from ..exc import InvalidRequestError

                raise InvalidRequestError("Can't process a row of bulk_update_mappings() without its primary key: %r" % (row,))
            if values:
                session._run(Update(table).where(*keys).values(values))
