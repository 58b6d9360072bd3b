"""`PasswordType`."""

from . import PasswordType

__all__ = ["PasswordType"]
