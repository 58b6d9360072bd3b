"""Names of `sqlalchemy.orm.events`."""

from . import alias_module

__getattr__ = alias_module(__name__)
