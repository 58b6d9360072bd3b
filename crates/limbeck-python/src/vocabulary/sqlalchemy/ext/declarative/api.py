"""Names of `sqlalchemy.ext.declarative.api`."""

from ...orm import alias_module

__getattr__ = alias_module(__name__)
