"""`EmailType`."""

from . import EmailType

__all__ = ["EmailType"]
