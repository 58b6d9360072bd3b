"""`TSVectorType`."""

from . import TSVectorType

__all__ = ["TSVectorType"]
