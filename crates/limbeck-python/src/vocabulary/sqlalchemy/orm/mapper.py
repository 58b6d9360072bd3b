"""Names of `sqlalchemy.orm.mapper`."""

from . import alias_module

__getattr__ = alias_module(__name__)
