"""`pkgutil`: the modules of a package of the project."""

import os
from collections import namedtuple

ModuleInfo = namedtuple("ModuleInfo", "module_finder name ispkg")


def iter_modules(path=None, prefix=""):
    seen = set()
    for folder in path or ():
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            full = os.path.join(folder, name)
            package = os.path.isfile(os.path.join(full, "__init__.py"))
            module = name[:-3] if name.endswith(".py") else name if package else None
            if module and module != "__init__" and module not in seen and module.isidentifier():
                seen.add(module)
                yield ModuleInfo(None, prefix + module, package)


def walk_packages(path=None, prefix="", onerror=None):
    for info in iter_modules(path, prefix):
        yield info
        if info.ispkg:
            try:
                module = __import__(info.name, fromlist=["*"])
            except Exception:
                if onerror is None:
                    raise
                onerror(info.name)
            else:
                yield from walk_packages(module.__path__, info.name + ".", onerror)


def extend_path(path, name):
    return path


def get_data(package, resource):
    folder = list(__import__(package, fromlist=["*"]).__path__)[0]
    with open(os.path.join(folder, resource), "rb") as file:
        return file.read()


def resolve_name(name):
    module, _, attribute = name.partition(":")
    found = __import__(module, fromlist=["*"])
    for part in attribute.split(".") if attribute else ():
        found = getattr(found, part)
    return found


def find_loader(name):
    return None


get_loader = find_loader
