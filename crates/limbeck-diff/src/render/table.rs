//! `create_table`, `drop_table`, table comments.

use super::Renderer;
use super::python::repr;
use crate::{Result, Sided};
use limbeck_schema::{Table, TableName};

/// Python once took no more arguments than this.
const MOST_ARGUMENTS: usize = 255;

impl Renderer<'_> {
    pub(super) fn create_table(&mut self, table: &Sided<Table>) -> Result<String> {
        let Sided { side, item: table } = table;
        let mut args = Vec::new();
        for column in &table.columns {
            args.push(self.column(&table.name, Sided { side: *side, item: column })?);
        }
        let mut constraints = Vec::new();
        for constraint in &table.constraints {
            constraints.extend(self.constraint(*side, &table.name, constraint)?);
        }
        constraints.sort();
        args.extend(constraints);
        let joined = args.join(",\n");
        let arguments = if args.len() > MOST_ARGUMENTS { format!("*[{joined}]") } else { joined };
        let mut out = format!("{}create_table({},\n{arguments}", self.op(), repr(table.name.name.as_str()));
        if let Some(schema) = &table.name.schema {
            out += &format!(",\nschema={}", repr(schema.as_str()));
        }
        if let Some(comment) = &table.comment {
            out += &format!(",\ncomment={}", repr(comment));
        }
        if let Some(info) = &table.info {
            out += &format!(",\ninfo={info}");
        }
        let mut options: Vec<_> = table.options.iter().collect();
        options.sort_by_key(|(key, _)| key.as_str());
        for (key, value) in options {
            out += &format!(",\n{}={}", key.replace(' ', "_"), self.argument(value)?);
        }
        if !table.prefixes.is_empty() {
            let prefixes: Vec<String> = table.prefixes.iter().map(|prefix| format!("'{prefix}'")).collect();
            out += &format!(",\nprefixes=[{}]", prefixes.join(", "));
        }
        out += "\n)";
        Ok(out)
    }

    pub(super) fn drop_table(&self, table: &TableName) -> String {
        format!("{}drop_table({}{})", self.op(), repr(table.name.as_str()), self.schema_argument(table))
    }

    pub(super) fn set_comment(&self, table: &TableName, comment: Option<&str>, existing: Option<&str>) -> String {
        let mut args = Vec::new();
        if !self.in_batch {
            args.push(format!("'{}'", table.name));
        }
        args.push(optional(comment));
        args.push(format!("existing_comment={}", optional(existing)));
        self.comment_call("create_table_comment", args, table)
    }

    pub(super) fn drop_comment(&self, table: &TableName, existing: Option<&str>) -> String {
        let mut args = Vec::new();
        if !self.in_batch {
            args.push(format!("'{}'", table.name));
        }
        args.push(format!("existing_comment={}", optional(existing)));
        self.comment_call("drop_table_comment", args, table)
    }

    fn comment_call(&self, directive: &str, mut args: Vec<String>, table: &TableName) -> String {
        if !self.in_batch {
            args.push(format!("schema={}", optional(table.schema.as_ref().map(|schema| schema.as_str()))));
        }
        format!("{}{directive}(\n    {}\n)", self.op(), args.join(",\n    "))
    }
}

fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), repr)
}
