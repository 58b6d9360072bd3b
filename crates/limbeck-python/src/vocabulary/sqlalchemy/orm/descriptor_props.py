"""Names of `sqlalchemy.orm.descriptor_props`."""

from . import alias_module

__getattr__ = alias_module(__name__)
