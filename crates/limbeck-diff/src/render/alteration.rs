//! `alter_column`, one argument per line.

use super::Renderer;
use super::python::{boolean, repr};
use crate::{Alteration, Default, Result, Side};
use limbeck_schema::TableName;

impl Renderer<'_> {
    pub(super) fn alter_column(&mut self, table: &TableName, alteration: &Alteration) -> Result<String> {
        let column = alteration.column.as_str();
        let (new, old) = alteration.sides();
        let mut out = if self.in_batch {
            format!("batch_op.alter_column({}", repr(column))
        } else {
            format!("{}alter_column({}, {}", self.op(), repr(table.name.as_str()), repr(column))
        };
        let mut line = |argument: String| {
            out.push_str(",\n           ");
            out.push_str(&argument);
        };
        if let Some(existing) = &alteration.existing_type {
            line(format!("existing_type={}", self.column_type(table, column, existing.side, &existing.item)?));
        }
        if let Some(default) = &alteration.default {
            line(format!("server_default={}", self.optional_default(table, column, new, default)?));
        }
        if let Some(type_) = &alteration.type_ {
            line(format!("type_={}", self.column_type(table, column, type_.side, &type_.item)?));
        }
        if let Some(nullable) = alteration.nullable {
            line(format!("nullable={}", boolean(nullable)));
        }
        if let Some(comment) = &alteration.comment {
            line(format!("comment={}", comment.as_deref().map_or_else(|| "None".to_owned(), repr)));
        }
        if let Some(existing) = &alteration.existing_comment {
            line(format!("existing_comment={}", repr(existing)));
        }
        if alteration.nullable.is_none()
            && let Some(existing) = alteration.existing_nullable
        {
            line(format!("existing_nullable={}", boolean(existing)));
        }
        if let Some(autoincrement) = alteration.autoincrement {
            line(format!("autoincrement={}", boolean(autoincrement)));
        }
        if alteration.default.is_none()
            && let Some(existing @ Some(_)) = &alteration.existing_default
        {
            line(format!("existing_server_default={}", self.optional_default(table, column, old, existing)?));
        }
        if let Some(using) = &alteration.using {
            line(format!("postgresql_using={}", repr(using)));
        }
        if let Some(schema) = &table.schema
            && !self.in_batch
        {
            line(format!("schema={}", repr(schema.as_str())));
        }
        out.push(')');
        Ok(out)
    }

    fn optional_default(&mut self, table: &TableName, column: &str, side: Side, default: &Default) -> Result<String> {
        let Some(default) = default else { return Ok("None".to_owned()) };
        let shown = self.column_default(table, column, side, default)?;
        Ok(if shown.is_empty() { "None".to_owned() } else { shown })
    }
}
