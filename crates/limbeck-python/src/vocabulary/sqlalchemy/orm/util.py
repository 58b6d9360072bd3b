"""Names of `sqlalchemy.orm.util`."""

from . import alias_module

__getattr__ = alias_module(__name__)
