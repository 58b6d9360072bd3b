"""SQLModel, as far as generated migrations name it: `sqlmodel.sql.sqltypes.AutoString`. Models load and map nothing."""

__version__ = "0.0.27"


class SQLModel:
    """The base of an application's models, which a migration does not need."""

    metadata = None

    def __init_subclass__(cls, **kw):
        super().__init_subclass__()


def Field(default=None, **kw):
    return default


def Relationship(**kw):
    return None


def _metadata():
    from sqlalchemy import MetaData

    return MetaData()


SQLModel.metadata = _metadata()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    import sys

    if name == "sql":
        __import__("sqlmodel.sql")
        return sys.modules["sqlmodel.sql"]
    if name == "Session":
        from sqlalchemy.orm import Session

        return Session
    import sqlalchemy

    found = getattr(sqlalchemy, name, None)
    if found is not None:
        return found
    from sqlalchemy._base import Unsupported

    return Unsupported("sqlmodel." + name)
