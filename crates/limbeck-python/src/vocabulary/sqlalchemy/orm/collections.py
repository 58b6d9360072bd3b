"""Names of `sqlalchemy.orm.collections`."""

from . import alias_module

__getattr__ = alias_module(__name__)
