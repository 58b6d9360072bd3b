//! The tables of both sides, compared as models are. What operations cannot say of a table leaves it to statements as a whole.

use super::super::{Purpose, own, reading};
use super::way::Ends;
use crate::context::Failure;
use crate::rehearsal::Stage;
use crate::session;
use limbeck_db::Connection;
use limbeck_diff::alembic::{self, Plugins, Toggle};
use limbeck_diff::{NoHooks, Step};
use limbeck_ops::HostError;
use limbeck_schema::catalogue::{self, Catalogue, TableKind};
use limbeck_schema::{ColumnType, Table, TableName};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A connection that is shared.
pub type Shared = RefCell<Box<dyn Connection>>;

/// The steps that make the tables on one connection those on the other, but for those that are left out.
///
/// # Errors
/// What a database answered; a rename of what is not there.
pub fn steps(
    stage: &Stage<'_>,
    have: &Shared,
    wanted: &Shared,
    ends: Ends<'_>,
    left_out: &BTreeSet<catalogue::Name>,
    purpose: &Purpose,
) -> Result<Vec<Step>, Failure> {
    compared(stage, have, wanted, ends, left_out, purpose)
        .map_err(|error| session::database_failure(stage.context, "the two schemas cannot be compared", &error))
}

fn compared(
    stage: &Stage<'_>,
    connection: &Shared,
    wanted: &Shared,
    ends: Ends<'_>,
    left_out: &BTreeSet<catalogue::Name>,
    purpose: &Purpose,
) -> Result<Vec<Step>, HostError> {
    let settings = stage.settings;
    let every_schema = [ends.have, ends.wanted]
        .iter()
        .any(|side| side.used_schemas().iter().any(|name| Some(name) != side.default_schema.as_ref()));
    let known: BTreeSet<String> = [ends.have, ends.wanted]
        .iter()
        .flat_map(|side| side.tables.iter().filter_map(|table| table.name.schema.clone()))
        .collect();
    let read = |connection: &Shared| reading::read(connection, settings.dialect, every_schema, &[], &mut NoHooks);
    let (mut have_read, wanted_read) = (read(connection)?, read(wanted)?);
    let default_schema = have_read.default_schema.clone().or_else(|| settings.default_schema());
    let mut odd = odd(ends.have);
    odd.extend(self::odd(ends.wanted));
    odd.extend(left_out.iter().cloned());
    let place = |name: &TableName| {
        let schema = name.schema.as_ref().map(|schema| schema.text.clone()).or_else(|| default_schema.clone());
        catalogue::Name {
            schema: schema.or_else(|| Some("main".to_owned())),
            name: name.name.text.clone(),
        }
    };
    // A table whose types only statements can say.
    let unsaid = have_read.tables.iter().chain(&wanted_read.tables).filter(|table| !is_sayable(table));
    odd.extend(unsaid.map(|table| place(&table.name)).collect::<Vec<_>>());
    let takes_part = |table: &Table| {
        let place = place(&table.name);
        !odd.contains(&place) && place.schema.as_ref().is_none_or(|schema| known.contains(schema))
    };
    // Types are those of all tables.
    let all_wanted = wanted_read.tables.clone();
    let (mut have, mut wanted) = (have_read.tables.clone(), wanted_read.tables);
    have.retain(takes_part);
    wanted.retain(takes_part);
    let renamed = match purpose {
        Purpose::Generate { renames } => {
            limbeck_diff::own::rename(&mut have_read.tables, renames, settings.dialect)?;
            limbeck_diff::own::rename(&mut have, renames, settings.dialect)?
        }
        Purpose::Check => Vec::new(),
    };
    let options = alembic::Options {
        default_schema: default_schema.clone(),
        version_tables: vec![settings.version_table.name.clone()],
        compare_type: Toggle::On,
        compare_server_default: Toggle::Strict,
        plugins: Plugins {
            checks: true,
            ..Plugins::default()
        },
        strict: true,
        ..alembic::Options::new(settings.dialect)
    };
    let changes = alembic::compare(&have, &wanted, &options, &mut NoHooks)?;
    let sides = own::Sides {
        enums_apart: false,
        dialect: settings.dialect,
        have: &have_read.tables,
        wanted: &all_wanted,
        default_schema: default_schema.as_deref(),
        sequences: &[],
        naming: &options.naming,
    };
    let (steps, _) = own::improved(changes.steps, renamed, sides, connection, purpose, None)?;
    Ok(steps)
}

/// Tables of which an operation says too little.
fn odd(side: &Catalogue) -> BTreeSet<catalogue::Name> {
    let is_odd = |table: &&catalogue::Table| {
        table.kind != TableKind::Ordinary
            || table.unlogged
            || !table.inherits.is_empty()
            || table.of_type.is_some()
            || !table.options.is_empty()
            || table.method.is_some()
            || table.tablespace.is_some()
            || table
                .sql
                .as_deref()
                .is_some_and(|sql| ["STRICT", "ROWID"].iter().any(|word| sql.to_uppercase().contains(word)))
    };
    side.tables.iter().filter(is_odd).map(|table| table.name.clone()).collect()
}

fn is_sayable(table: &Table) -> bool {
    fn sayable(type_: &ColumnType) -> bool {
        match type_ {
            ColumnType::Verbatim(_) | ColumnType::PgDomain(_) | ColumnType::Null => false,
            ColumnType::Array { item, .. } => sayable(item),
            _ => true,
        }
    }
    table.columns.iter().all(|column| sayable(&column.type_))
}
