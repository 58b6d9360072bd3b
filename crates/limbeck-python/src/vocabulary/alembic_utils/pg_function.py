"""`PGFunction`."""

import re

from sqlalchemy import text as sql_text

from .replaceable_entity import ReplaceableEntity
from .statement import escape_colon_for_plpgsql, normalize_whitespace, parsed, strip_terminating_semicolon


class PGFunction(ReplaceableEntity):
    type_ = "function"

    def __init__(self, schema, signature, definition):
        ReplaceableEntity.__init__(self, schema, signature, definition)
        if "language plpgsql" in normalize_whitespace(definition).lower().replace("'", ""):
            self.definition = escape_colon_for_plpgsql(strip_terminating_semicolon(definition))

    @classmethod
    def from_sql(cls, sql):
        parts = parsed("create*function_{schema}.{signature}_returns_{definition}", sql.strip(), "PGFunction")
        signature = parts["signature"]
        if signature.startswith('"'):
            signature = "".join(signature.split('"', 2))
        return cls(schema=parts["schema"], signature=signature, definition="returns " + parts["definition"])

    @property
    def literal_signature(self):
        name, rest = self.signature.split("(", 1)
        return '"%s"(%s' % (name.strip(), rest)

    def to_sql_statement_create(self):
        return sql_text("CREATE FUNCTION %s.%s %s" % (self.literal_schema, self.literal_signature, self.definition))

    def to_sql_statement_create_or_replace(self):
        yield sql_text("CREATE OR REPLACE FUNCTION %s.%s %s" % (self.literal_schema, self.literal_signature, self.definition))

    def to_sql_statement_drop(self, cascade=False):
        name, _, rest = self.signature.partition("(")
        arguments = rest.rstrip().removesuffix(")").split(",")
        # Defaults are no part of what a function is found by.
        arguments = [re.split("default", argument, maxsplit=1, flags=re.IGNORECASE)[0].strip() for argument in arguments]
        return sql_text('DROP FUNCTION %s."%s"(%s) %s' % (self.literal_schema, name.strip(), ", ".join(arguments), "cascade" if cascade else ""))

    @classmethod
    def from_database(cls, sess, schema="%"):
        version = int(sess.execute(sql_text("show server_version_num")).fetchone()[0])
        plain = "p.prokind = 'f'" if version >= 110000 else "NOT p.proisagg AND NOT p.proiswindow"
        rows = sess.execute(
            sql_text(
                "SELECT pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                "JOIN pg_catalog.pg_language l ON l.oid = p.prolang "
                "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname LIKE :schema AND l.lanname <> 'internal' AND " + plain + " "
                "AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e' AND d.classid = 'pg_catalog.pg_proc'\\:\\:regclass AND d.objid = p.oid) "
                "ORDER BY p.oid"
            ),
            {"schema": schema},
        )
        return [cls.from_sql(text) for (text,) in rows.fetchall()]
