"""Names of `sqlalchemy.orm.mapped_collection`."""

from . import alias_module

__getattr__ = alias_module(__name__)
