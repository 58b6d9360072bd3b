//! Values for a live database: PostgreSQL text as psycopg2 writes it, parameters for SQLite and MySQL as SQLAlchemy's bind processors convert them.

use crate::DialectName;
use crate::error::{Result, not_implemented};
use crate::literal::{float, inferred, storage_datetime, storage_time};
use crate::types::{Affinity, affinity};
use limbeck_expr::{BindParam, ColumnType, Literal};

/// Writes a value as psycopg2 does.
///
/// # Errors
/// The value has no such form.
pub(crate) fn postgres_text(value: &Literal, type_: Option<&ColumnType>) -> Result<String> {
    Ok(match value {
        Literal::Null => "NULL".to_string(),
        Literal::Bool(b) => if *b { "true" } else { "false" }.to_string(),
        // SQLAlchemy's Boolean turns 0 and 1 into booleans; PostgreSQL would refuse the integers.
        Literal::Int(n @ (0 | 1)) if type_.map(affinity) == Some(Affinity::Boolean) => if *n == 1 { "true" } else { "false" }.to_string(),
        // A blank keeps `x - -1` from starting a comment.
        Literal::Int(n) if *n < 0 => format!(" {n}"),
        Literal::Int(n) => n.to_string(),
        Literal::BigInt(n) | Literal::Decimal(n) if n.starts_with('-') => format!(" {n}"),
        Literal::Decimal(n) if n.eq_ignore_ascii_case("nan") || n.to_ascii_lowercase().contains("inf") => "'NaN'::numeric".to_string(),
        Literal::BigInt(n) | Literal::Decimal(n) => n.clone(),
        Literal::Float(n) if n.is_nan() => "'NaN'::float".to_string(),
        Literal::Float(n) if n.is_infinite() => format!("'{}Infinity'::float", if *n < 0.0 { "-" } else { "" }),
        Literal::Float(n) if *n < 0.0 => format!(" {}", float(*n)),
        Literal::Float(n) => float(*n),
        Literal::Text(text) | Literal::Json(text) => postgres_string(text)?,
        Literal::Bytes(hex) => format!("'\\x{hex}'::bytea"),
        Literal::Date(text) => format!("'{text}'::date"),
        Literal::Time(text) => format!("'{text}'::time"),
        Literal::DateTime(text) => {
            let zone = text.get(10..).is_some_and(|time| time.contains(['+', '-']));
            format!("'{text}'::{}", if zone { "timestamptz" } else { "timestamp" })
        }
        Literal::Interval(days, seconds, micros) => format!("'{days} days {seconds}.{micros:06} seconds'::interval"),
        Literal::Uuid(text) => format!("'{text}'::uuid"),
        Literal::Array(items) => {
            let (item_type, cast) = match type_ {
                Some(array @ ColumnType::Array { item, .. }) => (Some(item.as_ref()), Some(crate::type_sql(DialectName::Postgresql, array)?)),
                _ => (None, None),
            };
            let sql = match items.as_slice() {
                [] => "'{}'".to_string(),
                items => format!(
                    "ARRAY[{}]",
                    items.iter().map(|item| postgres_text(item, item_type)).collect::<Result<Vec<_>>>()?.join(",")
                ),
            };
            // The item type of an array of strings cannot be guessed: an enum's or a UUID's needs saying.
            cast.map_or_else(|| sql.clone(), |cast| format!("{sql}::{cast}"))
        }
    })
}

fn postgres_string(text: &str) -> Result<String> {
    if text.contains('\0') {
        return Err(limbeck_ops::HostError::new(
            limbeck_ops::DatabaseErrorKind::ValueError,
            "A string literal cannot contain NUL (0x00) characters.",
        ));
    }
    let quoted = text.replace('\'', "''");
    Ok(if text.contains('\\') {
        format!(" E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    })
}

/// Converts a value for a SQLite parameter.
///
/// # Errors
/// SQLite cannot hold the value.
pub(crate) fn sqlite_param(value: &Literal, type_: Option<&ColumnType>) -> Result<Literal> {
    let wanted = type_.map_or_else(|| inferred(value), affinity);
    Ok(match value {
        Literal::Bool(b) => Literal::Int(i64::from(*b)),
        Literal::Decimal(text) => match text.parse::<f64>() {
            Ok(number) if wanted != Affinity::String => Literal::Float(number),
            _ => Literal::Text(text.clone()),
        },
        Literal::DateTime(text) if wanted == Affinity::Date => Literal::Text(text.chars().take(10).collect()),
        Literal::DateTime(text) => Literal::Text(storage_datetime(text)),
        Literal::Date(text) if wanted == Affinity::DateTime => Literal::Text(storage_datetime(text)),
        Literal::Date(text) | Literal::Json(text) => Literal::Text(text.clone()),
        Literal::Time(text) => Literal::Text(storage_time(text)),
        Literal::Uuid(text) => Literal::Text(text.replace('-', "")),
        Literal::Text(text) if wanted == Affinity::Uuid => Literal::Text(text.replace('-', "")),
        Literal::Interval(days, seconds, micros) => Literal::Text(after_epoch(*days, *seconds, *micros)),
        Literal::Array(_) => return Err(not_implemented("SQLite has no arrays")),
        other => other.clone(),
    })
}

/// Converts a value for a MySQL parameter.
pub(crate) fn mysql_param(value: &Literal, type_: Option<&ColumnType>) -> Literal {
    match value {
        Literal::Bool(b) => Literal::Int(i64::from(*b)),
        Literal::Uuid(text) => Literal::Text(text.replace('-', "")),
        Literal::Json(text) => Literal::Text(text.clone()),
        Literal::Text(text) if type_.map(affinity) == Some(Affinity::Uuid) => Literal::Text(text.replace('-', "")),
        other => other.clone(),
    }
}

/// Converts a value given straight to the driver: no type speaks for it, so dates keep Python's own form.
pub(crate) fn raw_param(value: &Literal) -> Literal {
    match value {
        Literal::Bool(b) => Literal::Int(i64::from(*b)),
        Literal::Date(text) | Literal::DateTime(text) | Literal::Time(text) | Literal::Uuid(text) | Literal::Json(text) => Literal::Text(text.clone()),
        other => other.clone(),
    }
}

/// The generic Interval is stored as a moment after 1970-01-01.
fn after_epoch(days: i64, seconds: i64, micros: i64) -> String {
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}.{micros:06}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// The date that lies `days` after 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (
        year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day_of_year - (153 * shifted + 2) / 5 + 1,
    )
}

/// The cast SQLAlchemy's psycopg dialect writes after a placeholder, for the types that have one.
///
/// # Errors
/// The type has no name in SQL.
pub(crate) fn bind_cast(bind: &BindParam) -> Result<Option<String>> {
    let wanted = match (&bind.type_, &bind.value) {
        (Some(type_), _) => affinity(type_),
        (None, Some(value)) => inferred(value),
        (None, None) => Affinity::Null,
    };
    let plain = match wanted {
        Affinity::String => match &bind.type_ {
            Some(ColumnType::Enum(_)) => return Ok(None),
            Some(ColumnType::Text { .. } | ColumnType::UnicodeText { .. } | ColumnType::SqlText { .. }) => "TEXT",
            _ => "VARCHAR",
        },
        Affinity::Integer => match &bind.type_ {
            None => "INTEGER",
            Some(type_) => return crate::type_sql(DialectName::Postgresql, type_).map(Some),
        },
        Affinity::Uuid => "UUID",
        Affinity::Json => match &bind.type_ {
            Some(ColumnType::Pg(name)) if name == "JSONB" => "JSONB",
            _ => "JSON",
        },
        Affinity::Date => "DATE",
        Affinity::Interval => match &bind.type_ {
            Some(ColumnType::Interval { .. }) => return Ok(None),
            _ => "INTERVAL",
        },
        Affinity::Array => match &bind.type_ {
            None => return Ok(None),
            Some(type_) => return crate::type_sql(DialectName::Postgresql, type_).map(Some),
        },
        Affinity::DateTime | Affinity::Time => match &bind.type_ {
            None => "TIMESTAMP WITHOUT TIME ZONE",
            Some(type_) => return crate::type_sql(DialectName::Postgresql, type_).map(Some),
        },
        _ => return Ok(None),
    };
    Ok(Some(plain.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_values_look_as_psycopg2_writes_them() {
        for (value, expected) in [
            (Literal::Text("it's".into()), "'it''s'"),
            (Literal::Text("a\\b".into()), " E'a\\\\b'"),
            (Literal::Int(-1), " -1"),
            (Literal::DateTime("2024-01-02 03:04:05".into()), "'2024-01-02 03:04:05'::timestamp"),
            (
                Literal::DateTime("2024-01-02 03:04:05+00:00".into()),
                "'2024-01-02 03:04:05+00:00'::timestamptz",
            ),
            (Literal::Bytes("00ff".into()), "'\\x00ff'::bytea"),
            (Literal::Array(vec![Literal::Int(1), Literal::Text("x".into())]), "ARRAY[1,'x']"),
            (Literal::Interval(1, 2, 3), "'1 days 2.000003 seconds'::interval"),
        ] {
            assert_eq!(postgres_text(&value, None).unwrap(), expected);
        }
    }

    #[test]
    fn sqlite_values_are_stored_as_sqlalchemy_stores_them() {
        let stored = |value| sqlite_param(&value, None).unwrap();
        assert_eq!(stored(Literal::Bool(true)), Literal::Int(1));
        assert_eq!(
            stored(Literal::DateTime("2024-01-02 03:04:05".into())),
            Literal::Text("2024-01-02 03:04:05.000000".into())
        );
        assert_eq!(stored(Literal::Uuid("0a-0b".into())), Literal::Text("0a0b".into()));
        assert_eq!(stored(Literal::Interval(31, 3661, 7)), Literal::Text("1970-02-01 01:01:01.000007".into()));
    }
}
