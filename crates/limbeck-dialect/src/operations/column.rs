//! Columns added and dropped.

use super::Compiler;
use crate::error::Result;
use crate::resolve::{self, Resolved};
use crate::{DialectName, column, constraint, index, option};
use limbeck_ops::{AddColumn, DropColumn};
use limbeck_schema::{Constraint, ForeignKey, Table};

impl Compiler<'_, '_> {
    pub(super) fn add_column(&mut self, op: &AddColumn) -> Result<()> {
        let mut table = Table::new(op.table.clone());
        table.columns.push(op.column.clone());
        let resolved = resolve::resolve(&table, self.ctx.naming, self.dialect)?;
        let inline = inline_reference(op, &resolved);
        self.alter_add(op, &resolved, inline)?;
        for item in &resolved.constraints {
            let written_inline = inline.is_some() && matches!(&item.constraint, Constraint::ForeignKey(_));
            if !written_inline {
                self.add_constraint(&op.table, item)?;
            }
        }
        for item in &resolved.indexes {
            let sql = index::create(&self.render(), item, false)?;
            self.emit(sql);
        }
        if let Some(comment) = op.column.comment.as_ref().filter(|_| self.dialect.comments_separately()) {
            let render = self.render();
            self.emit(format!(
                "COMMENT ON COLUMN {}.{} IS {}",
                render.table(&op.table),
                render.ident(&op.column.name),
                render.string(comment)
            ));
        }
        Ok(())
    }

    fn alter_add(&mut self, op: &AddColumn, resolved: &Resolved, inline: Option<&ForeignKey>) -> Result<()> {
        let render = self.render();
        let item = &resolved.columns[0];
        let exists = if op.if_not_exists { "IF NOT EXISTS " } else { "" };
        let mut sql = format!(
            "ALTER TABLE {} ADD COLUMN {exists}{}",
            render.quoter.altered_table(&op.table),
            column::specification(&render, resolved, item)?
        );
        if op.inline_primary_key && item.column.primary_key {
            sql += " PRIMARY KEY";
        }
        if let Some(key) = inline {
            sql += &format!(" REFERENCES {}", constraint::references(&render, key, true)?);
        }
        sql += &column::checks(&render, item)?;
        self.emit(sql);
        Ok(())
    }

    pub(super) fn drop_column(&mut self, op: &DropColumn) -> Result<()> {
        let render = self.render();
        let exists = if op.if_exists { "IF EXISTS " } else { "" };
        let cascade = match self.dialect {
            DialectName::Postgresql if option::truthy(&op.options, "postgresql_cascade").is_some() => " CASCADE",
            _ => "",
        };
        let sql = format!(
            "ALTER TABLE {} DROP COLUMN {exists}{}{cascade}",
            render.quoter.altered_table(&op.table),
            render.ident(&op.column)
        );
        self.emit(sql);
        Ok(())
    }
}

/// The one foreign key that `inline_references=True` writes into the column.
fn inline_reference<'r>(op: &AddColumn, resolved: &'r Resolved) -> Option<&'r ForeignKey> {
    if !op.inline_references || op.column.foreign_keys.len() != 1 {
        return None;
    }
    resolved.constraints.iter().find_map(|item| match &item.constraint {
        Constraint::ForeignKey(key) => Some(key),
        _ => None,
    })
}
