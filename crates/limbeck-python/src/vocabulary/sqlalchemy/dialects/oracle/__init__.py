"""Oracle's types."""

from .._foreign import make

make(
    globals(),
    {
        "NUMBER": "Numeric", "VARCHAR2": "String", "NVARCHAR2": "Unicode", "BFILE": "LargeBinary", "BLOB": "LargeBinary", "CLOB": "Text", "NCLOB": "Text",
        "DATE": "DateTime", "TIMESTAMP": "DateTime", "INTERVAL": "TypeEngine", "LONG": "Text", "RAW": "_Binary", "ROWID": "TypeEngine",
        "BINARY_DOUBLE": "Float", "BINARY_FLOAT": "Float", "DOUBLE_PRECISION": "Float", "FLOAT": "Float", "CHAR": "String", "NCHAR": "Unicode",
        "VARCHAR": "String", "NVARCHAR": "Unicode", "REAL": "Float",
    },
)  # fmt: skip
