"""`ChoiceType`."""

from . import ChoiceType

__all__ = ["ChoiceType"]
