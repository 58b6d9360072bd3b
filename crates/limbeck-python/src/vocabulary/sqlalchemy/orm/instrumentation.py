"""Names of `sqlalchemy.orm.instrumentation`."""

from . import alias_module

__getattr__ = alias_module(__name__)
