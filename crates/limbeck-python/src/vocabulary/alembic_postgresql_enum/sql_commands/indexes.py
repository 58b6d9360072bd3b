"""Partial indexes whose condition names a value of an enum type: they go before the type changes, and come back."""

from sqlalchemy import text


class TableIndex:
    def __init__(self, name, definition):
        self.name, self.definition = name, definition

    def __repr__(self):
        return "TableIndex(name=%r, definition=%r)" % (self.name, self.definition)

    def _drop(self):
        schema, _, name = self.name.rpartition(".")
        return 'DROP INDEX IF EXISTS %s"%s"' % ('"%s".' % schema.strip('"') if schema else "", name.strip('"'))

    def _renamed(self, enum_schema, enum_name, renames):
        definition = self.definition
        for old, new in renames:
            for type_ in (enum_name, "%s.%s" % (enum_schema, enum_name)):
                definition = definition.replace("'%s'::%s" % (old, type_), "'%s'::%s" % (new, type_))
        return TableIndex(self.name, definition)


def get_dependent_indexes(connection, enum_schema, enum_name):
    rows = connection.execute(
        text(
            "SELECT DISTINCT n.nspname || '.' || c.relname, pg_catalog.pg_get_indexdef(c.oid) "
            "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace "
            "JOIN pg_catalog.pg_depend d ON d.refobjid = t.oid AND d.refclassid = 'pg_catalog.pg_type'\\:\\:regclass "
            "AND d.classid = 'pg_catalog.pg_class'\\:\\:regclass "
            "JOIN pg_catalog.pg_index i ON i.indexrelid = d.objid AND i.indpred IS NOT NULL JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE tn.nspname = :schema AND t.typname = :name"
        ),
        {"schema": enum_schema, "name": enum_name},
    )
    return [TableIndex(*row) for row in rows.fetchall()]
