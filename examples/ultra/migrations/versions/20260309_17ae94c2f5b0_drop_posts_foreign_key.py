"""Drop the foreign key of posts

First of three steps that widen users.id: a column that another table refers to cannot change
while the reference stands, and each step can be looked at before the next.

Revision ID: 17ae94c2f5b0
Revises: c05d8e6b1a73
Create Date: 2026-03-09 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "17ae94c2f5b0"
down_revision = "c05d8e6b1a73"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_constraint("fk_posts_user_id_users", type_="foreignkey")


def downgrade():
    with op.batch_alter_table("posts") as batch_op:
        batch_op.create_foreign_key("fk_posts_user_id_users", "users", ["user_id"], ["id"])
