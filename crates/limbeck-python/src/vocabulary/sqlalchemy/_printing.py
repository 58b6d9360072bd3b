"""Plain text of elements: `str(expression)`, `statement.compile()`.

For people and for scripts that paste a statement together; what runs is rendered in Rust from the tree itself.
"""

from . import _base
from ._types import dialect_name


def text_of(element, literal_binds=False, dialect=None):
    """The text of an element, with `:name` for parameters or with the values themselves."""
    return Printer(literal_binds).element(element)


def literal_text(value):
    """A Python value as a SQL literal."""
    return _literal(_base.literal(value))


def _literal(data):
    if data == "null" or data is None:
        return "NULL"
    tag, value = data
    if tag == "bool":
        if dialect_name() == "postgresql":
            return "true" if value else "false"
        return "1" if value else "0"
    if tag in ("int", "float"):
        return repr(value)
    if tag in ("big_int", "decimal"):
        return value
    if tag == "bytes":
        return "'\\x%s'" % value if dialect_name() == "postgresql" else "X'%s'" % value
    if tag == "array":
        return "ARRAY[%s]" % ", ".join(_literal(item) for item in value)
    if tag == "interval":
        return "make_interval(days=>%d, secs=>%d)" % (value[0], value[1])
    return "'%s'" % value.replace("'", "''")


class Compiled:
    """What `element.compile()` gives."""

    def __init__(self, element, dialect=None, literal_binds=False, **kw):
        printer = Printer(literal_binds)
        self.statement = element
        self.string = printer.element(element)
        self._params = printer.params
        self.dialect = dialect

    @property
    def params(self):
        return dict(self._params)

    def construct_params(self, params=None):
        return dict(self._params, **(params or {}))

    def __str__(self):
        return self.string


class Printer:
    def __init__(self, literal_binds=False):
        self.literal_binds = literal_binds
        self.params = {}

    def element(self, element):
        if hasattr(element, "_encode_query") and not hasattr(element, "_scalar_printing"):
            from ._selectable import encode_statement

            return self.query(encode_statement(element))
        operation = getattr(element, "_operation", None)
        if operation is not None:
            return "%s %r" % (type(element).__name__, getattr(element, "element", None))
        from ._engine import custom_ddl

        custom = custom_ddl(element)
        if custom is not None:
            return custom
        with _base.encoding():
            if hasattr(element, "_encode_from") and element._is_from:
                return self.from_item(element._encode_from())
            return self.expr(element._encode())

    # ---- names
    def ident(self, data):
        from ._engine import current_dialect

        if isinstance(data, dict):
            return current_dialect().identifier_preparer.quote(data["text"], data["quote"])
        return current_dialect().identifier_preparer.quote(data)

    def table(self, data):
        text = self.ident(data["name"])
        return self.ident(data["schema"]) + "." + text if data.get("schema") is not None else text

    # ---- expressions
    def exprs(self, items, separator=", "):
        return separator.join(self.expr(item) for item in items)

    def expr(self, data):
        if isinstance(data, str):
            if data in ("true", "false") and dialect_name() in ("sqlite", "mysql"):
                return "1" if data == "true" else "0"
            return {"null": "NULL"}.get(data, data)
        tag, value = data
        return getattr(self, "_" + tag)(value)

    def _bind(self, value):
        if value["expanding"]:
            if value["value"] is not None and (self.literal_binds or value["inline"]):
                items = value["value"][1]
                return "(%s)" % (", ".join(_literal(item) for item in items) if items else "SELECT 1 WHERE 1!=1")
            self.params[value["name"]] = value["value"]
            return "(__[POSTCOMPILE_%s])" % value["name"]
        if (self.literal_binds or value["inline"]) and value["value"] is not None:
            return _literal(value["value"])
        self.params[value["name"]] = _plain(value["value"])
        return ":" + value["name"]

    def _text(self, value):
        text = value["sql"]
        if self.literal_binds:
            for bind in value["binds"]:
                if bind["value"] is not None:
                    text = text.replace(":" + bind["name"], _literal(bind["value"]))
        else:
            self.params.update({bind["name"]: _plain(bind["value"]) for bind in value["binds"]})
        return text.replace("\\:", ":")

    def _literal_column(self, value):
        return value

    def _column(self, value):
        name = self.ident(value["name"])
        return self.table(value["table"]) + "." + name if value.get("table") is not None else name

    def _star(self, value):
        return self.table(value["table"]) + ".*" if value.get("table") is not None else "*"

    def _prefix(self, value):
        glue = "" if value["op"] in ("-", "~") else " "
        return value["op"] + glue + self.expr(value["expr"])

    def _postfix(self, value):
        return "%s %s" % (self.expr(value["expr"]), value["op"])

    def _binary(self, value):
        if value["op"] == "NOT IN":
            return "(%s NOT IN %s)" % (self.expr(value["left"]), self.expr(value["right"]))
        text = "%s %s %s" % (self.expr(value["left"]), value["op"], self.expr(value["right"]))
        if value.get("escape") is not None:
            text += " ESCAPE '%s'" % value["escape"].replace("'", "''")
        return text

    def _joined(self, value):
        glue = ", " if value["op"] == "," else " %s " % value["op"]
        return self.exprs(value["clauses"], glue)

    def _grouping(self, value):
        return "(%s)" % self.expr(value)

    def _tuple(self, value):
        return "(%s)" % self.exprs(value)

    def _func(self, value):
        name = value["name"]
        if not value["args"] and name in ("current_timestamp", "current_date", "current_time", "localtimestamp", "localtime", "current_user", "session_user"):
            return name.upper() if name.startswith("current_") else name
        if name == "now" and not value["args"] and dialect_name() == "sqlite":
            return "CURRENT_TIMESTAMP"
        inner = self.exprs(value["args"])
        if value.get("distinct"):
            inner = "DISTINCT " + inner
        if value.get("order_by"):
            inner += " ORDER BY " + self.exprs(value["order_by"])
        text = "%s(%s)" % (name, inner)
        if value.get("filter") is not None:
            text += " FILTER (WHERE %s)" % self.expr(value["filter"])
        if value.get("over") is not None:
            over = value["over"]
            parts = []
            if over["partition_by"]:
                parts.append("PARTITION BY " + self.exprs(over["partition_by"]))
            if over["order_by"]:
                parts.append("ORDER BY " + self.exprs(over["order_by"]))
            if over["frame"]:
                parts.append(over["frame"])
            text += " OVER (%s)" % " ".join(parts)
        return text

    def _cast(self, value):
        from ._decode import type_of

        return "CAST(%s AS %s)" % (self.expr(value["expr"]), type_of(value["type_"]))

    def _case(self, value):
        text = "CASE"
        if value["value"] is not None:
            text += " " + self.expr(value["value"])
        for when, then in value["whens"]:
            text += " WHEN %s THEN %s" % (self.expr(when), self.expr(then))
        if value["else_"] is not None:
            text += " ELSE " + self.expr(value["else_"])
        return text + " END"

    def _extract(self, value):
        if dialect_name() == "sqlite":
            form = {"month": "%m", "day": "%d", "year": "%Y", "second": "%S", "hour": "%H", "minute": "%M", "epoch": "%s", "dow": "%w", "week": "%W", "doy": "%j"}
            return "CAST(STRFTIME('%s', %s) AS INTEGER)" % (form.get(value["field"], value["field"]), self.expr(value["expr"]))
        return "EXTRACT(%s FROM %s)" % (value["field"], self.expr(value["expr"]))

    def _collate(self, value):
        return "%s COLLATE %s" % (self.expr(value["expr"]), self.ident(value["collation"]))

    def _label(self, value):
        return "%s AS %s" % (self.expr(value["expr"]), self.ident(value["name"]))

    def _exists(self, value):
        return "EXISTS (%s)" % self.query(value)

    def _scalar(self, value):
        return "(%s)" % self.query(value)

    def _array(self, value):
        return "ARRAY[%s]" % self.exprs(value)

    def _index(self, value):
        return "%s[%s]" % (self.expr(value["expr"]), self.expr(value["index"]))

    def _next_value(self, value):
        return "nextval('%s')" % self.table(value["sequence"])

    # ---- statements
    def query(self, data):
        tag, value = data
        return self._ctes(value) + getattr(self, "query_" + tag)(value)

    def _ctes(self, value):
        ctes = value.get("ctes") if isinstance(value, dict) else None
        if not ctes:
            return ""
        parts = []
        for cte in ctes:
            columns = "(%s)" % ", ".join(self.ident(name) for name in cte["columns"]) if cte["columns"] else ""
            parts.append("%s%s AS \n(%s)" % (self.ident(cte["name"]), columns, self.query(cte["query"])))
        return "WITH %s%s\n " % ("RECURSIVE " if any(cte["recursive"] for cte in ctes) else "", ", \n".join(parts))

    def query_text(self, value):
        return self._text(value)

    def query_raw(self, value):
        return value["sql"]

    def query_select(self, value):
        text = "SELECT "
        if value["distinct_on"]:
            text += "DISTINCT ON (%s) " % self.exprs(value["distinct_on"])
        elif value["distinct"]:
            text += "DISTINCT "
        text += self.exprs(value["columns"])
        if value["from"]:
            text += " \nFROM " + ", ".join(self.from_item(item) for item in value["from"])
        if value["where_"]:
            text += " \nWHERE " + self.exprs(value["where_"], " AND ")
        if value["group_by"]:
            text += " GROUP BY " + self.exprs(value["group_by"])
        if value["having"]:
            text += " \nHAVING " + self.exprs(value["having"], " AND ")
        for operation in value.get("set_operations") or ():
            text += " %s %s" % (operation["keyword"], self.query_select(operation["select"]))
        if value.get("order_by"):
            text += " ORDER BY " + self.exprs(value["order_by"])
        if value.get("limit") is not None:
            text += "\n LIMIT " + self.expr(value["limit"])
        if value.get("offset") is not None:
            text += " OFFSET " + self.expr(value["offset"])
        elif value.get("limit") is not None and dialect_name() == "sqlite":
            text += " OFFSET 0"
        if value.get("for_update"):
            text += " " + value["for_update"]
        return text

    def from_item(self, data):
        tag, value = data
        if tag == "table":
            return self.table(value)
        if tag == "alias":
            return "%s AS %s" % (self.from_item(value["item"]), self.ident(value["name"]))
        if tag == "subquery":
            return "(%s) AS %s" % (self.query_select(value["query"]), self.ident(value["name"]))
        if tag == "join":
            word = {"inner": "JOIN", "left": "LEFT OUTER JOIN", "full": "FULL OUTER JOIN"}[value["kind"]]
            return "%s %s %s ON %s" % (self.from_item(value["left"]), word, self.from_item(value["right"]), self.expr(value["on"]))
        if tag == "cte":
            return self.ident(value)
        if tag == "values":
            rows = ", ".join("(%s)" % self.exprs(row) for row in value["rows"])
            return "(VALUES %s) AS %s (%s)" % (rows, self.ident(value["name"]), ", ".join(self.ident(name) for name in value["columns"]))
        if tag == "func":
            return "%s AS %s" % (self.expr(value["func"]), self.ident(value["name"]))
        return value

    def query_insert(self, value):
        text = " ".join(["INSERT"] + value["prefixes"] + ["INTO", self.table(value["table"])])
        columns = ", ".join(self.ident(name) for name in value["columns"])
        source = value["source"]
        if source == "defaults":
            text += " DEFAULT VALUES"
        elif source[0] == "select":
            text += " (%s) %s" % (columns, self.query(source[1]))
        else:
            text += " (%s) VALUES %s" % (columns, ", ".join("(%s)" % self.exprs(row) for row in source[1]))
        if value.get("on_conflict"):
            text += self._conflict(value["on_conflict"])
        return text + self._returning(value)

    def _conflict(self, value):
        text = " ON CONFLICT"
        target = value["target"]
        if target is not None:
            if target.get("constraint") is not None:
                text += " ON CONSTRAINT " + self.ident(target["constraint"])
            else:
                text += " (%s)" % self.exprs(target["elements"])
                if target.get("where_") is not None:
                    text += " WHERE " + self.expr(target["where_"])
        if value["action"] == "nothing":
            return text + " DO NOTHING"
        action = value["action"][1]
        text += " DO UPDATE SET " + self._assignments(action["set"])
        if action.get("where_") is not None:
            text += " WHERE " + self.expr(action["where_"])
        return text

    def _assignments(self, items):
        return ", ".join("%s=%s" % (self.ident(item["column"]), self._assigned(item["value"])) for item in items)

    def _assigned(self, value):
        return self.expr(value)

    def _returning(self, value):
        return " RETURNING " + self.exprs(value["returning"]) if value.get("returning") else ""

    def query_update(self, value):
        text = "UPDATE %s SET %s" % (self.table(value["table"]), self._assignments(value["set"]))
        if value.get("from"):
            text += " FROM " + ", ".join(self.from_item(item) for item in value["from"])
        if value["where_"]:
            text += " WHERE " + self.exprs(value["where_"], " AND ")
        return text + self._returning(value)

    def query_delete(self, value):
        text = "DELETE FROM " + self.table(value["table"])
        if value.get("using"):
            text += " USING " + ", ".join(self.from_item(item) for item in value["using"])
        if value["where_"]:
            text += " WHERE " + self.exprs(value["where_"], " AND ")
        return text + self._returning(value)


def _plain(data):
    if data is None or data == "null":
        return None
    tag, value = data
    return [_plain(item) for item in value] if tag == "array" else value
