//! What a catalogue does not hold, by name, so that whoever promises to make everything can say what is missing.

use limbeck_schema::catalogue::Beyond;

use super::super::inspect::rows::Row;
use super::{Asking, Found};

/// Subscriptions and user mappings hold passwords; large objects are rows; base types are made of C functions.
pub(super) fn question(asking: &Asking<'_>) -> String {
    format!(
        "SELECT CASE WHEN t.typisdefined THEN 'base type' ELSE 'unfinished type' END, quote_ident(n.nspname) || '.' || quote_ident(t.typname) \
           FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
           WHERE (t.typtype = 'b' AND t.typcategory <> 'A' OR NOT t.typisdefined) AND {} \
         UNION ALL SELECT 'subscription', quote_ident(s.subname) FROM pg_subscription s \
           WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) \
         UNION ALL SELECT 'user mapping', 'for ' || quote_ident(m.usename) || ' on server ' || quote_ident(m.srvname) FROM pg_user_mappings m \
         UNION ALL SELECT 'large objects', '' WHERE EXISTS (SELECT FROM pg_largeobject_metadata) \
         UNION ALL SELECT 'security labels', '' WHERE EXISTS (SELECT FROM pg_seclabel) ORDER BY 1, 2",
        asking.ours("pg_type", "t.oid", "t.typnamespace")
    )
}

pub(super) fn read(found: &mut Found, row: &Row<'_>) {
    found.catalogue.beyond.push(Beyond {
        what: row.text(0).unwrap_or_default(),
        name: row.text(1).unwrap_or_default(),
    });
}
