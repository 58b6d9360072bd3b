"""Names of `sqlalchemy.sql.cache_key`."""

from .. import _names

__getattr__ = _names.module_getattr(__name__)
