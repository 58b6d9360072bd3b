"""`LocaleType`."""

from . import LocaleType

__all__ = ["LocaleType"]
