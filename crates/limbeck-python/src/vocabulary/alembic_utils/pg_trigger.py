"""`PGTrigger`."""

from sqlalchemy import text as sql_text

from .on_entity_mixin import OnEntityMixin
from .replaceable_entity import ReplaceableEntity
from .statement import parsed


class PGTrigger(OnEntityMixin, ReplaceableEntity):
    type_ = "trigger"

    def __init__(self, schema, signature, definition, on_entity, is_constraint=False):
        super().__init__(schema=schema, signature=signature, definition=definition, on_entity=on_entity)
        self.is_constraint = is_constraint

    @property
    def identity(self):
        return "%s: %s.%s %s %s" % (type(self).__name__, self.schema, self.signature, self.is_constraint, self.on_entity)

    def _arguments(self, definition):
        arguments = super()._arguments(definition)
        arguments.insert(3, "is_constraint=%s" % self.is_constraint)
        return arguments

    @classmethod
    def from_sql(cls, sql):
        rest = "trigger_{signature}_{event}_ON_{table}_{action}"
        parts = parsed("create_constraint_" + rest, sql, None)
        is_constraint = parts is not None
        parts = parts or parsed("create_" + rest, sql, "PGTrigger")
        table = parts["table"] if "." in parts["table"] else "public." + parts["table"]
        definition = " %s ON %s %s" % (parts["event"], table, parts["action"])
        return cls(schema=table.split(".")[0], signature=parts["signature"], on_entity=table, definition=definition, is_constraint=is_constraint)

    def to_sql_statement_create(self):
        parts = parsed("{event}_ON_{table}_{action}", self.definition, "PGTrigger.definition")
        table = parts["table"].partition(".")[2] or parts["table"]
        kind = "CONSTRAINT TRIGGER" if self.is_constraint else "TRIGGER"
        return sql_text('CREATE %s "%s" %s ON %s.%s %s' % (kind, self.signature, parts["event"], self.schema, table, parts["action"]))

    def to_sql_statement_drop(self, cascade=False):
        return sql_text('DROP TRIGGER "%s" ON %s %s' % (self.signature, self.on_entity, "cascade" if cascade else ""))

    def to_sql_statement_create_or_replace(self):
        yield sql_text('DROP TRIGGER IF EXISTS "%s" ON %s;' % (self.signature, self.on_entity))
        yield self.to_sql_statement_create()

    @classmethod
    def from_database(cls, sess, schema="%"):
        rows = sess.execute(
            sql_text(
                "SELECT pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname LIKE :schema ORDER BY t.oid"
            ),
            {"schema": schema},
        )
        return [cls.from_sql(text) for (text,) in rows.fetchall()]
