"""`sqlalchemy_continuum`: what its import does to migrations. Histories of rows are the application's business."""

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles

__version__ = "1.5.2"


@compiles(BigInteger, "sqlite")
def _big_integer(element, compiler, **keywords):
    return "INTEGER"


def __getattr__(name):
    if name[:2] == "__":
        raise AttributeError(name)
    import _limbeck
    from _limbeck_boot import Deferred

    file, line, _ = _limbeck.place()
    return Deferred("sqlalchemy_continuum." + name, file, line)
