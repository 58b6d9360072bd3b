"""`PGGrantTable`."""

from enum import Enum

from sqlalchemy import text as sql_text

from .exceptions import BadInputException
from .replaceable_entity import ReplaceableEntity
from .statement import coerce_to_quoted, coerce_to_unquoted


class PGGrantTableChoice(str, Enum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    REFERENCES = "REFERENCES"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    TRIGGER = "TRIGGER"

    def __str__(self):
        return self.value

    def __repr__(self):
        return "'%s'" % self.value


_OF_COLUMNS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
# Nothing can be taken from superusers, and only whoever granted can take back.
_ROWS = (
    "FROM information_schema.%s g JOIN pg_catalog.pg_roles r ON r.rolname = g.grantee "
    "WHERE NOT r.rolsuper AND g.grantor = CURRENT_USER AND g.table_schema LIKE :schema AND g.privilege_type IN (%s) "
    "ORDER BY g.table_schema, g.table_name, g.grantee, g.privilege_type, g.is_grantable"
)


class PGGrantTable(ReplaceableEntity):
    type_ = "grant_table"

    def __init__(self, schema, table, role, grant, columns=None, with_grant_option=False):
        self.schema = coerce_to_unquoted(schema)
        self.table = coerce_to_unquoted(table)
        self.columns = sorted(columns) if columns else []
        self.role = coerce_to_unquoted(role)
        self.grant = PGGrantTableChoice(grant)
        self.with_grant_option = with_grant_option
        self.signature = self.identity
        needs = self.grant.value in _OF_COLUMNS
        if needs != bool(self.columns):
            raise BadInputException("When grant type is %s a value must %sbe provided for columns" % (self.grant, "" if needs else "not "))

    def __repr__(self):
        return "PGGrantTable(schema=%r, table=%r, columns=%r, role=%r, grant=%r, with_grant_option=%r)" % (
            self.schema, self.table, self.columns, self.role, self.grant, self.with_grant_option,
        )  # fmt: skip

    def __eq__(self, other):
        return repr(self) == repr(other) if type(other) is type(self) else NotImplemented

    __hash__ = None

    @property
    def identity(self):
        return "%s: %s.%s.%s.%s" % (type(self).__name__, self.schema, self.table, self.role, self.grant)

    @property
    def definition(self):
        return str(self)

    def _words(self):
        return "%s on %s.%s for role %s" % (self.grant, self.schema, self.table, self.role)

    def to_variable_name(self):
        return ("%s_%s_%s_%s" % (self.schema, self.table, self.role, self.grant)).lower()

    def render_self_for_migration(self, omit_definition=False):
        return "%s = %s\n" % (self.to_variable_name(), self)

    @property
    def _on(self):
        return "%s.%s" % (self.literal_schema, coerce_to_quoted(self.table))

    def to_sql_statement_create(self):
        columns = "( %s )" % ", ".join(self.columns) if self.columns else ""
        option = " WITH GRANT OPTION" if self.with_grant_option else ""
        return sql_text("GRANT %s %s ON %s TO %s %s" % (self.grant, columns, self._on, coerce_to_quoted(self.role), option))

    def to_sql_statement_drop(self, cascade=False):
        return sql_text("REVOKE %s ON %s FROM %s" % (self.grant, self._on, coerce_to_quoted(self.role)))

    def to_sql_statement_create_or_replace(self):
        yield self.to_sql_statement_drop()
        yield self.to_sql_statement_create()

    @classmethod
    def from_database(cls, sess, schema="%"):
        columns = "g.table_schema, g.table_name, g.grantee, g.privilege_type, g.is_grantable"
        words = ", ".join("'%s'" % word for word in _OF_COLUMNS)
        rows = sess.execute(sql_text("SELECT " + columns + ", g.column_name " + _ROWS % ("role_column_grants", words)), {"schema": schema}).fetchall()
        grouped = {}
        for *key, column in rows:
            grouped.setdefault(tuple(key), []).append(column)
        rows = sess.execute(sql_text("SELECT " + columns + " " + _ROWS % ("role_table_grants", "'DELETE', 'TRUNCATE', 'TRIGGER'")), {"schema": schema}).fetchall()
        grouped.update((tuple(key), None) for key in rows)
        return [cls(own, table, role, grant, named, option == "YES") for (own, table, role, grant, option), named in grouped.items()]
