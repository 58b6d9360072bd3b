//! What a revision under Limbeck's own name has beyond Alembic's: renames, enum types, an order that runs, and notes on what is lost or
//! may be refused.

use super::{Places, Purpose};
use crate::context::Failure;
use limbeck_db::Connection;
use limbeck_dialect::{DialectName, quote_ident, settle};
use limbeck_diff::own::{
    Computing, Enums, Loss, Rename, Rows, annotated, answered, candidates, doubts, doubts_of_values, losses, missing_sequences, with_casts, with_computed,
    with_constraints, with_doubts, with_enums, with_names,
};
use limbeck_diff::{Step, arranged};
use limbeck_expr::{Ident, Literal};
use limbeck_ops::{HostError, Inspect, Inspected};
use limbeck_schema::{EnumType, NamingConvention, Sequence, Table, TableName};
use limbeck_source::Diagnostic;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

/// Rows are counted no further than this.
const COUNTED: u64 = 100_000;

/// Reads `--rename`.
///
/// # Errors
/// One that is no rename.
pub fn renames(texts: &[String]) -> Result<Vec<Rename>, Failure> {
    texts
        .iter()
        .map(|text| Rename::parse(text).map_err(|wrong| Failure::new(Diagnostic::error("E0002", wrong))))
        .collect()
}

/// Both sides of a comparison.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    pub dialect: DialectName,
    /// The database's tables, after renames.
    pub have: &'a [Table],
    pub wanted: &'a [Table],
    pub default_schema: Option<&'a str>,
    /// The models' naming convention.
    pub naming: &'a NamingConvention,
    /// The models' sequences that belong to no column.
    pub sequences: &'a [Sequence],
    /// Whether a package of the project looks after enum types.
    pub enums_apart: bool,
}

/// Makes the steps of a comparison those of a revision that runs by itself, loses nothing silently and can be undone. Rows are counted where there is
/// a connection for that.
///
/// # Errors
/// What the database answered.
pub fn improved(
    steps: Vec<Step>,
    renamed: Vec<Step>,
    sides: Sides<'_>,
    connection: &RefCell<Box<dyn Connection>>,
    purpose: &Purpose,
    rows: Option<&RefCell<Box<dyn Connection>>>,
) -> Result<(Vec<Step>, Places), HostError> {
    let mut steps = steps;
    let mut places = Places::new();
    let hints = candidates(&steps, sides.dialect);
    let version = connection.borrow().server_version().first().copied().unwrap_or(0);
    let settled = settled(&steps, sides, purpose)?;
    let mut named = Vec::new();
    if sides.dialect == DialectName::Postgresql {
        let asked: &[Rename] = if let Purpose::Generate { renames } = purpose { renames } else { &[] };
        named = with_names(&mut steps, sides.have, &settled, asked);
    }
    let computing = Computing {
        have: sides.have,
        wanted: &settled,
        dialect: sides.dialect,
        version,
    };
    steps = with_computed(steps, computing);
    with_casts(&mut steps, sides.wanted, sides.dialect)?;
    if sides.dialect == DialectName::Postgresql {
        steps = arranged(steps);
    }
    // After that: a key that was taken out of its table needs a name too.
    with_constraints(&mut steps, sides.have, sides.dialect);
    let mut types = Vec::new();
    if sides.dialect == DialectName::Postgresql {
        let answer = connection.borrow_mut().inspect(&Inspect::Enums { schema: Some("*".into()) });
        if let Inspected::Enums(have) = answer.map_err(HostError::from)? {
            types = have;
            if !sides.enums_apart {
                (steps, places) = with_enums(steps, enums(sides, &types));
            }
        }
        let mut created = sequences(sides, connection)?;
        created.append(&mut steps);
        steps = created;
    }
    if let Purpose::Generate { renames } = purpose {
        if let Some(connection) = rows {
            let rows = Rows {
                have: sides.have,
                renames,
                dialect: sides.dialect,
                version,
            };
            let mut found = doubts(&steps, rows);
            found.extend(doubts_of_values(&steps, rows, enums(sides, &types)));
            answered(&mut found, COUNTED, &mut |sql| counted(sql, connection))?;
            steps = with_doubts(steps, &found);
        }
        let mut lost = losses(&steps);
        if let Some(rows) = rows {
            for loss in &mut lost {
                count(loss, sides.dialect, renames, rows)?;
            }
        }
        steps = annotated(steps, &lost, &hints);
    }
    let mut all = renamed;
    all.append(&mut named);
    all.append(&mut steps);
    Ok((all, places))
}

/// The wanted tables that the steps speak of, settled: all of them at once would be the models a second time. With renames it may be any.
fn settled(steps: &[Step], sides: Sides<'_>, purpose: &Purpose) -> Result<Vec<Table>, HostError> {
    let any = matches!(purpose, Purpose::Generate { renames } if !renames.is_empty());
    let touched: HashSet<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::CreateTable(table) => Some(table.item.name.name.as_str()),
            Step::Modify(modify) => Some(modify.table.name.as_str()),
            Step::DropTable(_) | Step::Other { .. } | Step::Sql { .. } | Step::Text(_) | Step::Note(_) => None,
        })
        .collect();
    let needed = sides.wanted.iter().filter(|table| any || touched.contains(table.name.name.as_str()));
    needed.map(|table| Ok(settle(table, sides.naming, sides.dialect)?.table)).collect()
}

fn enums<'a>(sides: Sides<'a>, have: &'a [EnumType]) -> Enums<'a> {
    Enums {
        have,
        have_tables: sides.have,
        wanted_tables: sides.wanted,
        default_schema: sides.default_schema,
    }
}

/// The sequences to create. Only where the models name any is the database asked.
fn sequences(sides: Sides<'_>, connection: &RefCell<Box<dyn Connection>>) -> Result<Vec<Step>, HostError> {
    let named = |table: &Table| table.columns.iter().any(|column| column.sequence.is_some());
    if sides.sequences.is_empty() && !sides.wanted.iter().any(named) {
        return Ok(Vec::new());
    }
    let of_columns = sides
        .wanted
        .iter()
        .flat_map(|table| &table.columns)
        .filter_map(|column| column.sequence.as_deref());
    let schemas: BTreeSet<Option<String>> = sides
        .sequences
        .iter()
        .chain(of_columns)
        .map(|sequence| sequence.name.schema.as_ref().map(|schema| schema.text.clone()))
        .collect();
    let mut have = Vec::new();
    for schema in schemas {
        let found = connection.borrow_mut().sequences(schema.as_deref()).map_err(HostError::from)?;
        have.extend(found.into_iter().map(|sequence| TableName::in_schema(schema.clone(), sequence.name.name)));
    }
    Ok(missing_sequences(&have, sides.sequences, sides.wanted, sides.default_schema))
}

/// Counts what a step would lose; where the table was renamed in the comparison, under its old name.
///
/// # Errors
/// What the database answered.
pub fn count(loss: &mut Loss, dialect: DialectName, renames: &[Rename], connection: &RefCell<Box<dyn Connection>>) -> Result<(), HostError> {
    let renamed = renames.iter().find(|rename| rename.column.is_none() && rename.to == loss.table.name.text);
    let name = renamed.map_or_else(|| loss.table.name.clone(), |rename| Ident::new(&rename.table));
    let quoted = |ident: &Ident| quote_ident(dialect, ident);
    let table = match &loss.table.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name)),
        None => quoted(&name),
    };
    let filter = loss
        .column
        .as_ref()
        .map_or_else(String::new, |column| format!(" WHERE {} IS NOT NULL", quoted(&Ident::new(column))));
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table}{filter} LIMIT {}) counted", COUNTED + 1);
    if let Some(rows) = counted(&sql, connection)? {
        loss.more = rows > COUNTED;
        loss.rows = Some(rows.min(COUNTED));
    }
    Ok(())
}

/// The number that a question answers with.
fn counted(sql: &str, connection: &RefCell<Box<dyn Connection>>) -> Result<Option<u64>, HostError> {
    let answer = connection.borrow_mut().query(sql, &[]).map_err(|error| HostError {
        statement: Some(sql.to_owned()),
        ..error.into()
    })?;
    Ok(match answer.rows.first().and_then(|row| row.first()) {
        Some(Literal::Int(rows)) => u64::try_from(*rows).ok(),
        _ => None,
    })
}
