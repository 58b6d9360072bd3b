"""fastapi-users' tables are the application's; migrations name its GUID type."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "generics":
        __import__("fastapi_users_db_sqlalchemy.generics")
        import sys

        return sys.modules["fastapi_users_db_sqlalchemy.generics"]
    from sqlalchemy._base import Unsupported

    return Unsupported("fastapi_users_db_sqlalchemy." + name)
