"""Names of `oslo_db.sqlalchemy`."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name in ("models", "types"):
        import sys

        __import__("oslo_db.sqlalchemy." + name)
        return sys.modules["oslo_db.sqlalchemy." + name]
    from _limbeck_boot import Deferred

    return Deferred("oslo_db.sqlalchemy." + name, "a module of the project", 0)
