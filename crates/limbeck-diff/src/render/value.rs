//! Expressions, server defaults and dialect arguments.

use super::python::{boolean, float, repr};
use super::{PartKind, Renderer};
use crate::{Result, Side};
use limbeck_dialect::{DialectName, expression_sql};
use limbeck_expr::Expr;
use limbeck_schema::{Computed, Identity, OptionValue, Options, ServerDefault, TableName};

impl Renderer<'_> {
    /// An expression as SQL text in quotes.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn sql(&self, expr: &Expr) -> Result<String> {
        Ok(repr(&expression_sql(self.options.dialect, expr)?))
    }

    /// An expression as `sa.text('...')`.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn text(&self, expr: &Expr) -> Result<String> {
        Ok(format!("{}text({})", self.sa(), self.sql(expr)?))
    }

    /// Dialect arguments as `key=value`.
    ///
    /// # Errors
    /// An expression cannot be written.
    pub(super) fn arguments(&self, options: &Options) -> Result<Vec<String>> {
        options.iter().map(|(key, value)| Ok(format!("{key}={}", self.argument(value)?))).collect()
    }

    pub(super) fn argument(&self, value: &OptionValue) -> Result<String> {
        Ok(match value {
            OptionValue::Null => "None".to_owned(),
            OptionValue::Bool(value) => boolean(*value).to_owned(),
            OptionValue::Int(value) => value.to_string(),
            OptionValue::Float(value) => float(*value),
            OptionValue::Text(text) => repr(text),
            OptionValue::List(items) => {
                let items = items.iter().map(|item| self.argument(item)).collect::<Result<Vec<_>>>()?;
                format!("[{}]", items.join(", "))
            }
            OptionValue::Map(items) => {
                let items = items
                    .iter()
                    .map(|(key, value)| Ok(format!("{}: {}", repr(key), self.argument(value)?)))
                    .collect::<Result<Vec<_>>>()?;
                format!("{{{}}}", items.join(", "))
            }
            OptionValue::Expr(Expr::Column { name, .. }) => repr(name.as_str()),
            OptionValue::Expr(expr) => self.text(expr)?,
        })
    }

    /// A column's server default as an argument, or as `render_item` writes it.
    ///
    /// # Errors
    /// As [`Self::server_default`].
    pub(super) fn column_default(&mut self, table: &TableName, column: &str, side: Side, default: &ServerDefault) -> Result<String> {
        match self.own(side, table, PartKind::Default(column.to_owned())) {
            Some(own) => Ok(own),
            None => self.server_default(default),
        }
    }

    /// A server default as an argument.
    ///
    /// # Errors
    /// An expression cannot be written.
    pub(super) fn server_default(&self, default: &ServerDefault) -> Result<String> {
        Ok(match default {
            ServerDefault::Text(text) => {
                let inner = text.strip_prefix('\'').unwrap_or(text);
                repr(inner.strip_suffix('\'').unwrap_or(inner))
            }
            ServerDefault::Expr(expr) => self.default_text(&expression_sql(self.options.dialect, expr)?),
            ServerDefault::Reflected(sql) => self.default_text(sql),
            ServerDefault::Fetched => format!("{}FetchedValue()", self.sa()),
            ServerDefault::Identity(identity) => format!("{}Identity({})", self.sa(), identity_arguments(identity)),
            ServerDefault::Computed(computed) => self.computed(computed)?,
        })
    }

    fn default_text(&self, sql: &str) -> String {
        let wrapped = if self.options.dialect == DialectName::Sqlite && needs_parentheses(sql) {
            format!("({sql})")
        } else {
            sql.to_owned()
        };
        format!("{}text({})", self.sa(), repr(&wrapped))
    }

    fn computed(&self, computed: &Computed) -> Result<String> {
        let persisted = computed.persisted.map_or_else(String::new, |is| format!("persisted={}", boolean(is)));
        Ok(format!("{}Computed({}, {persisted})", self.sa(), self.sql(&computed.expr)?))
    }
}

/// Whether Alembic takes a default for an expression that SQLite wants in parentheses.
fn needs_parentheses(sql: &str) -> bool {
    let quoted = sql.len() > 2 && sql.starts_with('\'') && sql.ends_with('\'');
    let wrapped = sql.len() > 2 && sql.starts_with('(') && sql.ends_with(')');
    let digit = sql.len() == 1 && sql.chars().all(|c| c.is_ascii_digit() || c == '.');
    !(sql.is_empty() || quoted || wrapped || digit)
}

/// `always=True, start=1, …` in SQLAlchemy's order.
pub(crate) fn identity_arguments(identity: &Identity) -> String {
    let mut out = vec![format!("always={}", boolean(identity.always))];
    let mut number = |name: &str, value: Option<i64>| out.extend(value.map(|value| format!("{name}={value}")));
    number("start", identity.start);
    number("increment", identity.increment);
    number("minvalue", identity.minvalue);
    number("maxvalue", identity.maxvalue);
    let flag = |name: &str, value: Option<bool>| value.map(|value| format!("{name}={}", boolean(value)));
    out.extend(flag("nominvalue", identity.nominvalue));
    out.extend(flag("nomaxvalue", identity.nomaxvalue));
    out.extend(flag("cycle", identity.cycle));
    out.extend(identity.cache.map(|cache| format!("cache={cache}")));
    out.join(", ")
}
