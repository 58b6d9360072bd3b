"""SQLModel: fields with and without `Field`, inherited fields, enums, relationships, columns given whole."""

import datetime
import decimal
import enum
import uuid
from typing import List, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel


class Rank(str, enum.Enum):
    low = "l"
    high = "h"


class HeroBase(SQLModel):
    name: str = Field(index=True, max_length=40)
    secret_name: str
    age: Optional[int] = Field(default=None, index=True)


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    headquarters: str = "here"
    heroes: List["Hero"] = Relationship(back_populates="team")


class HeroTeamLink(SQLModel, table=True):
    hero_id: int | None = Field(default=None, foreign_key="hero.id", primary_key=True, ondelete="CASCADE")
    team_id: int | None = Field(default=None, foreign_key="team.id", primary_key=True)


class Hero(HeroBase, table=True):
    __table_args__ = (sa.UniqueConstraint("name", "rank", name="uq_hero_name_rank"), {"comment": "heroes"})

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    rank: Rank = Rank.low
    power: float
    money: decimal.Decimal = Field(max_digits=8, decimal_places=3, default=0)
    active: bool = True
    born: datetime.date | None = None
    seen: datetime.datetime = Field(sa_type=sa.DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": sa.func.now()})
    notes: str | None = Field(default=None, sa_column=sa.Column("note_text", sa.Text, comment="free"))
    tags: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    blob: bytes | None = None
    mail: str = Field(unique=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship(back_populates="heroes")


class HeroPublic(HeroBase):
    id: uuid.UUID


class Custom(SQLModel, table=True):
    __tablename__ = "custom_name"
    id: int = Field(primary_key=True, sa_column_args=[sa.Identity()])
    code: str = Field(sa_column_args=[sa.CheckConstraint("code <> ''", name="ck_code")])


metadata = SQLModel.metadata
