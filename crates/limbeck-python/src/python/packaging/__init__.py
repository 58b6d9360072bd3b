"""`packaging`: versions only."""

__version__ = "25.0"
