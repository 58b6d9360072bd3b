"""Dialects."""

from .. import _names


class _Registry:
    """Dialects that packages register: kept by name, never loaded."""

    def register(self, name, modulepath, objname):
        pass

    def load(self, name):
        from ..exc import NoSuchModuleError

        raise NoSuchModuleError("Can't load plugin: sqlalchemy.dialects:%s" % name)


registry = _Registry()
__getattr__ = _names.module_getattr(__name__)
