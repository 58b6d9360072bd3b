//! Reading a PostgreSQL database whole: one question for each kind of object, all in one message and one snapshot.
//!
//! Texts come from the server's own functions (`format_type`, `pg_get_expr`, `pg_get_constraintdef` …) under an empty search path and fixed formats, so that
//! every name carries its schema and no setting of the session shows.

mod beyond;
mod children;
mod grants;
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

/// A question, and what is done with each row of its answer.
type Question = (String, fn(&mut Found, &Row<'_>));

/// How values are printed, and that the planner does not compile questions, which takes longer than answering them; all of it ends with the transaction.
fn settings(version: u32) -> Vec<(&'static str, &'static str)> {
    let mut settings = vec![
        ("search_path", ""),
        ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
        ("IntervalStyle", "postgres"),
        ("extra_float_digits", "1"),
        ("bytea_output", "hex"),
        ("quote_all_identifiers", "off"),
        ("xmlbinary", "base64"),
    ];
    if version >= 11 {
        settings.push(("jit", "off"));
    }
    settings
}

/// The statement that sets them until the end of the transaction.
fn setting(settings: impl Iterator<Item = (&'static str, String)>) -> String {
    let each: Vec<String> = settings
        .map(|(name, value)| format!("pg_catalog.set_config('{name}', {}, true)", literal(&value)))
        .collect();
    format!("SELECT {}", each.join(", "))
}

/// Reads everything.
pub(super) fn catalogue(database: &mut Postgres, filter: &Filter) -> Result<Catalogue, DbError> {
    let asking = Asking {
        version: database.server_version().first().copied().unwrap_or_default(),
        filter,
    };
    let mut questions: Vec<Question> = vec![(asking.schemas(), schemas), (asking.extensions(), extensions)];
    types::questions(&asking, &mut questions);
    tables::questions(&asking, &mut questions);
    programs::questions(&asking, &mut questions);
    children::questions(&asking, &mut questions);
    others::questions(&asking, &mut questions);
    questions.push((beyond::question(&asking), beyond::read));
    questions.push((needs::question(), needs::read));
    if filter.grants {
        grants::questions(&asking, &mut questions);
    }
    let (questions, readers): (Vec<String>, Vec<_>) = questions.into_iter().unzip();

    let settings = settings(asking.version);
    let present: Vec<String> = settings.iter().map(|(name, _)| format!("current_setting('{name}')")).collect();
    let mut texts = vec![
        format!("SELECT pg_catalog.current_schema()::text, {}", present.join(", ")),
        setting(settings.iter().map(|(name, value)| (*name, (*value).to_owned()))),
    ];
    texts.extend(questions);
    let inside = database.in_transaction();
    if !inside {
        // One snapshot for all of them, and nothing to clean up afterwards.
        texts.insert(0, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned());
        texts.push("COMMIT".to_owned());
    }
    let first = usize::from(!inside);
    let mut found = Found::default();
    let mut before: Vec<String> = Vec::new();
    let asked = rows::ask_all(database, &texts, |statement, row| {
        if statement == first {
            found.catalogue.default_schema = row.text(0);
            before = (1..=settings.len()).map(|at| row.text(at).unwrap_or_default()).collect();
        } else if let Some(read) = statement.checked_sub(first + 2).and_then(|question| readers.get(question)) {
            read(&mut found, row);
        }
    });
    match asked {
        Err(error) if inside => return Err(error),
        Err(error) => {
            let _ = database.rollback();
            return Err(error);
        }
        // What stood there before, for a transaction that goes on.
        Ok(()) if inside => {
            let names = settings.iter().map(|(name, _)| *name);
            rows::ask(database, &setting(names.zip(before)), |_| ())?;
        }
        Ok(()) => {}
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

fn schemas(found: &mut Found, row: &Row<'_>) {
    found.catalogue.schemas.push(Schema {
        name: row.text(0).unwrap_or_default(),
        comment: row.text(1),
    });
}

fn extensions(found: &mut Found, row: &Row<'_>) {
    found.catalogue.extensions.push(Extension {
        name: row.text(0).unwrap_or_default(),
        version: row.text(1).unwrap_or_default(),
        schema: row.text(2).unwrap_or_default(),
    });
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
fn name(row: &Row<'_>, at: usize) -> Name {
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
