"""Names of `sqlalchemy.orm.decl_api`."""

from . import alias_module

__getattr__ = alias_module(__name__)
