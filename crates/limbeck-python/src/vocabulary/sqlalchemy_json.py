"""`sqlalchemy_json`: JSON types whose values notice changes; a column is the same."""

from sqlalchemy.types import JSON

__all__ = ["MutableJson", "NestedMutableJson", "mutable_json_type"]


def mutable_json_type(dbtype=JSON, nested=False):
    return dbtype() if isinstance(dbtype, type) else dbtype


MutableJson = mutable_json_type()
NestedMutableJson = mutable_json_type(nested=True)
