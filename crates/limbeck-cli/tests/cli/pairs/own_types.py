# postgresql sqlite
# options: render_item=models.render_item
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("code", sa.Integer))
# wanted
import sqlalchemy as sa

metadata = sa.MetaData()


class Code(sa.types.TypeDecorator):
    impl = sa.String
    cache_ok = True

    def __init__(self, length=16):
        super().__init__(length)


sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("code", Code()), sa.Column("other", Code(7)))


def render_item(type_, obj, autogen_context):
    if type_ == "type" and isinstance(obj, Code):
        autogen_context.imports.add("import models")
        return "models.%r" % obj
    return False
