"""Writing a session's changes: new rows, changed rows, rows that go, in an order that foreign keys allow."""

from .._base import NO_ARG
from .._dml import Delete, Insert, Update
from .._elements import clause, is_clause
from .._schema import sort_tables
from ._instances import NO_VALUE, state_of

# Parameters of one INSERT of many rows: SQLite takes 32,766.
_PARAMETERS = 3000


def flush(session):
    """Writes what is pending."""
    _orphans(session)
    deleted = dict(session._deleted)
    new = [obj for key, obj in session._new.items() if key not in deleted]
    dirty = [obj for key, obj in session._dirty.items() if key not in deleted]
    _unlink_deleted(session, deleted, dirty)
    for obj in _ordered(new):
        _take_keys(obj)
        _insert(session, obj)
        _give_keys(session, obj, dirty, new)
    for obj in dirty:
        _take_keys(obj)
        _give_keys(session, obj, dirty, new)
    for obj in dirty:
        _update(session, obj)
    links = [(obj, relation) for obj in new + dirty for relation in state_of(obj).mapper.relations.values()]
    _write_links(session, links, deleted)
    for obj in reversed(_ordered(list(deleted.values()))):
        _delete(session, obj)
    for obj in new + dirty:
        state_of(obj).original.clear()
    session._new.clear()
    session._dirty.clear()
    session._deleted.clear()


# ---------------------------------------------------------------- order


def _tables_in_order(objects):
    tables = []
    for obj in objects:
        for table in state_of(obj).mapper.tables:
            if not any(table is known for known in tables):
                tables.append(table)
    return sort_tables(tables)


def _ordered(objects):
    """Objects by the order of their tables; those of one table after those they refer to."""
    if len(objects) < 2:
        return list(objects)
    tables = _tables_in_order(objects)
    places = {id(table): number for number, table in enumerate(tables)}
    objects = sorted(objects, key=lambda obj: places[id(state_of(obj).mapper.tables[0])])
    if not any(_refers_to_itself(state_of(obj).mapper) for obj in objects):
        return objects
    there = {id(obj) for obj in objects}
    done, result = set(), []

    def visit(obj):
        if id(obj) in done:
            return
        done.add(id(obj))
        for needed in _needs(obj):
            if id(needed) in there:
                visit(needed)
        result.append(obj)

    for obj in objects:
        visit(obj)
    return result


def _refers_to_itself(mapper):
    return any(getattr(relation.target, "base", None) is mapper.base for relation in mapper.relations.values() if relation.target is not None)


def _needs(obj):
    """What must be there before an object: the targets of its many-to-one relationships, and the owner of the collection it is in."""
    from ._relation import MANYTOONE

    found = []
    for key, relation in state_of(obj).mapper.relations.items():
        if relation._problem is None and relation.target is not None and relation.direction is MANYTOONE:
            value = obj.__dict__.get(key)
            if value is not None:
                found.append(value)
    return found


# ---------------------------------------------------------------- relationships to columns


def _writing_relations(obj):
    for key, relation in state_of(obj).mapper.relations.items():
        if not relation.viewonly and relation._problem is None and relation.target is not None:
            yield key, relation


def _assign(obj, key, value):
    """Sets a column from a relationship, as a change of its own."""
    state = state_of(obj)
    old = obj.__dict__.get(key, NO_VALUE)
    if old is not NO_VALUE and old == value:
        return
    state.original.setdefault(key, old)
    obj.__dict__[key] = value


def _take_keys(obj):
    """Foreign keys from the objects that a many-to-one relationship names."""
    from ._relation import MANYTOONE

    state = state_of(obj)
    for key, relation in _writing_relations(obj):
        if relation.direction is not MANYTOONE or key not in obj.__dict__:
            continue
        if state.key is not None and key not in state.original:
            continue
        value = obj.__dict__[key]
        for local, away in relation.pairs:
            if value is None:
                if key in state.original or state.key is None:
                    # A new object whose relationship was set to nothing keeps a key that was given by itself.
                    if state.key is not None or state.original.get(key, NO_VALUE) is not NO_VALUE:
                        _assign(obj, relation.parent.attribute_of(local), None)
                continue
            _assign(obj, relation.parent.attribute_of(local), getattr(value, relation.target.attribute_of(away)))


def _give_keys(session, obj, dirty, new):
    """The object's key to those in its one-to-many collections; those that left lose it."""
    from ._relation import ONETOMANY

    state = state_of(obj)
    for key, relation in _writing_relations(obj):
        if relation.direction is not ONETOMANY or key not in obj.__dict__:
            continue
        items = _items(relation, obj.__dict__[key])
        before = state.original.get(key)
        if before is None and state.key is not None and key not in state.original and not any(state_of(item).key is None for item in items):
            continue
        for item in items:
            for local, away in relation.pairs:
                _assign(item, relation.target.attribute_of(away), getattr(obj, relation.parent.attribute_of(local)))
            _is_dirty(session, item, dirty, new)
        for item in _gone(before, items):
            if id(item) in session._deleted or (relation.reverse is not None and item.__dict__.get(relation.reverse.key) not in (None, obj)):
                continue
            for _, away in relation.pairs:
                _assign(item, relation.target.attribute_of(away), None)
            _is_dirty(session, item, dirty, new)


def _is_dirty(session, item, dirty, new):
    state = state_of(item)
    if state.key is not None and state.original and id(item) not in session._deleted and not any(item is other for other in dirty):
        dirty.append(item)


def _gone(before, items):
    if not isinstance(before, (list, tuple)):
        return [before] if before is not None and before is not NO_VALUE and not any(before is item for item in items) else []
    return [item for item in before if not any(item is other for other in items)]


def _items(relation, value):
    from ._session import _related

    return _related(relation, value)


def _orphans(session):
    """Members that left a collection which owns them go themselves."""
    for obj in list(session._dirty.values()):
        state = state_of(obj)
        for key, relation in _writing_relations(obj):
            if "delete-orphan" not in relation.cascade or key not in state.original or key not in obj.__dict__:
                continue
            for item in _gone(state.original[key], _items(relation, obj.__dict__[key])):
                if _has_owner(session, relation, item):
                    continue
                inner = state_of(item)
                if inner.key is None:
                    session._new.pop(id(item), None)
                elif id(item) not in session._deleted:
                    session.delete(item)


def _has_owner(session, relation, item):
    """Whether another object has taken the member over."""
    if relation.reverse is not None and item.__dict__.get(relation.reverse.key) is not None:
        return True
    for obj in list(session._dirty.values()) + list(session._new.values()):
        if relation.key in obj.__dict__ and state_of(obj).mapper.relations.get(relation.key) is relation:
            if any(item is other for other in _items(relation, obj.__dict__[relation.key])):
                return True
    return False


def _unlink_deleted(session, deleted, dirty):
    """Rows that refer to one that goes lose their reference, unless the database sees to it."""
    from ._relation import MANYTOMANY, ONETOMANY

    for obj in list(deleted.values()):
        for key, relation in _writing_relations(obj):
            if relation.passive_deletes and key not in obj.__dict__ or relation.passive_deletes == "all":
                continue
            if relation.direction is ONETOMANY and "delete" not in relation.cascade:
                for item in _items(relation, getattr(obj, key)):
                    if id(item) in deleted:
                        continue
                    for _, away in relation.pairs:
                        _assign(item, relation.target.attribute_of(away), None)
                    _is_dirty(session, item, dirty, ())
            elif relation.direction is MANYTOMANY:
                values = [getattr(obj, relation.parent.attribute_of(local)) for local, _ in relation.pairs]
                conditions = [inner == value for (_, inner), value in zip(relation.pairs, values)]
                session._run(Delete(relation.secondary).where(*conditions))


def _write_links(session, links, deleted):
    """Rows of many-to-many tables."""
    from ._relation import MANYTOMANY

    written = set()
    for obj, relation in links:
        if relation.viewonly or relation._problem is not None or relation.target is None or relation.direction is not MANYTOMANY:
            continue
        key = relation.key
        if key not in obj.__dict__ or key not in state_of(obj).original:
            continue
        items = _items(relation, obj.__dict__[key])
        before = state_of(obj).original[key]
        before = list(before) if isinstance(before, (list, tuple)) else []
        for item in items:
            if not any(item is other for other in before) and id(item) not in deleted:
                row = _link(obj, relation, item)
                mark = (id(relation.secondary), tuple(sorted((name, str(value)) for name, value in row.items())))
                if mark not in written:
                    written.add(mark)
                    session._run(Insert(relation.secondary).values(row))
        for item in _gone(before, items):
            row = _link(obj, relation, item)
            mark = (id(relation.secondary), "gone", tuple(sorted((name, str(value)) for name, value in row.items())))
            if mark not in written:
                written.add(mark)
                session._run(Delete(relation.secondary).where(*[relation.secondary.c[name] == value for name, value in row.items()]))


def _link(obj, relation, item):
    row = {str(inner.key): getattr(obj, relation.parent.attribute_of(local)) for local, inner in relation.pairs}
    row.update({str(inner.key): getattr(item, relation.target.attribute_of(away)) for away, inner in relation.secondary_pairs})
    return row


# ---------------------------------------------------------------- rows


def _takes_none(column):
    """Whether None is a value of its own for a type: JSON writes it as `null`."""
    type_ = column.type
    return bool(getattr(type_, "should_evaluate_none", False)) or (type(type_).__name__ in ("JSON", "JSONB") and not getattr(type_, "none_as_null", False))


def _attribute_for(mapper, column):
    for key, attribute in mapper.attributes.items():
        if any(own is column for own in getattr(attribute, "columns", ())):
            return key
    return None


def _new_values(obj, mapper, table):
    """Column values of a new row: what was given, defaults that are functions or values, NULL for the rest that has no default in the database."""
    values = {}
    given = obj.__dict__
    for column in table.c:
        key = _attribute_for(mapper, column)
        if key is None:
            continue
        value = given.get(key, NO_VALUE)
        if value is None and not _takes_none(column):
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
            if column._sequence() is not None or _takes_none(column):
                continue
            value = None
            given.setdefault(key, None)
        values[str(column.key)] = value
    return values


def _insert(session, obj):
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
            name = _attribute_for(mapper, column)
            if name is not None and (obj.__dict__.get(name) is None or is_clause(obj.__dict__[name])):
                obj.__dict__[name] = value
        for name, value in values.items():
            if is_clause(value):
                unknown.append(_attribute_for(mapper, table.c[name]))
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


def _update(session, obj):
    state = state_of(obj)
    mapper = state.mapper
    changed = changed_columns(obj, state)
    if not changed:
        return
    expressions = []
    for table in mapper.tables:
        values = {}
        for column in table.c:
            key = _attribute_for(mapper, column)
            if key in changed:
                values[str(column.key)] = obj.__dict__[key]
                if is_clause(obj.__dict__[key]):
                    expressions.append(key)
        if values:
            session._run(Update(table).where(*_row_of(mapper, table, state)).values(values))
            expressions.extend(_attribute_for(mapper, column) for column in table.c if getattr(column, "onupdate", None) is not None)
    keys = mapper.primary_key_attributes
    if any(key in changed for key in keys):
        session._map.pop(state.key, None)
        state.key = mapper.identity_key_from_primary_key([obj.__dict__[key] for key in keys])
        session._hold(state.key, obj)
    for key in expressions:
        if key is not None and key not in changed or (key is not None and is_clause(obj.__dict__.get(key))):
            obj.__dict__.pop(key, None)


def _row_of(mapper, table, state):
    """The condition that names the object's row in one of its tables."""
    by_attribute = dict(zip(mapper.primary_key_attributes, state.key[1]))
    found = []
    keys = list(table.primary_key.columns) if table is not mapper.tables[0] else mapper.primary_key
    for column in keys:
        found.append(clause(column) == by_attribute.get(_attribute_for(mapper, column)))
    return found


def _delete(session, obj):
    state = state_of(obj)
    mapper = state.mapper
    for table in reversed(mapper.tables):
        session._run(Delete(table).where(*_row_of(mapper, table, state)))
    session._map.pop(state.key, None)
    state.deleted = True
    state.session = None


# ---------------------------------------------------------------- bulk


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
            _update(session, obj)
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
        key = _attribute_for(mapper, column)
        value = row.get(key, NO_VALUE) if key is not None else NO_VALUE
        if value is NO_VALUE and str(column.key) in row:
            value = row[str(column.key)]
        if value is None and not render_nulls and not _takes_none(column):
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
                name = _attribute_for(mapper, column)
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
