"""Names of `sqlalchemy.sql.crud`."""

from .. import _names

__getattr__ = _names.module_getattr(__name__)
