//! The changes of a block applied to the old table, one by one.
//!
//! Columns are known by the name they have in the old table (or were added under) to the end of the block, also after a rename.

use super::changes::{Change, TypedConstraint};
use super::existing::Existing;
use super::order::Order;
use crate::DialectName;
use crate::error::{Result, not_implemented};
use crate::types::{Affinity, affinity, inner_enum, same_affinity};
use indexmap::IndexMap;
use limbeck_expr::{ColumnType, Expr, FromName, Ident, TableName};
use limbeck_ops::{AlterColumn, Change as Set, DatabaseErrorKind, HostError};
use limbeck_schema::{Autoincrement, Column, Constraint, ConstraintName, Index, KeyConstraint, NamingConvention, Options, ServerDefault};

/// A column of the new table.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub column: Column,
    /// Its value in terms of the old table; a new column has none.
    pub transfer: Option<Expr>,
    /// Whether its type makes its own CHECK: a type that the block brought has it among the constraints.
    pub type_makes_check: bool,
    /// Whether the old table has it.
    pub old: bool,
}

/// The table on its way from old to new.
#[derive(Debug)]
pub(super) struct Rebuilder {
    dialect: DialectName,
    pub table: TableName,
    pub slots: IndexMap<String, Slot>,
    pub order: Order,
    /// By name; the primary key is here or among the unnamed ones.
    pub named: IndexMap<String, TypedConstraint>,
    pub unnamed: Vec<TypedConstraint>,
    /// Named checks written inside columns, by the column's name: these too can be dropped.
    column_checks: IndexMap<String, String>,
    /// Indexes of the old table, and whether they are made again.
    pub indexes: IndexMap<String, (Index, bool)>,
    pub new_indexes: IndexMap<String, Index>,
    pub options: Options,
    pub naming: NamingConvention,
    /// Constraints of the old table that had names, in order: PostgreSQL frees those names first.
    pub old_names: Vec<Constraint>,
}

impl Rebuilder {
    pub fn new(dialect: DialectName, existing: Existing, partial_reordering: &[Vec<Ident>]) -> Self {
        let from = FromName {
            schema: existing.name.schema.clone(),
            name: existing.name.name.clone(),
        };
        let mut column_checks = IndexMap::new();
        let mut slots = IndexMap::new();
        for column in existing.columns {
            if existing.described {
                for name in column.checks.iter().filter_map(|check| check.name.ident()) {
                    column_checks.insert(name.text.clone(), column.name.text.clone());
                }
            }
            let value = Expr::Column {
                table: Some(from.clone()),
                name: column.name.clone(),
            };
            let slot = Slot {
                // The database computes a generated column again; it takes no value.
                transfer: column.computed.is_none().then_some(value),
                type_makes_check: true,
                old: true,
                column,
            };
            slots.insert(slot.column.name.text.clone(), slot);
        }
        let order = Order::new(slots.keys().cloned().collect(), partial_reordering);
        let mut rebuilder = Rebuilder {
            dialect,
            table: existing.name,
            slots,
            order,
            named: IndexMap::new(),
            unnamed: Vec::new(),
            column_checks,
            indexes: existing
                .indexes
                .into_iter()
                .map(|(index, again)| (text_of(&index.name).unwrap_or_default(), (index, again)))
                .collect(),
            new_indexes: IndexMap::new(),
            options: existing.options,
            naming: existing.naming,
            old_names: Vec::new(),
        };
        let key = existing.primary_key.map(|key| TypedConstraint {
            constraint: Constraint::PrimaryKey(key),
            type_bound: false,
        });
        for held in key.into_iter().chain(existing.constraints) {
            if held.constraint.name().ident().is_some() {
                rebuilder.old_names.push(held.constraint.clone());
            }
            rebuilder.hold(held);
        }
        rebuilder
    }

    /// Applies one change.
    ///
    /// # Errors
    /// It speaks of a column, constraint or index that is not there.
    pub fn apply(&mut self, change: Change) -> Result<()> {
        match change {
            Change::AddColumn { column, before, after } => self.add_column(column, before.as_ref(), after.as_ref()),
            Change::DropColumn { column, existing_type } => self.drop_column(&column, existing_type.as_ref()),
            Change::AlterColumn(alter) => self.alter_column(*alter),
            Change::AddConstraint(held) => self.add_constraint(held),
            Change::DropConstraint { name, type_bound } => self.drop_constraint(&name, type_bound),
            Change::CreateIndex(index) => {
                self.new_indexes.insert(text_of(&index.name).unwrap_or_default(), index);
                Ok(())
            }
            Change::DropIndex(name) => {
                let name = text_of(&name).unwrap_or_default();
                let gone = self.indexes.shift_remove(&name);
                gone.map(|_| ()).ok_or_else(|| value_error(format!("No such index: '{name}'")))
            }
            Change::TableComment => Ok(()),
            Change::RenameTable => {
                let mut error = not_implemented("a table cannot be renamed inside a block that rebuilds it");
                error.hint = Some("rename it with op.rename_table() after the block".into());
                Err(error)
            }
        }
    }

    fn hold(&mut self, held: TypedConstraint) {
        match text_of(held.constraint.name()) {
            Some(name) => {
                self.named.insert(name, held);
            }
            None => self.unnamed.push(held),
        }
    }

    fn add_column(&mut self, mut column: Column, before: Option<&Ident>, after: Option<&Ident>) -> Result<()> {
        if column.primary_key {
            // It may not come into the key, and takes no NULL all the same.
            column.nullable = Some(column.is_nullable());
        }
        let name = column.name.text.clone();
        self.order.add(&name, before.map(Ident::as_str), after.map(Ident::as_str))?;
        let slot = Slot {
            column,
            transfer: None,
            type_makes_check: false,
            old: false,
        };
        self.slots.insert(name, slot);
        Ok(())
    }

    fn drop_column(&mut self, column: &Ident, existing_type: Option<&ColumnType>) -> Result<()> {
        let name = column.as_str();
        self.slots.shift_remove(name).ok_or_else(|| self.no_such_column(name))?;
        self.order.drop(name);
        for held in self.named.values_mut().chain(self.unnamed.iter_mut()) {
            if let Constraint::PrimaryKey(key) = &mut held.constraint {
                key.columns.retain(|in_key| in_key.text != name);
            }
        }
        self.forget_check_of(existing_type);
        Ok(())
    }

    fn alter_column(&mut self, alter: AlterColumn) -> Result<()> {
        let key = alter.column.as_str();
        let renamed = alter.new_name.filter(|new| new.text != key);
        if renamed.is_some() {
            self.forget_check_of(alter.existing_type.as_ref());
        }
        let dialect = self.dialect;
        let Some(slot) = self.slots.get_mut(key) else {
            return Err(self.no_such_column(key));
        };
        if let Some(new) = renamed {
            slot.column.name = new;
        }
        if let Some(type_) = alter.type_ {
            let value = slot.transfer.take();
            slot.transfer = value.map(|value| cast(dialect, value, &slot.column.type_, &type_));
            slot.column.type_ = type_;
            slot.type_makes_check = false;
        }
        if let Some(nullable) = alter.nullable {
            slot.column.nullable = Some(nullable);
        }
        match alter.server_default {
            Set::Keep => {}
            Set::Clear => slot.column.server_default = None,
            Set::Set(ServerDefault::Identity(identity)) => slot.column.identity = Some(Box::new(identity)),
            Set::Set(ServerDefault::Computed(computed)) => {
                slot.column.computed = Some(Box::new(computed));
                slot.transfer = None;
            }
            Set::Set(default) => slot.column.server_default = Some(default),
        }
        if let Some(counts) = alter.autoincrement {
            slot.column.autoincrement = if counts { Autoincrement::True } else { Autoincrement::False };
        }
        match alter.comment {
            Set::Keep => {}
            Set::Clear => slot.column.comment = None,
            Set::Set(comment) => slot.column.comment = Some(comment),
        }
        Ok(())
    }

    fn add_constraint(&mut self, held: TypedConstraint) -> Result<()> {
        if !held.type_bound && held.constraint.name().ident().is_none() {
            return Err(must_have_a_name());
        }
        if matches!(held.constraint, Constraint::PrimaryKey(_)) {
            // An unnamed primary key gives way; a named one is replaced when the new table is put together.
            self.unnamed.retain(|other| !matches!(other.constraint, Constraint::PrimaryKey(_)));
        }
        self.hold(held);
        Ok(())
    }

    fn drop_constraint(&mut self, name: &ConstraintName, type_bound: bool) -> Result<()> {
        let Some(name) = text_of(name) else {
            // The check of a type without a name is nowhere but in its type.
            return if type_bound { Ok(()) } else { Err(must_have_a_name()) };
        };
        if let Some(column) = self.column_checks.shift_remove(&name) {
            if let Some(slot) = self.slots.get_mut(&column) {
                slot.column.checks.retain(|check| text_of(&check.name).as_deref() != Some(name.as_str()));
            }
            return Ok(());
        }
        match self.named.shift_remove(&name) {
            Some(held) => {
                if let Constraint::PrimaryKey(key) = held.constraint {
                    self.unflag(&key);
                }
                Ok(())
            }
            None if type_bound => Ok(()),
            None => Err(value_error(format!("No such constraint: '{name}'"))),
        }
    }

    fn unflag(&mut self, key: &KeyConstraint) {
        for name in &key.columns {
            if let Some(slot) = self.slots.get_mut(name.as_str()) {
                slot.column.primary_key = false;
            }
        }
    }

    /// The named check of a Boolean or Enum goes with its column, or comes anew under the column's new name.
    fn forget_check_of(&mut self, existing_type: Option<&ColumnType>) {
        let name = match existing_type {
            Some(ColumnType::Boolean { name, .. }) => name.as_ref(),
            Some(other) => inner_enum(other).and_then(|enum_| enum_.name.as_ref()),
            None => None,
        };
        if let Some(name) = name {
            self.named.shift_remove(name.as_str());
        }
    }

    fn no_such_column(&self, name: &str) -> HostError {
        let mut error = value_error(format!("No such column: '{name}'"));
        error.hint = Some(match self.slots.iter().find(|(_, slot)| slot.column.name.text == name) {
            Some((old, _)) => format!("inside the block the column is still known as '{old}'"),
            None => format!("table '{}' has: {}", self.table.name, self.slots.keys().cloned().collect::<Vec<_>>().join(", ")),
        });
        error
    }
}

/// A value of another kind is cast; SQLite keeps JSON as the text it is.
fn cast(dialect: DialectName, value: Expr, old: &ColumnType, new: &ColumnType) -> Expr {
    if same_affinity(old, new) || (dialect == DialectName::Sqlite && affinity(new) == Affinity::Json) {
        return value;
    }
    Expr::Cast {
        expr: Box::new(value),
        type_: new.clone(),
    }
}

pub(super) fn text_of(name: &ConstraintName) -> Option<String> {
    name.ident().map(|ident| ident.text.clone())
}

fn must_have_a_name() -> HostError {
    let mut error = value_error("Constraint must have a name".to_string());
    error.hint = Some("give it one, or a naming convention to target_metadata".into());
    error
}

fn value_error(message: String) -> HostError {
    HostError::new(DatabaseErrorKind::ValueError, message)
}
