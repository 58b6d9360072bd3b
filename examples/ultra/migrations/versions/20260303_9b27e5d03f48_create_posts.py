"""Create posts

Revision ID: 9b27e5d03f48
Revises: 4f1c70a9d2e6
Create Date: 2026-03-03 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "9b27e5d03f48"
down_revision = "4f1c70a9d2e6"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("published", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_posts_user_id"), "posts", ["user_id"])


def downgrade():
    op.drop_index(op.f("ix_posts_user_id"), table_name="posts")
    op.drop_table("posts")
