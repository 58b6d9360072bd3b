# postgresql sqlite
import sqlalchemy as sa

metadata = sa.MetaData()
# wanted
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table(
    "kept",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, info={"of": "a column"}),
    info={"team": "billing", 2: [None, "it's"]},
    comment="per cent",
    mysql_engine="InnoDB",
    prefixes=["/* kept */"],
)
