"""Connections, results, URLs."""

from .. import _names

__getattr__ = _names.module_getattr(__name__, {"Inspector": ("_inspect", "Inspector")})
