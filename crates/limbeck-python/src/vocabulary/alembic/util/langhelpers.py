"""Names of `alembic.util.langhelpers`."""

from . import *  # noqa: F401,F403
