"""PostgreSQL's types and statements."""

from .types import *  # noqa: F401,F403
from .types import __all__ as _types_all

_LATER = {
    "insert": "dml",
    "Insert": "dml",
    "array": "expressions",
    "aggregate_order_by": "expressions",
    "array_agg": "expressions",
    "Any": "expressions",
    "All": "expressions",
    "hstore": "expressions",
    "ExcludeConstraint": "expressions",
    "to_tsvector": "expressions",
    "to_tsquery": "expressions",
    "plainto_tsquery": "expressions",
    "websearch_to_tsquery": "expressions",
    "ts_headline": "expressions",
    "Range": "ranges",
    "dialect": "base",
}
_MODULES = ("base", "types", "dml", "ranges", "array", "json", "named_types", "ext", "psycopg2", "asyncpg", "psycopg", "pg8000", "expressions")


def __getattr__(name):
    import sys

    home = _LATER.get(name)
    if home is not None:
        full = __name__ + "." + home
        __import__(full)
        return getattr(sys.modules[full], name)
    if name in _MODULES and name != "array":
        full = __name__ + "." + name
        __import__(full)
        return sys.modules[full]
    if name.startswith("__"):
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    if name in ("BitString", "CreateDomainType", "CreateEnumType", "DropDomainType", "DropEnumType", "MultiRange", "distinct_on", "phraseto_tsquery"):
        from ..._base import Unsupported

        return Unsupported("sqlalchemy.dialects.postgresql." + name)
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


__all__ = _types_all
