"""Names of `sqlalchemy.orm.persistence`."""

from . import alias_module

__getattr__ = alias_module(__name__)
