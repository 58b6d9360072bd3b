"""Names of `sqlalchemy.orm.relationships`."""

from . import alias_module

__getattr__ = alias_module(__name__)
