"""Names of `sqlalchemy.dialects.oracle.base`."""

from . import *  # noqa: F401,F403
