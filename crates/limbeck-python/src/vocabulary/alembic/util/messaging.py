"""Names of `alembic.util.messaging`."""

from . import *  # noqa: F401,F403
