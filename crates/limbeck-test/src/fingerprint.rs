//! A database as text, so that two runs can be compared: schema, validity, data.
//!
//! Left out, because they differ from run to run for good reasons: columns named `random_…` (they still count as
//! null or not), where sequences stand (they do not roll back), and the schema `limbeck`.

use crate::server::Server;
use crate::sqlite::Sqlite;

const POSTGRESQL: &str = r"
\set QUIET 1
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;
SELECT 'relation ' || c.oid::regclass || ' ' || c.relkind::text || ' ' || c.relpersistence::text FROM pg_class c
  WHERE c.relnamespace IN (:wanted) ORDER BY 1;
SELECT 'column ' || c.oid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || ' #' || a.attnum
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace IN (:wanted) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1;
SELECT 'index ' || pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN ' valid' ELSE ' INVALID' END || CASE WHEN i.indisready THEN ' ready' ELSE ' NOT READY' END
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace IN (:wanted) ORDER BY 1;
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || CASE WHEN convalidated THEN ' validated' ELSE ' NOT VALID' END
  FROM pg_constraint WHERE connamespace IN (:wanted) ORDER BY 1;
SELECT 'enum ' || e.enumtypid::regtype || ' ' || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
  FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typnamespace IN (:wanted) GROUP BY e.enumtypid ORDER BY 1;
SELECT 'inherits ' || inhrelid::regclass || ' ' || inhparent::regclass || ' ' || (to_jsonb(i) ->> 'inhdetachpending') FROM pg_inherits i ORDER BY 1;
SELECT 'view ' || c.oid::regclass || ' ' || pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace IN (:wanted) ORDER BY 1;
SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p WHERE NOT coalesce((to_jsonb(p) ->> 'proisagg')::boolean, to_jsonb(p) ->> 'prokind' IN ('a', 'w')) AND p.pronamespace IN (:wanted) ORDER BY 1;
SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;
SELECT format('SELECT %L || string_agg(key || CASE WHEN value IS NULL THEN %L WHEN left(key, 7) = %L THEN %L ELSE %L || value END, %L ORDER BY key) FROM (SELECT row_number() OVER () AS line, to_jsonb(t) AS content FROM %s t) r, jsonb_each_text(content) GROUP BY line ORDER BY 1',
    'row ' || c.oid::regclass || ' ', ' is null', 'random_', '', '=', ' ', c.oid::regclass)
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN (:wanted) ORDER BY c.oid::regclass::text \gexec
";

const WANTED: &str = "SELECT oid FROM pg_namespace WHERE nspname NOT IN ('information_schema', 'limbeck') AND nspname NOT LIKE 'pg\\_%'";

/// Returns a PostgreSQL database as lines that can be compared.
///
/// # Errors
/// Returns psql's own message.
pub fn postgresql_fingerprint(server: &Server, database: &str) -> Result<String, String> {
    server.psql(database, &POSTGRESQL.replace(":wanted", WANTED))
}

/// Returns a SQLite database as lines that can be compared.
///
/// # Errors
/// Returns SQLite's message.
pub fn sqlite_fingerprint(database: &Sqlite) -> Result<String, String> {
    let mut text = database.query("select 'schema', type, name, tbl_name, sql from sqlite_master where name not like 'sqlite_%' order by type, name")?;
    for table in database
        .query("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")?
        .lines()
    {
        let name = table.replace('\'', "''");
        let columns = database.query(&format!("select name from pragma_table_info('{name}') order by cid"))?;
        let shown: Vec<String> = columns
            .lines()
            .map(|column| {
                let quoted = column.replace('"', "\"\"");
                if column.starts_with("random_") {
                    format!("\"{quoted}\" is null")
                } else {
                    format!("quote(\"{quoted}\")")
                }
            })
            .collect();
        let order: Vec<String> = (2..shown.len() + 2).map(|at| at.to_string()).collect();
        text.push_str(&database.query(&format!(
            "select 'row {name}', {} from \"{}\" order by {}",
            shown.join(", "),
            table.replace('"', "\"\""),
            order.join(", ")
        ))?);
    }
    text.push_str(&database.query("select 'integrity', * from pragma_integrity_check")?);
    text.push_str(&database.query("select 'foreign key', * from pragma_foreign_key_check order by 2, 3")?);
    Ok(text)
}

/// Returns the lines that only one of two texts has: `-` only the first, `+` only the second.
pub fn difference(wanted: &str, found: &str) -> String {
    let mut left: Vec<&str> = wanted.lines().collect();
    let mut shown = String::new();
    let mut extra = Vec::new();
    for line in found.lines() {
        match left.iter().position(|other| *other == line) {
            Some(at) => drop(left.swap_remove(at)),
            None => extra.push(line),
        }
    }
    left.sort_unstable();
    for line in left {
        shown.push_str(&format!("- {line}\n"));
    }
    for line in extra {
        shown.push_str(&format!("+ {line}\n"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a\nb\nb\n", "b\na\nb\n"), "");
        assert_eq!(difference("a\nb\nb\n", "b\nc\na\n"), "- b\n+ c\n");
    }

    #[test]
    fn a_sqlite_row_more_or_less_is_seen_and_random_values_are_not() {
        let (one, two) = (Sqlite::new(), Sqlite::new());
        let table = "create table t (a, random_b); insert into t values (1, ";
        one.execute(&format!("{table} 'x')")).unwrap();
        two.execute(&format!("{table} 'y')")).unwrap();
        assert_eq!(sqlite_fingerprint(&one).unwrap(), sqlite_fingerprint(&two).unwrap());
        two.execute("insert into t values (1, 'y')").unwrap();
        assert_eq!(
            difference(&sqlite_fingerprint(&one).unwrap(), &sqlite_fingerprint(&two).unwrap()),
            "+ row t|1|0\n"
        );
    }

    #[test]
    fn a_postgresql_fingerprint_has_validity_and_rows() {
        let Ok(server) = Server::start() else {
            return println!("skipped: no PostgreSQL");
        };
        let database = server.create_database();
        let table = "create table t (a int, random_b text); insert into t values (1, 'x'), (1, null); create schema limbeck; create table limbeck.x (a int); create index i on t (a);";
        database.psql(table).unwrap();
        let text = postgresql_fingerprint(&server, database.name()).unwrap();
        assert!(text.contains("row public.t a=1 random_b\n"), "{text}");
        assert!(text.contains("index CREATE INDEX i ON public.t USING btree (a) valid ready"), "{text}");
        assert!(!text.contains("limbeck"), "{text}");
        database
            .psql("update pg_index set indisvalid = false where indexrelid = 'i'::regclass")
            .unwrap();
        let later = postgresql_fingerprint(&server, database.name()).unwrap();
        assert!(
            difference(&text, &later).contains("+ index CREATE INDEX i ON public.t USING btree (a) INVALID ready"),
            "{later}"
        );
    }
}
