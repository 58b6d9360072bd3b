"""Commands belong to the command line; scripts cannot run them."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    from sqlalchemy._base import Unsupported

    return Unsupported("alembic.command." + name)
