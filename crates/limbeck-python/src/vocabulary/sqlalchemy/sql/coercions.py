"""Names of `sqlalchemy.sql.coercions`."""

from .. import _names

__getattr__ = _names.module_getattr(__name__)
