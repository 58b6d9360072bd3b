"""Names of `sqlalchemy.orm.strategies`."""

from . import alias_module

__getattr__ = alias_module(__name__)
