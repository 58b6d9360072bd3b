"""`UUIDType`."""

from . import UUIDType

__all__ = ["UUIDType"]
