//! `alter_column`: separate statements on PostgreSQL and SQLite, one MODIFY or CHANGE on MySQL. Around a change of type the CHECK that belongs to the old
//! type is dropped and that of the new one added.

use super::Compiler;
use crate::error::{Result, compile_error};
use crate::resolve::{self, TableConstraint};
use crate::{DialectName, mysql, postgres};
use limbeck_ops::{AlterColumn, ConstraintKind, DropConstraint};
use limbeck_schema::{Column, ColumnType, Constraint, Options, Table};

impl Compiler<'_, '_> {
    pub(super) fn alter_column(&mut self, op: &AlterColumn) -> Result<()> {
        if let (Some(existing), Some(_)) = (&op.existing_type, &op.type_) {
            for item in self.constraints_of_type(op, existing)? {
                self.drop_type_constraint(op, &item)?;
            }
        }
        if self.dialect != DialectName::Mysql && (op.autoincrement.is_some() || op.existing_autoincrement.is_some()) {
            self.ctx.warn("autoincrement and existing_autoincrement only make sense for MySQL");
        }
        let mut statements = Vec::new();
        let outcome = match self.dialect {
            DialectName::Postgresql => postgres::alter::statements(&self.render(), op, &mut statements),
            DialectName::Sqlite => crate::sqlite::alter::statements(&self.render(), op, &mut statements),
            DialectName::Mysql => mysql::alter::statements(&self.render(), op, &mut statements),
        };
        for sql in statements {
            self.emit(sql);
        }
        outcome?;
        if let Some(type_) = &op.type_ {
            for item in self.constraints_of_type(op, type_)? {
                self.add_constraint(&op.table, &item)?;
            }
        }
        Ok(())
    }

    fn constraints_of_type(&self, op: &AlterColumn, type_: &ColumnType) -> Result<Vec<TableConstraint>> {
        let mut table = Table::new(op.table.clone());
        table.columns.push(Column::new(op.column.clone(), type_.clone()));
        Ok(resolve::resolve(&table, self.ctx.naming, self.dialect)?.constraints)
    }

    fn drop_type_constraint(&mut self, op: &AlterColumn, item: &TableConstraint) -> Result<()> {
        // SQLite cannot, and Alembic passes over constraints that come with a type; MySQL has none of them to drop.
        if self.dialect != DialectName::Postgresql {
            return Ok(());
        }
        let Constraint::Check(check) = item.written()? else { return Ok(()) };
        if check.name.ident().is_none() {
            return Err(compile_error("Can't emit DROP CONSTRAINT for constraint CheckConstraint(); it has no name"));
        }
        let name = match &check.name {
            limbeck_schema::ConstraintName::Given(name) => limbeck_schema::ConstraintName::Final(name.clone()),
            other => other.clone(),
        };
        self.drop_constraint(&DropConstraint {
            table: op.table.clone(),
            name,
            kind: Some(ConstraintKind::Check),
            if_exists: false,
            options: Options::new(),
        })
    }
}
