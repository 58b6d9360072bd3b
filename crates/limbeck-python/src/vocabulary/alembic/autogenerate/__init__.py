"""Autogenerate hooks that projects register; comparing is Limbeck's own work."""

from .rewriter import Rewriter


class _Registry:
    def dispatch_for(self, *args, **kw):
        return lambda function: function


comparators = renderers = _Registry()
__all__ = ["Rewriter", "comparators", "renderers"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.autogenerate." + name)
