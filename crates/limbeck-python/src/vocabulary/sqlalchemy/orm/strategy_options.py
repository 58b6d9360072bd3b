"""Names of `sqlalchemy.orm.strategy_options`."""

from . import alias_module

__getattr__ = alias_module(__name__)
