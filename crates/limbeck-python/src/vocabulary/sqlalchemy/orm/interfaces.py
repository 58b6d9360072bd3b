"""Names of `sqlalchemy.orm.interfaces`."""

from . import alias_module

__getattr__ = alias_module(__name__)
