"""`PGView`."""

from sqlalchemy import text as sql_text

from .replaceable_entity import ReplaceableEntity
from .statement import parsed, strip_terminating_semicolon


class PGView(ReplaceableEntity):
    type_ = "view"

    def __init__(self, schema, signature, definition):
        self._set_names(schema, signature)
        self.definition = strip_terminating_semicolon(definition)

    @classmethod
    def from_sql(cls, sql):
        parts = parsed("create*view_{schema}.{signature}_as_{definition}", sql, "PGView")
        return cls(schema=parts["schema"], signature=parts["signature"].split("(")[0].replace('"', ""), definition=parts["definition"])

    @property
    def _name(self):
        return '%s."%s"' % (self.literal_schema, self.signature)

    def to_sql_statement_create(self):
        return sql_text("CREATE VIEW %s AS %s;" % (self._name, self.definition))

    def to_sql_statement_drop(self, cascade=False):
        return sql_text("DROP VIEW %s %s" % (self._name, "cascade" if cascade else ""))

    def to_sql_statement_create_or_replace(self):
        """A view whose columns change cannot be replaced: then it is dropped and created."""
        yield sql_text(
            "DO $$\nBEGIN\n    CREATE OR REPLACE VIEW {0} AS {1};\nEXCEPTION WHEN OTHERS THEN\n    DROP VIEW IF EXISTS {0};\n    CREATE VIEW {0} AS {1};\n"
            "END;\n$$ LANGUAGE plpgsql".format(self._name, self.definition)
        )

    @classmethod
    def from_database(cls, sess, schema="%"):
        rows = sess.execute(
            sql_text(
                "SELECT schemaname, viewname, definition FROM pg_catalog.pg_views "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname LIKE :schema"
            ),
            {"schema": schema},
        )
        return [cls(*row) for row in rows.fetchall()]
