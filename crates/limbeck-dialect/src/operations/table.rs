//! Tables: created with their types, indexes and comments; dropped; renamed.

use super::Compiler;
use crate::DialectName;
use crate::error::Result;
use crate::resolve::{self, Resolved};
use crate::{column, index, table};
use limbeck_expr::{Ident, TableName};
use limbeck_ops::{CreateTable, DropTable};

impl Compiler<'_, '_> {
    pub(super) fn create_table(&mut self, op: &CreateTable) -> Result<()> {
        if op.check_first && self.has_table(&op.table.name)? {
            return Ok(());
        }
        let naming = op.naming_convention.as_ref().unwrap_or(self.ctx.naming);
        let resolved = resolve::resolve(&op.table, naming, self.dialect)?;
        if op.check_first {
            self.sequences_of(&resolved)?;
        }
        self.types_of(&resolved, op.check_first)?;
        let sql = table::create(&self.render(), &resolved, op.if_not_exists)?;
        self.emit(&sql);
        self.keep_end(&sql);
        for item in &resolved.indexes {
            let sql = index::create(&self.render(), item, false)?;
            self.emit(sql);
        }
        self.comments_of(&resolved);
        Ok(())
    }

    /// SQLite keeps the text of a statement, and when words follow the parenthesis also the empty lines SQLAlchemy ends it with: a schema made by
    /// either reads the same.
    fn keep_end(&mut self, sql: &str) {
        let (DialectName::Sqlite, false, false) = (self.dialect, self.ctx.offline, sql.ends_with(')')) else {
            return;
        };
        if let Some(statement) = self.out.last_mut() {
            statement.sql.push_str("\n\n");
        }
    }

    pub(super) fn drop_table(&mut self, op: &DropTable) -> Result<()> {
        if op.check_first && self.is_live() && !self.has_table(&op.table)? {
            return Ok(());
        }
        let exists = if op.if_exists { "IF EXISTS " } else { "" };
        let sql = format!("DROP TABLE {exists}{}", self.render().table(&op.table));
        self.emit(sql);
        Ok(())
    }

    pub(super) fn rename_table(&mut self, from: &TableName, to: &Ident) -> Result<()> {
        let render = self.render();
        let to = match self.dialect {
            DialectName::Postgresql | DialectName::Sqlite => render.ident(to),
            DialectName::Mysql => render.quoter.altered_table(&TableName {
                schema: from.schema.clone(),
                name: to.clone(),
            }),
        };
        let sql = format!("ALTER TABLE {} RENAME TO {to}", render.quoter.altered_table(from));
        self.emit(sql);
        Ok(())
    }

    /// `Table.create()` also makes the sequences its columns count by.
    fn sequences_of(&mut self, resolved: &Resolved) -> Result<()> {
        if self.dialect != DialectName::Postgresql {
            return Ok(());
        }
        for item in &resolved.columns {
            if let Some(sequence) = item.required_sequence()
                && !self.has_sequence(&sequence.name)?
            {
                self.create_sequence(sequence, false)?;
            }
        }
        Ok(())
    }

    fn comments_of(&mut self, resolved: &Resolved) {
        if !self.dialect.comments_separately() {
            return;
        }
        let render = self.render();
        let table = render.table(&resolved.name);
        if let Some(comment) = &resolved.comment {
            self.emit(format!("COMMENT ON TABLE {table} IS {}", render.string(comment)));
        }
        for item in &resolved.columns {
            if let Some(comment) = &item.column.comment {
                self.emit(format!(
                    "COMMENT ON COLUMN {table}.{} IS {}",
                    render.ident(&item.column.name),
                    render.string(comment)
                ));
            }
        }
    }
}

/// `AS type INCREMENT BY …` of a sequence, with a blank before when there is any.
pub(super) fn sequence_tail(options: &limbeck_schema::Identity) -> String {
    let options = column::sequence_options(options);
    if options.is_empty() { options } else { format!(" {options}") }
}
