"""`collect_instances`, `collect_subclasses`: the entities and their classes that a package's modules define."""


def _modules(package):
    import importlib
    import pkgutil

    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.ispkg:
            yield importlib.import_module(found.name)


def collect_instances(module, class_):
    return [value for one in _modules(module) for value in list(vars(one).values()) if isinstance(value, class_) and type(value) is class_]


def collect_subclasses(module, class_):
    if module.__name__ == "alembic_utils":
        from ..replaceable_entity import _classes

        return [cls for cls in _classes() if issubclass(cls, class_)]
    found = [value for one in _modules(module) for value in list(vars(one).values()) if isinstance(value, type) and issubclass(value, class_) and value is not class_]
    return list(dict.fromkeys(found + class_.__subclasses__()))
