"""What fills a column: server defaults, client defaults, identities, computed values, sequences."""

from . import _base, _options, _types
from ._base import NO_ARG, encoding, maybe_quoted, table_name
from ._constraints import SchemaItem
from ._elements import ColumnElement, TextClause, clause, is_clause


class FetchedValue(SchemaItem):
    """A default that the database makes by other means: nothing is rendered."""

    reflected = False
    has_argument = False
    arg = None

    def __init__(self, for_update=False):
        self.for_update = for_update

    def _set_column(self, column):
        column.server_default = self

    def _as_for_update(self, for_update):
        return self


class DefaultClause(FetchedValue):
    """`server_default=`."""

    has_argument = True

    def __init__(self, arg, for_update=False, _reflected=False):
        if not (isinstance(arg, str) or is_clause(arg)):
            from . import exc

            raise exc.ArgumentError("Argument 'arg' is expected to be one of type '<class 'str'>' or '<class 'sqlalchemy.sql.elements.ClauseElement'>' or '<class 'sqlalchemy.sql.elements.TextClause'>', got '%s'" % type(arg))
        self.arg = arg
        self.for_update = for_update
        self.reflected = _reflected

    def __repr__(self):
        return "DefaultClause(%r, for_update=%r)" % (self.arg, self.for_update)


def encode_server_default(value):
    """Encodes `server_default=` as scripts give it."""
    if isinstance(value, Identity):
        return ("identity", value._data())
    if isinstance(value, Computed):
        return ("computed", value._data())
    if isinstance(value, DefaultClause):
        if value.reflected and isinstance(value.arg, TextClause):
            return ("reflected", value.arg.text)
        value = value.arg
    if isinstance(value, FetchedValue):
        return "fetched"
    if isinstance(value, str):
        return ("text", str.__str__(value))
    if is_clause(value):
        with encoding():
            return ("expr", clause(value)._encode())
    from . import exc

    raise exc.ArgumentError("Argument 'arg' is expected to be one of type '<class 'str'>' or '<class 'sqlalchemy.sql.elements.ClauseElement'>' or '<class 'sqlalchemy.sql.elements.TextClause'>', got '%s'" % type(value))


class ColumnDefault(SchemaItem):
    """`default=`: a value, a function or an expression used by INSERT."""

    is_sequence = False
    is_server_default = False

    def __init__(self, arg, for_update=False):
        self.arg = arg
        self.for_update = for_update

    @property
    def is_callable(self):
        return callable(self.arg) and not is_clause(self.arg)

    @property
    def is_clause_element(self):
        return is_clause(self.arg)

    @property
    def is_scalar(self):
        return not self.is_callable and not self.is_clause_element

    def _value_for_statement(self):
        if _base.offline() and not self.is_clause_element:
            # Without a database SQLAlchemy never calls for the value: `--sql` writes NULL.
            return None
        if self.is_callable:
            return _call(self.arg)
        return self.arg

    def __repr__(self):
        return "ColumnDefault(%r)" % (self.arg,)


ScalarElementColumnDefault = CallableColumnDefault = ColumnElementColumnDefault = ColumnDefault


def _call(function):
    """Calls a default function, with a context where it takes one."""
    if isinstance(function, type):
        return function()
    code = getattr(function, "__code__", None) or getattr(getattr(function, "__func__", None), "__code__", None)
    if code is None:
        return function()
    taken = code.co_argcount - len(getattr(function, "__defaults__", None) or ()) - (1 if hasattr(function, "__self__") else 0)
    return function(_DefaultContext()) if taken > 0 else function()


class _DefaultContext:
    def __getattr__(self, name):
        raise _base.unsupported("the context of a default function (%s)" % name)


def client_default(column, value):
    if value is NO_ARG or value is None and not isinstance(value, ColumnDefault):
        return None
    if isinstance(value, Sequence):
        column._sequence_item = value
        return None
    if isinstance(value, (ColumnDefault, FetchedValue)):
        return value if isinstance(value, ColumnDefault) else None
    return ColumnDefault(value)


_NUMBERS = ("start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache")


class IdentityOptions:
    def _take_numbers(self, values):
        for name in _NUMBERS + ("order", "on_null"):
            setattr(self, name, values.pop(name, None))

    def _numbers(self):
        found = {}
        for name in _NUMBERS + ("order", "on_null"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value
        return found


class Identity(IdentityOptions, FetchedValue):
    """`GENERATED … AS IDENTITY`."""

    def __init__(self, always=False, on_null=None, start=None, increment=None, minvalue=None, maxvalue=None, nominvalue=None, nomaxvalue=None,
                 cycle=None, cache=None, order=None, **dialect_kw):  # fmt: skip
        values = {
            "start": start, "increment": increment, "minvalue": minvalue, "maxvalue": maxvalue, "nominvalue": nominvalue, "nomaxvalue": nomaxvalue,
            "cycle": cycle, "cache": cache, "order": order, "on_null": on_null,
        }  # fmt: skip
        self._take_numbers(values)
        self.always = always
        self.column = None
        self._dialect_kw = _options.check("Identity", dialect_kw, self)

    def _set_column(self, column):
        from . import exc

        if column.server_default is not None:
            raise exc.ArgumentError("A column with an Identity object cannot specify a server_default or server_onupdate")
        if column.autoincrement is False:
            raise exc.ArgumentError("A column with an Identity object cannot specify autoincrement=False")
        column.identity = self
        self.column = column

    def _data(self):
        return dict(self._numbers(), always=bool(self.always))


class Computed(FetchedValue):
    """`GENERATED ALWAYS AS (…)`."""

    def __init__(self, sqltext, persisted=None):
        self.sqltext = TextClause(sqltext) if isinstance(sqltext, str) else clause(sqltext)
        self.persisted = persisted
        self.column = None

    def _set_column(self, column):
        from . import exc

        if column.server_default is not None:
            raise exc.ArgumentError("A generated column cannot specify a server_default or a server_onupdate argument")
        column.computed = self
        self.column = column

    def _data(self):
        with encoding():
            return {"expr": self.sqltext._encode(), "persisted": self.persisted}


class Sequence(IdentityOptions, SchemaItem, ColumnElement):
    """A sequence, in a column or of its own."""

    def __init__(self, name, start=None, increment=None, minvalue=None, maxvalue=None, nominvalue=None, nomaxvalue=None, cycle=None, schema=None,
                 cache=None, order=None, data_type=None, optional=False, quote=None, metadata=None, quote_schema=None, for_update=False, **kw):  # fmt: skip
        self.name = maybe_quoted(name, quote)
        self._take_numbers(
            {
                "start": start, "increment": increment, "minvalue": minvalue, "maxvalue": maxvalue, "nominvalue": nominvalue,
                "nomaxvalue": nomaxvalue, "cycle": cycle, "cache": cache, "order": order,
            }
        )  # fmt: skip
        if schema is None and metadata is not None:
            schema = metadata.schema
        self.schema = maybe_quoted(schema, quote_schema)
        self.metadata = metadata
        if metadata is not None:
            metadata._sequences["%s.%s" % (self.schema, self.name)] = self
        self.optional = optional
        self.data_type = _types.to_instance(data_type) if data_type is not None else None
        self.column = None

    def next_value(self):
        from ._functions import NextValue

        return NextValue(self)

    def create(self, bind=None, checkfirst=True):
        from ._engine import run_ddl
        from ._inspect import sequence_exists

        if checkfirst and sequence_exists(bind, self.name, self.schema):
            return
        run_ddl(bind, ("create_sequence", {"sequence": self._data()}))

    def drop(self, bind=None, checkfirst=True):
        from ._engine import run_ddl
        from ._inspect import sequence_exists

        if checkfirst and sequence_exists(bind, self.name, self.schema) is False:
            return
        run_ddl(bind, ("drop_sequence", {"name": table_name(self.name, self.schema)}))

    def _encode(self):
        return self.next_value()._encode()

    def _data(self):
        return {
            "name": table_name(self.name, self.schema),
            "options": self._numbers(),
            "data_type": _types.encode(self.data_type) if self.data_type is not None else None,
            "optional": bool(self.optional),
        }
