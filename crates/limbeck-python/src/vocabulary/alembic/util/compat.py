"""Names of `alembic.util.compat`."""

from . import *  # noqa: F401,F403
