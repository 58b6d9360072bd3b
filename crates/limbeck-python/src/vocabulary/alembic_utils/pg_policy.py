"""`PGPolicy`."""

from sqlalchemy import text as sql_text

from .on_entity_mixin import OnEntityMixin
from .replaceable_entity import ReplaceableEntity
from .statement import coerce_to_quoted, parsed


def _definition(permissive, roles, command, using, check):
    """A policy's definition as the server tells of it."""
    parts = []
    if permissive is not None:
        parts.append("as %s " % permissive)
    if command is not None:
        parts.append("for %s " % command)
    if roles is not None:
        parts.append("to %s " % ", ".join(roles))
    for word, expression in (("using", using), ("with check", check)):
        if expression is not None:
            parts.append("%s %s " % (word, expression if expression.startswith("(") else "(%s)" % expression))
    return "".join(parts)


class PGPolicy(OnEntityMixin, ReplaceableEntity):
    type_ = "policy"

    @classmethod
    def from_sql(cls, sql):
        parts = parsed("create policy_{signature}_on_{table}_{definition}", sql.strip(), "PGPolicy")
        table = parts["table"] if "." in parts["table"] else "public." + parts["table"]
        return cls(schema=table.partition(".")[0], signature=parts["signature"], definition=parts["definition"], on_entity=table)

    def to_sql_statement_create(self):
        return sql_text("CREATE POLICY %s on %s %s" % (self.signature, self.on_entity, self.definition))

    def to_sql_statement_drop(self, cascade=False):
        return sql_text("DROP POLICY %s on %s %s" % (self.signature, self.on_entity, "cascade" if cascade else ""))

    def to_sql_statement_create_or_replace(self):
        yield sql_text("DROP POLICY IF EXISTS %s on %s;" % (self.signature, self.on_entity))
        yield sql_text("CREATE POLICY %s on %s %s;" % (self.signature, self.on_entity, self.definition))

    @classmethod
    def from_database(cls, sess, schema="%"):
        rows = sess.execute(
            sql_text(
                "SELECT schemaname, tablename, policyname, permissive, roles\\:\\:text[], cmd, qual, with_check FROM pg_catalog.pg_policies "
                "WHERE schemaname LIKE :schema"
            ),
            {"schema": schema},
        )
        found = []
        for own, table, name, *parts in rows.fetchall():
            own, table, name = coerce_to_quoted(own), coerce_to_quoted(table), coerce_to_quoted(name)
            found.append(cls.from_sql("create policy %s on %s.%s %s" % (name, own, table, _definition(*parts))))
        return found
