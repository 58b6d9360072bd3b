"""Names of `alembic.autogenerate.api`."""

from . import Rewriter, comparators, renderers

__all__ = ["Rewriter", "comparators", "renderers"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.autogenerate.api." + name)
