"""`BIT`."""

from sqlalchemy.types import UserDefinedType


class BIT(UserDefinedType):
    cache_ok = True

    def __init__(self, length=None):
        UserDefinedType.__init__(self)
        self.length = length

    def get_col_spec(self, **kw):
        return "BIT" if self.length is None else "BIT(%d)" % self.length
