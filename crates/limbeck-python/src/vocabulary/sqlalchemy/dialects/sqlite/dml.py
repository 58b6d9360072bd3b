"""SQLite's INSERT."""

from ..._dml import Insert, insert

__all__ = ["Insert", "insert"]
