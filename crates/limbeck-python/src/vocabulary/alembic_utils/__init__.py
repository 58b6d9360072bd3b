"""`alembic_utils`: functions, views, triggers, policies, extensions and grants that a project registers; compared in the server's own words."""

__version__ = "0.8.8"
