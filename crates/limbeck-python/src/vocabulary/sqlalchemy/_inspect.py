"""`inspect(bind)`: questions about the database's schema."""

import _limbeck

from . import _base
from ._base import ident
from ._decode import _text, default_text, expression_text, name_of, option_value, type_of


def _ask(what):
    answer = _limbeck.inspect(what)
    return answer[1] if isinstance(answer, (tuple, list)) and len(answer) == 2 and isinstance(answer[0], str) else answer


def inspect(subject, raiseerr=True):
    """An inspector for a connection; the mapper or state of an ORM object."""
    from ._engine import Connection, Engine, MockConnection

    if isinstance(subject, MockConnection):
        return _no_inspection(subject, raiseerr)
    if isinstance(subject, (Connection, Engine)):
        return _inspector(subject)
    sync = getattr(subject, "sync_connection", None)
    if sync is not None:
        return _inspector(sync)
    if isinstance(subject, type) and hasattr(subject, "__mapper__"):
        return subject.__mapper__
    if hasattr(type(subject), "__mapper__"):
        state = getattr(type(subject).__mapper__, "inspect_instance", None)
        if state is not None:
            return state(subject)
    if hasattr(subject, "_encode") or hasattr(subject, "_encode_from") or hasattr(subject, "columns_by_attribute"):
        return subject
    if hasattr(subject, "get_bind"):
        return _inspector(subject.get_bind())
    return _no_inspection(subject, raiseerr)


def _no_inspection(subject, raiseerr):
    if not raiseerr:
        return None
    from . import exc

    raise exc.NoInspectionAvailable("No inspection system is available for object of type %s" % type(subject))


def sequence_exists(bind, name, schema):
    if _base.offline() or _limbeck.context.get("learn"):
        return None
    return bool(_ask(("has_sequence", {"schema": ident(schema), "name": ident(name)})))


class Inspector:
    """Answers are kept, as SQLAlchemy keeps them, until `clear_cache()`."""

    def __init__(self, bind):
        self.bind = bind
        self.info_cache = {}

    @classmethod
    def from_engine(cls, bind):
        return inspect(bind)

    @property
    def engine(self):
        return getattr(self.bind, "engine", self.bind)

    @property
    def dialect(self):
        return self.bind.dialect

    @property
    def default_schema_name(self):
        return self.dialect.default_schema_name

    def clear_cache(self):
        self.info_cache.clear()

    def _cached(self, key, ask):
        if key not in self.info_cache:
            self.info_cache[key] = ask()
        return self.info_cache[key]

    def _names(self, what, schema):
        return list(self._cached((what, schema), lambda: _ask((what, {"schema": schema}))))

    def get_schema_names(self, **kw):
        return list(self._cached("schema_names", lambda: _ask("schema_names")))

    def get_table_names(self, schema=None, **kw):
        return self._names("table_names", schema)

    def get_view_names(self, schema=None, **kw):
        return self._names("view_names", schema)

    def get_materialized_view_names(self, schema=None, **kw):
        return self._names("materialized_view_names", schema)

    def get_sequence_names(self, schema=None, **kw):
        return self._names("sequence_names", schema)

    def get_foreign_table_names(self, schema=None, **kw):
        return []

    def get_temp_table_names(self, **kw):
        return []

    def get_temp_view_names(self, **kw):
        return []

    def get_view_definition(self, view_name, schema=None, **kw):
        return _ask(("view_definition", {"schema": ident(schema), "name": ident(view_name)}))

    def has_table(self, table_name, schema=None, **kw):
        return bool(self._cached(("has_table", schema, str(table_name)), lambda: _ask(("has_table", {"schema": ident(schema), "name": ident(table_name)}))))

    def has_sequence(self, sequence_name, schema=None, **kw):
        return bool(_ask(("has_sequence", {"schema": ident(schema), "name": ident(sequence_name)})))

    def has_schema(self, schema_name, **kw):
        return schema_name in self.get_schema_names()

    def has_index(self, table_name, index_name, schema=None, **kw):
        if not self.has_table(table_name, schema):
            return False
        return any(index["name"] == index_name for index in self.get_indexes(table_name, schema))

    # ---- one table
    def _table(self, table_name, schema=None):
        found = self._cached(("table", schema, str(table_name)), lambda: _ask(("table", {"schema": ident(schema), "name": ident(table_name)})))
        if found is None:
            from . import exc

            raise exc.NoSuchTableError("%s.%s" % (schema, table_name) if schema else str(table_name))
        return found

    def get_columns(self, table_name, schema=None, **kw):
        made = []
        table = self._table(table_name, schema)
        primary = self._primary_key_names(table)
        for column in table["columns"]:
            made.append(self._column(column, primary))
        return made

    def _column(self, column, primary):
        name = _text(column["name"])
        nullable = column.get("nullable")
        if nullable is None:
            nullable = not column.get("primary_key") and name not in primary
        default = column.get("server_default")
        entry = {"name": name, "type": type_of(column["type_"]), "nullable": nullable, "default": default_text(default)}
        if self.dialect.name == "sqlite":
            entry["primary_key"] = primary.index(name) + 1 if name in primary else 0
        else:
            entry["autoincrement"] = bool(entry["default"] and entry["default"].startswith("nextval(")) or column.get("identity") is not None
            entry["comment"] = column.get("comment")
        if column.get("identity") is not None:
            entry["identity"] = {key: value for key, value in column["identity"].items() if value is not None}
        if column.get("computed") is not None:
            entry["computed"] = {"sqltext": expression_text(column["computed"]["expr"]), "persisted": column["computed"].get("persisted")}
        return entry

    def _primary_key_names(self, table):
        for tag, constraint in table.get("constraints") or ():
            if tag == "primary_key":
                return [_text(name) for name in constraint["columns"]]
        return [_text(column["name"]) for column in table["columns"] if column.get("primary_key")]

    def get_pk_constraint(self, table_name, schema=None, **kw):
        table = self._table(table_name, schema)
        for tag, constraint in table.get("constraints") or ():
            if tag == "primary_key":
                return self._with_options({"constrained_columns": [_text(name) for name in constraint["columns"]], "name": name_of(constraint.get("name"))}, constraint)
        return {"constrained_columns": self._primary_key_names(table), "name": None}

    def _with_options(self, entry, constraint, kind=None):
        if self.dialect.name == "postgresql":
            entry["comment"] = None
        options = {key: option_value(value) for key, value in (constraint.get("options") or {}).items()}
        if self.dialect.name == "postgresql" and kind != "check":
            options.setdefault("postgresql_include", [])
            if kind == "unique":
                options.setdefault("postgresql_nulls_not_distinct", False)
        if options:
            entry["dialect_options"] = options
        return entry

    def get_unique_constraints(self, table_name, schema=None, **kw):
        made = []
        for tag, constraint in self._table(table_name, schema).get("constraints") or ():
            if tag == "unique":
                made.append(self._with_options({"name": name_of(constraint.get("name")), "column_names": [_text(name) for name in constraint["columns"]]}, constraint, "unique"))
        return made

    def get_check_constraints(self, table_name, schema=None, **kw):
        made = []
        for tag, constraint in self._table(table_name, schema).get("constraints") or ():
            if tag == "check":
                made.append(self._with_options({"name": name_of(constraint.get("name")), "sqltext": expression_text(constraint["condition"])}, constraint, "check"))
        return made

    def get_foreign_keys(self, table_name, schema=None, **kw):
        made = []
        for tag, constraint in self._table(table_name, schema).get("constraints") or ():
            if tag != "foreign_key":
                continue
            options = {}
            for key, field in (("onupdate", "onupdate"), ("ondelete", "ondelete"), ("deferrable", "deferrable"), ("initially", "initially"), ("match", "match_")):
                if constraint.get(field) is not None:
                    options[key] = constraint[field]
            referred = constraint["referred_table"]
            entry = {
                "name": name_of(constraint.get("name")),
                "constrained_columns": [_text(name) for name in constraint["columns"]],
                "referred_schema": _text(referred.get("schema")),
                "referred_table": _text(referred["name"]),
                "referred_columns": [_text(name) for name in constraint["referred_columns"]],
                "options": options,
            }
            if self.dialect.name == "postgresql":
                entry["comment"] = None
            made.append(entry)
        return made

    def get_indexes(self, table_name, schema=None, **kw):
        made = []
        table = self._table(table_name, schema)
        for index in table.get("indexes") or ():
            names, expressions, plain = [], [], True
            for element in index["elements"]:
                inner = element
                while isinstance(inner, (tuple, list)) and inner[0] == "postfix":
                    inner = inner[1]["expr"]
                if isinstance(inner, (tuple, list)) and inner[0] == "column":
                    names.append(_text(inner[1]["name"]))
                    expressions.append(names[-1])
                else:
                    plain = False
                    names.append(None)
                    expressions.append(expression_text(inner))
            entry = {"name": name_of(index.get("name")), "column_names": names, "unique": 1 if index.get("unique") else 0}
            if self.dialect.name == "postgresql":
                entry["unique"] = bool(index.get("unique"))
            if not plain:
                entry["expressions"] = expressions
            options = index.get("options") or {}
            entry["dialect_options"] = {key: option_value(value) for key, value in options.items()}
            if self.dialect.name == "postgresql":
                entry["dialect_options"].setdefault("postgresql_include", [])
            made.append(entry)
        if self.dialect.name == "postgresql":
            self._unique_as_indexes(table, made)
        return made

    @staticmethod
    def _unique_as_indexes(table, made):
        """PostgreSQL lists the index behind a unique constraint too."""
        for tag, constraint in table.get("constraints") or ():
            if tag == "unique":
                name = name_of(constraint.get("name"))
                made.append(
                    {
                        "name": name,
                        "unique": True,
                        "column_names": [_text(column) for column in constraint["columns"]],
                        "duplicates_constraint": name,
                        "dialect_options": {"postgresql_include": []},
                    }
                )
        made.sort(key=lambda entry: entry["name"] or "")

    def get_table_comment(self, table_name, schema=None, **kw):
        if self.dialect.name == "sqlite":
            raise NotImplementedError()
        return {"text": self._table(table_name, schema).get("comment")}

    def get_table_options(self, table_name, schema=None, **kw):
        return {}

    def reflect_table(self, table, include_columns=None, exclude_columns=(), resolve_fks=True, **kw):
        from ._reflect import load_table

        load_table(table, self.bind, set(exclude_columns), include_columns, resolve_fks)

    def get_sorted_table_and_fkc_names(self, schema=None, **kw):
        return [(name, set()) for name in self.get_table_names(schema)] + [(None, [])]

    def _multi(self, method, schema, filter_names):
        names = self.get_table_names(schema)
        if filter_names is not None:
            names = [name for name in names if name in filter_names]
        return {(schema, name): getattr(self, method)(name, schema) for name in names}

    def get_multi_columns(self, schema=None, filter_names=None, **kw):
        return self._multi("get_columns", schema, filter_names)

    def get_multi_indexes(self, schema=None, filter_names=None, **kw):
        return self._multi("get_indexes", schema, filter_names)

    def get_multi_foreign_keys(self, schema=None, filter_names=None, **kw):
        return self._multi("get_foreign_keys", schema, filter_names)

    def get_multi_unique_constraints(self, schema=None, filter_names=None, **kw):
        return self._multi("get_unique_constraints", schema, filter_names)

    def get_multi_check_constraints(self, schema=None, filter_names=None, **kw):
        return self._multi("get_check_constraints", schema, filter_names)

    def get_multi_pk_constraint(self, schema=None, filter_names=None, **kw):
        return self._multi("get_pk_constraint", schema, filter_names)


class PGInspector(Inspector):
    """What only PostgreSQL's inspector answers."""

    def get_enums(self, schema=None, **kw):
        found = self._cached(("enums", schema), lambda: _ask(("enums", {"schema": None if schema == "*" else schema})))
        made = []
        for entry in found:
            own = _text(entry.get("schema"))
            made.append({"name": _text(entry.get("name")), "schema": own or self.default_schema_name, "visible": True, "labels": list(entry.get("values") or ())})
        return made

    def has_type(self, type_name, schema=None, **kw):
        return bool(_ask(("has_type", {"schema": ident(schema), "name": ident(type_name)})))

    def get_domains(self, schema=None, **kw):
        raise _base.unsupported("Inspector.get_domains")

    def get_table_oid(self, table_name, schema=None, **kw):
        raise _base.unsupported("Inspector.get_table_oid")


def _inspector(bind):
    return PGInspector(bind) if bind.dialect.name == "postgresql" else Inspector(bind)
