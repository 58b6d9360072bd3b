"""`ScalarListType`."""

from . import ScalarListType

__all__ = ["ScalarListType"]
