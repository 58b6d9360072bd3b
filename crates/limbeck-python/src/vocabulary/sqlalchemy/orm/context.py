"""Names of `sqlalchemy.orm.context`."""

from . import alias_module

__getattr__ = alias_module(__name__)
