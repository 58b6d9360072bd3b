//! Questions to the live database: each in a read-only transaction of its own, with a time limit.

use limbeck_db::{Connection, DbError};
use limbeck_expr::Literal;

/// A row of texts; NULL is `None`.
pub(super) type Row = Vec<Option<String>>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotTold {
    /// It took longer than it may, or waited for a lock that long.
    TooLong,
    /// The database refused.
    Refused { sqlstate: String, message: String },
}

impl NotTold {
    /// The reason for people.
    pub(super) fn why(&self) -> String {
        match self {
            NotTold::TooLong => "the question took too long".into(),
            NotTold::Refused { message, .. } => format!("the database answered: {message}"),
        }
    }
}

impl From<DbError> for NotTold {
    fn from(error: DbError) -> Self {
        let sqlstate = error.sqlstate().unwrap_or_default().to_owned();
        // Cancelled by the time limit; a lock that was not to be had in time.
        if matches!(sqlstate.as_str(), "57014" | "55P03") {
            return NotTold::TooLong;
        }
        NotTold::Refused {
            sqlstate,
            message: error.to_string().lines().next().unwrap_or_default().to_owned(),
        }
    }
}

/// Who asks.
pub(super) struct Ask<'a> {
    pub connection: &'a mut dyn Connection,
    /// How long one question may take, in milliseconds.
    pub time_limit: u32,
}

impl Ask<'_> {
    /// The rows of a question.
    pub(super) fn rows(&mut self, sql: &str) -> Result<Vec<Row>, NotTold> {
        self.rows_after(None, sql)
    }

    /// The rows of a question that comes after another statement in the same transaction.
    pub(super) fn rows_after(&mut self, before: Option<&str>, sql: &str) -> Result<Vec<Row>, NotTold> {
        let limit = self.time_limit;
        let begin = format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {limit}");
        self.connection.execute_batch(&begin)?;
        let result = before
            .map_or(Ok(0), |before| self.connection.execute_batch(before))
            .and_then(|_| self.connection.query(sql, &[]));
        let ended = self.connection.rollback();
        let found = result?;
        ended?;
        Ok(found.rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
    }

    /// The first row of a question.
    pub(super) fn row(&mut self, sql: &str) -> Result<Option<Row>, NotTold> {
        Ok(self.rows(sql)?.into_iter().next())
    }

    /// The first value of a question, where there is one.
    pub(super) fn value(&mut self, sql: &str) -> Result<Option<String>, NotTold> {
        Ok(self.row(sql)?.and_then(|row| row.into_iter().next().flatten()))
    }

    /// Whether a question is answered by true.
    pub(super) fn truth(&mut self, sql: &str) -> Result<bool, NotTold> {
        Ok(self.value(sql)?.as_deref() == Some("true"))
    }
}

fn text(value: Literal) -> Option<String> {
    match value {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(value) => Some(value.to_string()),
        Literal::Float(value) => Some(value.to_string()),
        Literal::Text(value)
        | Literal::BigInt(value)
        | Literal::Decimal(value)
        | Literal::Bytes(value)
        | Literal::Date(value)
        | Literal::Time(value)
        | Literal::DateTime(value)
        | Literal::Uuid(value)
        | Literal::Json(value) => Some(value),
        Literal::Interval(..) | Literal::Array(_) => None,
    }
}

/// Quotes a name.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes a text as a constant.
pub(super) fn constant(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// A name in quotes, with its schema if it has one.
pub(super) fn quoted_name(name: &limbeck_sql::Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None => quoted(&name.name),
    }
}
