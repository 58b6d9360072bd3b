"""The state of mapped objects: where each stands to its session and row, and what was changed."""

from .._base import unsupported


class _NoValue:
    """Stands for a value that is not known."""

    def __repr__(self):
        return "NO_VALUE"

    def __bool__(self):
        return False


NO_VALUE = _NoValue()
_STATE = "_sa_instance_state"


class InstanceState:
    """What is known of one object. It does not hold the object: that would keep both alive for ever."""

    def __init__(self, mapper):
        self.mapper = mapper
        self.session = None
        # (class, primary key) of the object's row, once it has one.
        self.key = None
        # Values before the first change, by attribute.
        self.original = {}
        self.deleted = False
        self.load_only = None

    @property
    def identity(self):
        return self.key[1] if self.key is not None else None

    @property
    def identity_key(self):
        return self.key

    @property
    def class_(self):
        return self.mapper.class_

    @property
    def transient(self):
        return self.key is None and self.session is None

    @property
    def pending(self):
        return self.key is None and self.session is not None

    @property
    def persistent(self):
        return self.key is not None and self.session is not None and not self.deleted

    @property
    def detached(self):
        return self.key is not None and self.session is None

    @property
    def has_identity(self):
        return self.key is not None

    @property
    def modified(self):
        return bool(self.original)

    @property
    def unloaded(self):
        raise unsupported("inspect(object).unloaded")

    @property
    def attrs(self):
        raise unsupported("inspect(object).attrs")


def state_of(obj):
    """The state of an object, made on first use."""
    values = obj.__dict__
    state = values.get(_STATE)
    if state is None:
        mapper = getattr(type(obj), "__mapper__", None)
        if mapper is None:
            from .exc import UnmappedInstanceError

            raise UnmappedInstanceError(obj)
        state = values[_STATE] = InstanceState(mapper)
    return state


instance_state = state_of


def instance_dict(obj):
    return obj.__dict__


def remember(obj, state, key, old):
    """Notes the value before the first change, and tells the session."""
    if key not in state.original:
        state.original[key] = old
    if state.session is not None:
        state.session._touch(obj)


def load_missing(obj, state, key):
    """Loads an attribute that is not there: those of an object with a row come from the row."""
    if state.key is None:
        return None
    if state.session is None:
        from .exc import DetachedInstanceError

        raise DetachedInstanceError(
            "Instance %s is not bound to a Session; attribute refresh operation cannot proceed (Background on this error at: https://sqlalche.me/e/20/bhk3)"
            % shown(obj)
        )
    from ._loading import refresh

    refresh(state.session, obj, state, [key])
    return obj.__dict__.get(key)


def shown(obj):
    return "<%s at %#x>" % (type(obj).__name__, id(obj))


def attributes_of(obj):
    return {name: value for name, value in obj.__dict__.items() if name != _STATE}


def flag_modified(instance, key):
    state = state_of(instance)
    remember(instance, state, key, NO_VALUE)
    state.original[key] = NO_VALUE


def flag_dirty(instance):
    state = state_of(instance)
    if state.session is not None:
        state.session._touch(instance)


def set_attribute(instance, key, value, initiator=None):
    setattr(instance, key, value)


def get_attribute(instance, key):
    return getattr(instance, key)


def del_attribute(instance, key):
    delattr(instance, key)


def set_committed_value(instance, key, value):
    relation = state_of(instance).mapper.relations.get(key)
    if relation is not None and relation.uselist:
        value = relation.collection(instance, value)
    instance.__dict__[key] = value


def init_collection(obj, key):
    relation = state_of(obj).mapper.relations[key]
    value = obj.__dict__[key] = relation.collection(obj, ())
    return value


class History(tuple):
    """(added, unchanged, deleted)."""

    def __new__(cls, added, unchanged, deleted):
        return tuple.__new__(cls, (added, unchanged, deleted))

    added = property(lambda self: self[0])
    unchanged = property(lambda self: self[1])
    deleted = property(lambda self: self[2])

    def has_changes(self):
        return bool(self[0] or self[2])

    def __bool__(self):
        return any(self)

    def sum(self):
        return list(self[0] or ()) + list(self[1] or ()) + list(self[2] or ())


def get_history(obj, key, passive=None):
    state = state_of(obj)
    if key not in obj.__dict__:
        return History((), (), ())
    value = obj.__dict__[key]
    if key not in state.original:
        return History((), [value], ())
    old = state.original[key]
    if isinstance(value, list) and (old is NO_VALUE or isinstance(old, (list, tuple))):
        before = [] if old is NO_VALUE else list(old)
        return History(
            [item for item in value if not any(item is other for other in before)],
            [item for item in value if any(item is other for other in before)],
            [item for item in before if not any(item is other for other in value)],
        )
    if old is NO_VALUE or old is None:
        return History([value], (), () if old is NO_VALUE else [None])
    if old == value:
        return History((), [value], ())
    return History([value], (), [old])
