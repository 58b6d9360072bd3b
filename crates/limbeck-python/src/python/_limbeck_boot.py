"""The Python side of the engine: what runs before any script."""

import sys

import _limbeck


class Abort(BaseException):
    """Limbeck stops the script; `except Exception` does not see it."""


class MissingPackageError(ModuleNotFoundError):
    """A placeholder of a missing package was used."""


class Deferred:
    """Stands for something of a package that is not there. Looking at it is harmless, using it is not."""

    def __init__(self, name, file, line, reason=None):
        set_ = object.__setattr__
        set_(self, "_deferred", (name, file, line, reason))

    def __getattr__(self, name):
        if name[:2] == "__" and name[-2:] == "__":
            raise AttributeError(name)
        own, file, line, reason = object.__getattribute__(self, "_deferred")
        return Deferred(own + "." + name, file, line, reason)

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __getitem__(self, key):
        return self

    def __repr__(self):
        return "<%s, which is not there>" % object.__getattribute__(self, "_deferred")[0]


def _use_error(placeholder):
    name, file, line, reason = object.__getattribute__(placeholder, "_deferred")
    package = name.split(".")[0]
    text = "this script needs the package `%s` (imported at %s:%d) for `%s`" % (package, file, line, name)
    if reason:
        text = "`%s` (imported at %s:%d) is not available to migration scripts: %s" % (name, file, line, reason)
    elif package in ("alembic", "sqlalchemy"):
        text = "not supported yet: `%s` (imported at %s:%d)" % (name, file, line)
    error = MissingPackageError(text, name=name)
    error.__limbeck_missing__ = name
    error.__limbeck_file__ = file
    error.__limbeck_line__ = line
    return error


def _refuse(self, *arguments, **keywords):
    raise _use_error(self)


for _name in (
    "__call__ __mro_entries__ __iter__ __next__ __len__ __bool__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__ __setitem__ __delitem__ "
    "__setattr__ __delattr__ __enter__ __exit__ __aenter__ __aexit__ __await__ __aiter__ __anext__ __int__ __float__ __index__ __str__ __format__ "
    "__bytes__ __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ __pow__ "
    "__rpow__ __and__ __rand__ __xor__ __rxor__ __lshift__ __rshift__ __neg__ __pos__ __invert__ __instancecheck__ __subclasscheck__ __fspath__"
).split():
    setattr(Deferred, _name, _refuse)
Deferred.__hash__ = object.__hash__


class _Stream:
    """`sys.stdout` and `sys.stderr`."""

    encoding = "utf-8"
    errors = "replace"
    closed = False
    newlines = None
    line_buffering = True

    def __init__(self, name):
        self.name = name

    def write(self, text):
        _limbeck.write(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            _limbeck.write(line)

    def flush(self):
        pass

    def isatty(self):
        return False

    def writable(self):
        return True

    def readable(self):
        return False

    def fileno(self):
        raise OSError("migration scripts cannot use file descriptors")


class _Input:
    encoding = "utf-8"

    def _refuse(self, *arguments):
        raise EOFError("migration scripts cannot read from standard input")

    read = readline = readlines = __iter__ = _refuse

    def isatty(self):
        return False


def _open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if isinstance(file, int):
        raise PermissionError("migration scripts cannot use file descriptors")
    if not isinstance(file, (str, bytes)):
        file = file.__fspath__()
    if isinstance(file, bytes):
        file = file.decode()
    if any(letter in mode for letter in "wax+"):
        raise PermissionError(13, "migration scripts cannot write files", file)
    data = _limbeck.read_file(file)
    import io

    if "b" in mode:
        stream = io.BytesIO(data)
    else:
        text = data.decode((encoding or "utf-8") if encoding != "locale" else "utf-8", errors or "strict")
        if newline is None:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        stream = io.StringIO(text)
    return stream


def _input(prompt=""):
    raise EOFError("migration scripts cannot ask questions (input)")


class _FileIO:
    """`io.FileIO`: there are no file descriptors."""

    def __init__(self, file, *arguments, **keywords):
        raise PermissionError(13, "migration scripts cannot open raw files", file)


def _install():
    import builtins
    import _io

    sys.stdout = sys.__stdout__ = _Stream("<stdout>")
    sys.stderr = sys.__stderr__ = _Stream("<stderr>")
    sys.stdin = sys.__stdin__ = _Input()
    builtins.open = _open
    builtins.input = _input
    _io.open = _io.open_code = _open
    _io.FileIO = _FileIO
    machinery = sys.modules["_frozen_importlib"]
    machinery._gcd_import = _gcd_import
    machinery._find_spec = _find_spec


def _gcd_import(name, package=None, level=0):
    if level > 0:
        parts = package.rsplit(".", level - 1)
        if len(parts) < level:
            raise ImportError("attempted relative import beyond top-level package")
        name = parts[0] + "." + name if name else parts[0]
    return _limbeck.load_module(name)


def _find_spec(name, path=None, target=None):
    found = _limbeck.find_module(name)
    if found is None:
        return None
    origin, is_package = found
    return sys.modules["_frozen_importlib"].ModuleSpec(name, None, origin=origin, is_package=is_package)


_install()
