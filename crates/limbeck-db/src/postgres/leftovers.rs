//! What a failed or half-done migration leaves in a PostgreSQL database.

use limbeck_expr::Literal;

use super::activity;
use crate::{Connection, DbError, Leftover};

/// Indexes that are not valid, with the process that may be building each: `CREATE INDEX CONCURRENTLY` holds this lock all the while (no other
/// session can, but for a vacuum, which is left out).
const INVALID_INDEXES: &str = "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.format('%I.%I', tn.nspname, t.relname), \
     (SELECT min(l.pid) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid AND a.backend_type <> 'autovacuum worker' \
      WHERE l.locktype = 'relation' AND l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted \
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AND l.pid <> pg_catalog.pg_backend_pid()) \
     FROM pg_catalog.pg_index i \
     JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace \
     WHERE NOT i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relpersistence <> 't' ORDER BY 1";

/// A constraint that is NOT ENFORCED (PostgreSQL 18) is never validated either, and meant so; older catalogs have no such column.
const NOT_VALID_CONSTRAINTS: &str = "SELECT pg_catalog.quote_ident(c.conname), pg_catalog.format('%I.%I', n.nspname, coalesce(t.relname, y.typname)) \
     FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.conrelid LEFT JOIN pg_catalog.pg_type y ON y.oid = c.contypid \
     JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(t.relnamespace, y.typnamespace) \
     WHERE NOT c.convalidated AND coalesce(pg_catalog.to_jsonb(c) ->> 'conenforced', 'true') = 'true' \
     AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 2, 1";

/// Finds them all.
pub(crate) fn find(connection: &mut dyn Connection) -> Result<Vec<Leftover>, DbError> {
    let mut found = Vec::new();
    let invalid = connection.query(INVALID_INDEXES, &[])?;
    // Where the server tells what it builds, an index is only spared that is named there; a lock alone may be for something else.
    let counts = connection.server_version().first().is_some_and(|major| *major >= 12);
    let builds = if invalid.rows.is_empty() {
        Vec::new()
    } else {
        activity::index_builds(connection, None)?
    };
    for row in invalid.rows {
        let [Literal::Text(index), Literal::Text(table), builder] = row.as_slice() else {
            continue;
        };
        let being_built = if counts {
            builds.iter().any(|build| build.index.as_ref() == Some(index))
        } else {
            *builder != Literal::Null
        };
        if !being_built {
            found.push(Leftover::InvalidIndex {
                index: index.clone(),
                table: table.clone(),
            });
        }
    }
    for row in connection.query(NOT_VALID_CONSTRAINTS, &[])?.rows {
        if let [Literal::Text(constraint), Literal::Text(table)] = row.as_slice() {
            found.push(Leftover::NotValidConstraint {
                constraint: constraint.clone(),
                table: table.clone(),
            });
        }
    }
    Ok(found)
}
