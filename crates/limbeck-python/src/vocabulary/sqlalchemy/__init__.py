"""SQLAlchemy's public names, each loaded on first use."""

from . import _names

__version__ = "2.1.9"


def __getattr__(name):
    value = _names.top_level(name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(_names._INDEX) | set(_names._OTHER))
