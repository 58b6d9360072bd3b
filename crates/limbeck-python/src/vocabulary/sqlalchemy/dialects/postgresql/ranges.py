"""Ranges as values."""

from ..._base import Unsupported
from .types import *  # noqa: F401,F403

Range = Unsupported("sqlalchemy.dialects.postgresql.Range")
