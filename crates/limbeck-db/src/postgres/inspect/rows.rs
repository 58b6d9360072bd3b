//! Asking the catalogue and reading its answers.

use limbeck_expr::Literal;

use super::super::Postgres;
use crate::DbError;

/// A row of the catalogue; a value that is not of the kind asked for is absent.
pub(crate) struct Row(Vec<Literal>);

impl Row {
    pub(crate) fn text(&self, at: usize) -> Option<String> {
        match self.0.get(at)? {
            Literal::Text(text) | Literal::Json(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// A number, 0 where there is none: no object has that number.
    pub(crate) fn number(&self, at: usize) -> i64 {
        match self.0.get(at) {
            Some(Literal::Int(number)) => *number,
            _ => 0,
        }
    }

    /// A number, or none where there is none.
    pub(crate) fn optional_number(&self, at: usize) -> Option<i64> {
        match self.0.get(at) {
            Some(Literal::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, at: usize) -> bool {
        matches!(self.0.get(at), Some(Literal::Bool(true)))
    }

    fn list(&self, at: usize) -> &[Literal] {
        match self.0.get(at) {
            Some(Literal::Array(items)) => items,
            _ => &[],
        }
    }

    pub(crate) fn texts(&self, at: usize) -> Vec<String> {
        self.optional_texts(at).into_iter().flatten().collect()
    }

    pub(crate) fn optional_texts(&self, at: usize) -> Vec<Option<String>> {
        let text = |item: &Literal| match item {
            Literal::Text(text) => Some(text.clone()),
            _ => None,
        };
        self.list(at).iter().map(text).collect()
    }

    pub(crate) fn numbers(&self, at: usize) -> Vec<i64> {
        let number = |item: &Literal| match item {
            Literal::Int(number) => Some(*number),
            _ => None,
        };
        self.list(at).iter().filter_map(number).collect()
    }
}

/// Asks one question.
pub(crate) fn ask(database: &mut Postgres, sql: &str) -> Result<Vec<Row>, DbError> {
    Ok(database.run(sql)?.rows.into_iter().map(Row).collect())
}

/// Asks several questions in one round trip.
pub(crate) fn ask_all(database: &mut Postgres, questions: &[String]) -> Result<Vec<Vec<Row>>, DbError> {
    let results = database.run_each(&questions.join(";\n"))?;
    Ok(results.into_iter().map(|result| result.rows.into_iter().map(Row).collect()).collect())
}
