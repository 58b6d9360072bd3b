# postgresql
# options: include_schemas=True, include_name=lambda name, kind, parents: kind != "schema" or name == "app"
import sqlalchemy as sa

metadata = sa.MetaData()
# wanted
import enum
from typing import Annotated, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column


class Colour(enum.Enum):
    red = 1
    green = 2


class Size(enum.Enum):
    small = "s"


class Mood(enum.Enum):
    ok = 1


annotated = Annotated[Colour, mapped_column(sa.Enum(Colour, name="annotated"))]


class Base(DeclarativeBase):
    metadata = sa.MetaData(schema="app")
    type_annotation_map = {
        Size: postgresql.ENUM(Size, name="size", create_type=False),
        enum.Enum: sa.Enum(enum.Enum, native_enum=False, length=40, values_callable=lambda kind: [str(item.value) for item in kind]),
        Literal: sa.Enum(enum.Enum, length=20, create_constraint=True),
    }


class Mixin:
    copied: Mapped[Colour] = mapped_column(sa.Enum(Colour, name="copied"))

    @declared_attr
    def made(cls) -> Mapped[Colour]:
        return mapped_column(sa.Enum(Colour, name="made"))


class Thing(Mixin, Base):
    __tablename__ = "thing"

    id: Mapped[int] = mapped_column(primary_key=True)
    said: Mapped[Colour] = mapped_column(sa.Enum(Colour, name="said"))
    size: Mapped[Size]
    mood: Mapped[Mood]
    word: Mapped[Literal["a", "b"]]
    note: Mapped[annotated]


metadata = Base.metadata
