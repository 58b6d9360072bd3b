"""What scripts ask of a dialect."""

import _limbeck

from . import _base


def _context():
    return _limbeck.context


class IdentifierPreparer:
    def __init__(self, dialect):
        self.dialect = dialect
        self.initial_quote = self.final_quote = "`" if dialect.name in ("mysql", "mariadb") else '"'

    def quote_identifier(self, value):
        mark = self.initial_quote
        return mark + str(value).replace(mark, mark * 2) + mark

    def quote(self, ident, force=None):
        force = getattr(ident, "quote", None) if force is None else force
        if force is True or (force is None and self._requires_quotes(ident)):
            return self.quote_identifier(ident)
        return str(ident)

    def _requires_quotes(self, value):
        from ._reserved import reserved

        text = str(value)
        return (
            not text
            or text.lower() in reserved(self.dialect.name)
            or text[0].isdigit()
            or text[0] == "$"
            or text != text.lower()
            or not all(char.isascii() and (char.isalnum() or char in "_$") for char in text)
        )

    def quote_schema(self, schema, force=None):
        return self.quote(schema, force)

    def format_table(self, table, use_schema=True, name=None):
        text = self.quote(name or table.name)
        if use_schema and getattr(table, "schema", None):
            text = self.quote_schema(table.schema) + "." + text
        return text

    def format_column(self, column, use_table=False, name=None, table_name=None, use_schema=False):
        text = self.quote(name or column.name)
        if use_table:
            return self.format_table(column.table, use_schema) + "." + text
        return text

    def format_sequence(self, sequence, use_schema=True):
        return self.format_table(sequence, use_schema)

    def format_constraint(self, constraint):
        return self.quote(constraint.name)

    def format_index(self, index):
        return self.quote(index.name)

    def format_schema(self, name):
        return self.quote(name)

    def unformat_identifiers(self, identifiers):
        return [part.strip(self.initial_quote) for part in identifiers.split(".")]


class Dialect:
    """What scripts ask of a dialect."""

    paramstyle = "named"
    supports_alter = True
    supports_native_boolean = False
    supports_native_enum = False
    supports_comments = False
    supports_sequences = False
    supports_sane_rowcount = True
    supports_sane_multi_rowcount = True
    max_identifier_length = 9999
    default_paramstyle = "named"
    is_async = False
    dbapi = None
    server_side_cursors = False

    def __init__(self, name=None, driver=None, **kw):
        self.name = name or type(self).name
        self.driver = driver or {"postgresql": "psycopg2", "sqlite": "pysqlite", "mysql": "mysqldb", "mariadb": "mysqldb"}.get(self.name, "default")
        self.identifier_preparer = IdentifierPreparer(self)
        self.is_mariadb = self.name == "mariadb"
        if self.name == "postgresql":
            self.paramstyle = "pyformat"
            self.supports_native_boolean = self.supports_native_enum = self.supports_comments = self.supports_sequences = True
            self.supports_sane_multi_rowcount = False
            self.max_identifier_length = 63
        elif self.name == "sqlite":
            self.paramstyle = "qmark"
            self.supports_alter = False
        elif self.name in ("mysql", "mariadb"):
            self.paramstyle = "format"
            self.supports_comments = True
            self.supports_native_enum = True
            self.max_identifier_length = 255
            self.supports_sane_multi_rowcount = True

    name = "default"

    @property
    def server_version_info(self):
        version = _context().get("server_version")
        if version is None and not _base.offline() and not _context().get("learn"):
            version = _limbeck.inspect("server_version")[1]
            _context()["server_version"] = version
        return tuple(version) if version is not None else None

    @property
    def default_schema_name(self):
        known = _context().get("default_schema")
        if known is None:
            if self.name == "sqlite":
                return "main"
            if not _base.offline() and not _context().get("learn"):
                known = _limbeck.inspect("default_schema_name")[1]
            known = known or ("public" if self.name == "postgresql" else None)
        return known

    @property
    def ddl_compiler(self):
        return _base.Unsupported("dialect.ddl_compiler")

    @property
    def type_compiler(self):
        from .ext.compiler import StandInCompiler

        return StandInCompiler()

    type_compiler_instance = type_compiler
    statement_compiler = type_compiler
    preparer = IdentifierPreparer

    def type_descriptor(self, type_):
        from ._types import to_instance

        return to_instance(type_)

    def has_table(self, connection, table_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).has_table(table_name, schema=schema)

    def has_sequence(self, connection, sequence_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).has_sequence(sequence_name, schema=schema)

    def has_index(self, connection, table_name, index_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).has_index(table_name, index_name, schema=schema)

    def has_type(self, connection, type_name, schema=None, **kw):
        return bool(_limbeck.inspect(("has_type", {"schema": schema, "name": type_name}))[1])

    def has_schema(self, connection, schema_name, **kw):
        from ._inspect import inspect

        return inspect(connection).has_schema(schema_name)

    def get_table_names(self, connection, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).get_table_names(schema)

    def get_columns(self, connection, table_name, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).get_columns(table_name, schema)

    def get_view_names(self, connection, schema=None, **kw):
        from ._inspect import inspect

        return inspect(connection).get_view_names(schema)

    def normalize_name(self, name):
        return name

    denormalize_name = normalize_name

    def dbapi_exception_translation_map(self):
        return {}

    @classmethod
    def get_dialect_cls(cls, url):
        return cls

    def get_driver_connection(self, connection):
        return connection

    def import_dbapi(self):
        return None

    def on_connect(self):
        return None

    def __repr__(self):
        return "<sqlalchemy.dialects.%s.base.dialect object>" % self.name


DefaultDialect = Dialect
_dialects = {}


def current_dialect():
    name = _base.dialect_name()
    found = _dialects.get(name)
    if found is None:
        from importlib import import_module

        cls = Dialect
        if name in ("postgresql", "sqlite", "mysql"):
            cls = import_module("sqlalchemy.dialects.%s.base" % name).dialect
        found = _dialects[name] = cls(name=name)
    driver = _context().get("driver")
    if driver:
        found.driver = driver
    return found


def dialect_for(name, driver=None):
    if name == _base.dialect_name():
        return current_dialect()
    return Dialect(name, driver)
