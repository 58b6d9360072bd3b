"""Names of `sqlalchemy.orm.session`."""

from . import alias_module

__getattr__ = alias_module(__name__)
