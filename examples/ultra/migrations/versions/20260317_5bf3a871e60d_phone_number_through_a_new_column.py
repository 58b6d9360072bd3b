"""Turn phone numbers into numbers by way of a new column

Made at the same time as d8409c3eb5f2 by someone else, so the history has two heads until the merge.
Texts that are no number, such as a note to oneself, are lost; the rest stays.

Revision ID: 5bf3a871e60d
Revises: a2d06f5e8b31
Create Date: 2026-03-17 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "5bf3a871e60d"
down_revision = "a2d06f5e8b31"
branch_labels = None
depends_on = None


def is_number():
    if op.get_context().dialect.name == "postgresql":
        return "phone_number ~ '^[0-9]+$'"
    return "phone_number <> '' AND phone_number NOT GLOB '*[^0-9]*'"


def upgrade():
    op.add_column("users", sa.Column("phone_digits", sa.BigInteger(), nullable=True))
    op.execute(f"UPDATE users SET phone_digits = CAST(phone_number AS BIGINT) WHERE {is_number()}")
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("phone_number")
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("phone_digits", new_column_name="phone_number", existing_type=sa.BigInteger())


def downgrade():
    with op.batch_alter_table("users") as batch_op:
        batch_op.alter_column("phone_number", new_column_name="phone_digits", existing_type=sa.BigInteger())
    op.add_column("users", sa.Column("phone_number", sa.String(length=32), nullable=True))
    op.execute("UPDATE users SET phone_number = CAST(phone_digits AS VARCHAR(32))")
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("phone_digits")
