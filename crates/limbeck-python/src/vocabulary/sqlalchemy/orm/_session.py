"""Sessions: which objects are known, and what of them is written when."""

import weakref

from .._elements import ClauseElement, clause
from .._result import Keys, Result, Row
from ..exc import InvalidRequestError, UnboundExecutionError
from ._flush import flush
from ._instances import NO_VALUE, attributes_of, shown, state_of
from ._loading import refresh, with_plan
from ._mapper import configure_mappers
from ._query import Query
from ._transaction import Quiet, SessionTransaction


class Session:
    """A session on the migration's connection.

    As in SQLAlchemy, a session that was given a connection whose transaction somebody else began does not end it: `commit()` writes what is pending and
    leaves the transaction to the migration.
    """

    def __init__(self, bind=None, *, autoflush=True, future=True, expire_on_commit=True, autobegin=True, twophase=False, binds=None, enable_baked_queries=True,
                 info=None, query_cls=None, autocommit=False, join_transaction_mode="conditional_savepoint", close_resets_only=True, execution_options=None,
                 **kw):  # fmt: skip
        configure_mappers()
        self.bind = bind
        self.autoflush = autoflush
        self.expire_on_commit = expire_on_commit
        self.info = dict(info or {})
        self._query_cls = query_cls or Query
        self._map = weakref.WeakValueDictionary()
        self._new = {}
        self._dirty = {}
        self._deleted = {}
        self._flushing = False
        self._quiet = 0
        self._connection = None
        self._templates = {}

    # ---- connection
    def get_bind(self, mapper=None, **kw):
        if self.bind is None:
            raise UnboundExecutionError("Could not locate a bind configured on session")
        return self.bind

    def connection(self, bind_arguments=None, execution_options=None, **kw):
        if self._connection is None:
            bind = self.get_bind()
            self._connection = bind.connect() if not hasattr(bind, "execute") else bind
        return self._connection

    def _owns_connection(self):
        return self.bind is not None and not hasattr(self.bind, "execute")

    def _run(self, statement, parameters=None):
        return self.connection().execute(statement, parameters) if parameters is not None else self.connection().execute(statement)

    def _asked(self, statement, parameters=None):
        """Rows of a statement, after what is pending was written."""
        self._autoflush()
        return self._run(statement, parameters)

    def _changed(self, statement, mapper, parameters=None):
        """A statement that changes rows: objects of that class are read again."""
        self._autoflush()
        done = self._run(statement, parameters)
        for obj in list(self._map.values()):
            if any(table is other for table in state_of(obj).mapper.tables for other in mapper.tables):
                self.expire(obj)
        return done

    def _autoflush(self):
        if self.autoflush and not self._quiet and not self._flushing:
            self.flush()

    # ---- asking
    def query(self, *entities, **kw):
        configure_mappers()
        return self._query_cls(list(entities), self)

    def execute(self, statement, params=None, *, execution_options=None, bind_arguments=None, **kw):
        configure_mappers()
        if isinstance(statement, Query):
            statement = statement.statement
        elif hasattr(statement, "__clause_element__") and not isinstance(statement, ClauseElement):
            statement = clause(statement)
        if execution_options and hasattr(statement, "execution_options"):
            statement = statement.execution_options(**execution_options)
        self._autoflush()
        raws = getattr(statement, "_raw", None)
        if raws and any(raw.entity is not None for raw in raws) and hasattr(statement, "_encode_select"):
            asked, plan = with_plan(statement, getattr(statement, "_with_options", ()))
            keys = Keys(plan.names, plan.elements)
            rows = self._run(asked, params)
            return Result(
                keys, [Row(values, keys) for values in plan.rows(self, rows, bool(getattr(statement, "_execution_options", {}).get("populate_existing")))]
            )
        entity = getattr(statement, "entity", None)
        if entity is not None and hasattr(statement, "_encode_query"):
            if isinstance(params, (list, tuple)) and hasattr(statement, "from_select"):
                self.bulk_insert_mappings(entity, params)
                return Result(Keys([]), [])
            return self._entity_change(statement, entity.__mapper__, params)
        return self._run(statement, params)

    def _entity_change(self, statement, mapper, params):
        done = self._changed(statement, mapper, params)
        raws = getattr(statement, "_returning", ())
        if any(raw.entity is not None for raw in raws):
            from ._loading import Plan

            plan = Plan(raws)
            keys = Keys(plan.names, plan.elements)
            return Result(keys, [Row(values, keys) for values in plan.rows(self, done, True)])
        return done

    def scalars(self, statement, params=None, **kw):
        return self.execute(statement, params, **kw).scalars()

    def scalar(self, statement, params=None, **kw):
        return self.execute(statement, params, **kw).scalar()

    def get(self, entity, ident, *, options=None, populate_existing=False, with_for_update=None, identity_token=None, execution_options=None, **kw):
        configure_mappers()
        mapper = entity.__mapper__
        if isinstance(ident, dict):
            ident = tuple(ident[name] for name in mapper.primary_key_attributes)
        elif not isinstance(ident, (tuple, list)):
            ident = (ident,)
        ident = tuple(ident)
        if len(ident) != len(mapper.primary_key):
            raise InvalidRequestError(
                "Incorrect number of values in identifier to formulate primary key for session.get(); primary key columns are %s"
                % ",".join("'%s'" % column for column in mapper.primary_key)
            )
        known = self._identity((mapper.base.class_, ident))
        if known is not None and not populate_existing and not state_of(known).deleted:
            return known if isinstance(known, mapper.class_) else None
        query = self.query(entity).filter(*[column == value for column, value in zip(mapper.primary_key, ident)])
        if options:
            query = query.options(*options)
        if populate_existing:
            query = query.populate_existing()
        return query.one_or_none()

    def get_one(self, entity, ident, **kw):
        found = self.get(entity, ident, **kw)
        if found is None:
            from ..exc import NoResultFound

            raise NoResultFound("No row was found when one was required")
        return found

    # ---- known objects
    def _identity(self, identity):
        try:
            return self._map.get(identity)
        except TypeError:
            # A key of values that cannot be hashed.
            return None

    def _hold(self, identity, obj):
        try:
            self._map[identity] = obj
        except TypeError:
            pass

    def _touch(self, obj):
        state = state_of(obj)
        if state.key is not None and not self._flushing:
            self._dirty[id(obj)] = obj

    @property
    def new(self):
        return _Objects(self._new.values())

    @property
    def dirty(self):
        return _Objects(obj for obj in self._dirty.values() if id(obj) not in self._deleted)

    @property
    def deleted(self):
        return _Objects(self._deleted.values())

    @property
    def identity_map(self):
        return self._map

    def __contains__(self, obj):
        return state_of(obj).session is self

    def __iter__(self):
        return iter(list(self._new.values()) + list(self._map.values()))

    def is_modified(self, instance, include_collections=True):
        from ._rows import changed_columns

        return bool(changed_columns(instance, state_of(instance)))

    # ---- adding, removing
    def add(self, instance, _warn=True):
        self._cascade(instance)

    def add_all(self, instances):
        for instance in instances:
            self._cascade(instance)

    def _cascade(self, obj, seen=None):
        """Takes an object in, and what it is related to."""
        seen = set() if seen is None else seen
        if id(obj) in seen:
            return
        seen.add(id(obj))
        state = state_of(obj)
        if state.session is not None and state.session is not self:
            raise InvalidRequestError("Object '%s' is already attached to session '%s' (this is '%s')" % (shown(obj), id(state.session), id(self)))
        if state.session is None:
            state.session = self
            if state.key is not None:
                self._hold(state.key, obj)
                if state.original:
                    self._dirty[id(obj)] = obj
        if state.key is None:
            self._new[id(obj)] = obj
        else:
            self._deleted.pop(id(obj), None)
        for key, relation in state.mapper.relations.items():
            if key not in obj.__dict__ or "save-update" not in relation.cascade:
                continue
            value = obj.__dict__[key]
            for item in _related(relation, value):
                self._cascade(item, seen)

    def delete(self, instance):
        state = state_of(instance)
        if state.key is None:
            raise InvalidRequestError("Instance '%s' is not persisted" % shown(instance))
        if state.session is None:
            self._cascade(instance)
        self._deleted[id(instance)] = instance
        for key, relation in state.mapper.relations.items():
            if "delete" in relation.cascade and not relation.viewonly:
                for item in _related(relation, getattr(instance, key)):
                    inner = state_of(item)
                    if inner.key is None:
                        self.expunge(item)
                    elif id(item) not in self._deleted:
                        self.delete(item)

    def delete_all(self, instances):
        for instance in instances:
            self.delete(instance)

    def expunge(self, instance):
        state = state_of(instance)
        if state.session is not self:
            raise InvalidRequestError("Instance %s is not present in this Session" % shown(instance))
        self._forget(instance, state)

    def _forget(self, instance, state):
        for known in (self._new, self._dirty, self._deleted):
            known.pop(id(instance), None)
        if state.key is not None:
            try:
                self._map.pop(state.key, None)
            except TypeError:
                pass
        state.session = None

    def expunge_all(self):
        for obj in list(self):
            state_of(obj).session = None
        self._map.clear()
        for known in (self._new, self._dirty, self._deleted):
            known.clear()

    def merge(self, instance, *, load=True, options=None, _seen=None):
        """Copies the state of an object onto the one that stands for its row."""
        seen = {} if _seen is None else _seen
        if id(instance) in seen:
            return seen[id(instance)]
        configure_mappers()
        state = state_of(instance)
        if state.session is self:
            return instance
        mapper = state.mapper
        if not seen:
            self._autoflush()
        key = [instance.__dict__.get(name) for name in mapper.primary_key_attributes]
        found = None
        if all(value is not None for value in key):
            with self.no_autoflush:
                found = self.get(mapper.class_, tuple(key))
        if found is None:
            found = mapper.class_.__new__(mapper.class_)
            state_of(found)
            seen[id(instance)] = found
            self._copy_state(instance, found, mapper, seen)
            self._cascade(found)
            return found
        seen[id(instance)] = found
        self._copy_state(instance, found, mapper, seen)
        return found

    def _copy_state(self, instance, found, mapper, seen):
        for name, value in attributes_of(instance).items():
            relation = mapper.relations.get(name)
            if relation is not None:
                if "merge" not in relation.cascade or relation.viewonly:
                    continue
                if relation.uselist:
                    setattr(found, name, [self.merge(item, _seen=seen) for item in _related(relation, value)])
                else:
                    setattr(found, name, self.merge(value, _seen=seen) if value is not None else None)
            elif name in mapper.columns_by_attribute:
                if found.__dict__.get(name, NO_VALUE) is NO_VALUE or found.__dict__[name] != value:
                    setattr(found, name, value)

    # ---- reading again
    def expire(self, instance, attribute_names=None):
        state = state_of(instance)
        names = attribute_names or list(state.mapper.attributes)
        for name in names:
            instance.__dict__.pop(name, None)
            state.original.pop(name, None)
        if not state.original:
            self._dirty.pop(id(instance), None)

    def expire_all(self):
        for obj in list(self._map.values()):
            self.expire(obj)

    def refresh(self, instance, attribute_names=None, with_for_update=None):
        self._autoflush()
        state = state_of(instance)
        if state.key is None or state.session is not self:
            raise InvalidRequestError("Instance '%s' is not persistent within this Session" % shown(instance))
        self.expire(instance, attribute_names)
        refresh(self, instance, state, attribute_names)

    # ---- writing
    def flush(self, objects=None):
        if self._flushing or not (self._new or self._dirty or self._deleted):
            return
        self._flushing = True
        try:
            flush(self)
        finally:
            self._flushing = False

    def commit(self):
        self.flush()
        if self._owns_connection() and self._connection is not None:
            self._connection.commit()
        if self.expire_on_commit:
            self.expire_all()

    def rollback(self):
        for obj in list(self._new.values()):
            state_of(obj).session = None
        for known in (self._new, self._dirty, self._deleted):
            known.clear()
        for obj in list(self._map.values()):
            self.expire(obj)
        if self._connection is not None or self.bind is not None:
            connection = self.connection()
            current = connection.get_transaction() if hasattr(connection, "get_transaction") else None
            if current is not None:
                current.rollback()
            elif self._owns_connection():
                connection.rollback()

    def close(self):
        self.expunge_all()
        self._connection = None

    reset = invalidate = close

    def prepare(self):
        pass

    # ---- transactions
    def begin(self, nested=False):
        return SessionTransaction(self, nested)

    def begin_nested(self):
        return SessionTransaction(self, True)

    def in_transaction(self):
        return True

    def in_nested_transaction(self):
        return False

    def get_transaction(self):
        return SessionTransaction(self, False)

    def get_nested_transaction(self):
        return None

    @property
    def is_active(self):
        return True

    @property
    def no_autoflush(self):
        return Quiet(self)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()
        return False

    # ---- many rows at once
    def bulk_save_objects(self, objects, return_defaults=False, update_changed_only=True, preserve_order=True):
        from ._bulk import bulk_save

        self._flush_first()
        bulk_save(self, list(objects))

    def bulk_insert_mappings(self, mapper, mappings, return_defaults=False, render_nulls=False):
        from ._bulk import bulk_insert

        self._flush_first()
        bulk_insert(self, getattr(mapper, "__mapper__", mapper), [dict(row) for row in mappings], render_nulls)

    def bulk_update_mappings(self, mapper, mappings):
        from ._bulk import bulk_update

        self._flush_first()
        bulk_update(self, getattr(mapper, "__mapper__", mapper), [dict(row) for row in mappings])

    def _flush_first(self):
        configure_mappers()

    @classmethod
    def object_session(cls, instance):
        return object_session(instance)

    @classmethod
    def close_all(cls):
        close_all_sessions()


class _Objects(list):
    """Objects, compared by identity."""

    def __contains__(self, obj):
        return any(obj is other for other in self)


def _related(relation, value):
    if value is None:
        return []
    if relation.uselist and not hasattr(value, "_property"):
        return [item for item in (list(value.values()) if hasattr(value, "values") else list(value)) if item is not None]
    if hasattr(value, "_property"):
        return list(value)
    return [value]


class UserDefinedOption:
    pass


def object_session(instance):
    return state_of(instance).session


def make_transient(instance):
    state = state_of(instance)
    if state.session is not None:
        state.session._forget(instance, state)
    state.key = None
    state.original.clear()


def make_transient_to_detached(instance):
    state = state_of(instance)
    state.key = state.mapper.identity_key_from_primary_key(state.mapper.primary_key_from_instance(instance))
    state.original.clear()


def close_all_sessions():
    pass
