"""`alembic.runtime.environment`."""


class EnvironmentContext:
    """Run by Limbeck itself; a script that makes its own is told so."""

    def __init__(self, config, script, **kw):
        from sqlalchemy._base import unsupported

        raise unsupported("alembic.runtime.environment.EnvironmentContext")
