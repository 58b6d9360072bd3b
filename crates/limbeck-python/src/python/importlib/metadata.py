"""`importlib.metadata`: no packages are installed here but those that Limbeck stands in for."""


class PackageNotFoundError(ModuleNotFoundError):
    def __str__(self):
        return "No package metadata was found for %s" % self.args


def version(distribution_name):
    if distribution_name.lower() in ("alembic", "sqlalchemy"):
        return __import__(distribution_name.lower()).__version__
    raise PackageNotFoundError(distribution_name)


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
