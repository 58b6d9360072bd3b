//! The new table, what is copied into it, and the indexes it gets.

use super::changes::TypedConstraint;
use super::rebuild::{Rebuilder, Slot, text_of};
use super::{CopyRows, Rebuild};
use crate::DialectName;
use crate::error::Result;
use crate::resolve::{expression_columns, settle_constraint, type_check};
use indexmap::IndexMap;
use limbeck_expr::{ColumnType, Expr, Ident, TableName};
use limbeck_ops::{Batch, ConstraintKind, CreateTable, DatabaseErrorKind, DropConstraint, DropTable, Operation};
use limbeck_schema::{CheckConstraint, Column, Constraint, Index, KeyConstraint, OptionValue, Options, Table};

/// Puts the new table together.
///
/// # Errors
/// The wishes for the order of columns contradict each other.
pub(super) fn assemble(dialect: DialectName, batch: &Batch, mut rebuilder: Rebuilder) -> Result<Rebuild> {
    sort_columns(&mut rebuilder)?;
    let before = freed_names(dialect, &rebuilder);
    let create = new_table(dialect, batch, &rebuilder)?;
    let from = rebuilder.table.clone();
    let to = create.name.clone();
    let columns = rebuilder.slots.iter().filter_map(|(old, slot)| copied(old, slot)).collect();
    let indexes = indexes(&rebuilder);
    Ok(Rebuild {
        before,
        create: CreateTable {
            table: create,
            if_not_exists: false,
            check_first: false,
            naming_convention: None,
        },
        copy: CopyRows {
            from: from.clone(),
            to: to.clone(),
            columns,
        },
        rename: (to, from.name.clone()),
        drop: DropTable {
            table: from,
            if_exists: false,
            check_first: false,
            columns: Vec::new(),
            options: Options::new(),
        },
        indexes,
    })
}

/// The name the new table has until the old one is gone.
pub(super) fn temporary_name(table: &TableName) -> TableName {
    let name: String = format!("_alembic_tmp_{}", table.name).chars().take(50).collect();
    TableName::in_schema(table.schema.clone(), name)
}

fn sort_columns(rebuilder: &mut Rebuilder) -> Result<()> {
    if !rebuilder.order.changes() {
        return Ok(());
    }
    let names: Vec<String> = rebuilder.slots.keys().cloned().collect();
    let mut sorted = IndexMap::with_capacity(names.len());
    for name in rebuilder.order.sort(&names)? {
        if let Some(slot) = rebuilder.slots.shift_remove(&name) {
            sorted.insert(name, slot);
        }
    }
    rebuilder.slots = sorted;
    Ok(())
}

/// PostgreSQL keeps names of constraints per table but those of their indexes per schema: the old table lets go of what the new one takes over.
fn freed_names(dialect: DialectName, rebuilder: &Rebuilder) -> Vec<Operation> {
    if dialect != DialectName::Postgresql {
        return Vec::new();
    }
    let taken = |constraint: &&Constraint| text_of(constraint.name()).is_some_and(|name| rebuilder.named.contains_key(&name));
    rebuilder
        .old_names
        .iter()
        .filter(taken)
        .map(|constraint| {
            Operation::DropConstraint(DropConstraint {
                table: rebuilder.table.clone(),
                name: constraint.name().clone(),
                kind: kind(constraint),
                if_exists: false,
                options: Options::new(),
            })
        })
        .collect()
}

fn kind(constraint: &Constraint) -> Option<ConstraintKind> {
    match constraint {
        Constraint::PrimaryKey(_) => Some(ConstraintKind::PrimaryKey),
        Constraint::Unique(_) => Some(ConstraintKind::Unique),
        Constraint::Check(_) => Some(ConstraintKind::Check),
        Constraint::ForeignKey(_) => Some(ConstraintKind::ForeignKey),
        Constraint::Exclude(_) => None,
    }
}

fn new_table(dialect: DialectName, batch: &Batch, rebuilder: &Rebuilder) -> Result<Table> {
    let mut table = Table::new(temporary_name(&rebuilder.table));
    set_options(&mut table, batch, &rebuilder.options);
    table.constraints.extend(batch.extra_constraints.iter().cloned());
    for slot in rebuilder.slots.values() {
        let mut column = slot.column.clone();
        if slot.type_makes_check
            && let Some(check) = type_check(&column.name, &column.type_, dialect)
        {
            table.constraints.push(Constraint::Check(named_like_the_old(check, rebuilder)?));
        }
        silence_type(&mut column.type_, slot);
        table.columns.push(column);
    }
    for held in rebuilder.named.values().chain(&rebuilder.unnamed) {
        if columns_of(&held.constraint).iter().all(|name| rebuilder.slots.contains_key(name.as_str())) {
            table.constraints.push(moved(held, rebuilder));
        }
    }
    settle_primary_key(&mut table);
    table.indexes = batch
        .extra_indexes
        .iter()
        .map(|index| Index {
            table: table.name.clone(),
            ..index.clone()
        })
        .collect();
    Ok(table)
}

/// What `batch_alter_table(table_kwargs=…)` says, then what the old table had.
fn set_options(table: &mut Table, batch: &Batch, old: &Options) {
    for (key, value) in &batch.table_options {
        match (key.as_str(), value) {
            ("comment", OptionValue::Text(text)) => table.comment = Some(text.clone()),
            ("prefixes", OptionValue::List(words)) => table.prefixes = words.iter().filter_map(|word| word.as_str().map(str::to_string)).collect(),
            _ => {
                table.options.insert(key.clone(), value.clone());
            }
        }
    }
    for (key, value) in old {
        table.options.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// A check that comes with a type is named for the old table. One that cannot be named goes without.
fn named_like_the_old(check: CheckConstraint, rebuilder: &Rebuilder) -> Result<CheckConstraint> {
    match settle_constraint(&Constraint::Check(check.clone()), &rebuilder.table, &rebuilder.naming) {
        Ok(Constraint::Check(settled)) => Ok(settled),
        Ok(_) => Ok(check),
        Err(error) if error.kind == DatabaseErrorKind::InvalidRequestError => Ok(check),
        Err(error) => Err(error),
    }
}

/// The type makes neither its check (which is among the constraints) nor, if the old table had it, its own `CREATE TYPE`.
fn silence_type(type_: &mut ColumnType, slot: &Slot) {
    match type_ {
        ColumnType::Boolean { create_constraint, .. } => *create_constraint = false,
        ColumnType::Enum(enum_) => {
            enum_.create_constraint = false;
            if slot.old && slot.type_makes_check {
                enum_.create_type = false;
            }
        }
        ColumnType::Array { item, .. } => silence_type(item, slot),
        _ => {}
    }
}

/// A constraint as the new table has it: under the columns' new names, and a reference into the table's own schema.
fn moved(held: &TypedConstraint, rebuilder: &Rebuilder) -> Constraint {
    let new_name = |name: &Ident| rebuilder.slots.get(name.as_str()).map_or_else(|| name.clone(), |slot| slot.column.name.clone());
    let mut constraint = held.constraint.clone();
    match &mut constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => key.columns = key.columns.iter().map(new_name).collect(),
        Constraint::ForeignKey(key) => {
            if key.referred_columns.is_empty() {
                // Without columns the reference means columns of the same names, which a rename must not change.
                key.referred_columns.clone_from(&key.columns);
            }
            key.columns = key.columns.iter().map(new_name).collect();
            if let Some(schema) = &rebuilder.table.schema {
                key.referred_table.schema = Some(schema.clone());
            }
        }
        Constraint::Check(check) => rename_columns(&mut check.condition, held.type_bound, &new_name),
        Constraint::Exclude(exclude) => {
            for (element, _) in &mut exclude.elements {
                rename_columns(element, true, &new_name);
            }
        }
    }
    constraint
}

/// The old names of the columns a constraint is about: it goes with any of them.
fn columns_of(constraint: &Constraint) -> Vec<Ident> {
    match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => key.columns.clone(),
        Constraint::ForeignKey(key) => key.columns.clone(),
        Constraint::Check(check) => expression_columns(&check.condition),
        Constraint::Exclude(exclude) => exclude.elements.iter().flat_map(|(element, _)| expression_columns(element)).collect(),
    }
}

/// One primary key: the last one wins, an empty one takes the flagged columns.
fn settle_primary_key(table: &mut Table) {
    let keys: Vec<KeyConstraint> = table
        .constraints
        .iter()
        .filter_map(|constraint| match constraint {
            Constraint::PrimaryKey(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    table.constraints.retain(|constraint| !matches!(constraint, Constraint::PrimaryKey(_)));
    let mut key = keys.into_iter().next_back().unwrap_or_default();
    if key.columns.is_empty() {
        key.columns = table
            .columns
            .iter()
            .filter(|column| column.primary_key)
            .map(|column| column.name.clone())
            .collect();
    }
    for column in &mut table.columns {
        let in_key = key.columns.iter().any(|name| name.text == column.name.text);
        flag(column, in_key);
    }
    if !key.columns.is_empty() {
        table.constraints.insert(0, Constraint::PrimaryKey(key));
    }
}

fn flag(column: &mut Column, in_key: bool) {
    column.primary_key = in_key;
    if in_key && column.nullable.is_none() {
        column.nullable = Some(false);
    }
}

/// A column of INSERT … SELECT; what is not a plain column is given the old column's name.
fn copied(old: &str, slot: &Slot) -> Option<(Ident, Expr)> {
    let value = slot.transfer.clone()?;
    let value = match value {
        Expr::Column { .. } => value,
        other => Expr::Label {
            expr: Box::new(other),
            name: old_name(old, slot),
        },
    };
    Some((slot.column.name.clone(), value))
}

fn old_name(old: &str, slot: &Slot) -> Ident {
    if slot.column.name.text == old {
        slot.column.name.clone()
    } else {
        Ident::new(old)
    }
}

/// The old indexes, under the columns' new names, then the new ones.
fn indexes(rebuilder: &Rebuilder) -> Vec<Index> {
    let new_name = |name: &Ident| rebuilder.slots.get(name.as_str()).map_or_else(|| name.clone(), |slot| slot.column.name.clone());
    let old = rebuilder.indexes.values().filter(|(_, again)| *again).map(|(index, _)| index);
    old.chain(rebuilder.new_indexes.values())
        .map(|index| {
            let mut index = index.clone();
            index.table = rebuilder.table.clone();
            for element in &mut index.elements {
                rename_columns(element, true, &new_name);
            }
            index
        })
        .collect()
}

/// Renames columns inside an expression: those of the table, or all.
fn rename_columns(expr: &mut Expr, all: bool, new_name: &dyn Fn(&Ident) -> Ident) {
    if let Expr::Column { table, name } = expr
        && (all || table.is_some())
    {
        *name = new_name(name);
    }
    for operand in expr.operands_mut() {
        rename_columns(operand, all, new_name);
    }
}

#[cfg(test)]
mod tests {
    use super::temporary_name;
    use limbeck_expr::TableName;

    #[test]
    fn the_temporary_name_is_cut_at_fifty_characters() {
        assert_eq!(temporary_name(&TableName::new("t")).name.text, "_alembic_tmp_t");
        let long = temporary_name(&TableName::new("ö".repeat(60)));
        assert_eq!(long.name.text.chars().count(), 50);
    }
}
