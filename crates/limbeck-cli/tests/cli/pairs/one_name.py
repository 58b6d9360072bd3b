# postgresql sqlite
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("old", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
# wanted
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("old", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer), sa.Index("ix_old_a", "a"), sa.Index("ix_old_a", "a"))
sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer), sa.Index("ix_new_a", "a"), sa.Index("ix_new_a", "a"))
