"""Names of `sqlalchemy.orm.properties`."""

from . import alias_module

__getattr__ = alias_module(__name__)
