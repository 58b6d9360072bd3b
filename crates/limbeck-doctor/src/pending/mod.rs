//! The checks that look ahead: what would make a pending revision fail, asked of the live PostgreSQL database without writing anything.
//!
//! [`look`] walks over what pending scripts would do (`RecordedRevision`, made by running them against a host that only writes down), statement by statement. Each
//! check has a file with a function that looks at one change; `future` says what earlier statements will have made of the tables by then. Where that
//! cannot be said, the answer is that nobody can know, never that it is fine or a problem.

mod ask;
mod check_constraints;
mod conversions;
mod dependents;
mod foreign_keys;
mod future;
mod losses;
mod new_enum;
mod not_null;
mod objects;
mod permissions;
mod python;
mod scripts;
mod unique;

pub use scripts::scripts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use limbeck_db::Connection;
use limbeck_ops::{Place, RecordedRevision};
use limbeck_sql::changes::{Change, NewConstraint, NewConstraintKind, changes};
use limbeck_sql::{Flavour, Name};

use crate::words::count;
use crate::{Answer, Finding};
use ask::{Ask, NotTold, Row, quoted};
use future::Future;

/// A script that fails, or cannot be followed to its end.
pub const SCRIPTS: &str = "pending-scripts";
/// Objects that are there already, or are not there.
pub const OBJECTS: &str = "pending-objects";
/// Rows that violate a new foreign key.
pub const FOREIGN_KEYS: &str = "pending-foreign-keys";
/// Values that cannot be converted to a new type.
pub const CONVERSIONS: &str = "pending-conversions";
/// NULLs where a column becomes NOT NULL.
pub const NOT_NULL: &str = "pending-not-null";
/// Duplicates where a key becomes unique.
pub const UNIQUE: &str = "pending-unique";
/// Rows that violate a new check constraint.
pub const CHECK_CONSTRAINTS: &str = "pending-check-constraints";
/// What is dropped or changed while others need it.
pub const DEPENDENTS: &str = "pending-dependents";
/// What the role may not do.
pub const PERMISSIONS: &str = "pending-permissions";
/// Rows and values that will be gone.
pub const LOSSES: &str = "pending-losses";

/// The checks of [`look`]: their names, what each looks at, and what it says where nothing is wrong.
const ALL: [(&str, &str, &str); 9] = [
    (OBJECTS, "object", "as the pending revisions expect"),
    (FOREIGN_KEYS, "new foreign key", "the rows fit"),
    (CONVERSIONS, "type change", "every value can be converted"),
    (NOT_NULL, "new NOT NULL", "no NULL is in the way"),
    (UNIQUE, "new unique key", "no value is there twice"),
    (CHECK_CONSTRAINTS, "new check constraint", "the rows fit"),
    (DEPENDENTS, "drop", "nothing else needs what they take away"),
    (PERMISSIONS, "right", "the role has them"),
    (LOSSES, "drop", "no row or value is lost"),
];

/// The names of the checks of [`look`] and [`scripts()`].
pub fn names() -> Vec<&'static str> {
    std::iter::once(SCRIPTS).chain(ALL.iter().map(|(name, _, _)| *name)).collect()
}

/// How the database is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long one question may take, in milliseconds.
    pub time_limit: u32,
    /// Whether no revision is applied: an empty database is no surprise then.
    pub at_base: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            time_limit: 5000,
            at_base: true,
        }
    }
}

/// Looks at what pending revisions would do to a PostgreSQL database. Every check gets an answer.
///
/// # Errors
/// The first question to the database fails.
pub fn look(recorded: &[RecordedRevision], root: &Path, connection: &mut dyn Connection, limits: Limits) -> Result<Vec<(&'static str, Answer)>, String> {
    let mut ask = Ask {
        connection,
        time_limit: limits.time_limit,
    };
    let future = Future::new(&mut ask).map_err(|error| error.why())?;
    // Beyond base an empty database lacks what was made there.
    if limits.at_base && is_empty(&mut ask).map_err(|error| error.why())? {
        let empty = Answer::Skipped("the database is empty: nothing can be in the way".into());
        return Ok(ALL.iter().map(|(check, ..)| (*check, empty.clone())).collect());
    }
    let mut ahead = Ahead {
        ask,
        future,
        asked: BTreeSet::new(),
        notes: BTreeMap::new(),
    };
    for revision in recorded {
        for item in &revision.items {
            for sql in &item.statements {
                let site = Site {
                    revision: &revision.revision,
                    place: &item.place,
                    root,
                    sql,
                };
                ahead.statement(&site);
            }
        }
    }
    let stopped = recorded.iter().find_map(|revision| Some((&revision.revision, revision.stopped.as_ref()?)));
    let unseen = stopped.map(|(revision, _)| format!("what {revision} does after the place where it stopped is not known (see {SCRIPTS})"));
    Ok(ALL
        .iter()
        .map(|(check, what, fine)| (*check, ahead.answer(check, what, fine, unseen.as_deref())))
        .collect())
}

/// Where a statement comes from.
struct Site<'a> {
    revision: &'a str,
    place: &'a Place,
    root: &'a Path,
    sql: &'a str,
}

impl Site<'_> {
    /// The place for people: `versions/a1_x.py:12`.
    fn at(&self) -> String {
        let path = self.place.path.strip_prefix(self.root).unwrap_or(&self.place.path);
        format!("{}:{}", path.display(), self.place.line)
    }

    /// Line for the evidence: where, and the statement in one line.
    fn statement(&self) -> String {
        format!("{}: {}", self.at(), limbeck_sql::headline(Flavour::Postgresql, self.sql, 100))
    }

    fn by(&self) -> String {
        format!("revision {}", self.revision)
    }
}

/// What one check has seen.
#[derive(Default)]
struct Notes {
    looked: usize,
    findings: Vec<Finding>,
    unknown: Vec<String>,
}

/// What a probe found: how many in all, and some of them.
struct Violations {
    count: String,
    shown: Vec<String>,
}

impl Violations {
    /// `1 row`, `12 rows`.
    fn rows(&self) -> String {
        if self.count == "1" { "1 row".into() } else { format!("{} rows", self.count) }
    }
}

struct Ahead<'a> {
    ask: Ask<'a>,
    future: Future,
    /// Rights that were asked for already.
    asked: BTreeSet<String>,
    notes: BTreeMap<&'static str, Notes>,
}

impl Ahead<'_> {
    fn statement(&mut self, site: &Site<'_>) {
        let found = changes(Flavour::Postgresql, site.sql);
        for change in &found {
            if let Err(error) = self.change(site, change, &found) {
                self.unknown(OBJECTS, format!("{}: {}", site.at(), error.why()));
            }
            if let Err(error) = self.future.apply(&mut self.ask, change, &found, &site.by()) {
                self.unknown(OBJECTS, format!("{}: {}", site.at(), error.why()));
            }
        }
    }

    fn change(&mut self, site: &Site<'_>, change: &Change, all: &[Change]) -> Result<(), NotTold> {
        if !objects::look(self, site, change)? {
            // It fails for that already.
            return Ok(());
        }
        permissions::look(self, site, change)?;
        dependents::look(self, site, change, all)?;
        losses::look(self, site, change)?;
        match change {
            Change::AddColumn { table, column, .. } => not_null::added(self, site, table, column),
            Change::SetNotNull { table, column } => not_null::set(self, site, table, column),
            Change::SetType { table, column, type_, using } => conversions::look(self, site, table, column, type_, using.as_deref()),
            Change::AddConstraint { table, constraint } => self.constraint(site, table, constraint),
            Change::ValidateConstraint { table, name } => self.validate(site, table, name),
            Change::CreateIndex { table, unique: Some(key), .. } => unique::look(self, site, table, key, false),
            _ => Ok(()),
        }
    }

    fn constraint(&mut self, site: &Site<'_>, table: &Name, constraint: &NewConstraint) -> Result<(), NotTold> {
        match &constraint.kind {
            NewConstraintKind::ForeignKey {
                columns,
                referred,
                referred_columns,
                match_full,
            } => {
                let key = foreign_keys::Key {
                    name: constraint.name.as_deref(),
                    table,
                    columns,
                    referred,
                    referred_columns,
                    match_full: *match_full,
                    not_valid: constraint.not_valid,
                };
                foreign_keys::look(self, site, &key)
            }
            NewConstraintKind::Unique(key) => unique::look(self, site, table, key, false),
            NewConstraintKind::PrimaryKey(key) => unique::look(self, site, table, key, true),
            NewConstraintKind::Check(condition) if !constraint.not_valid => check_constraints::look(self, site, table, constraint.name.as_deref(), condition),
            NewConstraintKind::NotNull(column) if !constraint.not_valid => not_null::set(self, site, table, column),
            NewConstraintKind::Check(_) | NewConstraintKind::NotNull(_) | NewConstraintKind::Exclude | NewConstraintKind::UsingIndex => Ok(()),
        }
    }

    /// A constraint that is validated asks now what it did not ask when it was made.
    fn validate(&mut self, site: &Site<'_>, table: &Name, name: &str) -> Result<(), NotTold> {
        let Some(live) = self.future.table(&mut self.ask, table)?.and_then(|table| table.live.clone()) else {
            return Ok(());
        };
        let definition = format!(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = {} AND conname = {} AND NOT convalidated",
            live.oid,
            ask::constant(name)
        );
        let Some(definition) = self.ask.value(&definition)? else { return Ok(()) };
        let definition = definition.trim_end_matches(" NOT VALID");
        let statement = format!("ALTER TABLE t ADD CONSTRAINT {} {definition}", quoted(name));
        for change in changes(Flavour::Postgresql, &statement) {
            if let Change::AddConstraint { constraint, .. } = change {
                self.constraint(site, table, &constraint)?;
            }
        }
        Ok(())
    }

    fn notes(&mut self, check: &'static str) -> &mut Notes {
        self.notes.entry(check).or_default()
    }

    /// Notes that a check had something to look at.
    fn looked(&mut self, check: &'static str) {
        self.notes(check).looked += 1;
    }

    fn unknown(&mut self, check: &'static str, why: String) {
        let notes = self.notes(check);
        if !notes.unknown.contains(&why) {
            notes.unknown.push(why);
        }
    }

    /// Keeps a finding; after a statement of which nobody knows what it does, it is none.
    fn found(&mut self, site: &Site<'_>, finding: Finding) {
        match &self.future.opaque {
            None => self.notes(finding.check).findings.push(finding),
            Some(opaque) => {
                let why = format!("{}: {}; this cannot be known before, since {opaque} first", site.at(), finding.title);
                self.unknown(finding.check, why);
            }
        }
    }

    /// Asks for rows that violate something: the query's first column is how many there are, the second shows one.
    fn violations(&mut self, check: &'static str, site: &Site<'_>, tables: &[&Name], query: &str) -> Option<Violations> {
        self.looked(check);
        for table in tables {
            if let Err(error) = self.future.table(&mut self.ask, table) {
                self.unknown(check, format!("{}: {}", site.at(), error.why()));
                return None;
            }
        }
        // The table whose rows are looked at comes first.
        if tables.first().is_some_and(|table| self.future.is_new(table)) {
            return None;
        }
        let filled = tables.iter().find(|table| self.future.is_filled(table));
        let blurred = self
            .future
            .blurred(tables)
            .or_else(|| filled.map(|table| format!("an earlier one fills {table}")));
        if let Some(blurred) = blurred {
            self.unknown(check, format!("{}: it cannot be known before, since {blurred}", site.at()));
            return None;
        }
        match self.ask.rows(&self.future.query(tables, query)) {
            Ok(rows) => violations(&rows),
            // The two sides of a foreign key.
            Err(NotTold::Refused { sqlstate, message }) if sqlstate == "42883" && check == FOREIGN_KEYS => {
                let finding = Finding::problem(
                    check,
                    format!("the foreign key in {} joins columns that cannot be compared: it fails", site.revision),
                )
                .evidence(site.statement())
                .evidence(message)
                .note("give both columns the same type");
                self.found(site, finding);
                None
            }
            Err(error) => {
                self.unknown(check, format!("{}: {}", site.at(), error.why()));
                None
            }
        }
    }

    /// An expression that shows a row: its primary key, then these columns.
    fn shown(&mut self, table: &Name, columns: &[String]) -> Result<String, NotTold> {
        let mut names = self.primary_key(table)?;
        for column in columns {
            if !names.contains(column) {
                names.push(column.clone());
            }
        }
        let alias = quoted(&table.name);
        let parts: Vec<String> = names
            .iter()
            .map(|name| {
                let value = format!("{alias}.{}", quoted(name));
                format!(
                    "{} || coalesce(quote_literal(left({value}::text, 40)), 'NULL')",
                    ask::constant(&format!("{name} = "))
                )
            })
            .collect();
        Ok(if parts.is_empty() {
            "''".into()
        } else {
            format!("array_to_string(ARRAY[{}], ', ')", parts.join(", "))
        })
    }

    /// The columns of a table's primary key that will still be there.
    fn primary_key(&mut self, table: &Name) -> Result<Vec<String>, NotTold> {
        let Some(found) = self.future.table(&mut self.ask, table)? else {
            return Ok(Vec::new());
        };
        let columns = found.columns.clone();
        let Some(live) = found.live.clone() else { return Ok(Vec::new()) };
        let numbers = self.ask.rows(&format!(
            "SELECT unnest(conkey)::text FROM pg_constraint WHERE conrelid = {} AND contype = 'p'",
            live.oid
        ))?;
        let numbers: Vec<&Option<String>> = numbers.iter().filter_map(|row| row.first()).collect();
        Ok(columns
            .iter()
            .filter(|column| column.number.is_some() && numbers.contains(&&column.number))
            .map(|column| column.name.clone())
            .collect())
    }

    fn answer(&mut self, check: &'static str, what: &str, fine: &str, unseen: Option<&str>) -> Answer {
        let notes = self.notes.remove(check).unwrap_or_default();
        let Notes {
            looked,
            mut findings,
            mut unknown,
        } = notes;
        unknown.extend(unseen.map(str::to_owned));
        if let Some(last) = findings.last_mut() {
            last.notes.extend(unknown.into_iter().map(|why| format!("not known: {why}")));
            return Answer::Findings(findings);
        }
        if !unknown.is_empty() {
            return Answer::Unknown(unknown.join("; "));
        }
        if looked == 0 {
            return Answer::Fine(format!("no {what} is pending"));
        }
        Answer::Fine(format!("{}: {fine}", count(looked, what)))
    }
}

/// Whether a database has nothing of its own but a version table.
fn is_empty(ask: &mut Ask<'_>) -> Result<bool, NotTold> {
    let objects = ask.value(
        "SELECT ((SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname NOT LIKE 'alembic_version%') \
         + (SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'public' AND t.typtype IN ('e', 'd', 'r')) \
         + (SELECT count(*) FROM pg_namespace WHERE nspname NOT IN ('public', 'information_schema', 'limbeck') AND nspname !~ '^pg_'))::text",
    )?;
    Ok(objects.as_deref() == Some("0"))
}

fn violations(rows: &[Row]) -> Option<Violations> {
    let count = rows.first()?.first()?.clone()?;
    Some(Violations {
        count,
        shown: rows.iter().filter_map(|row| row.get(1)?.clone()).collect(),
    })
}
