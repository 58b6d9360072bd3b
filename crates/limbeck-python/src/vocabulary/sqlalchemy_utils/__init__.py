"""The column types of `sqlalchemy_utils`, which migrations spell out; the rest stops when it is used."""

from . import types
from .types import *  # noqa: F401,F403
from .types import __all__ as _type_names

__version__ = "0.43.0"
__all__ = _type_names + ["types"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from sqlalchemy._base import Unsupported

    return Unsupported("sqlalchemy_utils." + name)
