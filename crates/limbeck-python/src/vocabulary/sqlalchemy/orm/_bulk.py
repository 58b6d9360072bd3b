"""Many rows in few statements."""

from .._base import NO_ARG
from .._dml import Insert
from ._instances import NO_VALUE, state_of
from ._rows import attribute_for, changed_columns, takes_none, update_row
from ._template import update_by_key

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
        columns = _columns_of(mapper, table)
        for row in rows:
            values = _bulk_values(columns, row, render_nulls)
            names = tuple(values)
            if batch and (names != shape or (len(batch) + 1) * max(len(names), 1) > _PARAMETERS):
                _insert_rows(session, table, batch)
                batch = []
            shape = names
            batch.append(values)
        if batch:
            _insert_rows(session, table, batch)


def _columns_of(mapper, table):
    """What writing a row has to know of each column: attribute, name, default, whether None is a value, whether NULL stands for nothing given."""
    found = []
    for column in table.c:
        left_out = column.primary_key or column.server_default is not None or column.identity is not None or column.computed is not None
        found.append((attribute_for(mapper, column), str(column.key), column.default, takes_none(column), not left_out))
    return found


def _bulk_values(columns, row, render_nulls):
    values = {}
    for key, name, default, none_counts, fill in columns:
        value = row.get(key, NO_VALUE) if key is not None else NO_VALUE
        if value is NO_VALUE:
            value = row.get(name, NO_VALUE)
        if value is None and not render_nulls and not none_counts:
            value = NO_VALUE
        if value is NO_VALUE and default is not None:
            made = default._value_for_statement()
            value = NO_VALUE if made is NO_ARG else made
        if value is NO_VALUE:
            if not fill or none_counts:
                continue
            value = None
        values[name] = value
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
                    keys.append((column, row[source]))
                else:
                    values[str(column.key)] = row[source]
            if not keys:
                from ..exc import InvalidRequestError

                raise InvalidRequestError("Can't process a row of bulk_update_mappings() without its primary key: %r" % (row,))
            if values:
                update_by_key(session, table, keys, values)
