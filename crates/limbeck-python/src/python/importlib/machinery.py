"""`importlib.machinery`: specs, and a loader of source files of the project."""

import sys

import _limbeck
from _frozen_importlib import BuiltinImporter, FrozenImporter, ModuleSpec

SOURCE_SUFFIXES = [".py"]
BYTECODE_SUFFIXES = [".pyc"]
EXTENSION_SUFFIXES = []
DEBUG_BYTECODE_SUFFIXES = OPTIMIZED_BYTECODE_SUFFIXES = BYTECODE_SUFFIXES


def all_suffixes():
    return SOURCE_SUFFIXES + BYTECODE_SUFFIXES


class SourceFileLoader:
    def __init__(self, fullname, path):
        self.name = fullname
        self.path = str(path)

    def create_module(self, spec):
        return None

    def get_filename(self, name=None):
        return self.path

    def get_source(self, name=None):
        with open(self.path) as file:
            return file.read()

    def exec_module(self, module):
        _limbeck.execute_file(self.path, module)

    def load_module(self, name=None):
        module = type(sys)(self.name)
        module.__file__ = self.path
        sys.modules[self.name] = module
        self.exec_module(module)
        return module


class _Absent:
    def __init__(self, *arguments, **keywords):
        raise ImportError("migration scripts load modules of their project only")


class SourcelessFileLoader(_Absent):
    pass


class ExtensionFileLoader(_Absent):
    pass


class FileFinder(_Absent):
    pass


class PathFinder:
    @staticmethod
    def find_spec(fullname, path=None, target=None):
        return None
