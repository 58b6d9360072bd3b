"""Tables without classes: association tables, imperative mapping, schemas, sequences, cycles."""

import enum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import registry, relationship

metadata = sa.MetaData(schema="app")
reg = registry(metadata=metadata)


class Color(enum.IntEnum):
    red = 1
    blue = 2


class Money(sa.types.TypeDecorator):
    impl = sa.Numeric
    cache_ok = True

    def __init__(self, precision=18, scale=2):
        super().__init__(precision, scale)

    def load_dialect_impl(self, dialect):
        return sa.Numeric(18, 2) if dialect.name == "postgresql" else sa.BigInteger()


class Point(sa.types.UserDefinedType):
    cache_ok = True

    def __init__(self, dimensions=2):
        self.dimensions = dimensions

    def get_col_spec(self, **kw):
        return "POINT"


links = sa.Table(
    "links",
    metadata,
    sa.Column("left_id", sa.ForeignKey("app.left.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("right_id", sa.ForeignKey("app.right.id"), primary_key=True),
    sa.Column("weight", sa.Float(53), server_default=sa.text("1.0")),
)
left = sa.Table(
    "left",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("color", sa.Enum(Color), nullable=False),
    sa.Column("mood", sa.Enum("sad", "ok", name="mood", metadata=metadata)),
    sa.Column("flag", sa.Boolean(create_constraint=True, name="flag_is_bool")),
    sa.Column("amount", Money()),
    sa.Column("place", Point(3)),
    sa.Column("tags", postgresql.ARRAY(sa.Text()).with_variant(sa.JSON(), "sqlite")),
    sa.Column("key", sa.String(32), sa.Sequence("left_key", start=5), key="renamed"),
    sa.Column("right_id", sa.Integer, sa.ForeignKey("app.right.id", use_alter=True, name="fk_left_right")),
    sa.CheckConstraint(sa.column("id") > 0, name="positive"),
    sa.PrimaryKeyConstraint("id", name="left_pk"),
    sa.UniqueConstraint("renamed", "mood", name="uq_left", deferrable=True, initially="DEFERRED"),
)
right = sa.Table(
    "right",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
    sa.Column("left_id", sa.Integer, sa.ForeignKey(left.c.id)),
    sa.Column("weird name", sa.Text, comment="it's odd"),
    sa.Column("moods", postgresql.ARRAY(sa.Enum("sad", "ok", name="moods"), as_tuple=True).with_variant(sa.JSON(), "sqlite")),
    comment="the other side",
    info={"kept": [1, None], "by": "us"},
)
sa.Index("ix_left_color_lower", sa.func.lower(left.c.renamed), left.c.color.desc(), unique=True, postgresql_using="btree")
sa.Index("ix_left_pattern", sa.func.lower(left.c.renamed).label("low"), postgresql_ops={"low": "text_pattern_ops"})
sa.Index("ix_left_part", left.c.color, postgresql_where=left.c.flag.is_(True), sqlite_where=left.c.flag.is_(True))
cycle_a = sa.Table("cycle_a", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.ForeignKey("app.cycle_b.id", name="fk_ab")))
cycle_b = sa.Table("cycle_b", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.ForeignKey("app.cycle_a.id", name="fk_ba")))
plain = sa.Table("plain", metadata, sa.Column("n", sa.Integer), schema="other")


class Left:
    pass


class Right:
    pass


reg.map_imperatively(Left, left, properties={"rights": relationship(Right, secondary=links)})
reg.map_imperatively(Right, right)
