# postgresql sqlite
# options: render_as_batch=True
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("user", metadata, sa.Column("id", sa.Integer, primary_key=True))
sa.Table("page", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)), sa.Column("gone", sa.Boolean))
# wanted
from typing import Annotated, Optional

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {Annotated[str, 40]: sa.String(40)}


metadata = Base.metadata


class Owned:
    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(sa.ForeignKey("user.id", name="fk_%s_owner" % cls.__tablename__), index=True, sort_order=9)


class Named(Base):
    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Annotated[str, 40]] = mapped_column(server_default="it's")

    @declared_attr.directive
    def __table_args__(cls):
        return (sa.UniqueConstraint("name", name="uq_%s_name" % cls.__tablename__), {"comment": "a " + cls.__tablename__})


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)


class Page(Named, Owned):
    __tablename__ = "page"
    number: Mapped[Optional[int]]


class Note(Owned, Named):
    __tablename__ = "note"
    body: Mapped[str] = mapped_column(sa.Text, deferred=True)
