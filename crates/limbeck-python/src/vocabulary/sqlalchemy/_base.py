"""What every part of the vocabulary shares: names, literal values, and the state of one encoding.

An element encodes itself into plain data for Rust: an enum is a `(tag, payload)` pair or the bare tag, a struct a dict.
"""

import _limbeck


def dialect_name():
    """The name of the dialect the script runs for."""
    return _limbeck.context.get("dialect") or "default"


def offline():
    return bool(_limbeck.context.get("offline"))


class NoArg:
    """The default of arguments where None means something."""

    def __repr__(self):
        return "NO_ARG"

    def __bool__(self):
        return False


NO_ARG = NoArg()


class quoted_name(str):
    """A name whose quoting is settled: True always, False never, None as the dialect likes."""

    def __new__(cls, value, quote=None):
        if isinstance(value, cls) and (quote is None or value.quote == quote):
            return value
        self = str.__new__(cls, value)
        self.quote = quote
        return self


class conv(str):
    """A final name, which no naming convention changes (`op.f`)."""

    quote = None


def maybe_quoted(name, quote):
    if name is None or quote is None:
        return name
    return quoted_name(name, quote)


def ident(name):
    """Encodes a name."""
    if name is None or type(name) is str:
        return name
    if not isinstance(name, str):
        from . import exc

        raise exc.ArgumentError("Expected a string name, got %r" % (name,))
    quote = getattr(name, "quote", None)
    if quote is None:
        return str.__str__(name)
    return {"text": str.__str__(name), "quote": bool(quote)}


def table_name(name, schema=None):
    """Encodes a table's name."""
    return {"schema": ident(schema), "name": ident(name)}


def constraint_name(name):
    """Encodes the name of a constraint or index."""
    if name is None or name is False:
        return "unnamed"
    if isinstance(name, conv):
        return ("final", ident(name))
    return ("given", ident(name))


def _datetime_text(value):
    return ("date_time", value.isoformat(" "))


def _seconds(value):
    return ("interval", (value.days, value.seconds, value.microseconds))


def _int(value):
    if -9223372036854775808 <= value <= 9223372036854775807:
        return ("int", int(value))
    return ("big_int", int.__repr__(value))


# By class name along the method resolution order: the classes themselves are not imported until a script uses them.
_BY_NAME = {
    "datetime": _datetime_text,
    "date": lambda value: ("date", value.isoformat()),
    "time": lambda value: ("time", value.isoformat()),
    "timedelta": _seconds,
    "Decimal": lambda value: ("decimal", str(value)),
    "UUID": lambda value: ("uuid", str(value)),
}


def literal(value):
    """Encodes a Python value that a driver would take."""
    if value is None:
        return "null"
    kind = type(value)
    if kind is str:
        return ("text", value)
    if kind is int:
        return _int(value)
    if kind is bool:
        return ("bool", value)
    if kind is float:
        return ("float", value)
    if isinstance(value, str):
        return ("text", str.__str__(value))
    if isinstance(value, bool):
        return ("bool", bool(value))
    if isinstance(value, int):
        return _int(value)
    if isinstance(value, float):
        return ("float", float(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ("bytes", bytes(value).hex())
    if isinstance(value, (list, tuple)):
        return ("array", [literal(item) for item in value])
    for cls in kind.__mro__:
        make = _BY_NAME.get(cls.__name__)
        if make is not None:
            return make(value)
    from . import exc

    raise exc.ProgrammingError(None, None, None, message="can't adapt type '%s'" % kind.__name__)


class State:
    """Names given while one statement is encoded: `status_1`, `anon_1`."""

    def __init__(self):
        self.names = {}
        self.counters = {}
        self.keep = []
        self.inline = False
        self.ctes = []
        self.params = {}
        self.enclosing = ()
        self.labels = ()
        # Inside of an operator JSON access gets parentheses on PostgreSQL.
        self.in_operator = False

    def anonymous(self, key, base):
        if not base.isidentifier():
            for char in "%() $":
                base = base.replace(char, "_")
        name = self.names.get((key, base))
        if name is None:
            number = self.counters.get(base, 0) + 1
            self.counters[base] = number
            name = "%s_%d" % (base, number)
            self.names[(key, base)] = name
        return name


state = State()

# Names of SQLAlchemy's own classes that the script gave a text of its own with `@compiles`.
compiled_builtins = set()


class encoding:
    """A fresh state for one statement."""

    def __init__(self, inline=False):
        self.fresh = State()
        self.fresh.inline = inline

    def __enter__(self):
        global state
        self.saved = state
        state = self.fresh
        return state

    def __exit__(self, *exc_info):
        global state
        state = self.saved
        return False


def unsupported(what):
    """The error for a part of SQLAlchemy or Alembic that the vocabulary lacks."""
    return NotImplementedError("not supported yet: %s" % what)


class Unsupported:
    """A name that exists in the real package and not here: harmless until it is used."""

    def __init__(self, name):
        self.__dict__["_unsupported_name"] = name

    def _stop(self, *args, **kwargs):
        raise unsupported(self.__dict__["_unsupported_name"])

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Unsupported(self.__dict__["_unsupported_name"] + "." + name)

    __call__ = _stop
    __mro_entries__ = _stop
    __iter__ = _stop
    __instancecheck__ = _stop
    __enter__ = _stop

    def __getitem__(self, key):
        return self

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __repr__(self):
        return "<not supported yet: %s>" % self.__dict__["_unsupported_name"]


class Generative:
    """Methods return changed copies."""

    def _copy_self(self):
        fresh = object.__new__(type(self))
        fresh.__dict__.update(self.__dict__)
        return fresh


class Collection:
    """An ordered, name-keyed collection of columns (`table.c`)."""

    def __init__(self, items=()):
        keys = {}
        for key, value in items:
            if key not in keys:
                keys[key] = value
        self.__dict__["_items"] = keys
        self.__dict__["_all"] = None

    def _add(self, key, value):
        self._items[key] = value

    def _remove(self, value):
        for key, item in list(self._items.items()):
            if item is value:
                del self._items[key]

    def __getattr__(self, name):
        try:
            return self.__dict__["_items"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, key):
        if isinstance(key, int):
            return list(self._items.values())[key]
        if isinstance(key, tuple):
            return Collection([(item, self[item]) for item in key])
        if isinstance(key, slice):
            return list(self._items.values())[key]
        return self._items[key]

    def __contains__(self, key):
        if not isinstance(key, str):
            from . import exc

            raise exc.ArgumentError("__contains__ requires a string argument")
        return key in self._items

    def __iter__(self):
        return iter(list(self._items.values()))

    def __len__(self):
        return len(self._items)

    def __bool__(self):
        return True

    def keys(self):
        return list(self._items.keys())

    def values(self):
        return list(self._items.values())

    def items(self):
        return list(self._items.items())

    def get(self, key, default=None):
        return self._items.get(key, default)

    def contains_column(self, column):
        return any(item is column for item in self._items.values())

    def as_readonly(self):
        return self

    def __repr__(self):
        return "ColumnCollection(%s)" % ", ".join(repr(value) for value in self._items.values())
