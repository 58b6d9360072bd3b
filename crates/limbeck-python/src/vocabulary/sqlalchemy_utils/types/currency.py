"""`CurrencyType`."""

from . import CurrencyType

__all__ = ["CurrencyType"]
