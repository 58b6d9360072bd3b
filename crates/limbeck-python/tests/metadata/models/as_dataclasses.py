"""Classes mapped as dataclasses, attributes added later, a convention with a function."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, registry, relationship

reg = registry()


def shortened(constraint, table):
    return table.name[:3] + str(len(list(constraint.columns)))


class Base(MappedAsDataclass, DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"short": shortened, "uq": "uq_%(short)s_%(column_0_name)s", "ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s"})


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    city: Mapped[str | None] = mapped_column(default=None, index=True)
    friends: Mapped[list[Friend]] = relationship(default_factory=list)


class Friend(Base):
    __tablename__ = "friend"
    a: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    b: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = (sa.UniqueConstraint("a", "b"),)


Person.later = sa.Column(sa.Integer, nullable=False)


@reg.mapped_as_dataclass
class Solo:
    __tablename__ = "solo"
    id: Mapped[int] = mapped_column(primary_key=True)


@reg.mapped
class Duo:
    __tablename__ = "duo"
    id = sa.Column(sa.Integer, primary_key=True)
    solo_id = sa.Column(sa.ForeignKey("solo.id"))


metadata = [Base.metadata, reg.metadata]
