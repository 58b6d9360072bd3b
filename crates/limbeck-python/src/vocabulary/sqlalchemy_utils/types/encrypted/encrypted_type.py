"""`EncryptedType`, `StringEncryptedType`."""

from .. import EncryptedType, StringEncryptedType

__all__ = ["EncryptedType", "StringEncryptedType"]
