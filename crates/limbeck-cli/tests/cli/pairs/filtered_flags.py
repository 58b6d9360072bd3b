# postgresql
# options: include_schemas=True, include_object=models.include_object
import sqlalchemy as sa

metadata = sa.MetaData()
# wanted
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData(schema="app")
sa.Table(
    "order",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kept", sa.Integer, index=True),
    sa.Column("left_out", sa.Integer, index=True),
    sa.Column("moods", postgresql.ARRAY(sa.Enum("sad", "ok", name="mood"))),
)


def include_object(object, name, type_, reflected, compare_to):
    return not (type_ == "index" and "left_out" in object.columns)
