"""The old home of declarative classes."""

from ...orm import alias_module

_lookup = alias_module(__name__)


def __getattr__(name):
    if name in ("AbstractConcreteBase", "ConcreteBase", "DeferredReflection"):
        from . import extensions

        return getattr(extensions, name)
    return _lookup(name)
