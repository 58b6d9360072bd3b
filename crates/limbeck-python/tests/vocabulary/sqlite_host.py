"""Runs encoded queries on a real SQLite database: enough SQL to test what sessions do. (The product's SQL is written in Rust.)"""

import sqlite3


class Database:
    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.log = []

    def script(self, sql):
        self.connection.executescript(sql)

    def rows(self, sql, *values):
        return [tuple(row) for row in self.connection.execute(sql, values)]

    def execute(self, query):
        binds = []
        sql = statement(query, binds)
        self.log.append((sql, tuple(binds)))
        cursor = self.connection.execute(sql, binds)
        rows = cursor.fetchall()
        columns = [{"name": item[0], "type_": None} for item in cursor.description or ()]
        return {"columns": columns, "rows": rows, "rowcount": cursor.rowcount, "lastrowid": cursor.lastrowid}

    def create(self, operation):
        tag, data = operation
        assert tag == "create_table", tag
        table = data["table"]
        columns = []
        keys = [column["name"] for column in table["columns"] if column.get("primary_key")]
        for column in table["columns"]:
            columns.append("%s %s" % (name(column["name"]), "INTEGER" if "integer" in str(column["type_"]).lower() else "BLOB"))
        for constraint in table.get("constraints", ()):
            if constraint[0] == "primary_key":
                keys = constraint[1]["columns"]
        if keys:
            columns.append("PRIMARY KEY (%s)" % ", ".join(name(key) for key in keys))
        self.connection.execute("CREATE TABLE %s (%s)" % (name(table["name"]["name"]), ", ".join(columns)))


def name(value):
    return '"%s"' % (value["text"] if isinstance(value, dict) else value)


def value(literal):
    if literal == "null" or literal is None:
        return None
    tag, payload = literal
    return payload


def bind(data, binds):
    given = data.get("value")
    if data.get("expanding") or (isinstance(given, tuple) and given[0] == "array"):
        items = [value(item) for item in given[1]]
        binds.extend(items)
        return "(%s)" % ", ".join("?" * len(items))
    binds.append(value(given))
    return "?"


def expression(data, binds):
    if isinstance(data, str):
        return {"null": "NULL", "true": "1", "false": "0"}[data]
    tag, item = data

    def inner(part):
        return expression(part, binds)

    if tag == "column":
        table = item.get("table")
        return ("%s." % name(table["name"]) if table else "") + name(item["name"])
    if tag == "bind":
        return bind(item, binds)
    if tag == "text":
        return item["sql"]
    if tag == "literal_column":
        return item
    if tag == "star":
        return "*"
    if tag == "binary":
        return "%s %s %s" % (inner(item["left"]), item["op"], inner(item["right"]))
    if tag == "joined":
        return (" %s " % item["op"]).join(inner(part) for part in item["clauses"])
    if tag == "grouping":
        return "(%s)" % inner(item)
    if tag == "label":
        return "%s AS %s" % (inner(item["expr"]), name(item["name"]))
    if tag == "func":
        return "%s(%s%s)" % (item["name"], "DISTINCT " if item.get("distinct") else "", ", ".join(inner(part) for part in item.get("args", ())))
    if tag == "postfix":
        return "%s %s" % (inner(item["expr"]), item["op"])
    if tag == "prefix":
        return "%s %s" % (item["op"], inner(item["expr"]))
    if tag == "exists":
        return "EXISTS (%s)" % statement(item, binds)
    if tag == "scalar":
        return "(%s)" % statement(item, binds)
    if tag == "tuple":
        return "(%s)" % ", ".join(inner(part) for part in item)
    raise NotImplementedError(tag)


def source(data, binds):
    tag, item = data
    if tag == "table":
        return name(item["name"])
    if tag == "alias":
        return "%s AS %s" % (source(item["item"], binds), name(item["name"]))
    if tag == "subquery":
        return "(%s) AS %s" % (select(item["query"], binds), name(item["name"]))
    if tag == "join":
        kind = {"inner": "JOIN", "left": "LEFT JOIN", "full": "FULL JOIN"}[item["kind"]]
        left, right = source(item["left"], binds), source(item["right"], binds)
        return "%s %s %s ON %s" % (left, kind, right, expression(item["on"], binds))
    raise NotImplementedError(tag)


def select(data, binds):
    parts = ["SELECT %s%s" % ("DISTINCT " if data.get("distinct") else "", ", ".join(expression(part, binds) for part in data["columns"]))]
    if data.get("from"):
        parts.append("FROM " + ", ".join(source(part, binds) for part in data["from"]))
    for key, word in (("where_", "WHERE"), ("group_by", "GROUP BY"), ("having", "HAVING"), ("order_by", "ORDER BY")):
        if data.get(key):
            joiner = " AND " if key in ("where_", "having") else ", "
            parts.append(word + " " + joiner.join(expression(part, binds) for part in data[key]))
    if data.get("limit"):
        parts.append("LIMIT " + expression(data["limit"], binds))
    if data.get("offset"):
        parts.append("OFFSET " + expression(data["offset"], binds))
    return " ".join(parts)


def statement(query, binds):
    tag, data = query
    if tag == "select":
        return select(data, binds)
    if tag in ("text", "raw"):
        return data["sql"]
    table = name(data["table"]["name"])
    where = ""
    if tag == "insert":
        returning = " RETURNING " + ", ".join(expression(part, binds) for part in data["returning"]) if data.get("returning") else ""
        if data["source"] == "defaults":
            return "INSERT INTO %s DEFAULT VALUES%s" % (table, returning)
        rows = ["(%s)" % ", ".join(expression(part, binds) for part in row) for row in data["source"][1]]
        return "INSERT INTO %s (%s) VALUES %s%s" % (table, ", ".join(name(column) for column in data["columns"]), ", ".join(rows), returning)
    if tag == "update":
        sets = ", ".join("%s = %s" % (name(item["column"]), expression(item["value"], binds)) for item in data["set"])
        where = " AND ".join(expression(part, binds) for part in data["where_"])
        return "UPDATE %s SET %s%s" % (table, sets, " WHERE " + where if where else "")
    if tag == "delete":
        where = " AND ".join(expression(part, binds) for part in data["where_"])
        return "DELETE FROM %s%s" % (table, " WHERE " + where if where else "")
    raise NotImplementedError(tag)
