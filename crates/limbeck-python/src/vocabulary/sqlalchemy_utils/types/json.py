"""`JSONType`."""

from . import JSONType

__all__ = ["JSONType"]
