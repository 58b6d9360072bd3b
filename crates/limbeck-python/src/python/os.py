"""`os` for migration scripts: names, paths, the environment (read-only) and reading below the project. Nothing else of the machine."""

import abc
import sys

import _limbeck
import posixpath as path

sys.modules["os.path"] = path

name = "posix"
sep = "/"
altsep = None
extsep = "."
pathsep = ":"
linesep = "\n"
defpath = "/bin:/usr/bin"
devnull = "/dev/null"
curdir = "."
pardir = ".."
error = OSError
F_OK, R_OK, W_OK, X_OK = 0, 4, 2, 1
O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND = 0, 1, 2, 64, 128, 512, 1024
SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2
supports_dir_fd = set()
supports_effective_ids = set()
supports_fd = set()
supports_follow_symlinks = set()
supports_bytes_environ = False


class PathLike(abc.ABC):
    __slots__ = ()

    @abc.abstractmethod
    def __fspath__(self):
        raise NotImplementedError

    @classmethod
    def __subclasshook__(cls, subclass):
        if cls is PathLike:
            return hasattr(subclass, "__fspath__")
        return NotImplemented

    def __class_getitem__(cls, item):
        return cls


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    try:
        method = type(path).__fspath__
    except AttributeError:
        raise TypeError("expected str, bytes or os.PathLike object, not " + type(path).__name__) from None
    return method(path)


def fsencode(filename):
    filename = fspath(filename)
    return filename.encode() if isinstance(filename, str) else filename


def fsdecode(filename):
    filename = fspath(filename)
    return filename.decode() if isinstance(filename, bytes) else filename


class _Environ:
    """The environment that Limbeck was started with. What is read is remembered; nothing can be changed for others, but a script sees its own changes."""

    def __init__(self):
        self._own = {}

    def __getitem__(self, key):
        if not isinstance(key, str):
            raise TypeError("str expected, not %s" % type(key).__name__)
        if key in self._own:
            value = self._own[key]
        else:
            value = _limbeck.environ_get(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key):
        return self.get(key) is not None

    def __setitem__(self, key, value):
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError("str expected")
        self._own[key] = value

    def __delitem__(self, key):
        self[key]
        self._own[key] = None

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key, *default):
        try:
            value = self[key]
        except KeyError:
            if default:
                return default[0]
            raise
        self._own[key] = None
        return value

    def update(self, *others, **more):
        for other in others:
            for key, value in dict(other).items():
                self[key] = value
        for key, value in more.items():
            self[key] = value

    def keys(self):
        names = [key for key in _limbeck.environ_keys() if key not in self._own]
        return names + [key for key, value in self._own.items() if value is not None]

    def values(self):
        return [self[key] for key in self.keys()]

    def items(self):
        return [(key, self[key]) for key in self.keys()]

    def copy(self):
        return dict(self.items())

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def __or__(self, other):
        return {**self.copy(), **dict(other)}

    def __repr__(self):
        return "environ({...})"


environ = _Environ()


def getenv(key, default=None):
    return environ.get(key, default)


def putenv(key, value):
    environ[key] = value


def unsetenv(key):
    environ.pop(key, None)


def urandom(size):
    return _limbeck.random_bytes(size)


def getcwd():
    return _limbeck.getcwd()


def getcwdb():
    return getcwd().encode()


def getpid():
    return 1


def getppid():
    return 0


def cpu_count():
    return 1


def getlogin():
    return environ.get("LOGNAME") or environ.get("USER") or "nobody"


class stat_result:
    def __init__(self, kind, size, modified):
        self.st_mode = 0o040755 if kind == "directory" else 0o100644
        self.st_size = size
        self.st_mtime = self.st_atime = self.st_ctime = modified
        self.st_ino = self.st_dev = self.st_uid = self.st_gid = 0
        self.st_nlink = 1


def stat(path, *, dir_fd=None, follow_symlinks=True):
    path = fsdecode(path)
    found = _limbeck.file_kind(path)
    if found is None:
        raise FileNotFoundError(2, "No such file or directory", path)
    return stat_result(*found)


lstat = stat


def listdir(path="."):
    return _limbeck.list_directory(fsdecode(path))


class DirEntry:
    def __init__(self, folder, name):
        self.name = name
        self.path = path.join(folder, name)

    def is_dir(self, *, follow_symlinks=True):
        return path.isdir(self.path)

    def is_file(self, *, follow_symlinks=True):
        return path.isfile(self.path)

    def is_symlink(self):
        return False

    def is_junction(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return stat(self.path)

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return "<DirEntry %r>" % self.name


class _Scan:
    def __init__(self, folder):
        self._entries = iter([DirEntry(folder, name) for name in listdir(folder)])

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def close(self):
        pass


def scandir(path="."):
    return _Scan(fsdecode(path))


def walk(top, topdown=True, onerror=None, followlinks=False):
    top = fsdecode(top)
    folders, files = [], []
    for name in listdir(top):
        (folders if path.isdir(path.join(top, name)) else files).append(name)
    if topdown:
        yield top, folders, files
    for folder in folders:
        yield from walk(path.join(top, folder), topdown, onerror, followlinks)
    if not topdown:
        yield top, folders, files


def access(path, mode, **options):
    return not mode & W_OK and _limbeck.file_kind(fsdecode(path)) is not None


def readlink(path, **options):
    raise OSError(22, "Invalid argument", fsdecode(path))


def get_exec_path(env=None):
    return []


def strerror(number):
    return "error %d" % number


def uname():
    return ("Limbeck", "limbeck", "0", "0", "limbeck")


def getuid():
    return 1000


geteuid = getgid = getegid = getuid


def get_terminal_size(*arguments):
    return (80, 24)


def _refused(what):
    def refuse(*arguments, **keywords):
        raise PermissionError("migration scripts cannot use os.%s: they reach nothing but their database" % what)

    refuse.__name__ = refuse.__qualname__ = what
    return refuse


for _name in (
    "system popen remove unlink rename renames replace rmdir removedirs mkdir makedirs link symlink chmod chown chdir fchdir open close read write "
    "fdopen execl execle execlp execv execve execvp execvpe spawnl spawnv kill killpg wait waitpid abort _exit pipe dup dup2 truncate "
    "utime mkfifo mknod umask setuid setgid nice sync statvfs sendfile startfile lseek ftruncate fsync isatty"
).split():
    globals()[_name] = _refused(_name)
del _name
