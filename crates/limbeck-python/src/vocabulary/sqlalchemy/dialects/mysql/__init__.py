"""MySQL's types and statements."""

from .types import *  # noqa: F401,F403
from .types import __all__ as _types_all


def __getattr__(name):
    if name in ("insert", "Insert"):
        from ... import _dml

        return getattr(_dml, name)
    if name == "dialect":
        from .base import dialect

        return dialect
    if name in ("base", "types", "dml", "pymysql", "mysqldb", "json", "enumerated"):
        import sys

        full = __name__ + "." + name
        __import__(full)
        return sys.modules[full]
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


__all__ = _types_all
