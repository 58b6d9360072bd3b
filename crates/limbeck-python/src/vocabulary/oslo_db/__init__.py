"""OpenStack's database library: the mixins and column types that models take from it. The rest is not needed to know what their tables are."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name in ("sqlalchemy",):
        import sys

        __import__("oslo_db." + name)
        return sys.modules["oslo_db." + name]
    from _limbeck_boot import Deferred

    return Deferred("oslo_db." + name, "a module of the project", 0)
