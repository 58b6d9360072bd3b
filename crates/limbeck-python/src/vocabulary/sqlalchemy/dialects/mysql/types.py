"""MySQL's column types: each renders under its own name with its own arguments."""

from ... import _types
from ..._types import BINARY, BLOB, BOOLEAN, DATE, VARBINARY



class _Mysql:
    """The arguments that MySQL's types share."""

    _positional = ()
    _signature = ()
    _always = {}
    _tag = "mysql"

    def __init__(self, *args, **kw):
        for name, value in zip(self._positional, args):
            kw.setdefault(name, value)
        collate = kw.pop("collate", None)
        for name, default in _ALL:
            setattr(self, name, default)
        for name, default in self._signature:
            setattr(self, name, default)
        for name in self._always:
            setattr(self, name, self._always[name])
        for name, value in kw.items():
            if name not in _NAMES:
                raise TypeError("%s.__init__() got an unexpected keyword argument %r" % (type(self).__name__, name))
            setattr(self, name, value)
        self.collation = collate or self.collation

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


# What the types of a kind take, in the order in which SQLAlchemy shows it.
_STRING = (("charset", None), ("collation", None), ("ascii", False), ("binary", False), ("unicode", False), ("national", False), ("length", None))
_UNSIGNED = (("unsigned", False), ("zerofill", False))
_INTEGER = (("display_width", None),) + _UNSIGNED
_DECIMAL = _UNSIGNED + (("precision", None), ("scale", None), ("decimal_return_scale", None), ("asdecimal", True))
_FLOAT = (("precision", None), ("scale", None), ("asdecimal", False)) + _UNSIGNED + (("decimal_return_scale", None),)
_MOMENT = (("timezone", False), ("fsp", None))
_LENGTH = (("length", None),)
_ALL = tuple(dict(_STRING + _INTEGER + _DECIMAL + _MOMENT).items())
_NAMES = frozenset(name for name, _ in _ALL)
_ALWAYS = {"NVARCHAR": {"national": True}, "NCHAR": {"national": True}, "DOUBLE": {"asdecimal": True}, "REAL": {"asdecimal": True}}


def _make(base, positional, signature, names):
    for name in names:
        attributes = {
            "_positional": positional, "_signature": signature, "_always": _ALWAYS.get(name, {}), "_tag": "mysql", "_name": name, "__module__": __name__,
        }  # fmt: skip
        globals()[name] = type(_types.TypeEngine)(name, (_Mysql, getattr(_types, base)), attributes)


_TABLE = (
    ("Integer", ("display_width",), _INTEGER, ("INTEGER", "MEDIUMINT", "TINYINT")),
    ("Integer", ("display_width",), (("display_width", None),), ("YEAR",)),
    ("SmallInteger", ("display_width",), _INTEGER, ("SMALLINT",)),
    ("BigInteger", ("display_width",), _INTEGER, ("BIGINT",)),
    ("Numeric", ("precision", "scale", "asdecimal"), _DECIMAL, ("DECIMAL", "NUMERIC")),
    ("Float", ("precision", "scale", "asdecimal"), _FLOAT, ("FLOAT", "DOUBLE", "REAL")),
    ("String", ("length",), _STRING, ("VARCHAR", "CHAR", "NVARCHAR", "NCHAR")),
    ("Text", ("length",), _STRING, ("TEXT",)),
    ("Text", (), _STRING, ("TINYTEXT", "MEDIUMTEXT", "LONGTEXT")),
    ("_Binary", ("length",), _LENGTH, ("TINYBLOB", "MEDIUMBLOB", "LONGBLOB")),
    ("DateTime", ("timezone", "fsp"), _MOMENT, ("DATETIME", "TIMESTAMP")),
    ("Time", ("timezone", "fsp"), _MOMENT, ("TIME",)),
    ("TypeEngine", ("length",), _LENGTH, ("BIT",)),
    ("TypeEngine", (), (), ("INET4", "INET6")),
)
for _base_name, _positional, _signature, _names in _TABLE:
    _make(_base_name, _positional, _signature, _names)


class JSON(_types.JSON):
    _tag = "JSON"
    _signature = (("none_as_null", False),)


class ENUM(_types.Enum):
    """MySQL's ENUM: a type without a name."""

    _signature = _STRING[:6]

    def __init__(self, *enums, **kw):
        self.charset = kw.pop("charset", None)
        collation = kw.pop("collation", None)
        kw.pop("strict", None)
        for name in ("ascii", "binary", "unicode", "national"):
            setattr(self, name, kw.pop(name, False))
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
    _signature = _STRING + (("retrieve_as_bitwise", False),)

    def __init__(self, *values, **kw):
        self.values = values
        bitwise = kw.pop("retrieve_as_bitwise", False)
        _Mysql.__init__(self, **kw)
        self.retrieve_as_bitwise = bitwise

    def _encode(self):
        tag, data = _Mysql._encode(self)
        data["values"] = list(self.values)
        return (tag, data)


__all__ = [name for *_, names in _TABLE for name in names] + ["BINARY", "BLOB", "BOOLEAN", "DATE", "ENUM", "JSON", "SET", "VARBINARY"]
