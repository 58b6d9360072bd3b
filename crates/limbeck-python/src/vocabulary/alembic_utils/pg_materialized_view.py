"""`PGMaterializedView`."""

from sqlalchemy import text as sql_text

from .replaceable_entity import ReplaceableEntity
from .statement import parsed, strip_terminating_semicolon


class PGMaterializedView(ReplaceableEntity):
    type_ = "materialized_view"

    def __init__(self, schema, signature, definition, with_data=True):
        self._set_names(schema, signature)
        self.definition = strip_terminating_semicolon(definition)
        self.with_data = with_data

    @classmethod
    def from_sql(cls, sql):
        sql = strip_terminating_semicolon(sql)
        head = "create*materialized*view_{schema}.{signature}_as_{definition}"
        parts = parsed(head + "_with_data", sql, None) or parsed(head + "_with_{no_data}_data", sql, None) or parsed(head, sql, "PGView")
        name = parts["signature"].split("(")[0].replace('"', "")
        return cls(schema=parts["schema"], signature=name, definition=parts["definition"], with_data="no_data" not in parts)

    @property
    def _name(self):
        return '%s."%s"' % (self.literal_schema, self.signature)

    def _create(self):
        definition = self.definition.rstrip().rstrip(";")
        return "CREATE MATERIALIZED VIEW %s AS %s WITH %s DATA" % (self._name, definition, "" if self.with_data else "NO")

    def to_sql_statement_create(self):
        return sql_text(self._create() + ";")

    def to_sql_statement_drop(self, cascade=False):
        return sql_text("DROP MATERIALIZED VIEW %s %s" % (self._name, "cascade" if cascade else ""))

    def to_sql_statement_create_or_replace(self):
        yield sql_text("DROP MATERIALIZED VIEW IF EXISTS %s; " % self._name)
        yield sql_text(self._create())

    def render_self_for_migration(self, omit_definition=False):
        arguments = self._arguments("# not required for op" if omit_definition else self.definition) + ["with_data=%r" % self.with_data]
        deep = " " * 8
        return "%s = %s(\n%s    %s\n%s)\n\n" % (self.to_variable_name(), type(self).__name__, deep, (",\n    " + deep).join(arguments), deep)

    def _to_try(self):
        """Its rows are not needed to see how it is kept."""
        return type(self)(self.schema, self.signature, self.definition, with_data=False) if self.with_data else self

    @classmethod
    def from_database(cls, sess, schema="%"):
        rows = sess.execute(
            sql_text(
                "SELECT schemaname, matviewname, definition, ispopulated FROM pg_catalog.pg_matviews "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname LIKE :schema"
            ),
            {"schema": schema},
        )
        return [cls(name, view, text, with_data=filled) for name, view, text, filled in rows.fetchall()]
