"""pgvector's column types."""

from sqlalchemy.types import UserDefinedType


class _Sized(UserDefinedType):
    cache_ok = True
    _name = "VECTOR"

    def __init__(self, dim=None):
        self.dim = dim

    def get_col_spec(self, **kw):
        return self._name if self.dim is None else "%s(%d)" % (self._name, self.dim)

    def bind_processor(self, dialect):
        def process(value):
            if isinstance(value, (list, tuple)):
                return "[" + ",".join(str(float(item)) for item in value) + "]"
            return value

        return process


class VECTOR(_Sized):
    pass


class HALFVEC(_Sized):
    _name = "HALFVEC"


class SPARSEVEC(_Sized):
    _name = "SPARSEVEC"


class BIT(_Sized):
    _name = "BIT"


Vector = VECTOR
