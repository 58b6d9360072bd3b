//! Columns: in a table, added, dropped, renamed.

use super::python::{boolean, repr};
use super::{PartKind, Renderer};
use crate::alembic_default;
use crate::{Result, Sided};
use limbeck_schema::{Autoincrement, Column, Ident, ServerDefault, TableName};

impl Renderer<'_> {
    /// `sa.Column(...)`.
    ///
    /// # Errors
    /// An expression cannot be written.
    pub(super) fn column(&mut self, table: &TableName, column: Sided<&Column>) -> Result<String> {
        let Sided { side, item: column } = column;
        if let Some(own) = self.own(side, table, PartKind::Column(column.name.text.clone())) {
            return Ok(own);
        }
        let type_ = self.new_column_type(table, column.name.as_str(), side, &column.type_)?;
        let mut positional = String::new();
        let mut options = Vec::new();
        if let Some(default) = alembic_default(column) {
            let shown = self.column_default(table, column.name.as_str(), side, &default)?;
            if shown.is_empty() {
                // `render_item` leaves it out.
            } else if matches!(default, ServerDefault::Identity(_) | ServerDefault::Computed(_)) {
                positional = format!("{shown}, ");
            } else {
                options.push(format!("server_default={shown}"));
            }
        }
        match column.autoincrement {
            Autoincrement::Auto => {}
            Autoincrement::True => options.push("autoincrement=True".to_owned()),
            Autoincrement::False => options.push("autoincrement=False".to_owned()),
            Autoincrement::IgnoreFk => options.push("autoincrement='ignore_fk'".to_owned()),
        }
        options.push(format!("nullable={}", boolean(column.is_nullable())));
        if column.system {
            options.push("system=True".to_owned());
        }
        if let Some(comment) = &column.comment {
            options.push(format!("comment={}", repr(comment)));
        }
        options.extend(self.arguments(&column.options)?);
        Ok(format!(
            "{}Column({}, {type_}, {positional}{})",
            self.sa(),
            repr(column.name.as_str()),
            options.join(", ")
        ))
    }

    pub(super) fn add_column(&mut self, table: &TableName, column: &Sided<Column>) -> Result<String> {
        let shown = self.column(
            table,
            Sided {
                side: column.side,
                item: &column.item,
            },
        )?;
        if self.in_batch {
            return Ok(format!("batch_op.add_column({shown})"));
        }
        Ok(format!(
            "{}add_column({}, {shown}{})",
            self.op(),
            repr(table.name.as_str()),
            self.schema_argument(table)
        ))
    }

    pub(super) fn drop_column(&self, table: &TableName, column: &Ident) -> String {
        if self.in_batch {
            return format!("batch_op.drop_column({})", repr(column.as_str()));
        }
        format!(
            "{}drop_column({}, {}{})",
            self.op(),
            repr(table.name.as_str()),
            repr(column.as_str()),
            self.schema_argument(table)
        )
    }

    pub(super) fn rename_column(&mut self, table: &TableName, column: &Sided<Column>, to: &Ident) -> Result<String> {
        let existing = self.column_type(table, column.item.name.as_str(), column.side, &column.item.type_)?;
        let mut args = Vec::new();
        if !self.in_batch {
            args.push(repr(table.name.as_str()));
        }
        args.push(repr(column.item.name.as_str()));
        args.push(format!("new_column_name={}", repr(to.as_str())));
        args.push(format!("existing_type={existing}"));
        args.push(format!("existing_nullable={}", boolean(column.item.is_nullable())));
        Ok(format!("{}alter_column({}{})", self.op(), args.join(", "), self.schema_argument(table)))
    }
}
