# postgresql sqlite
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("place", metadata, sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.String(5), primary_key=True))
# wanted
import sqlalchemy as sa

metadata = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_key)s", "fk": "fk_%(table_name)s_%(column_0_key)s"})
sa.Table("place", metadata, sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.String(5), primary_key=True, key="bee"))
sa.Table(
    "visit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pa", sa.Integer, key="first"),
    sa.Column("pb", sa.String(5), index=True, key="second"),
    sa.ForeignKeyConstraint(["first", "second"], ["place.a", "place.bee"], ondelete="CASCADE"),
)
sa.Table("guest", metadata, sa.Column("id", sa.Integer, primary_key=True, key="number"))
sa.Table("party", metadata, sa.Column("id", sa.Integer, sa.ForeignKey("guest.number"), primary_key=True))
