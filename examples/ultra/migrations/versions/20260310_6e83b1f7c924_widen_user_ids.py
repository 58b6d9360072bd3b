"""Widen the ids of users

Revision ID: 6e83b1f7c924
Revises: 17ae94c2f5b0
Create Date: 2026-03-10 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "6e83b1f7c924"
down_revision = "17ae94c2f5b0"
branch_labels = None
depends_on = None


# SQLite numbers rows by itself only in a column of exactly the type INTEGER, which holds 64 bits anyway.
WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("id", existing_type=sa.Integer(), type_=WIDE, existing_nullable=False)
    with op.batch_alter_table("posts") as batch_op:
        batch_op.alter_column("user_id", existing_type=sa.Integer(), type_=WIDE, existing_nullable=False)


def downgrade():
    with op.batch_alter_table("posts") as batch_op:
        batch_op.alter_column("user_id", existing_type=WIDE, type_=sa.Integer(), existing_nullable=False)
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("id", existing_type=WIDE, type_=sa.Integer(), existing_nullable=False)
