"""`importlib.resources`: files next to modules of the project, to read."""

import sys


def _folder(package):
    import pathlib

    if isinstance(package, str):
        package = __import__(package, fromlist=["*"])
    return pathlib.Path(list(package.__path__)[0])


def files(package):
    return _folder(package)


def read_text(package, resource, encoding="utf-8", errors="strict"):
    return _folder(package).joinpath(resource).read_text(encoding=encoding)


def read_binary(package, resource):
    return _folder(package).joinpath(resource).read_bytes()


def open_text(package, resource, encoding="utf-8", errors="strict"):
    return _folder(package).joinpath(resource).open(encoding=encoding)


class as_file:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self.path

    def __exit__(self, *exception):
        pass
