"""SQLModel: tables from annotated classes, and the types that generated migrations name (`sqlmodel.sql.sqltypes.AutoString`)."""

__version__ = "0.0.50"


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    import sys

    if name == "sql":
        __import__("sqlmodel.sql")
        return sys.modules["sqlmodel.sql"]
    if name in ("Field", "FieldInfo", "Relationship", "RelationshipInfo", "SQLModel"):
        __import__("sqlmodel._models")
        found = globals()[name] = getattr(sys.modules["sqlmodel._models"], name)
        return found
    if name == "Session":
        from sqlalchemy.orm import Session

        return Session
    import sqlalchemy

    found = getattr(sqlalchemy, name, None)
    if found is not None:
        return found
    from sqlalchemy._base import Unsupported

    return Unsupported("sqlmodel." + name)
