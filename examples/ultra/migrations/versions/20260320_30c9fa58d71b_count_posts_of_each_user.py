"""Count the posts of each user

Revision ID: 30c9fa58d71b
Revises: e7162db9c40a
Create Date: 2026-03-20 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "30c9fa58d71b"
down_revision = "e7162db9c40a"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("users", sa.Column("post_count", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE users SET post_count = (SELECT count(*) FROM posts WHERE posts.user_id = users.id)")
    op.create_index("ix_users_post_count", "users", ["post_count"])


def downgrade():
    op.drop_index("ix_users_post_count", table_name="users")
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("post_count")
