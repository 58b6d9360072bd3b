"""Names of `sqlalchemy.orm.loading`."""

from . import alias_module

__getattr__ = alias_module(__name__)
