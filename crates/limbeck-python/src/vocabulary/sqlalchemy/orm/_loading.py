"""Rows to objects."""

from .._selectable import Select, _Raw, select
from ._instances import _STATE, InstanceState, shown, state_of
from ._options import chosen_attributes


class Plan:
    """How the columns of a SELECT make up its entities: built once, applied to every row."""

    def __init__(self, raws, options=()):
        self.parts = []
        self.names = []
        self.elements = []
        made = []
        position = 0
        for raw in raws:
            if raw.entity is None:
                self.parts.append((None, position, len(raw.columns)))
                for column in raw.columns:
                    self.names.append(_name(column, len(self.names)))
                    self.elements.append(column)
                made.append(raw)
                position += len(raw.columns)
                continue
            mapper = raw.entity.__mapper__
            attributes = chosen_attributes(options, mapper, raw.entity) or mapper.loaded_attributes()
            discriminator = mapper.polymorphic_on
            if discriminator is not None:
                key = mapper.attribute_of(discriminator)
                if key not in attributes:
                    attributes = attributes + [key]
            adapt = getattr(raw.entity, "_adapt_column", None) or (lambda column: column)
            columns = [adapt(mapper.columns_by_attribute[key]) for key in attributes]
            self.parts.append((EntityPlan(mapper, attributes, position), position, len(columns)))
            self.names.append(getattr(raw.entity, "_name", None) or mapper.class_.__name__)
            self.elements.append(None)
            made.append(_Raw(raw.source, raw.entity, columns, raw.table))
            position += len(columns)
        self.raws = made

    @property
    def has_entities(self):
        return any(entity is not None for entity, _, _ in self.parts)

    def rows(self, session, rows, populate=False):
        """The values of each row, entities in place of their columns."""
        for row in rows:
            values = []
            for entity, position, length in self.parts:
                if entity is None:
                    values.extend(row[position : position + length])
                else:
                    values.append(entity.instance(session, row, populate))
            yield values


def _name(column, number):
    name = getattr(column, "key", None)
    if name is None:
        name = column._result_name() if hasattr(column, "_result_name") else None
    return str(name) if name is not None else "column_%d" % number


class EntityPlan:
    """One entity of a row."""

    def __init__(self, mapper, attributes, position):
        self.mapper = mapper
        self.attributes = [(key, position + number) for number, key in enumerate(attributes)]
        places = dict(self.attributes)
        self.key = [places[key] for key in mapper.primary_key_attributes]
        self.base = mapper.base.class_
        self.discriminator = places[mapper.attribute_of(mapper.polymorphic_on)] if mapper.polymorphic_on is not None else None
        self.mutable = [(key, mapper.attributes[key].mutable) for key in attributes if getattr(mapper.attributes[key], "mutable", None) is not None]

    def instance(self, session, row, populate):
        key = tuple([row[place] for place in self.key])
        if all(value is None for value in key):
            return None
        identity = (self.base, key)
        known = session._identity(identity)
        if known is not None:
            values = known.__dict__
            original = values[_STATE].original
            for name, place in self.attributes:
                if (populate and name not in original) or name not in values:
                    values[name] = row[place]
            return known
        mapper = self.mapper
        if self.discriminator is not None:
            mapper = mapper.mapper_for(row[self.discriminator])
        cls = mapper.class_
        obj = cls.__new__(cls)
        state = InstanceState(mapper)
        state.key = identity
        state.session = session
        values = obj.__dict__
        values[_STATE] = state
        for name, place in self.attributes:
            values[name] = row[place]
        for name, mutable in self.mutable:
            values[name] = mutable.attach(values[name], obj, name)
        session._hold(identity, obj)
        for hook in mapper._reconstructors:
            hook(obj)
        return obj


def row_criterion(mapper, key):
    """The condition that names one row."""
    return [column == value for column, value in zip(mapper.primary_key, key)]


def refresh(session, obj, state, wanted=None):
    """Loads what is missing of an object (or the attributes wanted) from its row."""
    mapper = state.mapper
    values = obj.__dict__
    attributes = [key for key in mapper.loaded_attributes() if key not in values]
    for key in wanted or ():
        if key not in attributes and key in mapper.columns_by_attribute:
            attributes.append(key)
    if not attributes:
        return
    columns = [mapper.columns_by_attribute[key] for key in attributes]
    statement = select(*columns).select_from(mapper.from_clause).where(*row_criterion(mapper, state.key[1]))
    row = session._run(statement).first()
    if row is None:
        from .exc import ObjectDeletedError

        raise ObjectDeletedError(shown(obj))
    for key, value in zip(attributes, row):
        mutable = getattr(mapper.attributes[key], "mutable", None)
        values[key] = value if mutable is None else mutable.attach(value, obj, key)


def load_expression(session, obj, expression):
    state = state_of(obj)
    statement = select(expression).select_from(state.mapper.from_clause).where(*row_criterion(state.mapper, state.key[1]))
    return session._run(statement).scalar()


def with_plan(statement, options=()):
    """A SELECT whose entities are spelled out as columns, and how to read its rows."""
    plan = Plan(statement._raw, options)
    if isinstance(statement, Select):
        fresh = statement._copy_self()
        fresh._raw = plan.raws
        criteria = [raw.entity.__mapper__.single_criterion for raw in plan.raws if raw.entity is not None and not hasattr(raw.entity, "_adapt_column")]
        criteria = [criterion for criterion in criteria if criterion is not None]
        return (fresh.where(*criteria) if criteria else fresh), plan
    return statement, plan
