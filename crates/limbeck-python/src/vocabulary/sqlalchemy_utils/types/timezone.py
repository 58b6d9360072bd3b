"""`TimezoneType`."""

from . import TimezoneType

__all__ = ["TimezoneType"]
