"""`sqlalchemy.inspection`."""

from ._names import module_getattr

__getattr__ = module_getattr(__name__)
