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


class Money(sa.types.UserDefinedType):
    cache_ok = True

    def __init__(self, digits, places=2):
        self.digits = digits
        self.places = places

    def get_col_spec(self, **kw):
        return "NUMERIC(%d, %d)" % (self.digits, self.places)


class Short(sa.String):
    pass


sa.Table(
    "t",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", Code()),
    sa.Column("other", Code(7)),
    sa.Column("price", Money(8)),
    sa.Column("rate", Money(9, places=4)),
    sa.Column("short", Short(5)),
    sa.Column("plain", sa.Numeric(10, 2)),
    sa.Column("choice", sa.Enum("a", "b", name="choice", native_enum=False, length=9)),
    sa.Column("at", sa.DateTime(timezone=True)),
)


def render_item(type_, obj, autogen_context):
    if type_ == "type":
        autogen_context.imports.add("import models")
        return "models.%r" % obj if isinstance(obj, (Code, Money, Short)) else "sa.%r" % obj
    return False
