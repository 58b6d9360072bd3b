"""Relationships: found from foreign keys, loaded when they are read, written when the session is flushed."""

from .._base import NO_ARG, unsupported
from .._elements import BinaryExpression, BooleanClauseList, ColumnClause, ColumnElement, Grouping, and_, clause, is_clause
from .._schema import Table
from ..exc import AmbiguousForeignKeysError, ArgumentError, InvalidRequestError, NoForeignKeysError, NoReferenceError
from ._collections import (
    InstrumentedList,
    InstrumentedSet,
    KeyedBy,
    attribute_keyed_dict,
    attribute_mapped_collection,
    collection_adapter,
    collections,
    column_keyed_dict,
    column_mapped_collection,
    keyfunc_mapping,
    mapped_collection,
    mixed,
)
from ._instances import NO_VALUE, remember, shown, state_of
from ._mapper import MapperProperty, configure_mappers
from ._names import Names

__all__ = [
    "attribute_keyed_dict", "attribute_mapped_collection", "collection_adapter", "collections", "column_keyed_dict", "column_mapped_collection",
    "keyfunc_mapping", "mapped_collection",
]  # fmt: skip


class RelationshipDirection:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return "symbol('%s')" % self.name


ONETOMANY, MANYTOONE, MANYTOMANY = RelationshipDirection("ONETOMANY"), RelationshipDirection("MANYTOONE"), RelationshipDirection("MANYTOMANY")


class Marked(ColumnElement):
    """`foreign(column)`, `remote(column)` in a join condition."""

    def __init__(self, element, mark):
        self.element = clause(element)
        self.type = self.element.type
        self.marks = {mark}
        if isinstance(self.element, Marked):
            self.marks |= self.element.marks
            self.element = self.element.element

    @property
    def key(self):
        return self.element.key

    def _bind_base(self):
        return self.element._bind_base()

    def _encode(self):
        return self.element._encode()


def foreign(expr):
    return Marked(expr, "foreign")


def remote(expr):
    return Marked(expr, "remote")


def _plain(element):
    while isinstance(element, (Marked, Grouping)):
        element = element.element
    return element


def _conjuncts(expression):
    """The parts of `a AND b AND c`."""
    expression = expression.element if isinstance(expression, Grouping) else expression
    if isinstance(expression, BooleanClauseList) and expression.operator == "AND":
        return [part for inner in expression.clauses for part in _conjuncts(inner)]
    return [expression]


def _as_pair(part):
    """(left, right) of `column = column`, with their marks, or None."""
    if isinstance(part, BinaryExpression) and part.operator == "=":
        sides = [part.left, part.right]
        marks = [side.marks if isinstance(side, Marked) else set() for side in sides]
        columns = [_plain(side) for side in sides]
        if all(isinstance(column, ColumnClause) for column in columns):
            return columns, marks
    return None


class _Broken(Exception):
    pass


class Relationship(MapperProperty):
    """`relationship(...)`."""

    target = None
    _configured = False
    _problem = None

    def __init__(self, argument=None, secondary=None, *, uselist=None, collection_class=None, primaryjoin=None, secondaryjoin=None, back_populates=None,
                 order_by=False, backref=None, overlaps=None, post_update=False, cascade=None, viewonly=False, init=True, default=NO_ARG,
                 default_factory=NO_ARG, lazy="select", passive_deletes=False, passive_updates=True, active_history=False, enable_typechecks=True,
                 foreign_keys=None, remote_side=None, join_depth=None, comparator_factory=None, single_parent=False, innerjoin=False,
                 distinct_target_key=None, load_on_pending=False, query_class=None, info=None, omit_join=None, sync_backref=None, doc=None, **kw):  # fmt: skip
        self.argument = argument
        self.secondary = secondary
        self.uselist = uselist
        self.collection_class = collection_class
        self.primaryjoin = primaryjoin
        self.secondaryjoin = secondaryjoin
        self.back_populates = back_populates
        self.order_by = order_by
        self.backref = backref if not isinstance(backref, str) else (backref, {})
        self.viewonly = viewonly
        self.lazy = lazy
        self.passive_deletes = passive_deletes
        self.foreign_keys = foreign_keys
        self.remote_side = remote_side
        self.info = info or {}
        self.doc = doc
        self._dataclass_init = init
        self._dataclass_default = default
        self._dataclass_factory = default_factory
        self.cascade = _cascades(cascade if cascade is not None else "merge" if viewonly else "save-update, merge")

    def copy(self):
        fresh = Relationship.__new__(Relationship)
        fresh.__dict__.update(self.__dict__)
        return fresh

    def annotated(self, annotation, cls, kind):
        """Takes target and kind of collection from `Mapped[...]`."""
        from ._columns import relation_target

        target, uselist = relation_target(annotation, cls)
        if self.argument is None:
            self.argument = target
        if self.uselist is None:
            self.uselist = uselist
        if kind == "DynamicMapped":
            self.lazy = "dynamic"
        elif kind == "WriteOnlyMapped":
            self.lazy = "write_only"

    # ---- configuration
    def configure(self):
        """Finds target, direction and the columns that belong together. A relationship that cannot be resolved fails when it is used."""
        if self._configured:
            return
        self._configured = True
        try:
            self._resolve()
        except (InvalidRequestError, ArgumentError, NoReferenceError, _Broken) as error:
            self._problem = error

    def _resolve(self):
        target = self._target_class()
        self.target = target.__mapper__
        self.entity = self.target
        secondary = self._evaluated(self.secondary)
        if isinstance(secondary, str):
            secondary = self.parent.registry.metadata.tables.get(secondary)
            if secondary is None:
                raise InvalidRequestError("When initializing mapper %s, expression %r failed to locate a name" % (self.parent, self.secondary))
        self.secondary = clause(secondary) if secondary is not None else None
        self.foreign_keys = _columns(self._evaluated(self.foreign_keys))
        self.remote_side = _columns(self._evaluated(self.remote_side))
        self.primaryjoin = self._evaluated(self.primaryjoin)
        self.secondaryjoin = self._evaluated(self.secondaryjoin)
        self.extra = []
        if self.secondary is not None:
            self.direction = MANYTOMANY
            self.pairs = self._secondary_pairs(self.parent, self.primaryjoin)
            self.secondary_pairs = self._secondary_pairs(self.target, self.secondaryjoin)
        else:
            self._direct_pairs()
        if self.uselist is None:
            self.uselist = self.direction is not MANYTOONE
        elif self.direction is MANYTOONE and self.lazy not in ("dynamic", "write_only"):
            self.uselist = bool(self.uselist)
        if self.backref is not None:
            self._make_backref()
        self.reverse = self._reverse()

    def _target_class(self):
        target = self.argument
        if callable(target) and not isinstance(target, type) and not hasattr(target, "__mapper__"):
            target = target()
        if isinstance(target, str):
            target = Names(self.parent).resolve(target)
        if hasattr(target, "class_") and not hasattr(target, "__mapper__"):
            target = target.class_
        if not hasattr(target, "__mapper__"):
            raise InvalidRequestError(
                "When initializing mapper %s, expression %r failed to locate a name (%r). If this is a class name, consider adding this relationship() to the "
                "%r class after both dependent classes have been defined." % (self.parent, self.argument, self.argument, self.parent.class_)
            )
        return target

    def _evaluated(self, value):
        if callable(value) and not is_clause(value):
            value = value()
        if isinstance(value, str):
            if value in self.parent.registry.metadata.tables:
                return self.parent.registry.metadata.tables[value]
            return Names(self.parent).resolve(value)
        return value

    def _foreign_keys_between(self, source, target):
        """Foreign keys from the tables of one mapper (or table) to those of another."""
        sources = source.tables if hasattr(source, "tables") and not isinstance(source, Table) else [source]
        targets = target.tables if hasattr(target, "tables") and not isinstance(target, Table) else [target]
        found = []
        for table in sources:
            for column in table.c:
                for key in column.foreign_keys:
                    if self.foreign_keys and not any(column is item for item in self.foreign_keys):
                        continue
                    try:
                        referred = key.column
                    except NoReferenceError:
                        continue
                    if any(referred.table is item for item in targets):
                        found.append((column, referred, getattr(key, "constraint", None) or key))
        return found

    def _one_constraint(self, found, what):
        """The columns of the one foreign key there may be; one that is written twice counts once."""
        by_constraint = []
        for entry in found:
            for known in by_constraint:
                if known[0][2] is entry[2]:
                    known.append(entry)
                    break
            else:
                by_constraint.append([entry])
        shapes = {tuple((id(column), id(referred)) for column, referred, _ in entries) for entries in by_constraint}
        if len(shapes) > 1:
            raise AmbiguousForeignKeysError(
                "Could not determine join condition between parent/child tables on relationship %s - there are multiple foreign key paths linking the tables%s."
                "  Specify the 'foreign_keys' argument, providing a list of those columns which should be counted as containing a foreign key reference to the parent table."
                % (self, what)
            )
        return by_constraint[0] if by_constraint else []

    def _direct_pairs(self):
        if self.primaryjoin is not None:
            self._pairs_of_condition()
            return
        outward = self._foreign_keys_between(self.parent, self.target)
        inward = self._foreign_keys_between(self.target, self.parent)
        if any(table is other for table in self.parent.tables for other in self.target.tables):
            # A table that refers to itself: the remote side tells which end this is.
            outward = self._one_constraint(outward, "")
            local = self.remote_side and any(any(referred is item for item in self.remote_side) for _, referred, _ in outward)
            self.direction = MANYTOONE if local else ONETOMANY
            self.pairs = [(column, referred) if local else (referred, column) for column, referred, _ in outward]
        elif outward and inward:
            raise AmbiguousForeignKeysError("Could not determine join condition between parent/child tables on relationship %s" % self)
        elif outward:
            outward = self._one_constraint(outward, "")
            self.direction = MANYTOONE
            self.pairs = [(column, referred) for column, referred, _ in outward]
        else:
            inward = self._one_constraint(inward, "")
            self.direction = ONETOMANY
            self.pairs = [(referred, column) for column, referred, _ in inward]
        if not self.pairs:
            raise NoForeignKeysError(
                "Could not determine join condition between parent/child tables on relationship %s - there are no foreign keys linking these tables.  "
                "Ensure that referencing columns are associated with a ForeignKey or ForeignKeyConstraint, or specify a 'primaryjoin' expression." % self
            )

    def _pairs_of_condition(self):
        """Pairs from `primaryjoin=`; what is no pair stays as a further condition."""
        self.pairs = []
        directions = []
        for part in _conjuncts(clause(self.primaryjoin)):
            found = _as_pair(part)
            if found is None:
                self.extra.append(part)
                continue
            (left, right), (left_marks, right_marks) = found
            if self._is_foreign(left, right, left_marks, right_marks):
                source, referred, source_marks, referred_marks = left, right, left_marks, right_marks
            elif self._is_foreign(right, left, right_marks, left_marks):
                source, referred, source_marks, referred_marks = right, left, right_marks, left_marks
            else:
                self.extra.append(part)
                continue
            local = self._is_local(source, referred, source_marks, referred_marks)
            directions.append(MANYTOONE if local else ONETOMANY)
            self.pairs.append((source, referred) if local else (referred, source))
        if not self.pairs:
            raise ArgumentError(
                "Could not locate any relevant foreign key columns for primary join condition on relationship %s.  Ensure that referencing columns are "
                "associated with a ForeignKey or ForeignKeyConstraint, or are annotated in the join condition with the foreign() annotation." % self
            )
        self.direction = directions[0]

    def _is_foreign(self, column, other, marks, other_marks):
        if "foreign" in marks:
            return True
        if "foreign" in other_marks:
            return False
        if self.foreign_keys:
            return any(column is item for item in self.foreign_keys)
        for key in getattr(column, "foreign_keys", ()):
            try:
                if key.column is other:
                    return True
            except NoReferenceError:
                continue
        return False

    def _is_local(self, source, referred, source_marks, referred_marks):
        """Whether the foreign column is on this relationship's own side."""
        own = any(source.table is table for table in self.parent.tables)
        theirs = any(source.table is table for table in self.target.tables)
        if own and theirs:
            if "remote" in source_marks:
                return False
            if "remote" in referred_marks:
                return True
            return any(referred is item for item in self.remote_side)
        return own

    def _secondary_pairs(self, mapper, condition):
        if condition is not None:
            found = []
            for part in _conjuncts(clause(condition)):
                pair = _as_pair(part)
                if pair is None:
                    self.extra.append(part)
                    continue
                left, right = pair[0]
                found.append((right, left) if left.table is self.secondary else (left, right))
            return found
        keys = [(column, referred, constraint) for column, referred, constraint in self._foreign_keys_between(self.secondary, mapper)]
        if not keys:
            raise NoForeignKeysError(
                "Could not determine join condition between parent/child tables on relationship %s - there are no foreign keys linking these tables via secondary table '%s'."
                % (self, self.secondary.name)
            )
        keys = self._one_constraint(keys, " via secondary table '%s'" % self.secondary.name)
        return [(referred, column) for column, referred, _ in keys]

    def _make_backref(self):
        name, kw = self.backref
        self.backref = None
        if name in self.target.attributes:
            return
        kw = dict(kw)
        kw.setdefault("viewonly", self.viewonly)
        made = Relationship(self.parent.class_, secondary=self.secondary, **kw)
        if self.secondary is not None:
            made.primaryjoin = kw.get("primaryjoin", self.secondaryjoin)
            made.secondaryjoin = kw.get("secondaryjoin", self.primaryjoin)
        else:
            made.primaryjoin = kw.get("primaryjoin", self.primaryjoin)
            if made.foreign_keys is None:
                made.foreign_keys = self.foreign_keys or None
            if made.remote_side is None:
                made.remote_side = [local for local, _ in self.pairs]
        self.back_populates = name
        made.back_populates = self.key
        self.target.add_property(name, made)
        made.configure()

    def _reverse(self):
        if self.back_populates is None:
            return None
        other = self.target.attributes.get(self.back_populates)
        return other if isinstance(other, Relationship) else None

    def check(self):
        configure_mappers()
        self.configure()
        if self._problem is not None:
            raise self._problem

    # ---- on the class
    def join_parts(self, entity=None, source=None):
        """(entity, ON condition) of a join along the relationship."""
        self.check()
        if self.secondary is not None:
            raise unsupported("select().join() along the many-to-many relationship %s" % self)
        entity = entity if entity is not None else self.target.class_
        return entity, and_(*self._conditions(source, entity))

    def _conditions(self, source, entity, secondary=None):
        here = _adapter(source)
        there = _adapter(entity)
        if self.secondary is None:
            return [here(local) == there(away) for local, away in self.pairs] + list(self.extra)
        between = _table_adapter(self.secondary, secondary)
        return [here(local) == between(inner) for local, inner in self.pairs] + [there(away) == between(inner) for away, inner in self.secondary_pairs]

    def __get__(self, obj, owner=None):
        if obj is None:
            return RelationAttribute(self, owner)
        values = obj.__dict__
        if self.key in values:
            return values[self.key]
        self.check()
        if self.lazy in ("dynamic", "write_only"):
            return DynamicCollection(self, obj)
        value = self._load(obj)
        values[self.key] = value
        return value

    def __set__(self, obj, value):
        self.check()
        state = state_of(obj)
        for check in state.mapper.validators.get(self.key, ()):
            value = check(obj, self.key, value)
        if self.uselist:
            current = self.__get__(obj)
            current.replace(value if value is not None else ())
            return
        old = obj.__dict__.get(self.key, NO_VALUE)
        if old is NO_VALUE and state.key is not None:
            old = self.__get__(obj) if self.reverse is not None else NO_VALUE
        if old is value:
            return
        remember(obj, state, self.key, old)
        obj.__dict__[self.key] = value
        if value is not None and state.session is not None:
            state.session._cascade(value)
        if old is not NO_VALUE and old is not None:
            self._tell(old, obj, False)
        if value is not None:
            self._tell(value, obj, True)

    def __delete__(self, obj):
        self.__set__(obj, None)

    def _tell(self, other, obj, there):
        """Keeps the other end of the relationship in step."""
        reverse = self.reverse
        if reverse is None:
            return
        state = state_of(other)
        if reverse.uselist:
            if reverse.key not in other.__dict__:
                if state.key is not None or reverse.lazy in ("dynamic", "write_only"):
                    if there and state.session is not None:
                        state.session._cascade(obj)
                    return
                other.__dict__[reverse.key] = reverse.collection(other, ())
            items = other.__dict__[reverse.key]
            if there and not items._has(obj):
                items._note()
                items._silently_add(obj)
            elif not there and items._has(obj):
                items._note()
                items._silently_remove(obj)
        else:
            old = other.__dict__.get(reverse.key, NO_VALUE)
            if old is NO_VALUE:
                old = reverse._known(other)
            new = obj if there else None
            if there and self.uselist and old is not NO_VALUE and old is not None and old is not obj:
                # It leaves the collection it was in.
                items = old.__dict__.get(self.key)
                if items is not None and items._has(other):
                    items._note()
                    items._silently_remove(other)
            if old is not new:
                remember(other, state, reverse.key, old)
                other.__dict__[reverse.key] = new
        session = state.session or state_of(obj).session
        if there and session is not None:
            session._cascade(other)
            session._cascade(obj)

    # ---- loading
    def collection(self, obj, items):
        made = self._collection_type()(items)
        made._belong(obj, self)
        return made

    def _collection_type(self):
        wanted = self.collection_class
        if wanted is None or wanted is list:
            return InstrumentedList
        if wanted is set:
            return InstrumentedSet
        if isinstance(wanted, KeyedBy):
            return wanted
        if isinstance(wanted, type) and issubclass(wanted, list):
            return mixed(InstrumentedList, wanted)
        if isinstance(wanted, type) and issubclass(wanted, set):
            return mixed(InstrumentedSet, wanted)
        raise unsupported("relationship(collection_class=%r)" % (wanted,))

    def _known(self, obj):
        """The target of a many-to-one relationship as far as the session knows it without asking the database."""
        state = state_of(obj)
        if self.direction is not MANYTOONE or self.extra or state.session is None:
            return NO_VALUE
        values = {id(away): obj.__dict__.get(self.parent.attribute_of(local)) for local, away in self.pairs}
        key = tuple(values.get(id(column)) for column in self.target.primary_key)
        found = state.session._identity((self.target.base.class_, key))
        return NO_VALUE if found is None else found

    def _load(self, obj):
        state = state_of(obj)
        if state.key is None and not (self.direction is MANYTOONE and state.session is not None):
            return self.collection(obj, ()) if self.uselist else None
        if state.session is None:
            from .exc import DetachedInstanceError

            raise DetachedInstanceError(
                "Parent instance %s is not bound to a Session; lazy load operation of attribute '%s' cannot proceed (Background on this error at: https://sqlalche.me/e/20/bhk3)"
                % (shown(obj), self.key)
            )
        session = state.session
        with session.no_autoflush:
            values = [getattr(obj, self.parent.attribute_of(local)) for local, _ in self.pairs]
        if any(value is None for value in values):
            return self.collection(obj, ()) if self.uselist else None
        if self.direction is MANYTOONE and not self.extra:
            keys = self.target.primary_key
            if len(keys) == len(self.pairs) and all(any(away is key for _, away in self.pairs) for key in keys):
                by_column = {id(away): value for (_, away), value in zip(self.pairs, values)}
                return session.get(self.target.class_, tuple(by_column[id(key)] for key in keys))
        query = self.query_for(session, values)
        if self.uselist:
            return self.collection(obj, query.all())
        return query.first()

    def query_for(self, session, values):
        query = session.query(self.target.class_)
        if self.secondary is None:
            query = query.filter(*[away == value for (_, away), value in zip(self.pairs, values)])
        else:
            query = query.select_from(self.target.class_, self.secondary)
            query = query.filter(*[inner == value for (_, inner), value in zip(self.pairs, values)])
            query = query.filter(*[away == inner for away, inner in self.secondary_pairs])
        if self.extra:
            query = query.filter(*self.extra)
        ordering = self._evaluated(self.order_by) if self.order_by not in (None, False) else None
        if ordering is not None:
            query = query.order_by(*(ordering if isinstance(ordering, (list, tuple)) else [ordering]))
        return query

    # ---- what scripts look at
    @property
    def mapper(self):
        self.check()
        return self.target

    @property
    def local_columns(self):
        self.check()
        return {local for local, _ in self.pairs}

    @property
    def local_remote_pairs(self):
        self.check()
        return list(self.pairs)

    def __str__(self):
        return "%s.%s" % (self.parent.class_.__name__ if self.parent is not None else "?", self.key)


RelationshipProperty = Relationship


def relationship(argument=None, secondary=None, **kw):
    return Relationship(argument, secondary, **kw)


relation = relationship


def dynamic_loader(argument=None, **kw):
    return Relationship(argument, lazy="dynamic", **kw)


def backref(name, **kwargs):
    return (name, kwargs)


def _cascades(text):
    found = {part.strip() for part in (text or "").split(",") if part.strip()} if not isinstance(text, (set, frozenset, list, tuple)) else set(text)
    if "all" in found:
        found.discard("all")
        found |= {"save-update", "merge", "refresh-expire", "expunge", "delete"}
    return found


def _columns(value):
    if value is None:
        return []
    items = value if isinstance(value, (list, tuple, set)) else [value]
    return [_plain(clause(item)) for item in items]


def _adapter(entity):
    adapt = getattr(entity, "_adapt_column", None) if entity is not None else None
    return adapt if adapt is not None else (lambda column: column)


def _table_adapter(table, alias):
    if alias is None:
        return lambda column: column
    return lambda column: alias.c[column.key]


class RelationAttribute:
    """`Parent.children`: what joins and filters say of a relationship."""

    def __init__(self, relation, owner, entity=None, criteria=()):
        self.property = self.prop = relation
        self.key = relation.key
        self.class_ = owner
        self._entity = entity
        self._criteria = criteria

    @property
    def _relation(self):
        return self

    @property
    def parent(self):
        return self.property.parent

    @property
    def mapper(self):
        return self.property.mapper

    @property
    def entity(self):
        return self.property.mapper

    def join_parts(self, entity=None):
        source = self.class_ if hasattr(self.class_, "_adapt_column") else None
        entity, condition = self.property.join_parts(entity if entity is not None else self._entity, source)
        return entity, and_(condition, *self._criteria) if self._criteria else condition

    def of_type(self, entity):
        return RelationAttribute(self.property, self.class_, entity, self._criteria)

    def and_(self, *criteria):
        return RelationAttribute(self.property, self.class_, self._entity, self._criteria + criteria)

    def _exists(self, criterion, kw):
        from .._selectable import select
        from ._query import aliased

        relation = self.property
        relation.check()
        target = relation.target.class_
        source = self.class_ if hasattr(self.class_, "_adapt_column") else None
        if any(table is other for table in relation.target.tables for other in relation.parent.tables):
            target = aliased(target)
        conditions = relation._conditions(source, target)
        if criterion is not None:
            conditions.append(criterion)
        conditions += [getattr(target, name) == value for name, value in kw.items()]
        froms = [target] + ([relation.secondary] if relation.secondary is not None else [])
        from .._elements import literal_column

        return select(literal_column("1")).select_from(*froms).where(*conditions).exists()

    def any(self, criterion=None, **kw):
        if not self.property.mapper or not self.property.uselist:
            raise InvalidRequestError("'any()' not implemented for scalar attributes. Use has().")
        return self._exists(criterion, kw)

    def has(self, criterion=None, **kw):
        if self.property.mapper and self.property.uselist:
            raise InvalidRequestError("'has()' not implemented for collections. Use any().")
        return self._exists(criterion, kw)

    def contains(self, other):
        relation = self.property
        relation.check()
        if relation.secondary is not None:
            wanted = [away == getattr(other, relation.target.attribute_of(away)) for away, _ in relation.secondary_pairs]
            return self._exists(and_(*wanted), {})
        return and_(*[local == getattr(other, relation.target.attribute_of(away)) for local, away in relation.pairs])

    def __eq__(self, other):
        relation = self.property
        relation.check()
        if other is None:
            if relation.direction is MANYTOONE:
                return and_(*[local.is_(None) for local, _ in relation.pairs])
            return ~self._exists(None, {})
        return and_(*[local == getattr(other, relation.target.attribute_of(away)) for local, away in relation.pairs])

    def __ne__(self, other):
        from .._elements import not_

        return not_(self.__eq__(other))

    __hash__ = object.__hash__
    is_ = __eq__
    is_not = isnot = __ne__

    def in_(self, others):
        raise NotImplementedError("in_() not yet supported for relationships.  For a simple many-to-one, use in_() against the set of foreign key values.")

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        target = self._entity if self._entity is not None else self.property.mapper.class_
        return getattr(target, name)


class DynamicCollection:
    """A collection that is always asked of the database: `lazy="dynamic"`, `WriteOnlyMapped`."""

    def __init__(self, relation, obj):
        self._property = relation
        self._obj = obj

    def _query(self):
        obj, relation = self._obj, self._property
        session = state_of(obj).session
        if session is None:
            raise InvalidRequestError("the object of the dynamic collection %s is in no session" % relation)
        values = [getattr(obj, relation.parent.attribute_of(local)) for local, _ in relation.pairs]
        return relation.query_for(session, values)

    def append(self, item):
        relation = self._property
        obj = self._obj
        if relation.secondary is not None:
            raise unsupported("append() to the dynamic many-to-many relationship %s" % relation)
        with state_of(obj).session.no_autoflush if state_of(obj).session is not None else _Nothing():
            for local, away in relation.pairs:
                setattr(item, relation.target.attribute_of(away), getattr(obj, relation.parent.attribute_of(local)))
        if state_of(obj).session is not None:
            state_of(obj).session.add(item)

    add = append

    def extend(self, items):
        for item in items:
            self.append(item)

    add_all = extend

    def remove(self, item):
        for _, away in self._property.pairs:
            setattr(item, self._property.target.attribute_of(away), None)

    def select(self):
        return self._query()._select

    def __iter__(self):
        return iter(self._query())

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._query(), name)


class _Nothing:
    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        return False
