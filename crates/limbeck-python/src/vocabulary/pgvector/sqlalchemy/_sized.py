"""What the types have in common."""

from sqlalchemy.types import UserDefinedType


class Sized(UserDefinedType):
    """A type with a number of dimensions."""

    cache_ok = True

    def __init__(self, dim=None):
        UserDefinedType.__init__(self)
        self.dim = dim

    def get_col_spec(self, **kw):
        return self._name if self.dim is None else "%s(%d)" % (self._name, self.dim)

    def bind_processor(self, dialect):
        def process(value):
            if isinstance(value, (list, tuple)):
                return "[" + ",".join(str(float(item)) for item in value) + "]"
            return value

        return process
