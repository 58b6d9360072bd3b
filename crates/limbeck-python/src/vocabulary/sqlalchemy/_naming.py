"""Naming conventions in Python: for conventions with functions, and for the names that hooks see.

Settling names is Rust's work; only a token that is a function of the project needs its objects.
"""

import re

from ._base import constraint_name, conv, encoding
from ._constraints import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint

_KINDS = ((Index, "ix"), (UniqueConstraint, "uq"), (CheckConstraint, "ck"), (ForeignKeyConstraint, "fk"), (PrimaryKeyConstraint, "pk"))
_TOKEN = re.compile(r"%\(([^)]*)\)s|%%")


def settled_here(metadata):
    """Whether names follow from what only the objects know: functions, and keys of columns."""
    convention = metadata.naming_convention.values()
    return any(callable(value) or isinstance(value, str) and "_key)s" in value for value in convention)


def name_of(item, table):
    """The name that a constraint or index will have: as given, or as the convention makes it."""
    name = item.name
    if isinstance(name, conv):
        return name
    convention = getattr(getattr(table, "metadata", None), "naming_convention", None) or {}
    pattern = None
    for cls, kind in _KINDS:
        if isinstance(item, cls):
            pattern = convention.get(kind) or convention.get(cls)
    if pattern is None or name is not None and "constraint_name" not in pattern:
        return name

    def expand(found):
        token = found.group(1)
        return "%" if token is None else str(_token(token, item, table, convention))

    try:
        return conv(_TOKEN.sub(expand, pattern))
    except KeyError:
        return name


def _token(token, item, table, convention):
    own = convention.get(token)
    if callable(own):
        return own(item, table)
    if token == "table_name":
        return table.name
    if token == "constraint_name":
        if item.name is None:
            raise KeyError(token)
        return item.name
    columns = list(item.columns)
    if token in ("referred_table_name", "referred_table_schema"):
        referred = item.elements[0]._target()
        return referred[1 if token == "referred_table_name" else 0]
    found = re.match(r"(referred_)?column_(\d+)(_?N)?(_?label|_?name|_?key)?$|(referred_)?column_0(_?N)(_?label|_?name|_?key)?$", token)
    if found is None:
        raise KeyError(token)
    number, many = re.match(r"(?:referred_)?column_(\d+)(_?N)?", token).groups()
    if token.startswith("referred_"):
        names = [element._target()[2] or column.name for element, column in zip(item.elements, columns)]
    elif "label" in token:
        before = table.name if not table.schema else "%s_%s" % (table.schema.replace(".", "_"), table.name)
        names = ["%s_%s" % (before, column.name) for column in columns]
    elif "key" in token:
        names = [column.key for column in columns]
    else:
        names = [column.name for column in columns]
    if many:
        return ("_" if many.startswith("_") else "").join(names)
    if int(number) >= len(names):
        raise KeyError(token)
    return names[int(number)]


def items_of(table):
    """Constraints and indexes of a table, those of column flags made objects."""
    constraints = list(table._constraint_list)
    if not any(isinstance(item, PrimaryKeyConstraint) for item in constraints) and any(column.primary_key for column in table._column_list):
        constraints.insert(0, table.primary_key)
    indexes = list(table._index_list)
    for column in table._column_list:
        constraints += [key.constraint for key in column._foreign_keys if key.constraint is not None]
        constraints += column.constraints
        if column.index:
            indexes.append(_flag_index(table, column))
        elif column.unique:
            constraints.append(table._flag_constraint(column))
    return constraints, indexes


def _flag_index(table, column):
    made = table.__dict__.setdefault("_flag_indexes", {})
    if column.key not in made:
        index = Index(column.index if isinstance(column.index, str) else None, column.key, unique=bool(column.unique))
        index.table = table
        made[column.key] = index
    return made[column.key]


def settled_data(table):
    """A table as data with every name settled."""
    constraints, indexes = items_of(table)
    data = table._data()
    for column in data["columns"]:
        for flag in ("unique", "index", "foreign_keys", "checks"):
            column.pop(flag, None)
    with encoding():
        data["constraints"] = []
        for item in constraints:
            tag, payload = item._tagged()
            payload["name"] = _settled(item, table)
            data["constraints"].append((tag, payload))
        data["indexes"] = []
        for item in indexes:
            payload = item._data()
            payload["name"] = _settled(item, table)
            data["indexes"].append(payload)
    return data


def _settled(item, table):
    """A name that no convention made stays as given."""
    return constraint_name(name_of(item, table))
