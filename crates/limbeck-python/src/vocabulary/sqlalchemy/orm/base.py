"""Names of `sqlalchemy.orm.base`."""

from . import alias_module

__getattr__ = alias_module(__name__)
