"""`op.get_context()`."""

import _limbeck


class MigrationContext:
    """What a script asks of the context it runs in."""

    def __init__(self, opts=None, connection=None):
        self.opts = dict(opts or {})
        self._connection = connection
        self.environment_context = None
        self.script = None
        self.impl = Impl(self)
        self.transactional_ddl = self.impl.transactional_ddl
        self.output_buffer = None

    @classmethod
    def configure(cls, connection=None, url=None, dialect_name=None, dialect=None, environment_context=None, dialect_opts=None, opts=None):
        made = cls(opts, connection)
        made.environment_context = environment_context
        return made

    @property
    def dialect(self):
        from sqlalchemy._engine import current_dialect

        return current_dialect()

    @property
    def as_sql(self):
        return bool(self.opts.get("as_sql", _limbeck.context.get("offline")))

    @property
    def connection(self):
        if self._connection is not None:
            return self._connection
        from sqlalchemy._engine import current_connection

        return current_connection()

    @property
    def bind(self):
        return self.connection

    @property
    def config(self):
        from .. import context

        return context.config

    @property
    def version_table(self):
        return self.opts.get("version_table") or _limbeck.context.get("version_table") or "alembic_version"

    @property
    def version_table_schema(self):
        return self.opts.get("version_table_schema") or _limbeck.context.get("version_table_schema")

    def autocommit_block(self):
        return AutocommitBlock()

    def begin_transaction(self, _per_migration=False):
        return _NoTransaction()

    def get_current_heads(self):
        return tuple(_limbeck.context.get("current_heads") or ())

    def get_current_revision(self):
        heads = self.get_current_heads()
        if len(heads) > 1:
            from ..util.exc import CommandError

            raise CommandError("Version table '%s' has more than one head present; please use get_current_heads()" % self.version_table)
        return heads[0] if heads else None

    def _ensure_version_table(self, purge=False):
        pass

    def execute(self, sql, execution_options=None):
        from .. import _directives

        _directives.execute(sql, execution_options=execution_options)

    def run_migrations(self, **kw):
        from .. import context

        context.run_migrations(**kw)

    def stamp(self, script_directory, revision):
        from sqlalchemy._base import unsupported

        raise unsupported("alembic MigrationContext.stamp")


class Impl:
    """`get_context().impl`."""

    def __init__(self, context):
        self.context = context

    @property
    def __dialect__(self):
        return self.dialect.name

    @property
    def dialect(self):
        return self.context.dialect

    @property
    def transactional_ddl(self):
        given = self.context.opts.get("transactional_ddl")
        if given is not None:
            return given
        return _limbeck.context.get("dialect") in ("postgresql", "mssql")

    @property
    def connection(self):
        return self.context.connection

    @property
    def bind(self):
        return self.context.connection

    @property
    def as_sql(self):
        return self.context.as_sql

    def execute(self, sql, execution_options=None):
        self.context.execute(sql, execution_options)

    def _exec(self, construct, execution_options=None, multiparams=None, params=None):
        from .. import _directives
        from sqlalchemy._engine import current_connection

        if self.as_sql or params is None and multiparams is None:
            if self.as_sql:
                return _directives.execute(construct)
            from sqlalchemy._elements import TextClause

            return current_connection().execute(TextClause(construct) if isinstance(construct, str) else construct)
        return current_connection().execute(construct, multiparams or params)

    def static_output(self, text):
        _limbeck.operation(("execute", {"query": ("raw", {"sql": text})}))

    def create_table(self, table, **kw):
        table.create(self.connection)

    def drop_table(self, table, **kw):
        table.drop(self.connection)

    def create_index(self, index, **kw):
        index.create(self.connection)

    def drop_index(self, index, **kw):
        index.drop(self.connection)

    def add_column(self, table_name, column, schema=None, **kw):
        from .. import _directives

        _directives.add_column(table_name, column, schema=schema, **kw)

    def drop_column(self, table_name, column, schema=None, **kw):
        from .. import _directives

        _directives.drop_column(table_name, column.name, schema=schema)

    def bulk_insert(self, table, rows, multiinsert=True):
        from .. import _directives

        _directives.bulk_insert(table, rows, multiinsert=multiinsert)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        from sqlalchemy._base import unsupported

        raise unsupported("alembic impl.%s" % name)


class AutocommitBlock:
    """`with get_context().autocommit_block():` leaves the transaction for a while."""

    def __enter__(self):
        if _limbeck.context.get("learn"):
            return None
        _limbeck.control("autocommit_begin")
        return None

    def __exit__(self, kind, value, traceback):
        if not _limbeck.context.get("learn"):
            _limbeck.control("autocommit_end")
        return False


class _NoTransaction:
    def __enter__(self):
        return None

    def __exit__(self, *exc_info):
        return False

    def commit(self):
        pass

    def rollback(self):
        pass


_current = []


def current_context():
    if not _current:
        _current.append(MigrationContext(_limbeck.context.get("configure")))
    return _current[0]


def set_context(context):
    _current[:] = [context]
