//! Which values a change of a column's type refuses, cuts short or changes, as a condition that finds their rows.

use crate::Result;
use limbeck_dialect::{DialectName, same_affinity, type_sql};
use limbeck_schema::ColumnType;

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is too long: refused.
    TooLong,
    /// It is too large: refused.
    OutOfRange,
    /// It is none of that type: refused.
    NotOfType,
    /// Part of it is lost.
    CutShort,
    /// It becomes another one without a word.
    Changed,
}

impl Trouble {
    /// The trouble in words; `rows` is how many hold such values.
    pub fn words(self, rows: &str) -> String {
        match self {
            Trouble::TooLong => format!("{rows} longer values: shorten them first"),
            Trouble::OutOfRange => format!("{rows} values outside of its range"),
            Trouble::NotOfType => format!("{rows} values that cannot become one"),
            Trouble::CutShort => format!("{rows} values of which part will be lost"),
            Trouble::Changed => format!("{rows} values that SQLite's CAST makes others of"),
        }
    }
}

/// A type's name and its numbers: `NUMERIC(10, 2)`.
fn parts(sql: &str) -> (String, Vec<i64>) {
    let (name, rest) = sql.split_once('(').unwrap_or((sql, ""));
    let (numbers, after) = rest.split_once(')').unwrap_or((rest, ""));
    let name = format!("{}{}", name.trim_end(), after).to_uppercase();
    (name, numbers.split(',').filter_map(|number| number.trim().parse().ok()).collect())
}

const TEXTS: [&str; 6] = ["VARCHAR", "CHAR", "TEXT", "CHARACTER VARYING", "CHARACTER", "CITEXT"];

fn is_text(name: &str) -> bool {
    TEXTS.contains(&name)
}

/// Whether a type is text with a longest length.
pub(super) fn is_short_text(sql: &str) -> bool {
    let (name, numbers) = parts(sql);
    is_text(&name) && !numbers.is_empty()
}

fn integer(name: &str) -> Option<(i64, i64)> {
    Some(match name {
        "SMALLINT" => (i64::from(i16::MIN), i64::from(i16::MAX)),
        "INTEGER" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        "BIGINT" => (i64::MIN, i64::MAX),
        _ => return None,
    })
}

fn is_fraction(name: &str) -> bool {
    matches!(name, "NUMERIC" | "DECIMAL" | "REAL" | "FLOAT" | "DOUBLE PRECISION" | "DOUBLE")
}

/// What may become of the values of `column` on the way from one type to another: the trouble, the condition, and the new type's name.
///
/// # Errors
/// A type has no name in the dialect.
pub(super) fn questions(dialect: DialectName, version: u32, (from, to): (&ColumnType, &ColumnType), column: &str) -> Result<Vec<(Trouble, String, String)>> {
    let (from_sql, to_sql) = (type_sql(dialect, from)?, type_sql(dialect, to)?);
    let found = match dialect {
        DialectName::Postgresql => postgresql(version, &from_sql, &to_sql, column),
        // A table that is made anew takes any value, but where the kinds of types differ the copy casts.
        DialectName::Sqlite if !same_affinity(from, to) => {
            vec![(Trouble::Changed, format!("CAST(CAST({column} AS {to_sql}) AS TEXT) <> CAST({column} AS TEXT)"))]
        }
        _ => Vec::new(),
    };
    Ok(found.into_iter().map(|(trouble, test)| (trouble, test, to_sql.clone())).collect())
}

fn postgresql(version: u32, from_sql: &str, to_sql: &str, column: &str) -> Vec<(Trouble, String)> {
    let ((from, from_numbers), (to, to_numbers)) = (parts(from_sql), parts(to_sql));
    if is_text(&to) {
        return match to_numbers.first() {
            Some(length) if !(is_text(&from) && from_numbers.first().is_some_and(|old| old <= length)) => {
                vec![(Trouble::TooLong, format!("char_length({column}::text) > {length}"))]
            }
            _ => Vec::new(),
        };
    }
    let mut out = Vec::new();
    if is_text(&from) {
        let pattern = match to.as_str() {
            _ if version >= 16 => None,
            name if integer(name).is_some() => Some(r"^\s*[-+]?\d+\s*$"),
            name if is_fraction(name) => Some(r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"),
            "UUID" => Some("^[{]?([0-9a-fA-F]{4}-?){8}[}]?$"),
            "BOOLEAN" => Some(r"^\s*([tT](rue)?|[fF](alse)?|[yY](es)?|[nN]o?|[oO]n|[oO]ff?|0|1)\s*$"),
            _ => return out,
        };
        out.push((
            Trouble::NotOfType,
            match pattern {
                Some(pattern) => format!("{column}::text !~ '{pattern}'"),
                None => format!("NOT pg_input_is_valid({column}::text, '{}')", to_sql.replace('\'', "''")),
            },
        ));
        return out;
    }
    let (from_integer, to_integer) = (integer(&from), integer(&to));
    match (from_integer, to_integer) {
        (Some((_, old)), Some((low, high))) if old > high => out.push((Trouble::OutOfRange, format!("{column} NOT BETWEEN {low} AND {high}"))),
        (None, Some((low, high))) if is_fraction(&from) => {
            out.push((Trouble::OutOfRange, format!("{column} NOT BETWEEN {low} AND {high}")));
            out.push((Trouble::CutShort, format!("{column}::numeric <> trunc({column}::numeric)")));
        }
        _ => {}
    }
    if let ("NUMERIC" | "DECIMAL", [precision, rest @ ..]) = (to.as_str(), to_numbers.as_slice())
        && (from_integer.is_some() || is_fraction(&from))
    {
        let scale = rest.first().copied().unwrap_or(0);
        let whole = |numbers: &[i64]| numbers.first().map(|precision| precision - numbers.get(1).unwrap_or(&0));
        let is_numeric = matches!(from.as_str(), "NUMERIC" | "DECIMAL");
        if !(is_numeric && whole(&from_numbers).is_some_and(|old| old <= precision - scale)) {
            out.push((Trouble::OutOfRange, format!("abs({column}::numeric) >= 1e{}", precision - scale)));
        }
        let fits = from_integer.is_some() || is_numeric && !from_numbers.is_empty() && from_numbers.get(1).unwrap_or(&0) <= &scale;
        if !fits {
            out.push((Trouble::CutShort, format!("{column}::numeric <> round({column}::numeric, {scale})")));
        }
    }
    if to == "DATE" && from.starts_with("TIMESTAMP") {
        out.push((Trouble::CutShort, format!("{column} <> {column}::date")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests(from: &str, to: &str) -> Vec<(Trouble, String)> {
        postgresql(15, from, to, "c")
    }

    #[test]
    fn only_what_may_be_lost_is_asked() {
        for (from, to) in [
            ("INTEGER", "BIGINT"),
            ("VARCHAR(20)", "VARCHAR(50)"),
            ("VARCHAR(20)", "TEXT"),
            ("NUMERIC(8, 2)", "NUMERIC(10, 2)"),
            ("BYTEA", "JSON"),
            ("DATE", "TIMESTAMP WITHOUT TIME ZONE"),
        ] {
            assert!(tests(from, to).is_empty(), "{from} to {to}: {:?}", tests(from, to));
        }
        let kinds = |from, to| tests(from, to).into_iter().map(|(trouble, _)| trouble).collect::<Vec<_>>();
        assert_eq!(kinds("TEXT", "VARCHAR(5)"), [Trouble::TooLong]);
        assert_eq!(kinds("INTEGER", "VARCHAR(5)"), [Trouble::TooLong]);
        assert_eq!(kinds("BIGINT", "INTEGER"), [Trouble::OutOfRange]);
        assert_eq!(kinds("NUMERIC", "INTEGER"), [Trouble::OutOfRange, Trouble::CutShort]);
        assert_eq!(kinds("NUMERIC(10, 4)", "NUMERIC(10, 2)"), [Trouble::CutShort]);
        assert_eq!(kinds("TEXT", "INTEGER"), [Trouble::NotOfType]);
        assert_eq!(kinds("TEXT", "JSONB"), []);
        assert_eq!(postgresql(16, "TEXT", "JSONB", "c")[0].1, "NOT pg_input_is_valid(c::text, 'JSONB')");
        assert_eq!(tests("TIMESTAMP WITH TIME ZONE", "DATE")[0].1, "c <> c::date");
    }
}
