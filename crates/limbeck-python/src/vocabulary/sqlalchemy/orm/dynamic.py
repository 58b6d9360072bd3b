"""Names of `sqlalchemy.orm.dynamic`."""

from . import alias_module

__getattr__ = alias_module(__name__)
