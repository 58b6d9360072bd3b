"""`ctypes`: migration scripts cannot load native code."""


def CDLL(*arguments, **keywords):
    raise PermissionError("migration scripts cannot load native code (ctypes)")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return CDLL
