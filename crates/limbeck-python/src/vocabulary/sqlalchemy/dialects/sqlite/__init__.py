"""SQLite's types and statements."""

from ... import _types
from ..._types import BLOB, BOOLEAN, CHAR, DECIMAL, FLOAT, INTEGER, NUMERIC, REAL, SMALLINT, TEXT, TIMESTAMP, VARCHAR

__all__ = [
    "BLOB", "BOOLEAN", "CHAR", "DECIMAL", "FLOAT", "INTEGER", "NUMERIC", "REAL", "SMALLINT", "TEXT", "TIMESTAMP", "VARCHAR", "DATE", "DATETIME", "TIME",
    "JSON", "JSONB",
]  # fmt: skip


class DATETIME(_types.DATETIME):
    _tag = "DATETIME"

    def __init__(self, *args, **kw):
        self.timezone = False


class DATE(_types.DATE):
    _tag = "DATE"

    def __init__(self, *args, **kw):
        pass


class TIME(_types.TIME):
    _tag = "TIME"

    def __init__(self, *args, **kw):
        self.timezone = False


class JSON(_types.JSON):
    _tag = "JSON"


class JSONB(JSON):
    def _encode(self):
        return ("verbatim", "JSONB")


def __getattr__(name):
    if name in ("insert", "Insert"):
        from ... import _dml

        return getattr(_dml, name)
    if name == "dialect":
        from .base import dialect

        return dialect
    if name in ("base", "pysqlite", "json", "dml", "aiosqlite"):
        import sys

        full = __name__ + "." + name
        __import__(full)
        return sys.modules[full]
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
