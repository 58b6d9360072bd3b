"""`alembic.script`."""

from .base import Script, ScriptDirectory

__all__ = ["Script", "ScriptDirectory"]
