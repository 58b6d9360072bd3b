"""`importlib` over the engine's own loader."""

import sys

import _frozen_importlib as _bootstrap
import _limbeck

__import__ = __import__


def import_module(name, package=None):
    level = 0
    if name.startswith("."):
        if not package:
            raise TypeError("the 'package' argument is required to perform a relative import for %r" % name)
        while level < len(name) and name[level] == ".":
            level += 1
    return _bootstrap._gcd_import(name[level:], package, level)


def reload(module):
    raise NotImplementedError("migration scripts cannot reload modules")


def invalidate_caches():
    pass


def __getattr__(name):
    if name in ("util", "machinery", "abc", "metadata", "resources"):
        return import_module("importlib." + name)
    raise AttributeError("module 'importlib' has no attribute %r" % name)
