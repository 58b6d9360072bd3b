"""Merge the phone number and birth year branches

Revision ID: e7162db9c40a
Revises: 5bf3a871e60d, d8409c3eb5f2
Create Date: 2026-03-18 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "e7162db9c40a"
down_revision = ("5bf3a871e60d", "d8409c3eb5f2")
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
