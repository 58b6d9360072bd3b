"""Put the foreign key of posts back

With the user gone, the posts go too.

Revision ID: a2d06f5e8b31
Revises: 6e83b1f7c924
Create Date: 2026-03-11 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "a2d06f5e8b31"
down_revision = "6e83b1f7c924"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("posts") as batch_op:
        batch_op.create_foreign_key(
            "fk_posts_user_id_users", "users", ["user_id"], ["id"], ondelete="CASCADE"
        )


def downgrade():
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_constraint("fk_posts_user_id_users", type_="foreignkey")
