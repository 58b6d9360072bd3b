//! The state of one rendering: which dialect, what becomes of values, whether columns are qualified.

use crate::context::{BindMode, Context, ParamStyle};
use crate::error::Result;
use crate::ident::Quoter;
use crate::{DialectName, driver, literal};
use limbeck_expr::{BindParam, ColumnType, Ident, Literal, TableName};
use limbeck_ops::HostError;
use std::cell::RefCell;

/// What becomes of a value that is not asked to be inline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Literal,
    Placeholder(ParamStyle),
    Driver,
}

/// Renders expressions and parts of statements.
#[derive(Debug)]
pub(crate) struct Render {
    pub quoter: Quoter,
    pub version: Option<(u32, u32)>,
    /// Whether columns are written with their table.
    pub include_table: bool,
    values: Values,
    bind_casts: bool,
    params: RefCell<Vec<Literal>>,
}

impl Render {
    /// For DDL: values are always written out, columns never qualified.
    pub fn ddl(dialect: DialectName, ctx: &Context<'_>) -> Self {
        Render {
            quoter: Quoter {
                dialect,
                double_percents: doubles_percent(ctx),
            },
            version: ctx.server_version,
            include_table: false,
            values: Values::Literal,
            bind_casts: false,
            params: RefCell::default(),
        }
    }

    /// For statements on rows.
    pub fn query(dialect: DialectName, ctx: &Context<'_>) -> Self {
        let values = match ctx.binds {
            BindMode::Literal(_) => Values::Literal,
            BindMode::Style(style) => Values::Placeholder(style),
            BindMode::Driver => Values::Driver,
        };
        Render {
            include_table: true,
            values,
            bind_casts: ctx.bind_casts,
            ..Render::ddl(dialect, ctx)
        }
    }

    /// Whether values stay placeholders; then nothing is known of a list.
    pub fn keeps_placeholders(&self) -> bool {
        matches!(self.values, Values::Placeholder(_))
    }

    pub fn dialect(&self) -> DialectName {
        self.quoter.dialect
    }

    pub fn ident(&self, ident: &Ident) -> String {
        self.quoter.ident(ident)
    }

    pub fn table(&self, name: &TableName) -> String {
        self.quoter.table(name)
    }

    /// The parameters collected so far.
    pub fn into_params(self) -> Vec<Literal> {
        self.params.into_inner()
    }

    /// Text the author wrote as SQL: only `%` may need doubling.
    pub fn verbatim(&self, sql: &str) -> String {
        if self.quoter.double_percents {
            sql.replace('%', "%%")
        } else {
            sql.to_string()
        }
    }

    /// A quoted string literal.
    pub fn string(&self, text: &str) -> String {
        literal::string(self, text)
    }

    /// A bound value, as the mode asks.
    ///
    /// # Errors
    /// The value cannot be written, or is missing.
    pub fn bind(&self, bind: &BindParam) -> Result<String> {
        if bind.expanding {
            return self.expanding(bind);
        }
        if bind.inline || self.values == Values::Literal {
            return literal::render(self, bind.value.as_ref().unwrap_or(&Literal::Null), bind.type_.as_ref());
        }
        match self.values {
            Values::Placeholder(style) => Ok(self.placeholder(style, bind)?),
            _ => self.driver_value(self.given(bind)?, bind.type_.as_ref()),
        }
    }

    fn given<'b>(&self, bind: &'b BindParam) -> Result<&'b Literal> {
        bind.value
            .as_ref()
            .ok_or_else(|| crate::error::invalid_request(format!("A value is required for bind parameter '{}'", bind.name)))
    }

    fn driver_value(&self, value: &Literal, type_: Option<&ColumnType>) -> Result<String> {
        match self.dialect() {
            DialectName::Postgresql => driver::postgres_text(value, type_),
            DialectName::Sqlite => {
                self.params.borrow_mut().push(driver::sqlite_param(value, type_)?);
                Ok("?".to_string())
            }
            DialectName::Mysql => {
                self.params.borrow_mut().push(driver::mysql_param(value, type_));
                Ok("?".to_string())
            }
        }
    }

    fn placeholder(&self, style: ParamStyle, bind: &BindParam) -> Result<String> {
        let name = &bind.name;
        let position = {
            let mut params = self.params.borrow_mut();
            params.push(bind.value.clone().unwrap_or(Literal::Null));
            params.len()
        };
        let mut out = match style {
            ParamStyle::Named => format!(":{name}"),
            ParamStyle::Pyformat => format!("%({name})s"),
            ParamStyle::Format => "%s".to_string(),
            ParamStyle::Qmark => "?".to_string(),
            ParamStyle::Numeric => format!(":{position}"),
            ParamStyle::NumericDollar => format!("${position}"),
        };
        if self.bind_casts
            && let Some(cast) = driver::bind_cast(bind)?
        {
            out = format!("{out}::{cast}");
        }
        Ok(out)
    }

    fn expanding(&self, bind: &BindParam) -> Result<String> {
        if let Values::Placeholder(_) = self.values {
            return Ok(format!("(__[POSTCOMPILE_{}])", bind.name));
        }
        let Some(Literal::Array(items)) = &bind.value else {
            return Err(crate::error::invalid_request(format!(
                "'expanding' parameters can't be used with an empty or scalar value: '{}'",
                bind.name
            )));
        };
        if items.is_empty() {
            return Ok(crate::expr::empty_set(self.dialect(), false));
        }
        let tuples = matches!(items.first(), Some(Literal::Array(_)));
        let rendered = items
            .iter()
            .map(|item| self.element(item, bind))
            .collect::<Result<Vec<_>, HostError>>()?
            .join(", ");
        let values = if tuples && self.dialect() == DialectName::Sqlite { "VALUES " } else { "" };
        Ok(format!("({values}{rendered})"))
    }

    fn element(&self, item: &Literal, bind: &BindParam) -> Result<String> {
        if let Literal::Array(parts) = item {
            let parts = parts.iter().map(|part| self.element_value(part, None)).collect::<Result<Vec<_>>>()?;
            return Ok(format!("({})", parts.join(", ")));
        }
        self.element_value(item, bind.type_.as_ref())
    }

    fn element_value(&self, value: &Literal, type_: Option<&ColumnType>) -> Result<String> {
        match self.values {
            Values::Driver => self.driver_value(value, type_),
            _ => literal::render(self, value, type_),
        }
    }
}

fn doubles_percent(ctx: &Context<'_>) -> bool {
    match ctx.binds {
        BindMode::Literal(style) | BindMode::Style(style) => style.doubles_percent(),
        BindMode::Driver => false,
    }
}
