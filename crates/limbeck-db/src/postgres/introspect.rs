//! Reading a PostgreSQL database whole: one question for each kind of object, all in one message and one snapshot.
//!
//! Texts come from the server's own functions (`format_type`, `pg_get_expr`, `pg_get_constraintdef` …) under an empty search path and fixed formats, so that
//! every name carries its schema and no setting of the session shows.

mod beyond;
mod children;
mod needs;
mod others;
mod programs;
mod tables;
mod types;

use limbeck_schema::catalogue::{Catalogue, Extension, Name, Reference, Schema, Table, View};
use std::collections::HashMap;

use super::Postgres;
use super::inspect::rows::{self, Row};
use crate::{Connection, DbError, Filter};
use limbeck_schema::catalogue::literal;

/// What the questions depend on.
struct Asking<'a> {
    version: u32,
    filter: &'a Filter,
}

/// What the answers have given so far.
#[derive(Default)]
struct Found {
    catalogue: Catalogue,
    tables: HashMap<i64, usize>,
    views: HashMap<i64, usize>,
    /// By the kind of the object's catalogue table and its number.
    references: HashMap<(Class, i64), Reference>,
}

/// The catalogue tables that dependencies are between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Relation,
    Type,
    Routine,
    Other,
}

/// A question and what is done with its answer.
type Question = (String, fn(&mut Found, &[Row]));

/// Fixes how values are printed; all of it ends with the transaction.
const SETTINGS: &str = "SELECT set_config('search_path', '', true), set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), \
     set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true), \
     set_config('quote_all_identifiers', 'off', true), set_config('xmlbinary', 'base64', true)";
/// What stood there before, for a transaction that goes on.
const PRESENT: [&str; 8] = [
    "search_path",
    "TimeZone",
    "DateStyle",
    "IntervalStyle",
    "extra_float_digits",
    "bytea_output",
    "quote_all_identifiers",
    "xmlbinary",
];

/// Reads everything.
pub(super) fn catalogue(database: &mut Postgres, filter: &Filter) -> Result<Catalogue, DbError> {
    let asking = Asking {
        version: database.server_version().first().copied().unwrap_or_default(),
        filter,
    };
    let present: Vec<String> = PRESENT.iter().map(|name| format!("current_setting('{name}')")).collect();
    let mut texts = vec![format!("SELECT pg_catalog.current_schema()::text, {}", present.join(", ")), SETTINGS.to_owned()];
    let mut questions: Vec<Question> = vec![(asking.schemas(), schemas), (asking.extensions(), extensions)];
    types::questions(&asking, &mut questions);
    tables::questions(&asking, &mut questions);
    programs::questions(&asking, &mut questions);
    children::questions(&asking, &mut questions);
    others::questions(&asking, &mut questions);
    questions.push((beyond::question(&asking), beyond::read));
    questions.push((needs::question(), needs::read));
    texts.extend(questions.iter().map(|(text, _)| text.clone()));
    let inside = database.in_transaction();
    let answers = if inside {
        rows::ask_all(database, &texts)?
    } else {
        // One snapshot for all of them, and nothing to clean up afterwards.
        texts.insert(0, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned());
        texts.push("COMMIT".to_owned());
        match rows::ask_all(database, &texts) {
            Ok(mut answers) => {
                answers.remove(0);
                answers
            }
            Err(error) => {
                let _ = database.rollback();
                return Err(error);
            }
        }
    };
    let before = &answers[0];
    if inside && let Some(row) = before.first() {
        let back: Vec<String> = PRESENT
            .iter()
            .enumerate()
            .map(|(at, name)| format!("set_config('{name}', {}, true)", literal(&row.text(at + 1).unwrap_or_default())))
            .collect();
        rows::ask(database, &format!("SELECT pg_catalog.{}", back.join(", pg_catalog.")))?;
    }
    let mut found = Found::default();
    found.catalogue.default_schema = before.first().and_then(|row| row.text(0));
    for ((_, read), answer) in questions.iter().zip(&answers[2..]) {
        read(&mut found, answer);
    }
    Ok(sorted(found.catalogue))
}

impl Asking<'_> {
    /// The schemas that are read, as a query of their numbers.
    fn namespaces(&self) -> String {
        let mut wanted =
            "SELECT n.oid FROM pg_namespace n WHERE left(n.nspname::text, 3) <> 'pg_' AND n.nspname NOT IN ('information_schema', 'limbeck')".to_owned();
        let list = |names: &[String]| names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        if !self.filter.schemas.is_empty() {
            wanted.push_str(&format!(" AND n.nspname IN ({})", list(&self.filter.schemas)));
        }
        if !self.filter.excluded_schemas.is_empty() {
            wanted.push_str(&format!(" AND n.nspname NOT IN ({})", list(&self.filter.excluded_schemas)));
        }
        wanted
    }

    /// The condition that an object is ours to read: in a schema that is read, and no member of an extension.
    fn ours(&self, class: &str, oid: &str, namespace: &str) -> String {
        format!("{namespace} IN ({}) AND {}", self.namespaces(), not_a_member(class, oid))
    }

    /// Relations of some kinds that are read, as a query of their numbers.
    fn relations(&self, kinds: &str) -> String {
        let mut wanted = format!(
            "SELECT c.oid FROM pg_class c WHERE c.relkind IN ({kinds}) AND c.relpersistence <> 't' AND {}",
            self.ours("pg_class", "c.oid", "c.relnamespace")
        );
        for name in &self.filter.excluded {
            let schema = name.schema.as_ref().map_or_else(String::new, |schema| {
                format!(" AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = {})", literal(schema))
            });
            wanted.push_str(&format!(" AND NOT (c.relname = {}{schema})", literal(&name.name)));
        }
        wanted
    }

    /// Tables of every kind.
    fn tables(&self) -> String {
        self.relations("'r', 'p', 'f'")
    }

    /// Views of both kinds.
    fn views(&self) -> String {
        self.relations("'v', 'm'")
    }

    fn schemas(&self) -> String {
        format!(
            "SELECT n.nspname::text, ds.description FROM pg_namespace n {} WHERE {} ORDER BY 1",
            described("pg_namespace", "n.oid"),
            self.ours("pg_namespace", "n.oid", "n.oid")
        )
    }

    fn extensions(&self) -> String {
        "SELECT e.extname::text, e.extversion, n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
         WHERE e.extname <> 'plpgsql' ORDER BY 1"
            .to_owned()
    }
}

/// The condition that an object belongs to no extension.
fn not_a_member(class: &str, oid: &str) -> String {
    format!("NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '{class}'::regclass AND x.objid = {oid} AND x.deptype = 'e')")
}

/// The join that gives an object's comment as `ds.description`.
fn described(class: &str, oid: &str) -> String {
    format!("LEFT JOIN pg_description ds ON ds.objoid = {oid} AND ds.classoid = '{class}'::regclass AND ds.objsubid = 0")
}

fn schemas(found: &mut Found, rows: &[Row]) {
    let schema = |row: &Row| Schema {
        name: row.text(0).unwrap_or_default(),
        comment: row.text(1),
    };
    found.catalogue.schemas = rows.iter().map(schema).collect();
}

fn extensions(found: &mut Found, rows: &[Row]) {
    let extension = |row: &Row| Extension {
        name: row.text(0).unwrap_or_default(),
        version: row.text(1).unwrap_or_default(),
        schema: row.text(2).unwrap_or_default(),
    };
    found.catalogue.extensions = rows.iter().map(extension).collect();
}

impl Found {
    fn table(&mut self, oid: i64) -> Option<&mut Table> {
        let at = *self.tables.get(&oid)?;
        self.catalogue.tables.get_mut(at)
    }

    fn view(&mut self, oid: i64) -> Option<&mut View> {
        let at = *self.views.get(&oid)?;
        self.catalogue.views.get_mut(at)
    }

    fn refer(&mut self, class: Class, oid: i64, reference: Reference) {
        self.references.insert((class, oid), reference);
    }
}

/// A name from two columns of a row.
fn name(row: &Row, at: usize) -> Name {
    Name::new(row.text(at).unwrap_or_default(), row.text(at + 1).unwrap_or_default())
}

/// By the bytes of the names: the server sorts by its locale.
fn sorted(mut catalogue: Catalogue) -> Catalogue {
    catalogue.schemas.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.enums.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.domains.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.composites.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.ranges.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.sequences.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.tables.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.views.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.routines.sort_by(|one, other| one.name.cmp(&other.name));
    catalogue.others.sort_by(|one, other| (&one.what, &one.name).cmp(&(&other.what, &other.name)));
    catalogue.needs.sort();
    catalogue.needs.dedup();
    for table in &mut catalogue.tables {
        table.constraints.sort_by(|one, other| one.name.cmp(&other.name));
        table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
        table.triggers.sort_by(|one, other| one.name.cmp(&other.name));
        table.policies.sort_by(|one, other| one.name.cmp(&other.name));
        table.rules.sort_by(|one, other| one.name.cmp(&other.name));
    }
    for view in &mut catalogue.views {
        view.indexes.sort_by(|one, other| one.name.cmp(&other.name));
        view.triggers.sort_by(|one, other| one.name.cmp(&other.name));
        view.rules.sort_by(|one, other| one.name.cmp(&other.name));
    }
    catalogue
}
