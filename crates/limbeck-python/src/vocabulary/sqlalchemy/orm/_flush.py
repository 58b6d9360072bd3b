"""Writing a session's changes: new rows, changed rows, rows that go, in an order that foreign keys allow."""

from .._dml import Delete, Insert
from .._schema import sort_tables
from ._instances import NO_VALUE, state_of
from ._rows import delete_row, insert_row, update_row


def flush(session):
    """Writes what is pending."""
    _orphans(session)
    deleted = dict(session._deleted)
    new = [obj for key, obj in session._new.items() if key not in deleted]
    dirty = [obj for key, obj in session._dirty.items() if key not in deleted]
    _unlink_deleted(session, deleted, dirty)
    for obj in _ordered(new):
        _take_keys(obj)
        insert_row(session, obj)
        _give_keys(session, obj, dirty, new)
    for obj in dirty:
        _take_keys(obj)
        _give_keys(session, obj, dirty, new)
    for obj in dirty:
        update_row(session, obj)
    links = [(obj, relation) for obj in new + dirty for relation in state_of(obj).mapper.relations.values()]
    _write_links(session, links, deleted)
    for obj in reversed(_ordered(list(deleted.values()))):
        delete_row(session, obj)
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
