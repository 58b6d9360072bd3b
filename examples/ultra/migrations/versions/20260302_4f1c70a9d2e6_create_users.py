"""Create users

Revision ID: 4f1c70a9d2e6
Revises: 
Create Date: 2026-03-02 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "4f1c70a9d2e6"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("phone_number", sa.String(length=32), nullable=True),
        sa.Column("birth_year", sa.String(length=8), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )


def downgrade():
    op.drop_table("users")
