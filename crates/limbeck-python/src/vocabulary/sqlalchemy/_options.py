"""Dialect keyword arguments (`postgresql_where=…`): which are accepted, and how they travel."""

from ._base import unsupported
from ._elements import TextClause, clause, is_clause

# Arguments by dialect and kind of object; "*" takes any. Kinds without an entry take none.
_ACCEPTED = {
    "postgresql": {
        "Index": ("using", "include", "where", "ops", "concurrently", "with", "tablespace", "nulls_not_distinct", "invalid"),
        "Table": ("ignore_search_path", "tablespace", "partition_by", "with_oids", "with", "on_commit", "inherits", "using"),
        "CheckConstraint": ("not_valid",),
        "ForeignKeyConstraint": ("not_valid",),
        "ForeignKey": ("not_valid",),
        "PrimaryKeyConstraint": ("include",),
        "UniqueConstraint": ("include", "nulls_not_distinct"),
        "Column": (),
    },
    "sqlite": {
        "Table": ("autoincrement", "with_rowid", "strict"),
        "Index": ("where",),
        "Column": ("on_conflict_primary_key", "on_conflict_not_null", "on_conflict_unique"),
        "Constraint": ("on_conflict",),
    },
    "mysql": {
        "Table": ("*",),
        "PrimaryKeyConstraint": ("using",),
        "Index": ("using", "length", "prefix", "with_parser"),
    },
    "mariadb": {
        "Table": ("*",),
        "PrimaryKeyConstraint": ("using",),
        "Index": ("using", "length", "prefix", "with_parser"),
    },
    "mssql": {
        "PrimaryKeyConstraint": ("clustered",),
        "UniqueConstraint": ("clustered",),
        "Index": ("clustered", "include", "where", "columnstore"),
        "Column": ("identity_start", "identity_increment"),
    },
    "oracle": {
        "Table": ("resolve_synonyms", "on_commit", "compress", "tablespace"),
        "Index": ("bitmap", "compress", "vector"),
        "Sequence": ("order",),
        "Identity": ("order", "on_null"),
    },
}
_CONSTRAINTS = ("PrimaryKeyConstraint", "UniqueConstraint", "CheckConstraint", "ForeignKeyConstraint", "ForeignKey")


def check(kind, options, owner):
    """Refuses arguments that no dialect takes, as SQLAlchemy does."""
    for name in options:
        dialect, _, argument = name.partition("_")
        if not dialect or not argument:
            raise TypeError("Additional arguments should be named <dialectname>_<argument>, got '%s'" % name)
        tables = _ACCEPTED.get(dialect)
        if tables is None:
            continue
        accepted = tables.get(kind, ())
        if kind in _CONSTRAINTS:
            accepted = tuple(accepted) + tuple(tables.get("Constraint", ()))
        if "*" not in accepted and argument not in accepted:
            from . import exc

            raise exc.ArgumentError("Argument %r is not accepted by dialect %r on behalf of %r" % (name, dialect, type(owner)))
    return options


def encode(options):
    """Encodes keyword arguments by full name."""
    made = {}
    for name, value in options.items():
        if name.endswith("_where") and isinstance(value, str):
            value = TextClause(value)
        made[name] = encode_value(value)
    return made


def encode_value(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int):
        return ("int", int(value))
    if isinstance(value, float):
        return ("float", value)
    if isinstance(value, str):
        return ("text", str.__str__(value))
    if isinstance(value, dict):
        return ("map", {_key(key): encode_value(item) for key, item in value.items()})
    if isinstance(value, (list, tuple, set, frozenset)):
        return ("list", [encode_value(item) for item in value])
    if is_clause(value):
        element = clause(value)
        if element._is_from:
            return ("text", str(element.name))
        return ("expr", element._encode())
    raise unsupported("a %s as dialect argument" % type(value).__name__)


def _key(key):
    return str.__str__(key) if isinstance(key, str) else str(getattr(key, "key", key))
