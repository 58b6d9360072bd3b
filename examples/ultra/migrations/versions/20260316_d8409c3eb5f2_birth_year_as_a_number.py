"""Keep the birth year as a number

Revision ID: d8409c3eb5f2
Revises: a2d06f5e8b31
Create Date: 2026-03-16 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "d8409c3eb5f2"
down_revision = "a2d06f5e8b31"
branch_labels = None
depends_on = None


def upgrade():
    # What is no number must go first, or PostgreSQL refuses the conversion.
    op.execute("UPDATE users SET birth_year = NULL WHERE birth_year = ''")
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column(
            "birth_year",
            existing_type=sa.String(length=8),
            type_=sa.Integer(),
            existing_nullable=True,
            postgresql_using="birth_year::integer",
        )


def downgrade():
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column(
            "birth_year",
            existing_type=sa.Integer(),
            type_=sa.String(length=8),
            existing_nullable=True,
            postgresql_using="birth_year::varchar",
        )
