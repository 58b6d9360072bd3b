"""Oracle's types."""

from .._foreign import _FLOAT, _STRING, _Foreign, make
from ... import _types

_LENGTH = (("length", None),)

make(
    globals(),
    {
        "VARCHAR2": ("String", _STRING), "BFILE": ("LargeBinary", _LENGTH), "NCLOB": ("Text", _STRING), "LONG": ("Text", _STRING), "RAW": ("_Binary", _LENGTH),
        "DATE": ("DateTime", (("timezone", False),)), "TIMESTAMP": ("DateTime", (("timezone", False), ("local_timezone", False))),
        "INTERVAL": ("TypeEngine", (("day_precision", None), ("second_precision", None))), "ROWID": ("TypeEngine", ()),
        "BINARY_DOUBLE": ("Float", _FLOAT), "BINARY_FLOAT": ("Float", _FLOAT),
        "FLOAT": ("Float", (("binary_precision", None), ("asdecimal", False), ("decimal_return_scale", None))),
    },
    "BLOB BOOLEAN CHAR CLOB DOUBLE_PRECISION NCHAR NVARCHAR REAL VARCHAR",
)  # fmt: skip
NVARCHAR2 = _types.NVARCHAR


class NUMBER(_Foreign, _types.Numeric):
    _tag = "verbatim"
    _dialect_type = "NUMBER"
    _signature = (("precision", None), ("scale", None), ("asdecimal", None))

    def __init__(self, *args, **kw):
        _Foreign.__init__(self, *args, **kw)
        if self.asdecimal is None:
            # Digits after the point make decimals of what is read.
            self.asdecimal = bool(self.scale and self.scale > 0)
