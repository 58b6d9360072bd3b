"""`IPAddressType`."""

from . import IPAddressType

__all__ = ["IPAddressType"]
