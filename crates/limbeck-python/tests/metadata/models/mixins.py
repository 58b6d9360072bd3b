"""Mixins with `declared_attr`, abstract bases, inheritance, the order of columns."""

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, declared_attr, has_inherited_table, mapped_column


class Base(DeclarativeBase):
    pass


class Stamped:
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=sa.func.now(), sort_order=100)
    updated_at: Mapped[datetime.datetime] = mapped_column(sort_order=101)


class Keyed:
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class Named:
    @declared_attr.directive
    def __tablename__(cls):
        if has_inherited_table(cls):
            return None
        return cls.__name__.lower()

    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(sa.ForeignKey("owner.id"), index=True)

    @declared_attr.directive
    def __table_args__(cls):
        return (sa.UniqueConstraint("owner_id", "name", name="uq_%s_owner" % cls.__name__.lower()), {"comment": "of " + cls.__name__})


class Abstract(Base):
    __abstract__ = True
    note: Mapped[str | None] = mapped_column(sa.String(100))


class Owner(Keyed, Base):
    __tablename__ = "owner"


class Thing(Keyed, Named, Stamped, Abstract):
    name: Mapped[str] = mapped_column(sa.String(10))


class Gadget(Thing):
    volts: Mapped[int | None]


class Animal(Base):
    __tablename__ = "animal"
    id = sa.Column(sa.Integer, primary_key=True)
    type = sa.Column(sa.String(20))
    __mapper_args__ = {"polymorphic_on": type, "polymorphic_identity": "animal"}


class Dog(Animal):
    __tablename__ = "dog"
    id = sa.Column(sa.Integer, sa.ForeignKey("animal.id"), primary_key=True)
    breed = sa.Column(sa.String)
    __mapper_args__ = {"polymorphic_identity": "dog"}


class Cat(Animal):
    lives = sa.Column(sa.Integer, default=9)
    __mapper_args__ = {"polymorphic_identity": "cat"}


class LegacyBase:
    @declared_attr
    def __tablename__(cls):
        return "legacy_" + cls.__name__.lower()

    id = sa.Column(sa.Integer, primary_key=True)


Legacy = declarative_base(cls=LegacyBase, metadata=Base.metadata)


class Old(Legacy):
    b = sa.Column(sa.Integer)
    a = sa.Column("a_column", sa.Unicode(5), nullable=False, server_default="x'y")


class Older(Legacy):
    __tablename__ = "older"
    __table_args__ = {"sqlite_autoincrement": True}
    old_id = sa.Column(sa.ForeignKey(Old.id))


metadata = Base.metadata
