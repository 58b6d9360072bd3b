# ---- tables of the database as SQLAlchemy's objects, from what Limbeck read
def text_of(data):
    return data if data is None or isinstance(data, str) else data["text"]


def tagged(data):
    return (data, {}) if isinstance(data, str) else next(iter(data.items()))


def place_of(data):
    return text_of(data.get("schema")), text_of(data["name"])


def name_from(data):
    from sqlalchemy.sql.elements import conv

    tag, name = tagged(data or "unnamed")
    return None if tag == "unnamed" else conv(text_of(name))


def sql_from(data):
    """The SQL text of an expression as reading a database makes them."""
    tag, value = tagged(data)
    if tag == "text":
        return value["sql"]
    if tag == "column":
        return text_of(value["name"])
    if tag == "grouping":
        return "(%s)" % sql_from(value)
    if tag == "postfix":
        return "%s %s" % (sql_from(value["expr"]), value["op"])
    if tag == "binary":
        return "%s %s %s" % (sql_from(value["left"]), value["op"], sql_from(value["right"]))
    if tag == "func":
        return "%s(%s)" % (value["name"], ", ".join(map(sql_from, value.get("args", ()))))
    return str(value)


# Where reading names a generic type, the database's own.
PLAIN = {
    "null": "NullType", "integer": "INTEGER", "small_integer": "SMALLINT", "big_integer": "BIGINT", "string": "VARCHAR", "text": "TEXT", "unicode": "VARCHAR",
    "unicode_text": "TEXT", "boolean": "BOOLEAN", "date": "DATE", "date_time": "DATETIME", "time": "TIME", "float": "FLOAT", "double": "DOUBLE",
    "numeric": "NUMERIC", "large_binary": "BLOB", "json_generic": "JSON", "uuid_generic": "UUID", "array": "ARRAY", "pg_bit": "BIT", "pg_interval": "INTERVAL",
}  # fmt: skip


def made_of(cls, *args, **fields):
    """A type with those of the arguments that it takes."""
    try:
        return cls(*args, **fields)
    except TypeError:
        made = cls()
        made.__dict__.update(fields)
        return made


def type_from(data, dialect):
    from importlib import import_module

    from sqlalchemy import types

    tag, value = tagged(data)
    module = import_module(type(dialect).__module__.rsplit(".", 1)[0]) if type(dialect).__module__.startswith("sqlalchemy.dialects.") else types
    fields = {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else {}
    if tag == "verbatim":
        return named_type(value, dialect)
    if tag == "enum":
        cls = getattr(module, "ENUM", types.Enum)
        names = {key: text_of(value[key]) for key in ("name", "schema") if value.get(key) is not None}
        return made_of(cls, *value["values"], **names)
    if tag == "array":
        return made_of(getattr(module, "ARRAY", types.ARRAY), type_from(value["item"], dialect), dimensions=value.get("dimensions"))
    if tag == "pg_domain":
        return made_of(getattr(module, "DOMAIN", types.NullType), text_of(value["name"]), type_from(value["data_type"], dialect), schema=text_of(value.get("schema")))
    if tag == "interval":
        return types.Interval()
    name = value if tag == "pg" else fields.pop("name", tag) if tag == "mysql" else PLAIN.get(tag, tag)
    if tag == "mysql" and name in ("ENUM", "SET"):
        return getattr(module, name)(*fields.get("values", ()))
    if tag == "mysql":
        fields = {key: item for key, item in fields.items() if item not in (False, [])}
    cls = getattr(module, name, None) or getattr(types, name, None)
    return named_type(name, dialect) if cls is None else made_of(cls, **fields)


def named_type(text, dialect):
    """A type that the database names and Limbeck does not know: as the dialect, or a package that taught it, has it."""
    from sqlalchemy import types

    name, _, rest = text.partition("(")
    args = [int(part) if part.strip().isdigit() else part.strip() for part in rest.rstrip(")").split(",")] if rest else []
    cls = (getattr(dialect, "ischema_names", None) or {}).get(name.strip().lower())
    if cls is not None:
        try:
            return cls(*args)
        except Exception:
            return cls()

    return types.NullType()


def options_from(data, make_text):
    out = {}
    for key, value in (data or {}).items():
        tag, item = tagged(value)
        if tag == "list":
            item = [tagged(part)[1] for part in item]
        elif tag == "map":
            item = {name: tagged(part)[1] for name, part in item.items()}
        elif tag == "expr":
            item = make_text(sql_from(item))
        out[key] = None if tag == "null" else item
    return out


def default_from(data):
    from sqlalchemy import schema, text

    if data is None or data == "fetched":
        return None
    tag, value = tagged(data)
    if tag == "text":
        return schema.DefaultClause(value)
    return schema.DefaultClause(text(value if tag == "reflected" else sql_from(value)), _reflected=True) if tag in ("reflected", "expr") else None


def column_from(data, dialect):
    from sqlalchemy import schema

    extra = []
    default = data.get("server_default")
    identity = data.get("identity") or (default.get("identity") if isinstance(default, dict) else None)
    computed = data.get("computed") or (default.get("computed") if isinstance(default, dict) else None)
    if identity is not None:
        extra.append(schema.Identity(**{key: value for key, value in identity.items() if value is not None and key not in ("on_null", "order")}))
    elif computed is not None:
        extra.append(schema.Computed(sql_from(computed["expr"]), persisted=computed.get("persisted")))
    elif default_from(default) is not None:
        extra.append(default_from(default))
    nullable = data.get("nullable")
    return schema.Column(
        text_of(data["name"]), type_from(data["type_"], dialect), *extra, primary_key=bool(data.get("primary_key")), comment=data.get("comment"),
        nullable=nullable if nullable is not None else not data.get("primary_key") and identity is None,
    )  # fmt: skip


def constraint_from(data):
    from sqlalchemy import schema, text

    tag, item = tagged(data)
    common = {"name": name_from(item.get("name"))}
    common.update((key, item[key]) for key in ("deferrable", "initially") if item.get(key) is not None)
    names = [text_of(column) for column in item.get("columns", ())]
    if tag == "primary_key":
        return schema.PrimaryKeyConstraint(*names, **common)
    if tag == "unique":
        return schema.UniqueConstraint(*names, **common)
    if tag == "check":
        return schema.CheckConstraint(text(sql_from(item["condition"])), **common)
    if tag != "foreign_key":
        return None
    place = ".".join(part for part in place_of(item["referred_table"]) if part is not None)
    common.update((key, item[key]) for key in ("onupdate", "ondelete") if item.get(key) is not None)
    if item.get("match_"):
        common["match"] = item["match_"]
    return schema.ForeignKeyConstraint(names, ["%s.%s" % (place, text_of(column)) for column in item["referred_columns"]], link_to_name=True, **common)


def index_from(data, table):
    from sqlalchemy import schema, text

    elements = [table.c[sql_from(element)] if tagged(element)[0] == "column" else text(sql_from(element)) for element in data["elements"]]
    options = options_from(data.get("options"), text)
    try:
        return schema.Index(name_from(data.get("name")), *elements, unique=bool(data.get("unique")), _table=table, **options)
    except Exception:
        return schema.Index(name_from(data.get("name")), *elements, unique=bool(data.get("unique")), _table=table)


def tables_from(all_data, dialect):
    from sqlalchemy import MetaData, Table

    metadata, made = MetaData(), {}
    for data in all_data:
        schema_name, name = place_of(data["name"])
        columns = [column_from(column, dialect) for column in data["columns"]]
        table = Table(name, metadata, *columns, schema=schema_name, comment=data.get("comment"))
        for constraint in map(constraint_from, data.get("constraints", ())):
            if constraint is not None:
                table.append_constraint(constraint)
        for index in data.get("indexes", ()):
            index_from(index, table)
        made[(schema_name, name)] = table
    return made
