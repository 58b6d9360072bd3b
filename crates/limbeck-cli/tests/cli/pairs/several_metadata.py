# postgresql sqlite
# options: compare_type=False
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("one", metadata, sa.Column("id", sa.Integer, primary_key=True))
sa.Table("two", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer))
# wanted
import sqlalchemy as sa

metadata = sa.MetaData()
other = sa.MetaData(naming_convention={"ix": "i_%(table_name)s_%(column_0_name)s", "pk": "p_%(table_name)s"})
several = [metadata, other]
sa.Table("one", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer, index=True))
sa.Table("two", other, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer, index=True))
sa.Table("three", other, sa.Column("id", sa.Integer, primary_key=True))
