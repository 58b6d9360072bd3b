"""Microsoft SQL Server's types."""

from .._foreign import make

make(
    globals(),
    {
        "BIT": "Boolean", "DATETIME2": "DateTime", "DATETIMEOFFSET": "DateTime", "SMALLDATETIME": "DateTime", "IMAGE": "LargeBinary", "JSON": "JSON",
        "MONEY": "Numeric", "SMALLMONEY": "Numeric", "NTEXT": "UnicodeText", "NVARCHAR": "Unicode", "NCHAR": "Unicode", "ROWVERSION": "_Binary",
        "SQL_VARIANT": "TypeEngine", "TIMESTAMP": "_Binary", "TINYINT": "Integer", "UNIQUEIDENTIFIER": "Uuid", "VARBINARY": "_Binary",
        "VARCHAR": "String", "CHAR": "String", "TEXT": "Text", "XML": "Text", "REAL": "Float", "DATE": "Date", "TIME": "Time", "DATETIME": "DateTime",
        "BIGINT": "BigInteger", "INTEGER": "Integer", "SMALLINT": "SmallInteger", "DECIMAL": "Numeric", "NUMERIC": "Numeric", "FLOAT": "Float",
        "BINARY": "_Binary", "DOUBLE_PRECISION": "Float",
    },
)  # fmt: skip


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "base":
        import sys

        return sys.modules[__name__]
    from ..._base import Unsupported

    return Unsupported("sqlalchemy.dialects.mssql." + name)
