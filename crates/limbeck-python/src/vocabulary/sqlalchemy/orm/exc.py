"""Exceptions of the object-relational part."""

from ..exc import InvalidRequestError, MultipleResultsFound, NoResultFound, SQLAlchemyError

__all__ = ["MultipleResultsFound", "NoResultFound"]
NO_STATE = (AttributeError, KeyError)


class StaleDataError(SQLAlchemyError):
    """An UPDATE or DELETE met another number of rows than expected."""


ConcurrentModificationError = StaleDataError


class FlushError(SQLAlchemyError):
    pass


class MappedAnnotationError(SQLAlchemyError):
    pass


class UnmappedError(InvalidRequestError):
    pass


class UnmappedInstanceError(UnmappedError):
    def __init__(self, obj, msg=None):
        UnmappedError.__init__(self, msg or "Class '%s.%s' is not mapped" % (type(obj).__module__, type(obj).__qualname__))


class UnmappedClassError(UnmappedError):
    def __init__(self, cls, msg=None):
        UnmappedError.__init__(self, msg or "Class '%s.%s' is not mapped" % (getattr(cls, "__module__", "?"), getattr(cls, "__qualname__", cls)))


class UnmappedColumnError(InvalidRequestError):
    pass


class ObjectDereferencedError(SQLAlchemyError):
    pass


class DetachedInstanceError(SQLAlchemyError):
    pass


class ObjectDeletedError(InvalidRequestError):
    def __init__(self, shown):
        InvalidRequestError.__init__(self, "Instance '%s' has been deleted, or its row is otherwise not present." % shown)


class LoaderStrategyException(InvalidRequestError):
    pass
