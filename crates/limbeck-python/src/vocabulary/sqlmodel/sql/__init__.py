"""`sqlmodel.sql`."""

from . import sqltypes

__all__ = ["sqltypes"]
