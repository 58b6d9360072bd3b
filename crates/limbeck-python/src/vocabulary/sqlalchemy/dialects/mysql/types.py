"""MySQL's column types: each renders under its own name with its own arguments."""

from ... import _types
from ..._types import BOOLEAN, DATE

_ARGUMENTS = (
    "charset", "collation", "ascii", "binary", "unicode", "national", "unsigned", "zerofill", "asdecimal", "timezone", "fsp", "display_width", "length",
    "precision", "scale",
)  # fmt: skip


class _Mysql:
    """The arguments that MySQL's types share."""

    _positional = ()
    _tag = "mysql"

    def __init__(self, *args, **kw):
        for name, value in zip(self._positional, args):
            kw.setdefault(name, value)
        for name in _ARGUMENTS:
            setattr(self, name, kw.pop(name, None))
        self.collation = kw.pop("collate", None) or self.collation
        kw.pop("decimal_return_scale", None)
        if kw:
            raise TypeError("%s.__init__() got an unexpected keyword argument %r" % (type(self).__name__, next(iter(kw))))
        if self.asdecimal is None:
            self.asdecimal = True
        self.decimal_return_scale = None

    def _encode(self):
        data = {"name": type(self)._name}
        for name in ("length", "precision", "scale", "fsp", "charset", "collation", "display_width"):
            value = getattr(self, name)
            if value is not None:
                data[name] = value
        for name in ("unsigned", "zerofill", "national", "binary", "ascii", "unicode"):
            if getattr(self, name):
                data[name] = True
        return ("mysql", data)

    def _repr_fields(self):
        return self._positional


def _make(base, positional, names):
    for name in names:
        attributes = {"_positional": positional, "_tag": "mysql", "_name": name, "__module__": __name__}
        globals()[name] = type(_types.TypeEngine)(name, (_Mysql, getattr(_types, base)), attributes)


_TABLE = (
    ("Integer", ("display_width",), ("INTEGER", "MEDIUMINT", "TINYINT", "YEAR")),
    ("SmallInteger", ("display_width",), ("SMALLINT",)),
    ("BigInteger", ("display_width",), ("BIGINT",)),
    ("Numeric", ("precision", "scale", "asdecimal"), ("DECIMAL", "NUMERIC")),
    ("Float", ("precision", "scale", "asdecimal"), ("FLOAT", "DOUBLE", "REAL")),
    ("String", ("length",), ("VARCHAR", "CHAR", "NVARCHAR", "NCHAR")),
    ("Text", ("length",), ("TEXT",)),
    ("Text", (), ("TINYTEXT", "MEDIUMTEXT", "LONGTEXT")),
    ("_Binary", ("length",), ("BINARY", "VARBINARY", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB")),
    ("LargeBinary", ("length",), ("BLOB",)),
    ("DateTime", ("timezone", "fsp"), ("DATETIME", "TIMESTAMP")),
    ("Time", ("timezone", "fsp"), ("TIME",)),
    ("TypeEngine", ("length",), ("BIT",)),
    ("TypeEngine", (), ("INET4", "INET6")),
)
for _base_name, _positional, _names in _TABLE:
    _make(_base_name, _positional, _names)


class JSON(_types.JSON):
    _tag = "JSON"


class ENUM(_types.Enum):
    """MySQL's ENUM: a type without a name."""

    def __init__(self, *enums, **kw):
        self.charset = kw.pop("charset", None)
        collation = kw.pop("collation", None)
        kw.pop("strict", None)
        _types.Enum.__init__(self, *enums, collation=collation, **kw)

    def _encode(self):
        data = {"name": "ENUM", "values": list(self.enums)}
        if self.charset:
            data["charset"] = self.charset
        if self.collation:
            data["collation"] = self.collation
        return ("mysql", data)


class SET(_Mysql, _types.String):
    _tag = "mysql"
    _name = "SET"

    def __init__(self, *values, **kw):
        self.values = values
        _Mysql.__init__(self, **kw)

    def _encode(self):
        tag, data = _Mysql._encode(self)
        data["values"] = list(self.values)
        return (tag, data)


__all__ = [name for _, _, names in _TABLE for name in names] + ["BOOLEAN", "DATE", "ENUM", "JSON", "SET"]
