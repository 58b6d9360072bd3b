"""Names of `sqlalchemy.sql.ddl`."""

from .. import _names

__getattr__ = _names.module_getattr(__name__)
