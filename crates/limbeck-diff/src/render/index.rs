//! `create_index`, `drop_index`.

use super::Renderer;
use super::python::{boolean, repr};
use crate::Result;
use limbeck_dialect::{DialectName, expression_sql, grouped_expression_sql};
use limbeck_expr::Expr;
use limbeck_schema::Index;

impl Renderer<'_> {
    pub(super) fn create_index(&self, index: &Index) -> Result<String> {
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
        args.push(format!("unique={}", boolean(index.unique)));
        let mut out = format!("{}create_index({}{}", self.op(), args.join(", "), self.schema_argument(&index.table));
        for argument in self.arguments(&index.options)? {
            out += &format!(", {argument}");
        }
        out.push(')');
        Ok(out)
    }

    pub(super) fn drop_index(&self, index: &Index) -> Result<String> {
        let mut out = format!("{}drop_index({}", self.op(), self.name(&index.name));
        if !self.in_batch {
            out += &format!(", table_name={}{}", repr(index.table.name.as_str()), self.schema_argument(&index.table));
        }
        for argument in self.arguments(&index.options)? {
            out += &format!(", {argument}");
        }
        out.push(')');
        Ok(out)
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
