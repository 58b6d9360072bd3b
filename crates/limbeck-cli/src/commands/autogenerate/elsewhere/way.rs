//! The way there and back on a scratch database: first what stands in the way goes, then the tables change, then everything that is not yet as wanted.
//!
//! What comes last is read off the database, so that it does not matter what the operations of tables bring along or lose. A table that operations do not
//! bring to its end is left to statements, and where even that does not lead there, everything is.

use super::tables::Shared;
use crate::context::Failure;
use crate::rehearsal::{Stage, objects};
use crate::session;
use limbeck_db::Connection;
use limbeck_dialect::DialectName;
use limbeck_diff::own::{Loss, annotated, losses};
use limbeck_diff::{Step, operations, reversed};
use limbeck_run::Scratch;
use limbeck_schema::TableName;
use limbeck_schema::catalogue::{Catalogue, Change, Difference, Kind, Name, Rules, alter, between, create_all, differences};
use limbeck_source::{Diagnose, Diagnostic};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What there is and what is wanted.
#[derive(Clone, Copy)]
pub struct Ends<'a> {
    pub have: &'a Catalogue,
    pub wanted: &'a Catalogue,
}

/// How often is looked at what is left to do.
const LOOKS: usize = 4;

/// Why a way does not lead to its end.
#[derive(Default)]
struct Stopped {
    /// A statement that fails.
    failure: Option<Box<Failure>>,
    /// What has to be done by hand.
    by_hand: Vec<String>,
    /// What is not as it should be.
    left: Vec<Change>,
    /// The table of the operation that fails.
    table: Option<Name>,
}

impl Stopped {
    fn failed(failure: Box<Failure>) -> Self {
        Stopped {
            failure: Some(failure),
            ..Stopped::default()
        }
    }

    fn by_hand(by_hand: Vec<String>, left: Vec<Change>) -> Self {
        Stopped {
            by_hand,
            left,
            ..Stopped::default()
        }
    }

    /// The first reason there is.
    fn or(self, other: Stopped) -> Stopped {
        let is_one = self.failure.is_some() || !self.by_hand.is_empty() || !self.left.is_empty();
        if is_one { self } else { other }
    }

    /// The tables that are not as they should be.
    fn tables(&self) -> impl Iterator<Item = Name> + '_ {
        let of_table = |change: &&Change| matches!(change.object.kind, Kind::Table | Kind::Column | Kind::Constraint | Kind::Index);
        let left = self.left.iter().filter(of_table).map(|change| change.object.name.clone());
        left.chain(self.table.clone())
    }
}

/// Finds the steps of both directions, and those of them that are about tables.
///
/// # Errors
/// Neither way leads to the end; no scratch database.
#[allow(clippy::type_complexity)] // two directions, and what the first says of tables
pub fn both(
    stage: &Stage<'_>,
    ends: Ends<'_>,
    live: &Shared,
    of_tables: &dyn Fn(&Shared, &BTreeSet<Name>) -> Result<Vec<Step>, Failure>,
) -> Result<((Vec<Step>, Vec<Step>), Vec<Step>), Failure> {
    let back = Ends {
        have: ends.wanted,
        wanted: ends.have,
    };
    // What operations cannot bring to its end, in either direction.
    let mut left_out: BTreeSet<Name> = BTreeSet::new();
    let mut tables = Vec::new();
    let mut ways = None;
    while ways.is_none() {
        let scratch = start(stage, ends.have)?;
        let up = walk(stage, &scratch, ends, &mut |connection| {
            tables = of_tables(connection, &left_out)?;
            Ok(tables.clone())
        })?;
        let tried = match up {
            Ok(up) => {
                let turned = reversed(&tables);
                walk(stage, &scratch, back, &mut |_| Ok(turned.clone()))?.map(|down| (up, down))
            }
            Err(stopped) => Err(stopped),
        };
        let stopped = match tried {
            Ok(both) => {
                ways = Some(both);
                break;
            }
            Err(stopped) => stopped,
        };
        let known = left_out.len();
        left_out.extend(stopped.tables());
        if left_out.len() == known {
            tables.clear();
            let back_again = Stopped::default();
            ways = Some((
                by_statements(stage, ends, stopped, "upgrade")?,
                by_statements(stage, back, back_again, "downgrade")?,
            ));
        }
    }
    let (up, down) = ways.unwrap_or_default();
    let up = with_losses(stage, up, ends, live);
    Ok(((up, down), tables))
}

/// A scratch database that has a schema.
fn start(stage: &Stage<'_>, schema: &Catalogue) -> Result<Scratch, Failure> {
    let scratch = stage.scratch(false)?;
    let mut connection = connect(stage, &scratch)?;
    execute(connection.as_mut(), &create_all(schema)).map_err(|failure| *failure)?;
    Ok(scratch)
}

/// Takes a scratch database from one end to the other. The outer error ends the command.
fn walk(
    stage: &Stage<'_>,
    scratch: &Scratch,
    ends: Ends<'_>,
    of_tables: &mut dyn FnMut(&Shared) -> Result<Vec<Step>, Failure>,
) -> Result<Result<Vec<Step>, Stopped>, Failure> {
    let first = alter(ends.have, &between(ends.have, ends.wanted));
    if !first.by_hand.is_empty() {
        return Ok(Err(Stopped::by_hand(first.by_hand, Vec::new())));
    }
    let connection = RefCell::new(connect(stage, scratch)?);
    if let Err(failure) = execute(connection.borrow_mut().as_mut(), &first.statements) {
        return Ok(Err(Stopped::failed(failure)));
    }
    let tables = of_tables(&connection)?;
    let batch = stage.settings.dialect == DialectName::Sqlite;
    for step in &tables {
        let operations = operations(std::slice::from_ref(step), batch);
        if let Err(error) = limbeck_run::perform(connection.borrow_mut().as_mut(), stage.settings.dialect, &operations) {
            let failure = session::database_failure(stage.context, "an operation fails on the scratch database", &error);
            return Ok(Err(Stopped {
                table: table_of(step, ends.have),
                ..Stopped::failed(Box::new(failure))
            }));
        }
    }
    // Most is done at the first look. What went away with something that was made anew is seen at the second.
    let mut last = Vec::new();
    for look in 0..LOOKS {
        let made = schema_of(stage, scratch)?;
        let left = differences(&made, ends.wanted, Rules::default());
        if left.is_empty() {
            break;
        }
        let rest = alter(&made, ends.wanted);
        // On SQLite a table that the operations did not bring to its end would be made anew a second time.
        let again = batch && !tables.is_empty() && rest.statements.iter().any(|sql| sql.contains("_limbeck_new_"));
        if look + 1 == LOOKS || again || !rest.by_hand.is_empty() {
            return Ok(Err(Stopped::by_hand(rest.by_hand, left)));
        }
        if let Err(failure) = execute(connection.borrow_mut().as_mut(), &rest.statements) {
            return Ok(Err(Stopped::failed(failure)));
        }
        last.extend(rest.statements);
    }
    let mut steps: Vec<Step> = sql(first.statements);
    steps.extend(tables);
    steps.extend(sql(last));
    Ok(Ok(steps))
}

/// The whole way by statements alone.
fn by_statements(stage: &Stage<'_>, ends: Ends<'_>, before: Stopped, way: &str) -> Result<Vec<Step>, Failure> {
    let middle = between(ends.have, ends.wanted);
    let mut whole = alter(ends.have, &middle);
    let rest = alter(&middle, ends.wanted);
    whole.statements.extend(rest.statements);
    whole.by_hand.extend(rest.by_hand);
    if !whole.by_hand.is_empty() {
        return Err(told(stage, before.or(Stopped::by_hand(whole.by_hand, Vec::new())), way));
    }
    let scratch = start(stage, ends.have)?;
    let mut connection = connect(stage, &scratch)?;
    if let Err(failure) = execute(connection.as_mut(), &whole.statements) {
        return Err(told(stage, before.or(Stopped::failed(failure)), way));
    }
    let left = differences(&schema_of(stage, &scratch)?, ends.wanted, Rules::default());
    if !left.is_empty() {
        return Err(told(stage, Stopped::by_hand(Vec::new(), left), way));
    }
    Ok(sql(whole.statements))
}

/// The table that a step is about.
fn table_of(step: &Step, side: &Catalogue) -> Option<Name> {
    let name = match step {
        Step::CreateTable(table) | Step::DropTable(table) => &table.item.name,
        Step::Modify(modify) => &modify.table,
        _ => return None,
    };
    Some(Name {
        schema: name.schema.as_ref().map(|schema| schema.text.clone()).or_else(|| side.default_schema.clone()),
        name: name.name.text.clone(),
    })
}

fn told(stage: &Stage<'_>, stopped: Stopped, way: &str) -> Failure {
    if let Some(failure) = stopped.failure {
        return *failure;
    }
    if !stopped.by_hand.is_empty() {
        let mut found = Diagnostic::error("E0738", format!("not all of these changes can be written as statements for the {way}"));
        found.causes = stopped.by_hand;
        return Failure::new(
            found
                .note("nothing was written")
                .hint("write that part of the revision by hand, apply it, and generate the rest"),
        );
    }
    let left = stopped.left;
    for change in &left {
        stage.context.print_raw(&change.text());
    }
    let found = Diagnostic::error("E0739", format!("the {way} does not give the schema it should: {} differ", objects(left.len())));
    Failure::new(found.note("`+` is what it makes, `-` what was wanted; nothing was written"))
}

fn sql(statements: Vec<String>) -> Vec<Step> {
    let step = |statement| Step::Sql {
        about: String::new(),
        up: vec![statement],
        down: Vec::new(),
    };
    statements.into_iter().map(step).collect()
}

/// Notes what goes with tables and columns that hold something in the real database.
fn with_losses(stage: &Stage<'_>, steps: Vec<Step>, ends: Ends<'_>, live: &Shared) -> Vec<Step> {
    // A table or column that was renamed on the way is not there by that name, and is not lost.
    let counted = |mut loss: Loss| {
        let _ = super::super::own::count(&mut loss, stage.settings.dialect, &[], live);
        loss
    };
    let of_steps: Vec<Loss> = losses(&steps).into_iter().map(counted).collect();
    let default = ends.have.default_schema.as_ref();
    let of_statements = differences(ends.have, ends.wanted, Rules::default()).into_iter().filter_map(|change| {
        let goes = matches!(change.difference, Difference::Extra { .. }) && matches!(change.object.kind, Kind::Table | Kind::Column);
        let schema = change.object.name.schema.clone().filter(|schema| Some(schema) != default);
        goes.then(|| Loss {
            table: TableName::in_schema(schema, change.object.name.name),
            column: change.object.part,
            rows: None,
            more: false,
        })
    });
    let is_told = |loss: &Loss| of_steps.iter().any(|told| told.table == loss.table && told.column == loss.column);
    let mut out: Vec<Step> = of_statements
        .filter(|loss| !is_told(loss))
        .filter_map(|loss| counted(loss).words())
        .map(Step::Note)
        .collect();
    out.extend(annotated(steps, &of_steps, &[]));
    out
}

fn connect(stage: &Stage<'_>, scratch: &Scratch) -> Result<Box<dyn Connection>, Failure> {
    let mut connection = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
    if stage.settings.dialect == DialectName::Postgresql {
        // Bodies may name what comes later.
        connection
            .execute_batch("SET check_function_bodies = off; SET client_min_messages = error")
            .map_err(|error| Failure::new(error.diagnose()))?;
    }
    Ok(connection)
}

fn schema_of(stage: &Stage<'_>, scratch: &Scratch) -> Result<Catalogue, Failure> {
    limbeck_run::schema_of(scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))
}

fn execute(connection: &mut dyn Connection, statements: &[String]) -> Result<(), Box<Failure>> {
    for statement in statements {
        connection.execute_batch(statement).map_err(|error| {
            let found = Diagnostic::error("E0739", "a generated statement fails on the scratch database").cause(error.to_string());
            Box::new(Failure::new(
                found
                    .note(format!("statement:\n{statement}"))
                    .note("nothing was written; the real database was only read"),
            ))
        })?;
    }
    Ok(())
}
