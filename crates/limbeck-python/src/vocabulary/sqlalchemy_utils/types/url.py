"""`URLType`."""

from . import URLType

__all__ = ["URLType"]
