"""`CountryType`."""

from . import CountryType

__all__ = ["CountryType"]
