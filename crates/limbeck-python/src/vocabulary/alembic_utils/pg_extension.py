"""`PGExtension`."""

from sqlalchemy import text as sql_text

from .replaceable_entity import ReplaceableEntity


class PGExtension(ReplaceableEntity):
    type_ = "extension"
    _as_written = True

    def __init__(self, schema, signature):
        self._set_names(schema, signature)
        # There is one of it in a database: another schema is another definition.
        self.definition = "%s: %s %s" % (type(self).__name__, self.schema, self.signature)

    @property
    def identity(self):
        return "%s: %s" % (type(self).__name__, self.signature)

    def _words(self):
        return "Extension %s in schema %s" % (self.signature, self.schema)

    def _arguments(self, definition):
        return super()._arguments(definition)[:2]

    def _to_try(self):
        return _Tried(self.schema, self.signature)

    def to_sql_statement_create(self):
        return sql_text('CREATE EXTENSION "%s" WITH SCHEMA %s;' % (self.signature, self.literal_schema))

    def to_sql_statement_drop(self, cascade=False):
        return sql_text('DROP EXTENSION "%s" %s' % (self.signature, "CASCADE" if cascade else ""))

    def to_sql_statement_create_or_replace(self):
        raise NotImplementedError()

    @classmethod
    def from_database(cls, sess, schema="%"):
        rows = sess.execute(
            sql_text(
                "SELECT nspname, extname FROM pg_catalog.pg_extension JOIN pg_catalog.pg_namespace n ON n.oid = extnamespace "
                "WHERE nspname <> 'pg_catalog' AND nspname LIKE :schema ORDER BY extname"
            ),
            {"schema": schema},
        )
        return [cls(name, extension) for name, extension in rows.fetchall()]


class _Tried(PGExtension):
    """One that others need: it is not dropped for a comparison, with all that uses it."""

    def to_sql_statement_create(self):
        return sql_text('CREATE EXTENSION IF NOT EXISTS "%s" WITH SCHEMA %s' % (self.signature, self.literal_schema))
