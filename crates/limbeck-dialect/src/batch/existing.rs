//! The table as it is before the block: read from the database, or as `copy_from=` describes it.

use super::changes::{TypedConstraint, named_checks};
use super::convention;
use crate::error::{Result, command_error};
use crate::resolve::{flag_index, settle_constraint, settle_index};
use crate::{Context, DialectName};
use limbeck_expr::{Expr, TableName};
use limbeck_ops::{Batch, DatabaseErrorKind, HostError};
use limbeck_schema::{Column, Constraint, ConstraintName, ForeignKey, Index, KeyConstraint, NamingConvention, Options, ServerDefault, Table};

/// A table with everything its columns' flags bring set out, and names settled.
#[derive(Debug, Clone)]
pub(super) struct Existing {
    pub name: TableName,
    /// Columns without flags but `primary_key`.
    pub columns: Vec<Column>,
    /// The primary key, if there is one.
    pub primary_key: Option<KeyConstraint>,
    /// The other constraints, but for checks that come with a type and checks that nobody can name.
    pub constraints: Vec<TypedConstraint>,
    /// Each index, and whether it is made again.
    pub indexes: Vec<(Index, bool)>,
    pub options: Options,
    /// Names the checks of types.
    pub naming: NamingConvention,
    /// Whether checks inside columns can be dropped by name: only those a description has.
    pub described: bool,
}

/// Reads the table, or takes the description.
///
/// # Errors
/// `CommandError` when there is neither, `NoSuchTableError` when the table is not there.
pub(super) fn load(dialect: DialectName, batch: &Batch, ctx: &mut Context<'_>) -> Result<Existing> {
    if let Some(table) = &batch.copy_from {
        return described(table, convention(batch));
    }
    let Some(catalog) = ctx.catalog.as_mut().filter(|_| !ctx.offline) else {
        return Err(needs_a_database(dialect, batch));
    };
    let table = catalog.table(&batch.table)?.ok_or_else(|| no_such_table(&batch.table))?;
    reflected(dialect, batch, table, ctx)
}

/// A description: flags are still to be set out.
fn described(table: &Table, naming: NamingConvention) -> Result<Existing> {
    let mut constraints = Vec::new();
    let mut indexes = Vec::new();
    for column in &table.columns {
        for key in &column.foreign_keys {
            constraints.push(Constraint::ForeignKey(ForeignKey {
                columns: vec![column.name.clone()],
                ..key.clone()
            }));
        }
        if column.unique && !column.index {
            constraints.push(Constraint::Unique(KeyConstraint {
                columns: vec![column.name.clone()],
                ..KeyConstraint::default()
            }));
        }
        if column.index {
            // Alembic leaves the index of `index=True` to the flag, and takes the flag away.
            indexes.push((flag_index(column, &table.name), false));
        }
    }
    constraints.extend(table.constraints.iter().cloned());
    indexes.extend(table.indexes.iter().cloned().map(|index| (index, true)));
    set_out(table, constraints, indexes, naming, true)
}

/// A table as read: names are the database's own; only what has none is named, and only by the block's own convention.
fn reflected(dialect: DialectName, batch: &Batch, mut table: Table, ctx: &mut Context<'_>) -> Result<Existing> {
    table.name = batch.table.clone();
    for column in &mut table.columns {
        final_default(dialect, column);
        column.unique = false;
        column.index = false;
    }
    for constraint in &mut table.constraints {
        make_final(constraint);
    }
    override_columns(&mut table, &batch.reflect_columns);
    let naming = convention(batch);
    let mut existing = {
        let indexes = readable_indexes(dialect, &table, ctx);
        set_out(&table, table.constraints.clone(), indexes, naming, false)?
    };
    let before = existing.constraints.len();
    existing
        .constraints
        .retain(|held| !matches!(&held.constraint, Constraint::Check(check) if check.name == ConstraintName::Unnamed));
    let given = batch.extra_constraints.iter().any(|constraint| matches!(constraint, Constraint::Check(_)));
    for _ in existing.constraints.len()..before {
        if !given {
            ctx.warn(format!(
                "Unnamed CHECK constraint on reflected table '{}' is being omitted from the table recreate; pass the constraint explicitly using batch_alter_table.table_args.  Naming CHECK constraints avoids this going forward.",
                table.name.name
            ));
        }
    }
    Ok(existing)
}

fn set_out(table: &Table, constraints: Vec<Constraint>, indexes: Vec<(Index, bool)>, naming: NamingConvention, described: bool) -> Result<Existing> {
    let name = &table.name;
    let mut primary_key: Option<KeyConstraint> = None;
    let mut others = Vec::new();
    for constraint in &constraints {
        match settle_constraint(constraint, name, &naming)? {
            Constraint::PrimaryKey(key) => primary_key = Some(key),
            constraint => others.push(TypedConstraint { constraint, type_bound: false }),
        }
    }
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let mut column = column.clone();
        column.unique = false;
        column.index = false;
        column.foreign_keys = Vec::new();
        column.checks = named_checks(&column.checks, name, &naming)?;
        columns.push(column);
    }
    let primary_key = settle_key(primary_key, &mut columns, name, &naming)?;
    let indexes = indexes
        .into_iter()
        .map(|(mut index, again)| {
            index.table = name.clone();
            Ok((settle_index(&index, &naming)?, again))
        })
        .collect::<Result<_>>()?;
    Ok(Existing {
        name: name.clone(),
        columns,
        primary_key,
        constraints: others,
        indexes,
        options: table.options.clone(),
        naming,
        described,
    })
}

/// One primary key from a constraint and the columns' flags; its columns do not take NULL unless they were said to.
fn settle_key(key: Option<KeyConstraint>, columns: &mut [Column], table: &TableName, naming: &NamingConvention) -> Result<Option<KeyConstraint>> {
    let flagged: Vec<_> = columns.iter().filter(|column| column.primary_key).map(|column| column.name.clone()).collect();
    let key = match key {
        Some(key) if !key.columns.is_empty() => Some(key),
        Some(key) if !flagged.is_empty() => Some(KeyConstraint { columns: flagged, ..key }),
        None if !flagged.is_empty() => {
            let key = Constraint::PrimaryKey(KeyConstraint {
                columns: flagged,
                ..KeyConstraint::default()
            });
            match settle_constraint(&key, table, naming)? {
                Constraint::PrimaryKey(key) => Some(key),
                _ => None,
            }
        }
        _ => None,
    };
    for column in columns {
        column.primary_key = key.as_ref().is_some_and(|key| key.columns.iter().any(|name| name.text == column.name.text));
        if column.primary_key {
            column.nullable = Some(column.nullable.unwrap_or(false));
        }
    }
    Ok(key)
}

/// `reflect_args=`: each column replaces the one of its name where that stands, with the foreign keys the old one had; an unknown one comes last.
fn override_columns(table: &mut Table, columns: &[Column]) {
    for column in columns {
        match table.columns.iter_mut().find(|old| old.name.text == column.name.text) {
            Some(old) => {
                let mut column = column.clone();
                column.primary_key |= old.primary_key;
                *old = column;
            }
            None => table.columns.push(column.clone()),
        }
        table.constraints.retain(|constraint| match constraint {
            Constraint::ForeignKey(key) => !key.columns.iter().any(|name| name.text == column.name.text),
            _ => true,
        });
        for key in &column.foreign_keys {
            table.constraints.push(Constraint::ForeignKey(ForeignKey {
                columns: vec![column.name.clone()],
                ..key.clone()
            }));
        }
        if column.unique && !column.index {
            table.constraints.push(Constraint::Unique(KeyConstraint {
                columns: vec![column.name.clone()],
                ..KeyConstraint::default()
            }));
        }
    }
}

/// SQLAlchemy does not read indexes on expressions from SQLite, so Alembic loses them in a rebuild; they are kept out here as well, with a word.
fn readable_indexes(dialect: DialectName, table: &Table, ctx: &mut Context<'_>) -> Vec<(Index, bool)> {
    let mut out = Vec::new();
    for index in &table.indexes {
        let plain = index.elements.iter().all(|element| matches!(element, Expr::Column { .. }));
        if dialect == DialectName::Sqlite && !plain {
            let name = index.name.ident().map_or("", |name| name.as_str());
            ctx.warn(format!("Skipped unsupported reflection of expression-based index {name}"));
            continue;
        }
        let mut index = index.clone();
        if let ConstraintName::Given(name) = index.name {
            index.name = ConstraintName::Final(name);
        }
        out.push((index, true));
    }
    out
}

fn make_final(constraint: &mut Constraint) {
    let name = match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => &mut key.name,
        Constraint::Check(check) => &mut check.name,
        Constraint::ForeignKey(key) => &mut key.name,
        Constraint::Exclude(exclude) => &mut exclude.name,
    };
    if let ConstraintName::Given(given) = name {
        *name = ConstraintName::Final(given.clone());
    }
}

/// SQLite gives a default back without the parentheses that an expression must have.
fn final_default(dialect: DialectName, column: &mut Column) {
    if dialect == DialectName::Sqlite
        && let Some(ServerDefault::Reflected(text)) = &mut column.server_default
        && wants_parentheses(text)
    {
        *text = format!("({text})");
    }
}

/// Alembic's guess: all but one digit (or point), a quoted string, and what has parentheses.
fn wants_parentheses(text: &str) -> bool {
    let between = |open, close| text.len() > 2 && text.starts_with(open) && text.ends_with(close) && !text.contains('\n');
    let one_digit = text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    !text.is_empty() && !one_digit && !between('\'', '\'') && !between('(', ')')
}

fn no_such_table(table: &TableName) -> HostError {
    HostError::new(DatabaseErrorKind::NoSuchTableError, table.name.text.clone())
}

fn needs_a_database(dialect: DialectName, batch: &Batch) -> HostError {
    command_error(format!(
        "This operation cannot proceed in --sql mode; batch mode with dialect {} requires a live database connection with which to reflect the table \"{}\". To generate a batch SQL migration script using table \"move and copy\", a complete Table object should be passed to the \"copy_from\" argument of the batch_alter_table() method so that table reflection can be skipped.",
        dialect.name(),
        batch.table.name
    ))
}

#[cfg(test)]
mod tests {
    use super::wants_parentheses;

    #[test]
    fn defaults_get_parentheses_as_alembic_guesses() {
        for text in ["0", "5", ".", "'a'", "(1+1)", "'a''b'", ""] {
            assert!(!wants_parentheses(text), "{text}");
        }
        for text in ["10", "1.5", "CURRENT_TIMESTAMP", "''", "lower('X')", "-1", "NULL", "()"] {
            assert!(wants_parentheses(text), "{text}");
        }
    }
}
