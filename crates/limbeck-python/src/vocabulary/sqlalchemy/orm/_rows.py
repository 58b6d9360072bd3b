"""One object, one row: INSERT, UPDATE and DELETE of mapped objects."""

from .._base import NO_ARG
from .._dml import Delete, Insert
from .._elements import clause, is_clause
from ._instances import NO_VALUE, state_of
from ._template import update_by_key


def takes_none(column):
    """Whether None is a value of its own for a type: JSON writes it as `null`."""
    type_ = column.type
    return bool(getattr(type_, "should_evaluate_none", False)) or (type(type_).__name__ in ("JSON", "JSONB") and not getattr(type_, "none_as_null", False))


def attribute_for(mapper, column):
    """The attribute that holds a column of one of the mapper's tables."""
    known = mapper._by_column
    if known is None:
        known = mapper._by_column = {}
        for key, attribute in mapper.attributes.items():
            for own in getattr(attribute, "columns", ()):
                known.setdefault(id(own), key)
    return known.get(id(column))


def _new_values(obj, mapper, table):
    """Column values of a new row: what was given, defaults that are functions or values, NULL for the rest that has no default in the database."""
    values = {}
    given = obj.__dict__
    for column in table.c:
        key = attribute_for(mapper, column)
        if key is None:
            continue
        value = given.get(key, NO_VALUE)
        if value is None and not takes_none(column):
            value = NO_VALUE
        if value is NO_VALUE and column.default is not None:
            made = column.default._value_for_statement()
            if made is not NO_ARG:
                value = made
                if not is_clause(made):
                    given[key] = made
        if value is NO_VALUE:
            if column.primary_key or column.server_default is not None or column.identity is not None or column.computed is not None:
                continue
            if column._sequence() is not None or takes_none(column):
                continue
            value = None
            given.setdefault(key, None)
        values[str(column.key)] = value
    return values


def insert_row(session, obj):
    state = state_of(obj)
    mapper = state.mapper
    if mapper.polymorphic_on is not None and mapper.polymorphic_identity is not None:
        key = mapper.attribute_of(mapper.polymorphic_on)
        if obj.__dict__.get(key) is None:
            obj.__dict__[key] = mapper.polymorphic_identity
    unknown = []
    for table in mapper.tables:
        values = _new_values(obj, mapper, table)
        done = session._run(Insert(table).values(values))
        keys = list(table.primary_key.columns)
        made = list(done.inserted_primary_key) if any(str(column.key) not in values or is_clause(values[str(column.key)]) for column in keys) else []
        for column, value in zip(keys, made):
            name = attribute_for(mapper, column)
            if name is not None and (obj.__dict__.get(name) is None or is_clause(obj.__dict__[name])):
                obj.__dict__[name] = value
        for name, value in values.items():
            if is_clause(value):
                unknown.append(attribute_for(mapper, table.c[name]))
    state.key = mapper.identity_key_from_primary_key([obj.__dict__.get(name) for name in mapper.primary_key_attributes])
    session._hold(state.key, obj)
    for name in mapper.columns_by_attribute:
        column = mapper.columns_by_attribute[name]
        if name in unknown and not column.primary_key:
            obj.__dict__.pop(name, None)


def changed_columns(obj, state):
    """Attributes whose value is another than that of the row."""
    found = []
    for key, old in state.original.items():
        if key not in state.mapper.columns_by_attribute or key not in obj.__dict__:
            continue
        new = obj.__dict__[key]
        if old is NO_VALUE or is_clause(new) or _differ(state.mapper.columns_by_attribute[key], old, new):
            found.append(key)
    return found


def _differ(column, old, new):
    if type(old) is not type(new) and (old is None or new is None):
        return True
    try:
        return not column.type.compare_values(old, new)
    except Exception:
        return True


def update_row(session, obj):
    state = state_of(obj)
    mapper = state.mapper
    changed = changed_columns(obj, state)
    if not changed:
        return
    expressions = []
    for table in mapper.tables:
        values = {}
        for column in table.c:
            key = attribute_for(mapper, column)
            if key in changed:
                values[str(column.key)] = obj.__dict__[key]
                if is_clause(obj.__dict__[key]):
                    expressions.append(key)
        if values:
            update_by_key(session, table, _row_keys(mapper, table, state), values)
            expressions.extend(attribute_for(mapper, column) for column in table.c if getattr(column, "onupdate", None) is not None)
    keys = mapper.primary_key_attributes
    if any(key in changed for key in keys):
        session._map.pop(state.key, None)
        state.key = mapper.identity_key_from_primary_key([obj.__dict__[key] for key in keys])
        session._hold(state.key, obj)
    for key in expressions:
        if key is not None and key not in changed or (key is not None and is_clause(obj.__dict__.get(key))):
            obj.__dict__.pop(key, None)


def _row_keys(mapper, table, state):
    """The key of the object's row in one of its tables: columns and values."""
    by_attribute = dict(zip(mapper.primary_key_attributes, state.key[1]))
    columns = list(table.primary_key.columns) if table is not mapper.tables[0] else mapper.primary_key
    return [(clause(column), by_attribute.get(attribute_for(mapper, column))) for column in columns]


def delete_row(session, obj):
    state = state_of(obj)
    mapper = state.mapper
    for table in reversed(mapper.tables):
        session._run(Delete(table).where(*[column == value for column, value in _row_keys(mapper, table, state)]))
    session._map.pop(state.key, None)
    state.deleted = True
    state.session = None
