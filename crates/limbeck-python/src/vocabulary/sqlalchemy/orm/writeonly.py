"""Names of `sqlalchemy.orm.writeonly`."""

from . import alias_module

__getattr__ = alias_module(__name__)
