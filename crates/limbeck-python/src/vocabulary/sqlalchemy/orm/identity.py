"""Names of `sqlalchemy.orm.identity`."""

from . import alias_module

__getattr__ = alias_module(__name__)
