"""`importlib.metadata`: versions of what Limbeck stands in for and of what lies beside the project's modules; a module that was never installed has none."""


class PackageNotFoundError(ModuleNotFoundError):
    def __str__(self):
        return "No package metadata was found for %s" % self.args


def version(distribution_name):
    if distribution_name.lower() in ("alembic", "sqlalchemy"):
        return __import__(distribution_name.lower()).__version__
    found = _beside_modules(distribution_name)
    if found is None:
        raise PackageNotFoundError(distribution_name)
    return found


def _normal(name):
    return name.replace("-", "_").replace(".", "_").lower()


def _beside_modules(name):
    """The version in a `.dist-info` folder; of a module of the project that has none: it is not installed here, which is no reason to stop at its import."""
    import os
    import sys

    import _limbeck

    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            stem, _, kind = entry.rpartition(".")
            if kind in ("dist-info", "egg-info") and _normal(stem.rsplit("-", 1)[0] if kind == "dist-info" else stem.split("-")[0]) == _normal(name):
                text = _limbeck.read_file(os.path.join(folder, entry, "METADATA" if kind == "dist-info" else "PKG-INFO")).decode()
                for line in text.splitlines():
                    if line.startswith("Version:"):
                        return line[len("Version:") :].strip()
    return "0.0.0" if _limbeck.find_module(_normal(name)) is not None else None


def distribution(distribution_name):
    raise PackageNotFoundError(distribution_name)


metadata = distribution


def entry_points(**parameters):
    return []


def distributions(**parameters):
    return []


class EntryPoint:
    pass


class Distribution:
    pass


class EntryPoints(tuple):
    pass
