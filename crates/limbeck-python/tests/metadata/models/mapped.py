"""`Mapped`, `Annotated`, `type_annotation_map`, a naming convention."""

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any, List, Literal, Optional

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship, synonym
from sqlalchemy.ext.hybrid import hybrid_property

intpk = Annotated[int, mapped_column(primary_key=True)]
str50 = Annotated[str, 50]
stamp = Annotated[datetime.datetime, mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())]
required_name = Annotated[str, mapped_column(sa.String(30), nullable=False, comment="a name")]


class Status(enum.Enum):
    OPEN = "open"
    CLOSED = "closed"


class Level(str, enum.Enum):
    low = "l"
    high = "h"


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str50: sa.String(50),
        dict[str, Any]: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
        decimal.Decimal: sa.Numeric(12, 4),
        Level: sa.Enum(Level, length=20, native_enum=False),
    }


class User(Base):
    __tablename__ = "user"

    id: Mapped[intpk]
    name: Mapped[str50]
    nick: Mapped[Optional[str50]]
    full: Mapped[required_name]
    email: Mapped[str] = mapped_column(unique=True, index=True)
    phone: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    age: Mapped[int | None]
    big: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    ratio: Mapped[float] = mapped_column(default=0.5)
    price: Mapped[decimal.Decimal]
    data: Mapped[dict[str, Any]]
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    born: Mapped[Optional[datetime.date]]
    at: Mapped[datetime.time | None]
    span: Mapped[Optional[datetime.timedelta]]
    blob: Mapped[bytes | None]
    created: Mapped[stamp]
    status: Mapped[Status] = mapped_column(default=Status.OPEN)
    level: Mapped[Level]
    kind: Mapped[Literal["a", "bb"]]
    org_id: Mapped[Optional[int]] = mapped_column(sa.ForeignKey("org.id", ondelete="SET NULL"))
    custom: Mapped[str] = mapped_column("custom_column", sa.Text, nullable=True, index=True)

    org: Mapped[Optional["Org"]] = relationship(back_populates="users")
    posts: Mapped[List["Post"]] = relationship()
    name_length = column_property(sa.func.length("x"))
    other = synonym("name")

    @hybrid_property
    def initials(self):
        return self.name[:1]

    __table_args__ = (
        sa.UniqueConstraint("name", "nick"),
        sa.CheckConstraint("age > 0", name="age_positive"),
        sa.Index("ix_user_lower_email", sa.func.lower(email)),
        sa.Index(None, "born", "at"),
        {"comment": "people"},
    )


class Org(Base):
    __tablename__ = "org"
    id: Mapped[intpk]
    users: Mapped[list[User]] = relationship(back_populates="org")
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("org.id"))


class Post(Base):
    __tablename__ = "post"
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.String(200))


class Comment(Base):
    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(sa.Identity(start=10, always=True), primary_key=True)
    user_id: Mapped[int]
    number: Mapped[int]
    words: Mapped[int] = mapped_column(sa.Computed("number * 2", persisted=True))
    __table_args__ = (sa.ForeignKeyConstraint(["user_id", "number"], ["post.user_id", "post.number"], onupdate="CASCADE"),)


class Badge(Base):
    """The annotation of a foreign key says nothing about its type."""

    __tablename__ = "badge"
    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(sa.ForeignKey(User.id))
    giver: Mapped[Optional[str]] = mapped_column(sa.ForeignKey(User.id))


sa.Index("ix_post_title_desc", Post.title.desc(), postgresql_where=Post.number > 3)
metadata = Base.metadata
