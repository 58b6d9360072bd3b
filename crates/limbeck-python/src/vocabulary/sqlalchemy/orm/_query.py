"""`session.query(...)`, and aliases of mapped classes."""

from .._base import unsupported
from .._elements import and_, clause, literal_column
from .._from import Join, from_item
from .._functions import func
from .._result import Keys, Row
from .._selectable import CompoundSelect, Select, select
from ..exc import InvalidRequestError, MultipleResultsFound, NoResultFound
from ._loading import with_plan


class Query:
    """The older way to ask for objects: a SELECT that knows its session."""

    def __init__(self, entities, session=None):
        entities = entities if isinstance(entities, (list, tuple)) else [entities]
        self._select = Select(*entities)
        self._entities = list(entities)
        self.session = session
        self._options = ()
        self._populate = False
        self._execution_options = {}
        self._from_statement = None
        self._params = None

    def _with(self, statement=None, **changes):
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__)
        fresh.__dict__.update(changes)
        if statement is not None:
            fresh._select = statement
        return fresh

    # ---- building
    def filter(self, *criteria):
        return self._with(self._select.where(*criteria))

    where = filter

    def filter_by(self, **kw):
        target = self._select._filter_target() if isinstance(self._select, Select) else self._entities[0]
        return self.filter(*[getattr(target, name) == value for name, value in kw.items()])

    def order_by(self, *clauses):
        return self._with(self._select.order_by(*clauses))

    def group_by(self, *clauses):
        return self._with(self._select.group_by(*clauses))

    def having(self, *criteria):
        return self._with(self._select.having(*criteria))

    def limit(self, limit):
        return self._with(self._select.limit(limit))

    def offset(self, offset):
        return self._with(self._select.offset(offset))

    def slice(self, start, stop):
        return self._with(self._select.slice(start, stop))

    def distinct(self, *expr):
        return self._with(self._select.distinct(*expr))

    def select_from(self, *froms):
        return self._with(self._select.select_from(*froms))

    def join(self, target, *props, isouter=False, full=False):
        return self._joined(target, props, isouter, full)

    def outerjoin(self, target, *props, full=False):
        return self._joined(target, props, True, full)

    def _joined(self, target, props, isouter, full):
        if isinstance(target, str):
            target = getattr(self._entities[0], target)
        onclause = props[0] if props else None
        if isinstance(onclause, str):
            onclause = getattr(self._entities[0], onclause)
        attribute = target if getattr(target, "_relation", None) is not None else onclause if getattr(onclause, "_relation", None) is not None else None
        if attribute is not None and attribute.property.secondary is not None:
            return self._with(self._join_through(attribute, target if attribute is onclause else None, isouter, full))
        return self._with(self._select.join(target, onclause, isouter=isouter, full=full))

    def _join_through(self, attribute, entity, isouter, full):
        """A many-to-many relationship: first its own table, then the target."""
        relation = attribute.property
        relation.check()
        between = relation.secondary
        if any(between is table for item in self._select._froms_list() for table in [item, *item._hidden()]):
            between = between.alias()
        source = attribute.class_ if hasattr(attribute.class_, "_adapt_column") else None
        entity = entity if entity is not None else attribute._entity if attribute._entity is not None else relation.target.class_
        conditions = relation._conditions(source, entity, None if between is relation.secondary else between)
        count = len(relation.pairs)
        made = self._select.join(between, and_(*conditions[:count]), isouter=isouter, full=full)
        return made.join(entity, and_(*conditions[count:]), isouter=isouter, full=full)

    def options(self, *options):
        return self._with(_options=self._options + options)

    def with_entities(self, *entities):
        entities = list(entities)
        return self._with(self._select.with_only_columns(*entities), _entities=entities)

    def add_columns(self, *columns):
        return self._with(self._select.add_columns(*columns), _entities=self._entities + list(columns))

    add_column = add_columns

    def add_entity(self, entity, alias=None):
        return self.add_columns(alias if alias is not None else entity)

    def with_for_update(self, **kw):
        return self._with(self._select.with_for_update(**kw))

    def correlate(self, *froms):
        return self._with(self._select.correlate(*froms))

    def populate_existing(self):
        return self._with(_populate=True)

    def execution_options(self, **kw):
        return self._with(_execution_options=dict(self._execution_options, **kw))

    def params(self, *args, **kw):
        values = dict(*args, **kw)
        return self._with(_params=dict(self._params or {}, **values))

    def from_statement(self, statement):
        return self._with(_from_statement=clause(statement))

    def with_session(self, session):
        return self._with(session=session)

    def enable_eagerloads(self, value):
        return self

    enable_assertions = yield_per = autoflush = with_labels = set_label_style = with_hint = with_statement_hint = enable_eagerloads

    def reset_joinpoint(self):
        return self

    def union(self, *others):
        return self._combined("UNION", others)

    def union_all(self, *others):
        return self._combined("UNION ALL", others)

    def intersect(self, *others):
        return self._combined("INTERSECT", others)

    def except_(self, *others):
        return self._combined("EXCEPT", others)

    def _combined(self, keyword, others):
        first = with_plan(self._select, self._options)[0]
        rest = [with_plan(other._select, other._options)[0] if isinstance(other, Query) else other for other in others]
        return self._with(CompoundSelect(keyword, first, *rest))

    # ---- as an element
    @property
    def statement(self):
        return with_plan(self._select, self._options)[0] if self._from_statement is None else self._from_statement

    selectable = property(lambda self: self.statement)

    def __clause_element__(self):
        return self.statement

    def subquery(self, name=None, with_labels=False, reduce_columns=False):
        return self.statement.subquery(name)

    def cte(self, name=None, recursive=False, nesting=False):
        return self.statement.cte(name, recursive)

    def scalar_subquery(self):
        return self.statement.scalar_subquery()

    as_scalar = scalar_subquery

    def label(self, name):
        return self.statement.label(name)

    def exists(self):
        statement = self.statement
        inner = statement.with_only_columns(literal_column("1"), maintain_column_froms=True) if isinstance(statement, Select) else statement
        return inner.exists()

    @property
    def c(self):
        return self.subquery().c

    @property
    def column_descriptions(self):
        return self._select.column_descriptions

    @property
    def whereclause(self):
        return self._select.whereclause

    def __str__(self):
        return str(self.statement)

    # ---- asking
    def _values(self):
        session = self._session()
        if self._from_statement is not None:
            plan = with_plan(Select(*self._entities), self._options)[1]
            rows = _by_name(session._asked(self._from_statement, self._params), plan)
        else:
            statement, plan = with_plan(self._select, self._options)
            rows = session._asked(statement, self._params)
        return plan, plan.rows(session, rows, self._populate)

    def _session(self):
        if self.session is None:
            raise InvalidRequestError("This Query has no session: give it one with with_session()")
        return self.session

    def __iter__(self):
        plan, rows = self._values()
        if len(plan.parts) == 1 and plan.parts[0][0] is not None:
            for values in rows:
                yield values[0]
            return
        keys = Keys(plan.names, plan.elements)
        for values in rows:
            yield Row(values, keys)

    def all(self):
        return list(self)

    def first(self):
        found = self.limit(1).all() if self._from_statement is None else self.all()
        return found[0] if found else None

    def one(self):
        found = self.all()
        if not found:
            raise NoResultFound("No row was found when one was required")
        if len(found) > 1:
            raise MultipleResultsFound("Multiple rows were found when exactly one was required")
        return found[0]

    def one_or_none(self):
        found = self.all()
        if len(found) > 1:
            raise MultipleResultsFound("Multiple rows were found when one or none was required")
        return found[0] if found else None

    def scalar(self):
        found = self.one_or_none()
        return found[0] if isinstance(found, tuple) else found

    def count(self):
        counted = select(func.count(literal_column("*"))).select_from(self.statement.subquery())
        return self._session()._asked(counted, self._params).scalar()

    def get(self, ident):
        return self._session().get(self._entities[0], ident)

    def __getitem__(self, item):
        if isinstance(item, slice):
            if (item.start or 0) < 0 or (item.stop or 0) < 0:
                raise IndexError("negative indexes are not accepted by SQL index / slice operators")
            return self.slice(item.start, item.stop).all()
        return self.slice(item, item + 1).one()

    # ---- changing
    def update(self, values, synchronize_session="auto", update_args=None):
        from .._dml import Update

        mapper = self._entities[0].__mapper__
        statement = Update(self._target())
        pairs = values.items() if hasattr(values, "items") else values
        named = {}
        for key, value in pairs:
            named[_column_of(mapper, key)] = value
        statement = statement.where(*self._criteria()).values(named)
        done = self._session()._changed(statement, mapper, self._params)
        return done.rowcount

    def delete(self, synchronize_session="auto", delete_args=None):
        from .._dml import Delete

        statement = Delete(self._target()).where(*self._criteria())
        done = self._session()._changed(statement, self._entities[0].__mapper__, self._params)
        return done.rowcount

    def _target(self):
        if getattr(self._select, "_limit", None) is not None or getattr(self._select, "_joins", ()):
            raise InvalidRequestError("Can't call Query.update() or Query.delete() when %s has been called" % ("join()" if self._select._joins else "limit()"))
        return self._entities[0].__mapper__.local_table

    def _criteria(self):
        mapper = self._entities[0].__mapper__
        single = mapper.single_criterion
        return list(self._select._where) + ([single] if single is not None else [])


def _column_of(mapper, key):
    if isinstance(key, str):
        column = mapper.columns_by_attribute.get(key)
        if column is None:
            raise InvalidRequestError('Entity namespace for "%s" has no property "%s"' % (mapper.local_table.name, key))
        return column
    return clause(key)


def _by_name(rows, plan):
    """Rows of a given statement: columns are found by name."""
    names = list(rows.keys()) if hasattr(rows, "keys") else []
    wanted = [column for raw in plan.raws for column in raw.columns]
    places = [names.index(str(column.name)) if str(column.name) in names else None for column in wanted]
    return [[row[place] if place is not None else None for place in places] for row in rows]


class AliasedClass:
    """`aliased(Class)`: the class under another name in FROM."""

    def __init__(self, entity, alias=None, name=None):
        mapper = entity.__mapper__
        self.__dict__["__mapper__"] = mapper
        self.__dict__["_class"] = mapper.class_
        self.__dict__["_alias"] = alias if alias is not None else mapper.from_clause.alias(name)
        self.__dict__["_name"] = name or mapper.class_.__name__

    def __clause_element__(self):
        return self._alias

    def _adapt_column(self, column):
        found = self._alias.c.get(column.key)
        if found is not None:
            return found
        for own in self._alias.c:
            inner = own
            while inner is not None:
                if inner is column:
                    return own
                inner = getattr(inner, "_proxies", None)
        return column

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        cls = self.__dict__["_class"]
        mapper = self.__dict__["__mapper__"]
        column = mapper.columns_by_attribute.get(name)
        if column is not None:
            return self._adapt_column(column)
        for base in cls.__mro__:
            value = base.__dict__.get(name)
            if value is None:
                continue
            if hasattr(value, "join_parts"):
                from ._relation import RelationAttribute

                return RelationAttribute(value, self)
            if hasattr(value, "_for_class"):
                return value._for_class(self)
            if isinstance(value, (classmethod, staticmethod)):
                return value.__get__(None, cls)
            if hasattr(value, "__get__") and not hasattr(value, "__code__"):
                return value.__get__(None, self)
            return value.__get__(self, cls) if hasattr(value, "__code__") else value
        return getattr(cls, name)

    def __repr__(self):
        return "<AliasedClass; %s>" % self._class.__name__


def aliased(element, alias=None, name=None, flat=False, adapt_on_names=False):
    if hasattr(element, "__mapper__"):
        return AliasedClass(element, clause(alias) if alias is not None else None, name)
    return clause(element).alias(name)


def with_polymorphic(base, classes, **kw):
    raise unsupported("sqlalchemy.orm.with_polymorphic")


def with_loader_criteria(*args, **kw):
    raise unsupported("sqlalchemy.orm.with_loader_criteria")


def with_parent(instance, prop, from_entity=None):
    return prop.property.reverse.class_attribute == instance


def was_deleted(object_):
    from ._instances import state_of

    return state_of(object_).deleted


def join(left, right, onclause=None, isouter=False, full=False):
    if getattr(onclause, "_relation", None) is not None:
        right, onclause = onclause.join_parts(right)
    return Join(from_item(left), from_item(right), onclause, isouter, full)


def outerjoin(left, right, onclause=None, full=False):
    return join(left, right, onclause, True, full)


class Bundle:
    def __init__(self, name, *exprs, **kw):
        raise unsupported("sqlalchemy.orm.Bundle")
