"""`ArrowType`."""

from . import ArrowType

__all__ = ["ArrowType"]
