"""Creates what is registered, reads back how the server keeps it, and takes it away again.

All of it happens in the transaction of the comparison, which ends with a rollback. Entities that are created or replaced stay until then, since others may
need them; whatever was there before is there again for the next one.
"""

from sqlalchemy.exc import InternalError, ProgrammingError

from .reversible_op import CreateOp, ReplaceOp
from .statement import normalize_whitespace

_REFUSED = (InternalError, ProgrammingError)


class _Savepoint:
    """What happens inside stays only when it is kept."""

    def __init__(self, connection):
        self.point = connection.begin_nested()
        self.kept = False

    def keep(self):
        self.kept = True

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if self.kept and kind is None:
            self.point.commit()
        else:
            self.point.rollback()
        return False


def simulate_entity(sess, entity, dependencies=None):
    return _Simulated(sess, entity, dependencies or [])


class _Simulated:
    """`with simulate_entity(sess, entity, dependencies):` an entity and what it needs are there for a while."""

    def __init__(self, connection, entity, dependencies):
        self.connection, self.entities = connection, list(dependencies) + [entity]

    def __enter__(self):
        self.point = self.connection.begin_nested()
        try:
            for entity in self.entities:
                _drop(self.connection, entity)
                self.connection.execute(entity._to_try().to_sql_statement_create())
        except BaseException:
            self.point.rollback()
            raise
        return self.connection

    def __exit__(self, *exc_info):
        self.point.rollback()
        return False


def _drop(connection, entity):
    """Whether it was there."""
    if entity._as_written:
        return any(one.identity == entity.identity for one in type(entity).from_database(connection, schema="%"))
    try:
        with _Savepoint(connection) as inner:
            connection.execute(entity.to_sql_statement_drop(cascade=True))
            inner.keep()
    except _REFUSED:
        return False
    return True


def in_order(connection, entities):
    """Entities that need none of the others, then those that need them; last what cannot be created at all."""
    alone = []
    for entity in entities:
        try:
            with simulate_entity(connection, entity):
                alone.append(entity)
        except _REFUSED:
            pass
    found = list(alone)
    rest = [entity for entity in entities if entity not in alone]
    if not rest:
        return found
    with _Savepoint(connection):
        for entity in alone:
            _tried(connection, entity)
        progress = True
        while rest and progress:
            created = [entity for entity in rest if _tried(connection, entity)]
            progress = bool(created)
            found.extend(created)
            rest = [entity for entity in rest if entity not in created]
    return found + rest


def _tried(connection, entity):
    try:
        with _Savepoint(connection) as inner:
            _drop(connection, entity)
            connection.execute(entity._to_try().to_sql_statement_create())
            inner.keep()
    except _REFUSED:
        return False
    return True


def compared_with_tables(connection, upgrade_ops, entities, wanted):
    """As `compared`; where entities need tables that are still to come, the operations of the revision run first."""
    from alembic.operations._registry import invoke_operation

    try:
        with _Savepoint(connection):
            return compared(connection, entities, wanted)
    except _REFUSED:
        if not upgrade_ops.ops:
            raise
    for operation in upgrade_ops.ops:
        invoke_operation(operation)
    return compared(connection, entities, wanted)


def compared(connection, entities, wanted):
    """The operations that make the wanted entities, and what each is called in the database."""
    live = {}
    for entity in wanted:
        key = (type(entity), entity.schema)
        if key not in live:
            live[key] = type(entity).from_database(connection, schema="%" if entity._as_written else entity.schema)
    operations, identities = [], set()
    ordered = in_order(connection, entities)
    for entity in ordered:
        if not any(entity is one for one in wanted):
            continue
        have = live[type(entity), entity.schema]
        with _Savepoint(connection) as changes:
            try:
                with _Savepoint(connection) as first:
                    kept, was_there = _as_kept(connection, entity)
                    first.keep()
            except _REFUSED:
                _restore(connection, ordered, entity)
                kept, was_there = _as_kept(connection, entity)
            identities.add(kept.identity)
            same_name = next((one for one in have if one.identity == kept.identity), None)
            if same_name is None:
                operations.append(CreateOp(entity))
            elif normalize_whitespace(same_name.definition) != normalize_whitespace(kept.definition):
                entity._version_to_replace = same_name
                operations.append(ReplaceOp(entity))
            elif was_there:
                continue
            changes.keep()
    return operations, identities


def _restore(connection, entities, asking):
    """Creates what went with a replaced entity that it used."""
    for entity in entities:
        if entity is not asking:
            try:
                with _Savepoint(connection) as one:
                    connection.execute(entity._to_try().to_sql_statement_create())
                    one.keep()
            except _REFUSED:
                pass


def _as_kept(connection, entity):
    """The entity as the server shows it, and whether it was there; it is there afterwards."""
    tried = entity._to_try()
    was_there = _drop(connection, entity)
    if entity._as_written:
        connection.execute(tried.to_sql_statement_create())
        return entity, was_there
    before = {one.identity for one in type(entity).from_database(connection, schema=entity.schema)}
    connection.execute(tried.to_sql_statement_create())
    after = type(entity).from_database(connection, schema=entity.schema)
    for one in after:
        if one.identity not in before:
            return one, was_there
    # A grant that others have already: nothing new can be seen.
    return next((one for one in after if one.identity == entity.identity), entity), was_there
