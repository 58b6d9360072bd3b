"""Names of `sqlalchemy.orm.clsregistry`."""

from . import alias_module

__getattr__ = alias_module(__name__)
