"""Rarer kinds of declarative bases."""

from ..._base import unsupported


class ConcreteBase:
    def __init_subclass__(cls, **kw):
        raise unsupported("sqlalchemy.ext.declarative.ConcreteBase")


class AbstractConcreteBase(ConcreteBase):
    pass


class DeferredReflection:
    """Classes whose tables are read from the database later."""

    def __init_subclass__(cls, **kw):
        raise unsupported("sqlalchemy.ext.declarative.DeferredReflection")
