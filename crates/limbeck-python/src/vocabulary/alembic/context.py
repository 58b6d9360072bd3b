"""`alembic.context`: what env.py and scripts ask of the run they are part of.

While env.py is evaluated (learn mode), `configure` and `run_migrations` are recorded; Limbeck runs the migrations afterwards.
"""

import _limbeck

from ._config import Config

config = Config._of_run()


def is_offline_mode():
    return bool(_limbeck.context.get("offline"))


def is_transactional_ddl():
    return get_context().impl.transactional_ddl


def requires_connection():
    return not is_offline_mode()


def get_x_argument(as_dictionary=False):
    values = list(_limbeck.context.get("x_args") or ())
    if _limbeck.context.get("learn"):
        _limbeck.record("x_argument", True)
    if not as_dictionary:
        return values
    made = {}
    for value in values:
        key, _, text = value.partition("=")
        if key in made and made[key]:
            made[key] = (made[key] if isinstance(made[key], list) else [made[key]]) + [text]
        else:
            made[key] = text
    return made


def _asked(what):
    if _limbeck.context.get("learn"):
        _limbeck.record(what, {})


def get_tag_argument():
    _asked("tag")
    return _limbeck.context.get("tag")


def get_head_revision():
    heads = get_head_revisions()
    return heads[0] if heads else None


def get_head_revisions():
    _asked("revision_argument")
    return tuple(_limbeck.context.get("head_revisions") or ())


def get_revision_argument():
    _asked("revision_argument")
    return _limbeck.context.get("revision_argument")


def get_starting_revision_argument():
    _asked("revision_argument")
    return _limbeck.context.get("starting_revision_argument")


def get_context():
    from .runtime.migration import current_context

    return current_context()


def get_bind():
    if _configured_connection:
        return _configured_connection[-1]
    from sqlalchemy._engine import current_connection

    return current_connection()


def get_impl():
    return get_context().impl


_configured_connection = []
_PLAIN = (str, int, float, bool, type(None))


def configure(connection=None, url=None, dialect_name=None, dialect_opts=None, transactional_ddl=None, transaction_per_migration=False, output_buffer=None,
              starting_rev=None, tag=None, template_args=None, render_as_batch=False, target_metadata=None, **kw):  # fmt: skip
    """Takes the options under which migrations run."""
    opts = dict(
        kw, url=None, dialect_name=dialect_name, dialect_opts=dialect_opts, transactional_ddl=transactional_ddl,
        transaction_per_migration=transaction_per_migration, starting_rev=starting_rev, tag=tag, render_as_batch=render_as_batch,
    )  # fmt: skip
    data = {}
    callables = []
    for name, value in opts.items():
        if isinstance(value, _PLAIN):
            if value is not None:
                data[name] = value
        elif callable(value):
            callables.append(name)
        elif isinstance(value, dict) and all(isinstance(item, _PLAIN) for item in value.values()):
            data[name] = dict(value)
        elif isinstance(value, (list, tuple)) and all(isinstance(item, _PLAIN) for item in value):
            data[name] = list(value)
        elif isinstance(value, (list, tuple)) and any(callable(item) for item in value):
            callables.append(name)
    data["callables"] = callables
    data["connection"] = connection is not None
    if connection is not None:
        connection = getattr(connection, "sync_connection", connection)
        engine = getattr(connection, "engine", None)
        own = getattr(engine, "url", None)
        if own is not None:
            data["url"] = own.render_as_string(hide_password=False)
        if getattr(connection, "_options", None):
            data["execution_options"] = {key: value for key, value in connection._options.items() if isinstance(value, _PLAIN)}
            translate = connection._options.get("schema_translate_map")
            if translate:
                data["schema_translate_map"] = [[key, value] for key, value in translate.items()]
        _configured_connection.append(connection)
    elif url is not None:
        data["url"] = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    data.update(_metadata_data(target_metadata))
    if output_buffer is not None:
        data["output_buffer"] = True
    if _limbeck.context.get("learn"):
        _limbeck.record("configure", data)
        name = dialect_name or data.get("url", "").partition(":")[0].partition("+")[0]
        kept = dict(opts, template_args=template_args, _dialect={"postgres": "postgresql"}.get(name, name) or None)
        _limbeck.context.setdefault("targets", []).append((kept, target_metadata))
    from .runtime import migration

    migration.set_context(migration.MigrationContext(dict(opts, target_metadata=target_metadata, as_sql=is_offline_mode()), connection))


def _metadata_data(target_metadata):
    found = target_metadata[0] if isinstance(target_metadata, (list, tuple)) and target_metadata else target_metadata
    if type(found).__name__ == "Deferred" or not hasattr(found, "_naming_data"):
        return {"has_metadata": found is not None}
    data = {"has_metadata": True, "naming_convention": found._naming_data(), "tables": len(found._tables)}
    if found.schema is not None:
        data["metadata_schema"] = str(found.schema)
    return data


class _Block:
    def __enter__(self):
        return None

    def __exit__(self, *exc_info):
        return False


def begin_transaction():
    if _limbeck.context.get("learn"):
        _limbeck.record("begin_transaction", {})
    return _Block()


def run_migrations(**kw):
    if _limbeck.context.get("learn"):
        _limbeck.record("run_migrations", {name: value for name, value in kw.items() if isinstance(value, _PLAIN)})


def execute(sql, execution_options=None):
    if _limbeck.context.get("learn"):
        _limbeck.record("statement", sql if isinstance(sql, str) else str(sql))
        return
    from . import _directives

    _directives.execute(sql, execution_options=execution_options)


def static_output(text):
    if _limbeck.context.get("learn"):
        _limbeck.record("static_output", text)
        return
    _limbeck.operation(("execute", {"query": ("raw", {"sql": text})}))


def __getattr__(name):
    if name == "script":
        from .script import ScriptDirectory

        return ScriptDirectory.from_config(config)
    if name == "EnvironmentContext":
        from .runtime.environment import EnvironmentContext

        return EnvironmentContext
    raise AttributeError("module 'alembic.context' has no attribute %r" % name)
