"""`automap_base()` reads its classes from the database."""

from .._base import unsupported


def automap_base(*args, **kw):
    raise unsupported("sqlalchemy.ext.automap")
