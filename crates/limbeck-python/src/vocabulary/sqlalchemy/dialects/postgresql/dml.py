"""PostgreSQL's INSERT … ON CONFLICT."""

from ..._dml import Insert

__all__ = ["Insert", "insert"]


def insert(table):
    return Insert(table)
