"""Names of `sqlalchemy.orm.unitofwork`."""

from . import alias_module

__getattr__ = alias_module(__name__)
