"""Tells Limbeck what a project's target_metadata holds, as JSON. Runs under the project's own Python, with its own SQLAlchemy and Alembic."""

import contextlib
import json
import os
import sys


class Line:
    """Requests and answers, one a line. What the project reads and prints goes elsewhere."""

    def __init__(self):
        self.process = os.getpid()
        self.requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
        self.answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def request(self):
        line = self.requests.readline()
        return json.loads(line) if line else None

    def answer(self, data):
        # A process that env.py forked and that came back here has nothing to say.
        if os.getpid() == self.process:
            self.answers.write(json.dumps(data) + "\n")
            self.answers.flush()


LINE = Line()


# ---- what all this depends on: the project's own files and folders, the installed packages by name, environment variables that were asked for
class Seen:
    # Other in every shell, and nothing that models go by.
    SHELL = set("_ SHLVL PWD OLDPWD TERM COLUMNS LINES WINDOWID TERM_SESSION_ID SSH_CLIENT SSH_CONNECTION SSH_TTY LS_COLORS".split())

    def __init__(self):
        self.files, self.environment, self.done = set(), set(), False

    def audit(self, event, args):
        if self.done or event not in ("open", "os.listdir", "os.scandir") or not args or not isinstance(args[0], str):
            return
        if event != "open" or not isinstance(args[1], str) or not set(args[1]) & set("wax+"):
            self.files.add(args[0] if os.path.isabs(args[0]) else os.path.join(os.getcwd(), args[0]))

    def watch(self):
        sys.addaudithook(self.audit)
        seen = self.environment

        class Watched(type(os.environ)):
            def __getitem__(self, key):
                seen.add(key)
                return super().__getitem__(key)

            def __contains__(self, key):
                seen.add(key)
                return super().__contains__(key)

            def __iter__(self):
                seen.update(self._data if os.name == "nt" else (self.decodekey(key) for key in self._data))
                seen.add("*")
                return super().__iter__()

        os.environ.__class__ = Watched

    def data(self):
        self.done = True
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str):
                self.files.add(path)
        folders = {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
        library, installed = os.path.dirname(os.__file__) + os.sep, tuple(os.path.realpath(folder) + os.sep for folder in folders)
        known = {os.path.realpath(path) for path in self.files if os.path.exists(path)}

        def matters(path):
            own = path.startswith(installed) or not path.startswith(library)
            # What is compiled changes with the names of what is installed, and is large.
            return own and not path.endswith((".so", ".pyd", ".dylib")) and "__pycache__" not in path and not path.startswith(("/proc/", "/dev/", "/sys/"))

        kept = set(filter(matters, known))
        environment = {key for key in self.environment if isinstance(key, str) and key not in self.SHELL and not key.startswith("PYTHON")}
        return {"files": sorted(kept | folders), "environment": sorted(environment | {"VIRTUAL_ENV", "PYTHONPATH"})}


SEEN = Seen()


def ident(name):
    quote = getattr(name, "quote", None)
    return str(name) if quote is None else {"text": str(name), "quote": bool(quote)}


def table_name(name, schema):
    return {"schema": None if schema is None else ident(schema), "name": ident(name)}


def constraint_name(name):
    from sqlalchemy.sql.elements import conv

    if name is None or not isinstance(name, str):
        return "unnamed"
    return {"final" if isinstance(name, conv) else "given": ident(name)}


# ---- types: by class name, with the fields that travel
TEXT = ("length", "collation")
NUMBER = ("precision", "scale")
GENERIC = {
    "Integer": "integer", "SmallInteger": "small_integer", "BigInteger": "big_integer", "String": "string", "Text": "text", "Unicode": "unicode",
    "UnicodeText": "unicode_text", "Date": "date", "DateTime": "date_time", "Time": "time", "Float": "float", "Double": "double", "Numeric": "numeric",
    "LargeBinary": "large_binary", "JSON": "json_generic", "NullType": "null",
}  # fmt: skip
FIELDS = {
    "String": TEXT, "Text": TEXT, "Unicode": TEXT, "UnicodeText": TEXT, "VARCHAR": TEXT, "CHAR": TEXT, "NVARCHAR": TEXT, "NCHAR": TEXT, "TEXT": TEXT, "CLOB": TEXT,
    "DateTime": ("timezone",), "Time": ("timezone",), "DATETIME": ("timezone",), "TIMESTAMP": ("timezone", "precision"), "TIME": ("timezone", "precision"),
    "Float": ("precision",), "Double": ("precision",), "FLOAT": ("precision",), "REAL": ("precision",), "Numeric": NUMBER, "NUMERIC": NUMBER, "DECIMAL": NUMBER,
    "LargeBinary": ("length",), "BLOB": ("length",), "BINARY": ("length",), "VARBINARY": ("length",),
}  # fmt: skip
BARE = {"INTEGER", "SMALLINT", "BIGINT", "DATE", "BOOLEAN", "UUID"}
POSTGRESQL = set(
    "JSONB BYTEA CITEXT HSTORE INET CIDR MACADDR MACADDR8 MONEY OID REGCLASS REGCONFIG TSVECTOR TSQUERY JSONPATH INT4RANGE INT8RANGE NUMRANGE DATERANGE "
    "TSRANGE TSTZRANGE INT4MULTIRANGE INT8MULTIRANGE NUMMULTIRANGE DATEMULTIRANGE TSMULTIRANGE TSTZMULTIRANGE".split()
)


def type_data(type_, dialect):
    from sqlalchemy import types

    for _ in range(20):
        variant = (getattr(type_, "_variant_mapping", None) or {}).get(dialect.name)
        if variant is not None:
            type_ = variant
        elif isinstance(type_, types.Interval):
            return {"interval": {"native": bool(type_.native), "second_precision": type_.second_precision, "day_precision": type_.day_precision}}
        elif isinstance(type_, types.TypeDecorator):
            type_ = types.to_instance(type_.load_dialect_impl(dialect))
        else:
            break
    cls = type(type_)
    name = cls.__name__
    if isinstance(type_, types.Enum):
        return {
            "enum": {
                "name": None if type_.name is None else ident(type_.name), "schema": None if type_.schema is None else ident(type_.schema),
                "values": list(type_.enums), "native": bool(type_.native_enum), "create_constraint": bool(type_.create_constraint),
                "create_type": bool(getattr(type_, "create_type", True)), "length": type_.length, "inherit_schema": False,
                "postgresql": cls.__module__.startswith("sqlalchemy.dialects.postgresql"), "collation": None,
            }
        }  # fmt: skip
    if not cls.__module__.startswith("sqlalchemy."):
        return {"verbatim": type_.compile(dialect=dialect)}
    if isinstance(type_, types.ARRAY):
        return {"array": {"item": type_data(type_.item_type, dialect), "dimensions": type_.dimensions}}
    if name == "Boolean":
        return {"boolean": {"name": None if type_.name is None else ident(type_.name), "create_constraint": bool(type_.create_constraint)}}
    if name == "Uuid":
        return {"uuid_generic": {"native": bool(type_.native_uuid)}}
    if cls.__module__.startswith("sqlalchemy.dialects.") and name not in FIELDS and name not in BARE:
        if name in POSTGRESQL and dialect.name == "postgresql":
            return {"pg": name}
        return "JSON" if name == "JSON" else {"verbatim": type_.compile(dialect=dialect)}
    if name in BARE:
        return name
    if name in FIELDS or name in GENERIC:
        fields = {field: value for field in FIELDS.get(name, ()) for value in [getattr(type_, field, None)] if value not in (None, False)}
        tag = GENERIC.get(name, name)
        return {tag: fields} if name in FIELDS else tag
    return {"verbatim": type_.compile(dialect=dialect)}


def sql(expression, dialect):
    compiler = dialect.ddl_compiler(dialect, None).sql_compiler
    return compiler.process(expression, include_table=False, literal_binds=True)


def expression(value, dialect):
    from sqlalchemy.sql.schema import Column

    if isinstance(value, Column):
        return {"column": {"name": ident(value.name)}}
    return {"literal_column": sql(value, dialect)}


def option(value, dialect):
    if value is None:
        return "null"
    for kind, tag in ((bool, "bool"), (int, "int"), (float, "float"), (str, "text")):
        if isinstance(value, kind):
            return {tag: value}
    if isinstance(value, (list, tuple, set)):
        return {"list": [option(item, dialect) for item in value]}
    if isinstance(value, dict):
        return {"map": {str(key): option(item, dialect) for key, item in value.items()}}
    return {"expr": expression(value, dialect)}


def options(item, dialect):
    return {key: option(value, dialect) for key, value in item.dialect_kwargs.items()}


def server_default(value, dialect):
    arg = getattr(value, "arg", None)
    if arg is None:
        return "fetched"
    return {"text": arg} if isinstance(arg, str) else {"expr": {"literal_column": sql(arg, dialect)}}


NUMBERS = ("start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache")


def numbers(item):
    return {name: getattr(item, name) for name in NUMBERS if getattr(item, name, None) is not None}


def column_data(column, dialect):
    from sqlalchemy.sql import schema

    data = {"name": ident(column.name), "type_": type_data(column.type, dialect), "primary_key": column.primary_key}
    said = getattr(column, "_user_defined_nullable", column.nullable)
    usual = not (column.primary_key or column.identity is not None)
    data["nullable"] = column.nullable if isinstance(said, bool) or column.nullable != usual else None
    if column.autoincrement != "auto":
        data["autoincrement"] = {True: "true", False: "false"}.get(column.autoincrement, "ignore_fk")
    if column.comment is not None:
        data["comment"] = column.comment
    data["has_client_default"] = column.default is not None and not getattr(column.default, "is_sequence", False)
    if column.default is not None and getattr(column.default, "is_sequence", False):
        data["sequence"] = sequence_data(column.default, dialect)
    if column.identity is not None:
        data["identity"] = dict(numbers(column.identity), always=bool(column.identity.always))
    elif column.computed is not None:
        data["computed"] = {"expr": {"literal_column": sql(column.computed.sqltext, dialect)}, "persisted": column.computed.persisted}
    elif isinstance(column.server_default, schema.FetchedValue):
        data["server_default"] = server_default(column.server_default, dialect)
    data["system"] = bool(column.system)
    data["options"] = options(column, dialect)
    return data


def sequence_data(sequence, dialect):
    kind = None if sequence.data_type is None else type_data(sequence.data_type, dialect)
    return {"name": table_name(sequence.name, sequence.schema), "options": numbers(sequence), "data_type": kind, "optional": bool(sequence.optional)}


def constraint_data(item, dialect):
    from sqlalchemy import schema

    data = {"name": constraint_name(item.name), "deferrable": item.deferrable, "initially": item.initially}
    if isinstance(item, schema.CheckConstraint):
        if getattr(item, "_type_bound", False):
            return None
        return {"check": dict(data, condition={"literal_column": sql(item.sqltext, dialect)}, options=options(item, dialect))}
    if isinstance(item, schema.ForeignKeyConstraint):
        names = [element._get_colspec().rpartition(".")[2] if not element.column_or_none else element.column.name for element in map(Element, item.elements)]
        target, schema_name = Element(item.elements[0]).table
        return {
            "foreign_key": dict(
                data, columns=[ident(column.name) for column in item.columns], referred_table=table_name(target, schema_name),
                referred_columns=[ident(name) for name in names], onupdate=item.onupdate, ondelete=item.ondelete, match_=item.match,
                use_alter=bool(item.use_alter), options=options(item, dialect),
            )
        }  # fmt: skip
    if type(item).__name__ == "ExcludeConstraint":
        elements = [[expression(value, dialect), op] for value, _, op in item._render_exprs]
        where = None if item.where is None else expression(item.where, dialect)
        return {"exclude": dict(data, elements=elements, using=item.using, where_=where, ops={str(key): str(value) for key, value in item.ops.items()})}
    data.update(columns=[ident(column.name) for column in item.columns], options=options(item, dialect))
    if isinstance(item, schema.PrimaryKeyConstraint):
        return {"primary_key": data} if data["columns"] else None
    return {"unique": data} if isinstance(item, schema.UniqueConstraint) else None


class Element:
    """A foreign key's target, found or only named."""

    def __init__(self, key):
        self.key = key
        try:
            self.column = key.column
        except Exception:
            self.column = None
        self.column_or_none = self.column is not None

    def _get_colspec(self):
        return self.key._get_colspec()

    @property
    def table(self):
        if self.column is not None:
            return self.column.table.name, self.column.table.schema
        parts = self.key._get_colspec().split(".")
        return parts[-2], ".".join(parts[:-2]) or None


def index_data(index, table, dialect):
    return {
        "name": constraint_name(index.name), "table": table_name(table.name, table.schema), "unique": bool(index.unique),
        "elements": [expression(item, dialect) for item in index.expressions], "options": options(index, dialect),
    }  # fmt: skip


def table_data(table, dialect):
    constraints = sorted(table.constraints, key=lambda item: getattr(item, "_creation_order", 0))
    constraints = [data for data in (constraint_data(item, dialect) for item in constraints) if data is not None]
    indexes = [index_data(index, table, dialect) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    return {
        "name": table_name(table.name, table.schema), "columns": [column_data(column, dialect) for column in table.columns], "constraints": constraints,
        "indexes": indexes, "comment": table.comment, "prefixes": [str(word) for word in table._prefixes], "options": options(table, dialect),
    }  # fmt: skip


# ---- env.py
class Captured:
    def __init__(self, opts, metadata, context):
        self.opts, self.metadata, self.dialect, self.context, self.arguments = opts, metadata, context.dialect, context, {}


LOGGED = []


def evaluate(request):
    """Runs env.py as Alembic does, up to `run_migrations()`, which does nothing here."""
    import logging.config
    from argparse import Namespace

    from alembic import command
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    toml = {"toml_file": request["toml_file"]} if request["toml_file"] and hasattr(Config, "toml_alembic_config") else {}
    config = Config(request["config_file"], ini_section=request["section"], **toml)
    if not request["config_file"] or not config.get_main_option("script_location"):
        config.set_main_option("script_location", request["script_location"])
    if request["url"]:
        config.set_main_option("sqlalchemy.url", request["url"].replace("%", "%%"))
    words = {"autogenerate": True} if request["autogenerate"] else {}
    function = getattr(command, "revision" if request["autogenerate"] else "check", None)
    config.cmd_opts = Namespace(config=request["config_file"], name=request["section"], x=request["x_args"] or None, cmd=(function, [], []), **words)
    found = []
    configure = EnvironmentContext.configure
    read_logging = logging.config.fileConfig

    def captured(self, *args, **kw):
        configure(self, *args, **kw)
        found.append(Captured(dict(self.context_opts), self.context_opts.get("target_metadata"), self.get_context()))
        keep_open(found[-1])

    def ran(self, **kw):
        if found:
            found[-1].arguments = kw

    def logged(fname, *args, **kw):
        LOGGED.append(str(fname))
        return read_logging(fname, *args, **kw)

    logging.config.fileConfig = logged
    EnvironmentContext.configure = captured
    EnvironmentContext.run_migrations = ran
    EnvironmentContext.begin_transaction = lambda self: contextlib.nullcontext()
    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=lambda rev, context: [], as_sql=request["offline"]):
        run_in_application(script.run_env)
    return found


def keep_open(found):
    """Functions that are asked later may ask the database: their connection stays open after env.py."""
    connection = getattr(found.context, "connection", None)
    if connection is not None and any(callable(found.opts.get(name)) for name in FUNCTIONS):
        connection.close = lambda: None


FUNCTIONS = ("include_object", "include_name", "compare_type", "compare_server_default", "process_revision_directives")


def run_in_application(run):
    """Under Flask-Migrate env.py asks the application that is current."""
    try:
        return run()
    except RuntimeError as error:
        if "application context" not in str(error):
            raise
    from flask import cli

    cli.load_dotenv()
    with cli.ScriptInfo(os.environ.get("FLASK_APP")).load_app().app_context():
        return run()


def switch(value):
    return "function" if callable(value) else "on" if value else "off"


def own_comparators():
    """Functions that somebody else registered with Alembic's comparison."""
    found = set()

    def look(value):
        if callable(value) and hasattr(value, "__name__"):
            if not value.__module__.startswith("alembic."):
                found.add(f"{value.__module__}.{value.__name__}")
        elif isinstance(value, dict):
            look(list(value.values()))
        elif isinstance(value, (list, tuple, set)):
            for item in value:
                look(item)

    try:
        from alembic.autogenerate import comparators

        look(comparators._registry)
    except Exception:
        pass
    return sorted(found)


def options_data(opts):
    plain = (str, int, float, bool, type(None))
    data = {"compare_type": switch(opts.get("compare_type", True)), "compare_server_default": switch(opts.get("compare_server_default", False))}
    for name in ("include_object", "include_name", "render_item", "process_revision_directives", "include_schemas", "render_as_batch"):
        data[name] = bool(opts.get(name))
    for name in ("user_module_prefix", "version_table_schema"):
        data[name] = opts.get(name)
    for name in ("sqlalchemy_module_prefix", "alembic_module_prefix", "upgrade_token", "downgrade_token", "version_table"):
        if opts.get(name) is not None:
            data[name] = opts[name]
    plugins = opts.get("autogenerate_plugins")
    if plugins is not None:
        data["plugins"] = [str(plugin) for plugin in plugins]
    data["own_comparators"] = own_comparators()
    data["template_args"] = {key: value for key, value in (opts.get("template_args") or {}).items() if isinstance(value, plain)}
    return data


def spellings(table, found):
    from alembic.autogenerate.api import AutogenContext
    from alembic.autogenerate.render import _repr_type
    from alembic.migration import MigrationContext

    opts = {"sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None}
    opts.update({key: value for key, value in found.opts.items() if key in opts or key == "render_item"})
    made = []
    for column in table.columns:
        context = AutogenContext(MigrationContext.configure(dialect_name=found.dialect.name), found.metadata, opts)
        context.imports = set()
        text = _repr_type(column.type, context)
        place = {"table": table_name(table.name, table.schema), "column": str(column.name)}
        made.append({**place, "text": text, "imports": sorted(context.imports), "modules": own_modules(column.type, text, opts)})
    return made


def own_modules(type_, text, opts):
    """Modules of the project that the text of a type names; Alembic leaves their import to whoever edits the file."""
    if opts["user_module_prefix"] is not None:
        return []
    types = [type_, getattr(type_, "item_type", None), *(getattr(type_, "_variant_mapping", None) or {}).values()]
    modules = {type(found).__module__ for found in types if found is not None}
    return sorted(module for module in modules if not module.startswith("sqlalchemy.") and f"{module}." in text)


def metadata_list(metadata):
    return [] if metadata is None else list(metadata) if isinstance(metadata, (list, tuple, set, frozenset)) else [metadata]


def target(found):
    metadata = found.metadata
    items = metadata_list(metadata)
    return {
        "given": metadata is not None,
        "dialect": found.dialect.name,
        "options": options_data(found.opts),
        "metadata": [
            {
                "schema": item.schema and str(item.schema), "naming": {"patterns": {}}, "tables": [table_data(table, found.dialect) for table in item.sorted_tables],
                "sequences": [sequence_data(item, found.dialect) for item in item._sequences.values() if getattr(item, "column", None) is None],
            }  # fmt: skip
            for item in items
        ],
        "spellings": [spelling for item in items for table in item.sorted_tables for spelling in spellings(table, found)],
    }
