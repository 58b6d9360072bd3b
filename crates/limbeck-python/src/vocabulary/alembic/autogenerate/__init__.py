"""Autogenerate hooks that projects register; comparing is Limbeck's own work."""

from .rewriter import Rewriter


class _Registry:
    """Functions by what they are for."""

    def __init__(self):
        self.functions = {}

    def dispatch_for(self, target, qualifier="default", replace=False, **kw):
        def decorate(function):
            self.functions[target] = function
            return function

        return decorate


comparators = _Registry()
renderers = _Registry()
__all__ = ["Rewriter", "comparators", "renderers"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "AutogenContext":
        from .api import AutogenContext

        return AutogenContext
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.autogenerate." + name)
