"""`alembic.config`."""

from ._config import Config

__all__ = ["Config"]


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.config." + name)
