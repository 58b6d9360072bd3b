//! Expressions as SQLAlchemy prints them. Parentheses come with the tree; only where dialects differ in words is anything decided here.

use crate::error::{Result, compile_error, not_implemented};
use crate::render::Render;
use crate::{DialectName, literal, mysql, query, text, type_sql};
use limbeck_expr::{Expr, FromName, Literal, WindowFrame};

impl Render {
    /// Renders an expression.
    ///
    /// # Errors
    /// The dialect has no words for it, or a value cannot be written.
    pub fn expr(&self, expr: &Expr) -> Result<String> {
        Ok(match expr {
            Expr::Bind(bind) => self.bind(bind)?,
            Expr::Text { sql, binds } => text::render(self, sql, binds)?,
            Expr::LiteralColumn(sql) => self.verbatim(sql),
            Expr::Column { table: Some(table), name } if self.include_table => format!("{}.{}", self.qualifier(table), self.ident(name)),
            Expr::Column { name, .. } => self.ident(name),
            Expr::Star { table: Some(table) } if self.include_table => format!("{}.*", self.qualifier(table)),
            Expr::Star { .. } => "*".to_string(),
            Expr::Null => "NULL".to_string(),
            Expr::True => literal::boolean(self.dialect(), true).to_string(),
            Expr::False => literal::boolean(self.dialect(), false).to_string(),
            Expr::Prefix { op, expr } => {
                let blank = if op.ends_with(|c: char| c.is_alphanumeric()) { " " } else { "" };
                format!("{op}{blank}{}", self.expr(expr)?)
            }
            Expr::Postfix { op, expr } => format!("{} {op}", self.expr(expr)?),
            Expr::Binary { op, left, right, escape } => self.binary(op, left, right, escape.as_deref())?,
            Expr::Joined { op, clauses } if op == "," => self.exprs(clauses)?,
            Expr::Joined { op, clauses } if op == "||" && self.dialect() == DialectName::Mysql => format!("concat({})", self.exprs(clauses)?),
            Expr::Joined { op, clauses } => {
                let parts = clauses.iter().map(|clause| self.expr(clause)).collect::<Result<Vec<_>>>()?;
                parts.join(&format!(" {} ", self.verbatim(op)))
            }
            Expr::Grouping(inner) => format!("({})", self.expr(inner)?),
            Expr::Tuple(items) => format!("({})", self.exprs(items)?),
            Expr::Func { .. } => self.function(expr)?,
            Expr::Cast { expr, type_ } => {
                let type_ = match self.dialect() {
                    DialectName::Mysql => match mysql::types::cast(type_)? {
                        Some(type_) => type_,
                        None => return self.expr(expr),
                    },
                    dialect => type_sql(dialect, type_)?,
                };
                format!("CAST({} AS {type_})", self.expr(expr)?)
            }
            Expr::Case { value, whens, else_ } => {
                let mut out = "CASE ".to_string();
                if let Some(value) = value {
                    out += &format!("{} ", self.expr(value)?);
                }
                for (when, then) in whens {
                    out += &format!("WHEN {} THEN {} ", self.grouped(when)?, self.expr(then)?);
                }
                if let Some(else_) = else_ {
                    out += &format!("ELSE {} ", self.expr(else_)?);
                }
                out + "END"
            }
            Expr::Extract { field, expr } => self.extract(field, expr)?,
            Expr::Collate { expr, collation } => format!("{} COLLATE {}", self.expr(expr)?, self.quoter.name(collation)),
            Expr::Label { expr, name } => format!("{} AS {}", self.expr(expr)?, self.ident(name)),
            Expr::Exists(inner) => format!("EXISTS ({})", query::render(self, inner)?),
            Expr::Scalar(inner) => format!("({})", query::render(self, inner)?),
            Expr::Array(items) => format!("ARRAY[{}]", self.exprs(items)?),
            Expr::Index { expr, index } => format!("{}[{}]", self.expr(expr)?, self.expr(index)?),
            Expr::NextValue { sequence } => match self.dialect() {
                DialectName::Postgresql => format!("nextval('{}')", self.table(sequence).replace('\'', "''")),
                DialectName::Sqlite | DialectName::Mysql => {
                    return Err(not_implemented(format!(
                        "Dialect '{}' does not support sequence increments.",
                        self.dialect().name()
                    )));
                }
            },
        })
    }

    /// Renders expressions with commas between.
    pub fn exprs(&self, items: &[Expr]) -> Result<String> {
        Ok(items.iter().map(|item| self.expr(item)).collect::<Result<Vec<_>>>()?.join(", "))
    }

    /// An operation in parentheses, anything else as it is: SQLAlchemy's `self_group()` where values stand alone.
    pub fn grouped(&self, expr: &Expr) -> Result<String> {
        let sql = self.expr(expr)?;
        Ok(match expr {
            Expr::Binary { op, .. } if op == "NOT IN" => sql,
            Expr::Prefix { op, .. } if op == "NOT" => sql,
            Expr::Cast { expr, .. } if is_json_access(expr) => format!("({sql})"),
            Expr::Binary { .. } | Expr::Joined { .. } | Expr::Collate { .. } | Expr::Prefix { .. } | Expr::Exists(_) => format!("({sql})"),
            _ => sql,
        })
    }

    /// Renders what qualifies a column.
    pub fn qualifier(&self, name: &FromName) -> String {
        match &name.schema {
            Some(schema) if !schema.text.is_empty() => format!("{}.{}", self.ident(schema), self.ident(&name.name)),
            _ => self.ident(&name.name),
        }
    }

    fn binary(&self, op: &str, left: &Expr, right: &Expr, escape: Option<&str>) -> Result<String> {
        if matches!(op, "IN" | "NOT IN") && is_empty_list(right) && !self.keeps_placeholders() {
            let sql = format!("{} {op} {}", self.expr(left)?, empty_set(self.dialect(), op == "NOT IN"));
            return Ok(if op == "NOT IN" { format!("({sql})") } else { sql });
        }
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        let mut out = match (op, self.dialect()) {
            ("ILIKE" | "NOT ILIKE", DialectName::Sqlite | DialectName::Mysql) => {
                let not = if op.starts_with("NOT") { "NOT " } else { "" };
                format!("lower({left}) {not}LIKE lower({right})")
            }
            ("IS DISTINCT FROM", DialectName::Sqlite) => format!("{left} IS NOT {right}"),
            ("IS NOT DISTINCT FROM", DialectName::Sqlite) => format!("{left} IS {right}"),
            ("IS DISTINCT FROM", DialectName::Mysql) => format!("NOT ({left} <=> {right})"),
            ("IS NOT DISTINCT FROM", DialectName::Mysql) => format!("{left} <=> {right}"),
            ("||", DialectName::Mysql) => format!("concat({left}, {right})"),
            // NOT IN always stands in parentheses, because its empty form has an OR in it.
            ("NOT IN", _) => format!("({left} NOT IN {right})"),
            _ => format!("{left} {} {right}", self.verbatim(op)),
        };
        if let Some(escape) = escape {
            out += &format!(" ESCAPE {}", self.string(escape));
        }
        Ok(out)
    }

    fn extract(&self, field: &str, expr: &Expr) -> Result<String> {
        let inner = self.expr(expr)?;
        if self.dialect() != DialectName::Sqlite {
            return Ok(format!("EXTRACT({field} FROM {inner})"));
        }
        let format = match field {
            "month" => "%m",
            "day" => "%d",
            "year" => "%Y",
            "second" => "%S",
            "hour" => "%H",
            "doy" => "%j",
            "minute" => "%M",
            "epoch" => "%s",
            "dow" => "%w",
            "week" => "%W",
            _ => return Err(compile_error(format!("{field} is not a valid extract argument."))),
        };
        Ok(format!("CAST(STRFTIME('{format}', {inner}) AS INTEGER)"))
    }

    fn function(&self, expr: &Expr) -> Result<String> {
        let Expr::Func {
            name,
            args,
            distinct,
            quote,
            order_by,
            filter,
            over,
        } = expr
        else {
            return self.expr(expr);
        };
        let mut inner = self.exprs(args)?;
        if *distinct {
            inner = format!("DISTINCT {inner}");
        }
        if !order_by.is_empty() {
            inner += &format!(" ORDER BY {}", self.exprs(order_by)?);
        }
        let mut out = self.call(name, *quote, args, &inner)?;
        if let Some(filter) = filter {
            out += &format!(" FILTER (WHERE {})", self.expr(filter)?);
        }
        if let Some(over) = over {
            out += &format!(" OVER ({})", self.window(over)?);
        }
        Ok(out)
    }

    fn call(&self, name: &str, quote: Option<bool>, args: &[Expr], inner: &str) -> Result<String> {
        let lower = name.to_ascii_lowercase();
        match (lower.as_str(), self.dialect()) {
            ("now", DialectName::Sqlite) => return Ok("CURRENT_TIMESTAMP".to_string()),
            ("localtimestamp", DialectName::Sqlite) => return Ok("DATETIME(CURRENT_TIMESTAMP, 'localtime')".to_string()),
            ("char_length", DialectName::Sqlite) => return Ok(format!("length({inner})")),
            ("pow", DialectName::Postgresql) => return Ok(format!("power({inner})")),
            ("substring", DialectName::Postgresql) if args.len() >= 2 => {
                let mut parts = args.iter().map(|arg| self.expr(arg)).collect::<Result<Vec<_>>>()?.into_iter();
                let (text, start) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                return Ok(match parts.next() {
                    Some(length) => format!("SUBSTRING({text} FROM {start} FOR {length})"),
                    None => format!("SUBSTRING({text} FROM {start})"),
                });
            }
            ("random", DialectName::Mysql) => return Ok(format!("rand({inner})")),
            ("sysdate", DialectName::Mysql) => return Ok("SYSDATE()".to_string()),
            ("aggregate_strings", DialectName::Postgresql) => return Ok(format!("string_agg({inner})")),
            ("aggregate_strings", DialectName::Sqlite) => return Ok(format!("group_concat({inner})")),
            _ => {}
        }
        // ANSI functions have no parentheses of their own.
        let ansi = match lower.as_str() {
            "current_date" => Some("CURRENT_DATE"),
            "current_time" => Some("CURRENT_TIME"),
            "current_timestamp" => Some("CURRENT_TIMESTAMP"),
            "current_user" => Some("CURRENT_USER"),
            "localtime" => Some("LOCALTIME"),
            "localtimestamp" => Some("LOCALTIMESTAMP"),
            "session_user" => Some("SESSION_USER"),
            "sysdate" => Some("sysdate"),
            "user" => Some("USER"),
            _ => None,
        };
        if let Some(ansi) = ansi {
            return Ok(if args.is_empty() { ansi.to_string() } else { format!("{ansi}({inner})") });
        }
        let shown = match lower.as_str() {
            "cube" => "CUBE".to_string(),
            "rollup" => "ROLLUP".to_string(),
            "grouping_sets" => "GROUPING SETS".to_string(),
            // Functions SQLAlchemy knows are found whatever their case.
            "now" | "count" | "max" | "min" | "sum" | "coalesce" | "concat" | "char_length" | "random" | "array_agg" | "mode" | "rank" | "dense_rank"
            | "percent_rank" | "cume_dist" | "percentile_cont" | "percentile_disc" | "pow" => lower.clone(),
            _ => name.split('.').map(|part| self.function_name(part, quote)).collect::<Vec<_>>().join("."),
        };
        if lower == "count" && inner.is_empty() {
            return Ok("count(*)".to_string());
        }
        Ok(format!("{shown}({inner})"))
    }

    fn function_name(&self, part: &str, quote: Option<bool>) -> String {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
        if quote == Some(true) || (!plain && quote.is_none()) {
            return self.ident(&limbeck_expr::Ident {
                text: part.to_string(),
                quote: Some(true),
            });
        }
        part.to_string()
    }

    fn window(&self, window: &WindowFrame) -> Result<String> {
        let mut parts = Vec::new();
        if !window.partition_by.is_empty() {
            parts.push(format!("PARTITION BY {}", self.exprs(&window.partition_by)?));
        }
        if !window.order_by.is_empty() {
            parts.push(format!("ORDER BY {}", self.exprs(&window.order_by)?));
        }
        parts.extend(window.frame.clone());
        Ok(parts.join(" "))
    }
}

/// `x IN ()`, in words each dialect accepts.
pub(crate) fn empty_set(dialect: DialectName, negated: bool) -> String {
    match (dialect, negated) {
        (DialectName::Sqlite, _) => "(SELECT 1 FROM (SELECT 1) WHERE 1!=1)".to_string(),
        (_, false) => "(NULL) AND (1 != 1)".to_string(),
        (_, true) => "(NULL) OR (1 = 1)".to_string(),
    }
}

/// What a JSON element comes to: SQLAlchemy's operator is still a comparison to it when the compiler writes a CAST around it.
fn is_json_access(expr: &Expr) -> bool {
    match expr {
        Expr::Binary { op, .. } => matches!(op.as_str(), "->>" | "#>>"),
        Expr::Func { name, .. } => name == "JSON_EXTRACT",
        Expr::Grouping(inner) => is_json_access(inner),
        _ => false,
    }
}

fn is_empty_list(expr: &Expr) -> bool {
    match expr {
        Expr::Tuple(items) => items.is_empty(),
        Expr::Grouping(inner) => is_empty_list(inner),
        Expr::Bind(bind) => bind.expanding && matches!(&bind.value, Some(Literal::Array(items)) if items.is_empty()),
        _ => false,
    }
}
