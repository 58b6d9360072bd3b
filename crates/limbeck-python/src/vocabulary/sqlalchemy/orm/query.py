"""Names of `sqlalchemy.orm.query`."""

from . import alias_module

__getattr__ = alias_module(__name__)
