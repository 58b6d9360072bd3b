//! Constraints added to and dropped from tables that are there.

use super::Compiler;
use crate::error::{Result, compile_error, sqlite_constraint_change};
use crate::resolve::TableConstraint;
use crate::{DialectName, constraint, mysql, naming, option, resolve};
use limbeck_expr::{Ident, TableName};
use limbeck_ops::{ConstraintKind, CreateConstraint, DropConstraint};
use limbeck_schema::{Constraint, KeyConstraint};

impl Compiler<'_, '_> {
    pub(super) fn create_constraint(&mut self, op: &CreateConstraint) -> Result<()> {
        if let Constraint::PrimaryKey(key) | Constraint::Unique(key) = &op.constraint {
            included_columns(key)?;
        }
        let settled = resolve::settle_constraint(&op.constraint, &op.table, self.ctx.naming)?;
        self.add_constraint(&op.table, &TableConstraint::new(settled))
    }

    /// `ALTER TABLE … ADD`, for a constraint whose name is settled.
    pub(super) fn add_constraint(&mut self, table: &TableName, item: &TableConstraint) -> Result<()> {
        if self.dialect == DialectName::Sqlite {
            if item.type_bound {
                self.ctx.warn(
                    "Skipping unsupported ALTER for creation of implicit constraint. Please refer to the batch mode feature which allows for SQLite migrations using a copy-and-move strategy.",
                );
                return Ok(());
            }
            return Err(sqlite_constraint_change());
        }
        let render = self.render();
        if let Some(body) = constraint::sql(&render, table.schema.as_ref(), item.written()?)? {
            self.emit(format!("ALTER TABLE {} ADD {body}", render.table(table)));
        }
        Ok(())
    }

    pub(super) fn drop_constraint(&mut self, op: &DropConstraint) -> Result<()> {
        if self.dialect == DialectName::Sqlite {
            return Err(sqlite_constraint_change());
        }
        let name = match op.kind {
            // A constraint without a kind is no kind the convention speaks of.
            None => op.name.clone(),
            Some(kind) => naming::settle(
                self.ctx.naming,
                convention_kind(kind),
                &op.name,
                naming::Subject {
                    table: &op.table,
                    columns: &[],
                    referred: None,
                },
            )?,
        };
        let render = self.render();
        let Some(name) = render.quoter.constraint(&name)? else {
            return Err(compile_error("Can't emit DROP CONSTRAINT for constraint Constraint(); it has no name"));
        };
        let sql = match self.dialect {
            DialectName::Mysql => mysql::constraint::drop(&render, &op.table, &name, op.kind)?,
            DialectName::Postgresql | DialectName::Sqlite => {
                let exists = if op.if_exists { "IF EXISTS " } else { "" };
                let cascade = if option::truthy(&op.options, "cascade").is_some() { " CASCADE" } else { "" };
                format!("ALTER TABLE {} DROP CONSTRAINT {exists}{name}{cascade}", render.table(&op.table))
            }
        };
        self.emit(sql);
        Ok(())
    }
}

fn convention_kind(kind: ConstraintKind) -> naming::Kind {
    match kind {
        ConstraintKind::PrimaryKey => naming::Kind::PrimaryKey,
        ConstraintKind::Unique => naming::Kind::Unique,
        ConstraintKind::Check => naming::Kind::Check,
        ConstraintKind::ForeignKey => naming::Kind::ForeignKey,
    }
}

/// A constraint added by itself knows only its own columns, so INCLUDE can name no other (in Alembic a `KeyError`).
fn included_columns(key: &KeyConstraint) -> Result<()> {
    let Some(included) = option::truthy(&key.options, "postgresql_include") else {
        return Ok(());
    };
    match option::names(included).into_iter().find(|name: &Ident| !key.columns.contains(name)) {
        Some(name) => {
            let mut error = limbeck_ops::HostError::new(limbeck_ops::DatabaseErrorKind::ValueError, format!("'{name}'"));
            error.hint = Some("Alembic cannot add a constraint that includes a column it does not cover; write it with `op.execute`".to_string());
            Err(error)
        }
        None => Ok(()),
    }
}
