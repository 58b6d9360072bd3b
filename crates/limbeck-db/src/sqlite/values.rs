//! Values into and out of SQLite, stored as SQLAlchemy stores them.

use limbeck_expr::Literal;
use limbeck_ops::DatabaseErrorKind;
use rusqlite::types::{Value, ValueRef};

use crate::DbError;

/// A parameter in SQLite's own types: dates as text with six digits of a second, booleans as numbers, a decimal as a float.
pub(super) fn to_sqlite(literal: &Literal) -> Result<Value, DbError> {
    let refused = |message: &str| DbError::new(DatabaseErrorKind::InterfaceError, crate::error::STATEMENT_FAILED, message);
    Ok(match literal {
        Literal::Null => Value::Null,
        Literal::Bool(flag) => Value::Integer(i64::from(*flag)),
        Literal::Int(number) => Value::Integer(*number),
        Literal::BigInt(_) => return Err(refused("Python int too large to convert to SQLite INTEGER")),
        Literal::Float(number) => Value::Real(*number),
        Literal::Decimal(text) => Value::Real(text.parse().map_err(|_| refused("a decimal that is no number cannot be stored in SQLite"))?),
        Literal::Text(text) | Literal::Date(text) | Literal::Json(text) => Value::Text(text.clone()),
        Literal::Bytes(hex) => Value::Blob(bytes(hex).ok_or_else(|| refused("bytes are not hexadecimal"))?),
        Literal::Time(text) => Value::Text(with_micros(text)),
        Literal::DateTime(text) => Value::Text(match text.split_once(' ') {
            Some((date, time)) => format!("{date} {}", with_micros(time)),
            None => format!("{text} 00:00:00.000000"),
        }),
        Literal::Interval(days, seconds, micros) => Value::Text(interval(*days, *seconds, *micros).ok_or_else(|| refused("date value out of range"))?),
        Literal::Uuid(text) => Value::Text(text.replace('-', "")),
        Literal::Array(_) => return Err(refused("SQLite has no arrays: a list cannot be a parameter")),
    })
}

pub(super) fn from_sqlite(value: ValueRef<'_>) -> Literal {
    match value {
        ValueRef::Null => Literal::Null,
        ValueRef::Integer(number) => Literal::Int(number),
        ValueRef::Real(number) => Literal::Float(number),
        ValueRef::Text(text) => Literal::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Literal::Bytes(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// SQLAlchemy's storage format has six digits always and no offset.
fn with_micros(time: &str) -> String {
    let time = time.find(['+', '-', 'Z']).map_or(time, |at| &time[..at]);
    match time.split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{fraction:0<6}"),
        None => format!("{time}.000000"),
    }
}

/// SQLAlchemy stores an interval as the date so long after 1970.
fn interval(days: i64, seconds: i64, micros: i64) -> Option<String> {
    let (year, month, day) = civil(days)?;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}"))
}

/// The date so many days after 1970-01-01, in the range of Python's dates.
fn civil(days: i64) -> Option<(i64, i64, i64)> {
    // Counted in eras of 400 years that begin on a 1st of March (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = days.checked_add(719_468)?;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (1..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stored_as_sqlalchemy_does() {
        let text = |text: &str| Value::Text(text.into());
        for (literal, expected) in [
            (Literal::Bool(true), Value::Integer(1)),
            (Literal::Decimal("10.50".into()), Value::Real(10.5)),
            (Literal::Date("2020-01-02".into()), text("2020-01-02")),
            (Literal::DateTime("2020-01-02 03:04:05".into()), text("2020-01-02 03:04:05.000000")),
            (Literal::DateTime("2020-01-02 03:04:05.25+02:00".into()), text("2020-01-02 03:04:05.250000")),
            (Literal::Time("03:04:05".into()), text("03:04:05.000000")),
            (Literal::Interval(1, 3661, 5), text("1970-01-02 01:01:01.000005")),
            (Literal::Interval(-1, 0, 0), text("1969-12-31 00:00:00.000000")),
            (Literal::Interval(19_782, 0, 0), text("2024-02-29 00:00:00.000000")),
            (
                Literal::Uuid("6f1c2d3e-0000-4000-8000-000000000001".into()),
                text("6f1c2d3e000040008000000000000001"),
            ),
            (Literal::Bytes("00ff".into()), Value::Blob(vec![0, 255])),
        ] {
            assert_eq!(to_sqlite(&literal), Ok(expected), "{literal:?}");
        }
        assert!(to_sqlite(&Literal::Array(vec![])).is_err());
        assert!(to_sqlite(&Literal::BigInt("99999999999999999999".into())).is_err());
        assert!(to_sqlite(&Literal::Interval(i64::MAX, 0, 0)).is_err());
    }
}
