//! Types: compared as the dialect spells them, word by word and argument by argument, leaving out what only one side says.

use super::columns::Pair;
use super::{Comparison, TYPES, Toggle};
use crate::render::types::repr_type;
use crate::{Alteration, Result, Sided};
use limbeck_dialect::{DialectName, type_sql};
use limbeck_schema::ColumnType;

/// Whether the type of this kind cannot be compared.
fn is_unknown(type_: &ColumnType) -> bool {
    matches!(type_, ColumnType::Null)
}

/// Notes the present type; false when there is nothing to compare.
fn setup(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> bool {
    out.existing_type = Some(Sided::database(pair.have.type_.clone()));
    if is_unknown(&pair.have.type_) || matches!(pair.have.type_, ColumnType::Verbatim(_)) && pair.have.type_ != pair.wanted.type_ {
        at.log(TYPES, format!("Couldn't determine database type for column '{}'", pair.label()));
        return false;
    }
    if is_unknown(&pair.wanted.type_) {
        at.log(TYPES, format!("Column '{}' has no type within the model; can't compare", pair.label()));
        return false;
    }
    true
}

/// Asks a `compare_type` callable; false when types need no further comparison.
///
/// # Errors
/// The hook failed.
pub(super) fn by_hook(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> Result<bool> {
    if at.options.compare_type == Toggle::Off {
        return Ok(false);
    }
    if at.options.compare_type != Toggle::Hook || !setup(at, pair, out) {
        return Ok(true);
    }
    let tables = (pair.both.have, &pair.both.wanted.settled.table);
    match at.hooks.compare_type(tables, (pair.have, pair.wanted))? {
        Some(true) => {
            differs(at, pair, out);
            Ok(false)
        }
        Some(false) => Ok(false),
        None => Ok(true),
    }
}

/// Compares by the dialect's rules; false when they differ.
///
/// # Errors
/// A type has no name in the dialect.
pub(super) fn by_rules(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> Result<bool> {
    if !setup(at, pair, out) || same_type(at.options.dialect, &pair.have.type_, &pair.wanted.type_)? {
        return Ok(true);
    }
    differs(at, pair, out);
    Ok(false)
}

fn differs(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) {
    out.type_ = Some(Sided::models(pair.wanted.type_.clone()));
    let dialect = at.options.dialect;
    let place = (pair.both.wanted.written.name.clone(), pair.wanted.name.text.clone());
    let wanted = at.options.shown.get(&place).cloned();
    let text = format!(
        "Detected type change from {} to {} on '{}'",
        repr_type(&pair.have.type_, dialect),
        wanted.unwrap_or_else(|| repr_type(&pair.wanted.type_, dialect)),
        pair.label()
    );
    at.log(TYPES, text);
}

/// Whether a type of the database is what the models ask for, as far as both say something.
///
/// # Errors
/// A type has no name in the dialect.
pub fn same_type(dialect: DialectName, have: &ColumnType, wanted: &ColumnType) -> Result<bool> {
    let have = Words::of(&type_sql(dialect, have)?);
    let wanted = Words::of(&type_sql(dialect, wanted)?);
    Ok(have.is_synonym(&wanted, dialect) && have.agrees(&wanted))
}

/// A spelled type in lower case: its words, and what stands in its last parentheses.
struct Words {
    words: Vec<String>,
    arguments: Vec<String>,
}

impl Words {
    fn of(sql: &str) -> Self {
        let lower = sql.to_lowercase();
        let mut words = Vec::new();
        let mut arguments = Vec::new();
        let mut rest = lower.as_str();
        while let Some(c) = rest.chars().next() {
            if c == '('
                && let Some(end) = rest.find(')').filter(|end| *end > 1)
            {
                arguments = rest[1..end]
                    .split([',', '('])
                    .map(str::trim)
                    .filter(|argument| !argument.is_empty() && !argument.contains('='))
                    .map(str::to_owned)
                    .collect();
                rest = &rest[end + 1..];
            } else if is_word(c) {
                let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                words.push(rest[..end].to_owned());
                rest = &rest[end..];
            } else {
                rest = &rest[c.len_utf8()..];
            }
        }
        Words { words, arguments }
    }

    fn first(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn is_synonym(&self, other: &Words, dialect: DialectName) -> bool {
        if self.first() == other.first() {
            return true;
        }
        let synonyms: &[[&str; 2]] = match dialect {
            DialectName::Postgresql => &[["numeric", "decimal"], ["float", "double precision"]],
            DialectName::Sqlite => &[["numeric", "decimal"]],
            DialectName::Mysql => &[["numeric", "decimal"], ["bool", "tinyint"], ["json", "longtext"]],
        };
        let (all, other_all) = (self.words.join(" "), other.words.join(" "));
        synonyms
            .iter()
            .any(|pair| pair.contains(&all.as_str()) && pair.contains(&other_all.as_str()) || pair.contains(&self.first()) && pair.contains(&other.first()))
    }

    /// Whether what follows the first word agrees, where both sides say equally much.
    fn agrees(&self, other: &Words) -> bool {
        let differs = |one: &[String], two: &[String]| one.len() == two.len() && one != two;
        !differs(self.words.get(1..).unwrap_or_default(), other.words.get(1..).unwrap_or_default()) && !differs(&self.arguments, &other.arguments)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;
    use ColumnType as T;

    fn varchar(length: Option<u32>) -> ColumnType {
        T::SqlVarchar { length, collation: None }
    }

    fn string(length: Option<u32>) -> ColumnType {
        T::String { length, collation: None }
    }

    #[test]
    fn types_by_their_words() {
        let numeric = |precision, scale| T::Numeric { precision, scale };
        for (have, wanted, same) in [
            (T::SqlInteger, T::Integer, true),
            (T::SqlInteger, T::BigInteger, false),
            (varchar(Some(30)), string(Some(30)), true),
            (varchar(Some(30)), string(Some(50)), false),
            (varchar(Some(30)), string(None), true),
            (
                T::SqlNumeric {
                    precision: Some(10),
                    scale: Some(2),
                },
                numeric(Some(12), Some(2)),
                false,
            ),
            (
                T::SqlNumeric {
                    precision: Some(10),
                    scale: Some(2),
                },
                numeric(None, None),
                true,
            ),
            (
                T::SqlDoublePrecision {
                    precision: Some(53),
                    scale: None,
                },
                T::Float { precision: None, scale: None },
                true,
            ),
            (T::SqlReal { precision: None, scale: None }, T::Float { precision: None, scale: None }, false),
            (
                T::SqlTimestamp {
                    timezone: true,
                    precision: None,
                },
                T::DateTime { timezone: false },
                false,
            ),
            (
                T::SqlTimestamp {
                    timezone: false,
                    precision: None,
                },
                T::DateTime { timezone: false },
                true,
            ),
        ] {
            assert_eq!(same_type(DialectName::Postgresql, &have, &wanted).unwrap(), same, "{have:?} {wanted:?}");
        }
    }
}
