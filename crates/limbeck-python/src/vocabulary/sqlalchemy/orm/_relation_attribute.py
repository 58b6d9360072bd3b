"""Relationships as attributes: `Parent.children` on the class, and collections that are always asked of the database."""

from .._base import unsupported
from .._elements import and_
from ..exc import InvalidRequestError
from ._instances import state_of
from ._joins import MANYTOONE


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
