"""Names of `sqlalchemy.orm.state`."""

from . import alias_module

__getattr__ = alias_module(__name__)
