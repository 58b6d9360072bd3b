"""Alembic's public names, each loaded on first use."""

import sys

__version__ = "1.20.1"

_MODULES = ("op", "context", "util", "config", "command", "script", "operations", "runtime", "autogenerate", "ddl", "environment", "migration")


def __getattr__(name):
    if name in _MODULES:
        full = "alembic." + name
        __import__(full)
        return sys.modules[full]
    raise AttributeError("module 'alembic' has no attribute %r" % name)
