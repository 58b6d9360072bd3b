"""`LtreeType`."""

from . import LtreeType

__all__ = ["LtreeType"]
