"""Microsoft SQL Server's types."""

from .._foreign import _STRING, make

_PRECISION = (("precision", None),)
_ROW = (("convert_int", False),)

make(
    globals(),
    {
        "BIT": ("Boolean", ()), "DATETIME2": ("DateTime", _PRECISION), "DATETIMEOFFSET": ("DateTime", _PRECISION), "TIME": ("Time", _PRECISION),
        "SMALLDATETIME": ("DateTime", (("timezone", False),)), "IMAGE": ("LargeBinary", (("length", None),)), "JSON": ("JSON", (("none_as_null", False),)),
        "MONEY": ("Numeric", ()), "SMALLMONEY": ("Numeric", ()), "NTEXT": ("UnicodeText", _STRING), "XML": ("Text", _STRING), "ROWVERSION": ("_Binary", _ROW),
        "TIMESTAMP": ("_Binary", _ROW), "SQL_VARIANT": ("TypeEngine", ()), "TINYINT": ("Integer", ()), "UNIQUEIDENTIFIER": ("Uuid", (("as_uuid", True),)),
        "VARBINARY": ("_Binary", (("length", None), ("filestream", False))), "REAL": ("Float", ()), "DOUBLE_PRECISION": ("Float", ()),
    },
    "BIGINT BINARY CHAR DATE DATETIME DECIMAL FLOAT INTEGER NCHAR NUMERIC NVARCHAR SMALLINT TEXT VARCHAR",
)  # fmt: skip


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "base":
        import sys

        return sys.modules[__name__]
    from ..._base import Unsupported

    return Unsupported("sqlalchemy.dialects.mssql." + name)
