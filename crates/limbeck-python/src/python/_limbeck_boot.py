"""The Python side of the engine: what runs before any script."""

import sys

import _limbeck


class Abort(BaseException):
    """Limbeck stops the script; `except Exception` does not see it."""


class MissingPackageError(ModuleNotFoundError):
    """A placeholder of a missing package was used."""


class Deferred:
    """Stands for something of a package that is not there. Looking at it is harmless; what depends on its value is not.

    While modules of the project are imported, calling it and inheriting from it give placeholders again: most of what an application sets up
    when it is imported is never used by a migration.
    """

    def __init__(self, name, file, line, reason=None):
        object.__setattr__(self, "_deferred", (name, file, line, reason))

    def __getattr__(self, name):
        if name[:2] == "__" and name[-2:] == "__" and name != "__version__":
            raise AttributeError(name)
        return _derived(self, "." + name)

    def __call__(self, *arguments, **keywords):
        if _limbeck.may_defer():
            if _limbeck.context.get("whole") and any(map(_holds_tables, [*arguments, *keywords.values()])):
                _limbeck.passed_class("`%s` is not there, and it is given metadata to add to" % object.__getattribute__(self, "_deferred")[0])
            return _derived(self, "()")
        raise _use_error(self)

    def __mro_entries__(self, bases):
        # Beside a class with a metaclass of its own (a mapped one) a placeholder cannot stand.
        beside = any(isinstance(base, type) and type(base) is not type and type(base) is not _Metaclass for base in bases if type(base) is not Deferred)
        if _limbeck.may_defer() and not beside:
            return (_Base,)
        raise _use_error(self)

    def __getitem__(self, key):
        return self

    def __or__(self, other):
        if other is None or isinstance(other, type) or hasattr(other, "__origin__"):
            # `X | None` in an annotation says that a column may be NULL.
            import typing

            return typing.Union[self, other]
        return self

    __ror__ = __or__

    def __eq__(self, other):
        if self is other:
            return True
        if type(other) is Deferred and not self._is_made() and not other._is_made():
            return self._deferred[0] == other._deferred[0]
        # Types are compared with each other wherever annotations are read.
        if other is None or isinstance(other, type) or hasattr(other, "__origin__") or type(other).__module__ == "typing":
            return False
        raise _use_error(self)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self._deferred[0])

    def _is_made(self):
        """Whether this is what a call of something that is not there would have returned."""
        return "()" in self._deferred[0]


def _holds_tables(value):
    """Whether tables could be added to a value: a MetaData, a declarative base."""
    if type(value).__name__ in ("MetaData", "registry"):
        return True
    return isinstance(value, type) and "__table__" not in value.__dict__ and hasattr(value, "registry") and hasattr(value, "metadata")


def _derived(placeholder, what):
    name, file, line, reason = object.__getattribute__(placeholder, "_deferred")
    return Deferred(name + what, file, line, reason)


class _Metaclass(type):
    """Makes a placeholder of every class that inherits from one."""

    def __new__(metaclass, name, bases, namespace, **keywords):
        if not bases:
            return type.__new__(metaclass, name, bases, namespace)
        if any(key in namespace for key in ("__tablename__", "__table__", "__table_args__")) or any(
            type(value).__name__ in ("Column", "MappedColumn") for value in namespace.values()
        ):
            _limbeck.passed_class("the class %s inherits from %s, which is not there" % (name, _origin(namespace.get("__orig_bases__", ()))))
        for base in namespace.get("__orig_bases__", ()):
            if type(base) is Deferred:
                derived = _derived(base, " (%s)" % name)
                # Tables are there all the same.
                for key, value in namespace.items():
                    if any(part.__name__ in ("MetaData", "Table") for part in type(value).__mro__):
                        object.__setattr__(derived, key, value)
                return derived
        raise MissingPackageError("the class %s inherits from one that is not there" % name)

    def __init__(cls, name, bases, namespace, **keywords):
        pass


class _Base(metaclass=_Metaclass):
    pass


def _origin(bases):
    """The first of the bases that is not there, with its import."""
    for base in bases:
        if type(base) is Deferred:
            name, file, line, _ = base._deferred
            return "`%s` (imported at %s:%d)" % (name, file, line)
    return "a package"


def _use_error(placeholder):
    name, file, line, reason = object.__getattribute__(placeholder, "_deferred")
    package = name.split(".")[0]
    text = "this script needs the package `%s` (imported at %s:%d) for `%s`" % (package, file, line, name)
    if reason:
        text = "`%s` (imported at %s:%d) is not available to migration scripts: %s" % (name, file, line, reason)
    elif package in ("alembic", "sqlalchemy"):
        text = "not supported yet: `%s` (imported at %s:%d)" % (name, file, line)
    error = MissingPackageError(text, name=name)
    error.__limbeck_missing__ = name.split("(")[0].strip()
    error.__limbeck_file__ = file
    error.__limbeck_line__ = line
    return error


def _refuse(self, *arguments, **keywords):
    raise _use_error(self)


def _arithmetic(self, other):
    if _limbeck.may_defer():
        return self
    raise _use_error(self)


def _change(self, *arguments):
    if not _limbeck.may_defer():
        raise _use_error(self)


for _name in (
    "__iter__ __next__ __len__ __bool__ __lt__ __le__ __gt__ __ge__ __contains__ __enter__ __exit__ __aenter__ __aexit__ __await__ "
    "__aiter__ __anext__ __int__ __float__ __index__ __str__ __repr__ __format__ __bytes__ __neg__ __pos__ __invert__ __instancecheck__ "
    "__subclasscheck__ __fspath__"
).split():
    setattr(Deferred, _name, _refuse)
Deferred.__limbeck_use__ = _refuse
for _name in "add sub mul truediv floordiv mod pow and xor lshift rshift matmul".split():
    setattr(Deferred, "__%s__" % _name, _arithmetic)
    setattr(Deferred, "__r%s__" % _name, _arithmetic)
for _name in "__setattr__ __delattr__ __setitem__ __delitem__".split():
    setattr(Deferred, _name, _change)


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
