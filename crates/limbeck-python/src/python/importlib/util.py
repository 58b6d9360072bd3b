"""`importlib.util` over the engine's own loader."""

import sys

import _limbeck
from importlib.machinery import ModuleSpec, SourceFileLoader


def resolve_name(name, package):
    if not name.startswith("."):
        return name
    level = len(name) - len(name.lstrip("."))
    parts = package.rsplit(".", level - 1)
    if len(parts) < level:
        raise ImportError("attempted relative import beyond top-level package")
    return parts[0] + "." + name[level:] if name[level:] else parts[0]


def find_spec(name, package=None):
    name = resolve_name(name, package)
    parent = name.rpartition(".")[0]
    if parent:
        _limbeck.load_module(parent)
    found = _limbeck.find_module(name)
    if found is None:
        return None
    origin, is_package = found
    loader = SourceFileLoader(name, origin) if origin.endswith(".py") else None
    return ModuleSpec(name, loader, origin=origin, is_package=is_package)


def spec_from_file_location(name, location=None, *, loader=None, submodule_search_locations=None):
    location = str(location)
    spec = ModuleSpec(name, loader or SourceFileLoader(name, location), origin=location)
    spec.has_location = True
    spec.submodule_search_locations = submodule_search_locations
    return spec


def spec_from_loader(name, loader, *, origin=None, is_package=None):
    return ModuleSpec(name, loader, origin=origin, is_package=is_package)


def module_from_spec(spec):
    module = type(sys)(spec.name)
    module.__spec__ = spec
    module.__loader__ = spec.loader
    module.__package__ = spec.name if spec.submodule_search_locations is not None else spec.name.rpartition(".")[0]
    if spec.origin:
        module.__file__ = spec.origin
    return module
