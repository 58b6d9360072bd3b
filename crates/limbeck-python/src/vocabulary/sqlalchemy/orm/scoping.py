"""Names of `sqlalchemy.orm.scoping`."""

from . import alias_module

__getattr__ = alias_module(__name__)
