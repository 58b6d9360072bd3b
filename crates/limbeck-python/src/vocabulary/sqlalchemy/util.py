"""A few of SQLAlchemy's utilities."""

from ._names import module_getattr

__getattr__ = module_getattr(__name__)


class immutabledict(dict):
    def union(self, other):
        made = immutabledict(self)
        made.update(other)
        return made


def to_list(value, default=None):
    if value is None:
        return default
    if isinstance(value, (list, tuple, set)):
        return list(value)
    return [value]


def asbool(value):
    if isinstance(value, str):
        text = value.strip().lower()
        if text in ("true", "yes", "on", "y", "t", "1"):
            return True
        if text in ("false", "no", "off", "n", "f", "0"):
            return False
        raise ValueError("String is not true/false: %r" % text)
    return bool(value)


class OrderedDict(dict):
    pass


OrderedSet = set


def warn(message, code=None):
    import warnings

    warnings.warn(message, stacklevel=3)


def memoized_property(function):
    return property(function)


def await_only(value):
    return value


greenlet_spawn = await_only
