"""Names of `sqlalchemy.sql.expression`."""

from .. import _names

__getattr__ = _names.module_getattr(__name__)
