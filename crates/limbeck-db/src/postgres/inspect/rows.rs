//! Asking the catalogue and reading its answers.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use fallible_iterator::FallibleIterator;
use limbeck_expr::Literal;
use postgres_protocol::message::backend::DataRowBody;

use super::super::{Postgres, decode};
use crate::DbError;

/// A row of the catalogue, as it came: a value is read when it is asked for, in the form it is asked for. What has not that form is absent.
pub(crate) struct Row<'a> {
    bytes: &'a [u8],
    values: Vec<Option<Range<usize>>>,
}

impl<'a> Row<'a> {
    fn new(body: &'a DataRowBody) -> io::Result<Self> {
        Ok(Row {
            bytes: body.buffer(),
            values: body.ranges().collect()?,
        })
    }

    /// The text of a value; nothing for NULL.
    pub(crate) fn as_str(&self, at: usize) -> Option<Cow<'a, str>> {
        let range = self.values.get(at)?.clone()?;
        self.bytes.get(range).map(String::from_utf8_lossy)
    }

    pub(crate) fn text(&self, at: usize) -> Option<String> {
        self.as_str(at).map(Cow::into_owned)
    }

    /// A number, 0 where there is none: no object has that number.
    pub(crate) fn number(&self, at: usize) -> i64 {
        self.optional_number(at).unwrap_or_default()
    }

    /// A number, or none where there is none.
    pub(crate) fn optional_number(&self, at: usize) -> Option<i64> {
        self.as_str(at)?.parse().ok()
    }

    pub(crate) fn flag(&self, at: usize) -> bool {
        self.as_str(at).as_deref() == Some("t")
    }

    /// The items of an array that are not NULL.
    pub(crate) fn texts(&self, at: usize) -> Vec<String> {
        let array = self.as_str(at).and_then(|text| decode::text_array(&text));
        let text = |item| match item {
            Literal::Text(text) => Some(text),
            _ => None,
        };
        array.unwrap_or_default().into_iter().filter_map(text).collect()
    }

    /// The numbers of an array (`{1,2}`) or of a vector (`1 2`).
    pub(crate) fn numbers(&self, at: usize) -> Vec<i64> {
        let text = self.as_str(at).unwrap_or_default();
        let numbers = text.split(['{', ',', ' ', '}']);
        numbers.filter_map(|number| number.parse().ok()).collect()
    }
}

/// Asks one question and reads each row of its answer.
pub(crate) fn ask<T>(database: &mut Postgres, sql: &str, read: impl Fn(&Row<'_>) -> T) -> Result<Vec<T>, DbError> {
    let mut out = Vec::new();
    each_row(database, sql, |_, row| out.push(read(row)))?;
    Ok(out)
}

/// Asks several questions in one round trip. Each row is handed over as it comes, with the number of its question: a whole catalogue is never held.
pub(crate) fn ask_all(database: &mut Postgres, questions: &[String], read: impl FnMut(usize, &Row<'_>)) -> Result<(), DbError> {
    let answered = each_row(database, &questions.join(";\n"), read)?;
    if answered == questions.len() {
        return Ok(());
    }
    Err(DbError::operational(
        "E0617",
        "the catalogue gave another number of answers than there were questions",
    ))
}

fn each_row(database: &mut Postgres, sql: &str, mut read: impl FnMut(usize, &Row<'_>)) -> Result<usize, DbError> {
    database.run_rows(sql, &mut |statement, body| {
        read(statement, &Row::new(body)?);
        Ok(())
    })
}
