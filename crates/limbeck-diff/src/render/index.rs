//! `create_index`, `drop_index`.

use super::Renderer;
use super::python::{boolean, repr};
use crate::{Result, Side, Sided};
use limbeck_dialect::{DialectName, expression_sql, grouped_expression_sql};
use limbeck_expr::Expr;
use limbeck_schema::{Index, OptionValue, Options};

impl Renderer<'_> {
    pub(super) fn create_index(&self, index: &Sided<Index>) -> Result<String> {
        let Sided { side, item: index } = index;
        let elements = index
            .elements
            .iter()
            .map(|element| self.element(element))
            .collect::<Result<Vec<_>>>()?
            .join(", ");
        let mut args = vec![self.name(&index.name)];
        if !self.in_batch {
            args.push(repr(index.table.name.as_str()));
        }
        args.push(format!("[{elements}]"));
        // SQLite tells it as a number.
        let number = *side == Side::Database && self.options.dialect == DialectName::Sqlite && index.unique;
        args.push(format!("unique={}", if number { "1" } else { boolean(index.unique) }));
        let mut out = format!("{}create_index({}{}", self.op(), args.join(", "), self.schema_argument(&index.table));
        for argument in self.arguments(&self.index_options(*side, index))? {
            out += &format!(", {argument}");
        }
        out.push(')');
        Ok(out)
    }

    pub(super) fn drop_index(&self, index: &Sided<Index>) -> Result<String> {
        let Sided { side, item: index } = index;
        let mut out = format!("{}drop_index({}", self.op(), self.name(&index.name));
        if !self.in_batch {
            out += &format!(", table_name={}{}", repr(index.table.name.as_str()), self.schema_argument(&index.table));
        }
        for argument in self.arguments(&self.index_options(*side, index))? {
            out += &format!(", {argument}");
        }
        out.push(')');
        Ok(out)
    }

    /// A condition that PostgreSQL reported is plain text to SQLAlchemy.
    fn index_options(&self, side: Side, index: &Index) -> Options {
        let mut out = index.options.clone();
        if side == Side::Database
            && let Some(value) = out.get_mut("postgresql_where")
            && let OptionValue::Expr(Expr::LiteralColumn(sql)) = value
        {
            *value = OptionValue::Text(std::mem::take(sql));
        }
        out
    }

    fn element(&self, element: &Expr) -> Result<String> {
        if let Expr::Column { name, .. } = element {
            return Ok(repr(name.as_str()));
        }
        let sql = match self.options.dialect {
            DialectName::Postgresql => grouped_expression_sql(DialectName::Postgresql, element)?,
            dialect => expression_sql(dialect, element)?,
        };
        let label = match element {
            Expr::Label { name, .. } => format!(".label({})", repr(name.as_str())),
            _ => String::new(),
        };
        Ok(format!("{}literal_column({}){label}", self.sa(), repr(&sql)))
    }
}
