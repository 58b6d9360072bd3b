# postgresql sqlite
# options: render_item=models.render_item
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("gone", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String(9)), sa.Column("at", sa.DateTime, server_default=sa.func.current_timestamp()))
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("old", sa.String(7)), sa.Column("note", sa.String(3)), sa.Column("size", sa.String(3)))
# wanted
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table(
    "t",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, server_default=sa.func.now()),
    sa.Column("note", sa.String(3)),
    sa.Column("size", sa.String(20)),
)
sa.Table(
    "new",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("t_id", sa.ForeignKey("t.id"), unique=True),
    sa.Column("note", sa.LargeBinary),
    sa.Column("at", sa.DateTime, server_default=sa.func.now(), nullable=False),
    sa.Column("state", sa.String(4), server_default="open"),
    sa.CheckConstraint("t_id > 0", name="positive"),
    sa.CheckConstraint("t_id < 9", name="kept"),
    sa.UniqueConstraint("note", "at", name="notes"),
)


def render_item(type_, obj, autogen_context):
    if type_ == "column" and obj.name == "note":
        autogen_context.imports.add("import models")
        return "models.note(%r)" % obj.table.name
    if type_ == "server_default" and getattr(obj.arg, "name", None) == "now":
        return "sa.func.now()"
    if type_ == "server_default" and str(obj.arg) == "open":
        return None
    if type_ == "type" and isinstance(obj, sa.String):
        return "sa.Unicode(%d)" % obj.length
    if type_ == "primary_key":
        return "sa.PrimaryKeyConstraint(%s)" % ", ".join("%r" % ("~" + column.name) for column in obj.columns)
    if type_ == "foreign_key":
        return "sa.ForeignKeyConstraint(%d)" % len(obj.elements)
    if type_ == "unique" and obj.name is None:
        return "sa.UniqueConstraint(%r)" % [column.name for column in obj.columns]
    if type_ == "check" and obj.name == "positive":
        return None
    return False
