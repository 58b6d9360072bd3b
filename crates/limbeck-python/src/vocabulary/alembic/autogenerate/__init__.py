"""Autogenerate hooks that projects register; comparing is Limbeck's own work."""

from .rewriter import Rewriter


class _Renderers:
    """The renderers of operations, by class."""

    def __init__(self):
        self.functions = {}

    def dispatch_for(self, target, qualifier="default", replace=False):
        def decorate(function):
            self.functions[target] = function
            return function

        return decorate


class _Comparators:
    """Comparisons of the project's own: by what is compared, for which dialect, and how early."""

    def __init__(self):
        self.functions = {}

    def dispatch_for(self, target, *, priority=25, qualifier="default", subgroup=None):
        def decorate(function):
            self.functions.setdefault(target, []).append((int(priority), qualifier, function))
            return function

        return decorate

    def of(self, target, dialect, priority):
        """The functions of one priority in the order in which Alembic calls them."""
        found = self.functions.get(target, ())
        return [function for wanted in (dialect, "default") for given, qualifier, function in found if given == priority and qualifier == wanted]


comparators = _Comparators()
renderers = _Renderers()
__all__ = ["Rewriter", "comparators", "renderers"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "AutogenContext":
        from .api import AutogenContext

        return AutogenContext
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.autogenerate." + name)
