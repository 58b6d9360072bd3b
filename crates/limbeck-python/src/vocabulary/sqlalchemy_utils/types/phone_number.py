"""`PhoneNumberType`."""

from . import PhoneNumberType

__all__ = ["PhoneNumberType"]
