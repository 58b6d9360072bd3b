"""Add the first users and posts

Revision ID: c05d8e6b1a73
Revises: 9b27e5d03f48
Create Date: 2026-03-04 09:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = "c05d8e6b1a73"
down_revision = "9b27e5d03f48"
branch_labels = None
depends_on = None


users = sa.table(
    "users",
    sa.column("email", sa.String()),
    sa.column("full_name", sa.String()),
    sa.column("phone_number", sa.String()),
    sa.column("birth_year", sa.String()),
)
EMAILS = ["ada@example.org", "grace@example.org", "mary@example.org"]


def upgrade():
    op.bulk_insert(
        users,
        [
            {"email": EMAILS[0], "full_name": "Ada Byron", "phone_number": "5550100", "birth_year": "1815"},
            {"email": EMAILS[1], "full_name": "Grace Murray", "phone_number": "", "birth_year": ""},
            {"email": EMAILS[2], "full_name": "Mary Fairfax", "phone_number": "ask her", "birth_year": None},
        ],
    )
    for email, title in zip(EMAILS, ["Notes on an engine", "A moth in the relay"]):
        op.execute(f"INSERT INTO posts (user_id, title) SELECT id, '{title}' FROM users WHERE email = '{email}'")


def downgrade():
    op.execute("DELETE FROM posts WHERE title IN ('Notes on an engine', 'A moth in the relay')")
    op.execute(users.delete().where(users.c.email.in_(EMAILS)))
