//! Values written into SQL text the way SQLAlchemy's literal processors do (`literal_binds=True`, and all DDL).

use crate::DialectName;
use crate::error::{Result, compile_error};
use crate::render::Render;
use crate::types::{Affinity, affinity};
use limbeck_expr::{ColumnType, Literal};
use limbeck_ops::HostError;

/// Writes a value under a type; without a type, under the one SQLAlchemy infers from the value.
///
/// # Errors
/// SQLAlchemy has no literal form for the value under that type.
pub(crate) fn render(render: &Render, value: &Literal, type_: Option<&ColumnType>) -> Result<String> {
    if *value == Literal::Null {
        return Ok("NULL".to_string());
    }
    let wanted = type_.map_or_else(|| inferred(value), affinity);
    let fail = || could_not(render, value, type_);
    match wanted {
        Affinity::String | Affinity::Named => match value {
            Literal::Text(text) => Ok(string(render, text)),
            _ => Err(fail()),
        },
        Affinity::Integer => integer(value).ok_or_else(fail),
        Affinity::Numeric | Affinity::Float => number(value).ok_or_else(fail),
        Affinity::Boolean => truth(value).map(|value| boolean(render.dialect(), value).to_string()).ok_or_else(fail),
        Affinity::Date | Affinity::DateTime | Affinity::Time => moment(render, value, wanted).ok_or_else(fail),
        Affinity::Interval => match (value, render.dialect()) {
            (Literal::Interval(days, seconds, micros), DialectName::Postgresql) => {
                Ok(format!("make_interval(secs=>{})", total_seconds(*days, *seconds, *micros)))
            }
            _ => Err(fail()),
        },
        Affinity::Binary => match value {
            Literal::Bytes(hex) => decode_hex(hex)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .map(|text| string(render, &text))
                .ok_or_else(fail),
            _ => Err(fail()),
        },
        Affinity::Uuid => match value {
            Literal::Uuid(text) if render.dialect() == DialectName::Postgresql && is_native_uuid(type_) => Ok(string(render, text)),
            Literal::Uuid(text) | Literal::Text(text) => Ok(string(render, &text.replace('-', ""))),
            _ => Err(fail()),
        },
        Affinity::Array => match value {
            Literal::Array(items) => {
                let item_type = match type_ {
                    Some(ColumnType::Array { item, .. }) => Some(item.as_ref()),
                    _ => None,
                };
                array(render, items, item_type)
            }
            _ => Err(fail()),
        },
        Affinity::Null | Affinity::Json | Affinity::Other => Err(no_renderer(render, value, type_)),
    }
}

/// Writes a string: quotes doubled, backslashes too on MySQL, `%` where the driver would read it.
pub(crate) fn string(render: &Render, text: &str) -> String {
    let mut out = text.replace('\'', "''");
    if render.dialect() == DialectName::Mysql {
        out = out.replace('\\', "\\\\");
    }
    if render.quoter.double_percents {
        out = out.replace('%', "%%");
    }
    format!("'{out}'")
}

/// `true`, or `1` where there is no boolean.
pub(crate) fn boolean(dialect: DialectName, value: bool) -> &'static str {
    match (dialect.has_boolean(), value) {
        (true, true) => "true",
        (true, false) => "false",
        (false, true) => "1",
        (false, false) => "0",
    }
}

/// SQLite's text for a date and time: `YYYY-MM-DD HH:MM:SS.ffffff`, the offset dropped.
pub(crate) fn storage_datetime(iso: &str) -> String {
    let (date, time) = iso.split_once([' ', 'T']).unwrap_or((iso, "00:00:00"));
    format!("{date} {}", storage_time(time))
}

/// SQLite's text for a time of day.
pub(crate) fn storage_time(iso: &str) -> String {
    let time = iso.find(['+', '-', 'Z']).map_or(iso, |at| &iso[..at]);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let clock = if clock.matches(':').count() == 1 {
        format!("{clock}:00")
    } else {
        clock.to_string()
    };
    format!("{clock}.{fraction:0<6}")
}

/// A float as Python's `repr` writes it.
pub(crate) fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    let text = format!("{value}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// Seconds of a `timedelta`, as Python prints them.
pub(crate) fn total_seconds(days: i64, seconds: i64, micros: i64) -> String {
    #[allow(clippy::cast_precision_loss)] // what `timedelta.total_seconds()` does
    let total = (days as f64 * 86400.0 * 1e6 + seconds as f64 * 1e6 + micros as f64) / 1e6;
    float(total)
}

pub(crate) fn decode_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// The affinity SQLAlchemy infers from a Python value.
pub(crate) fn inferred(value: &Literal) -> Affinity {
    match value {
        Literal::Null => Affinity::Null,
        Literal::Bool(_) => Affinity::Boolean,
        Literal::Int(_) | Literal::BigInt(_) => Affinity::Integer,
        Literal::Float(_) => Affinity::Float,
        Literal::Decimal(_) => Affinity::Numeric,
        Literal::Text(_) => Affinity::String,
        Literal::Bytes(_) => Affinity::Binary,
        Literal::Date(_) => Affinity::Date,
        Literal::Time(_) => Affinity::Time,
        Literal::DateTime(_) => Affinity::DateTime,
        Literal::Interval(..) => Affinity::Interval,
        Literal::Uuid(_) => Affinity::Uuid,
        Literal::Json(_) => Affinity::Json,
        Literal::Array(_) => Affinity::Array,
    }
}

fn array(render_: &Render, items: &[Literal], item_type: Option<&ColumnType>) -> Result<String> {
    let items = items
        .iter()
        .map(|item| match item {
            Literal::Array(inner) => array(render_, inner, item_type),
            other => render(render_, other, item_type),
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(format!("ARRAY[{}]", items.join(", ")))
}

fn integer(value: &Literal) -> Option<String> {
    match value {
        Literal::Int(n) => Some(n.to_string()),
        Literal::BigInt(n) => Some(n.clone()),
        Literal::Bool(b) => Some(i32::from(*b).to_string()),
        #[allow(clippy::cast_possible_truncation)] // Python's int()
        Literal::Float(n) => Some((n.trunc() as i64).to_string()),
        Literal::Text(text) if text.parse::<i64>().is_ok() => Some(text.clone()),
        _ => None,
    }
}

fn number(value: &Literal) -> Option<String> {
    match value {
        Literal::Float(n) => Some(float(*n)),
        Literal::Decimal(text) | Literal::Text(text) => Some(text.clone()),
        Literal::Bool(b) => Some(if *b { "True" } else { "False" }.to_string()),
        other => integer(other),
    }
}

fn truth(value: &Literal) -> Option<bool> {
    match value {
        Literal::Bool(b) => Some(*b),
        Literal::Int(0) => Some(false),
        Literal::Int(1) => Some(true),
        _ => None,
    }
}

fn moment(render: &Render, value: &Literal, wanted: Affinity) -> Option<String> {
    let sqlite = render.dialect() == DialectName::Sqlite;
    let text = match (wanted, value) {
        (Affinity::Date, Literal::DateTime(text)) => text.get(..10)?.to_string(),
        (Affinity::Time, Literal::Time(text)) if sqlite => storage_time(text),
        (Affinity::DateTime, Literal::DateTime(text) | Literal::Date(text)) if sqlite => storage_datetime(text),
        (Affinity::Date | Affinity::DateTime, Literal::Date(text)) | (Affinity::Time, Literal::Time(text)) | (Affinity::DateTime, Literal::DateTime(text)) => {
            text.clone()
        }
        _ => return None,
    };
    Some(format!("'{text}'"))
}

fn is_native_uuid(type_: Option<&ColumnType>) -> bool {
    !matches!(type_, Some(ColumnType::UuidGeneric { native: false }))
}

fn type_name(render: &Render, value: &Literal, type_: Option<&ColumnType>) -> String {
    let _ = value;
    match type_ {
        None | Some(ColumnType::Null) => "NULL".to_string(),
        Some(type_) => crate::type_sql(render.dialect(), type_).unwrap_or_else(|_| "NULL".to_string()),
    }
}

fn could_not(render: &Render, value: &Literal, type_: Option<&ColumnType>) -> HostError {
    compile_error(format!(
        "Could not render literal value \"{}\" with datatype {}; see parent stack trace for more detail.",
        repr(value),
        type_name(render, value, type_)
    ))
}

fn no_renderer(render: &Render, value: &Literal, type_: Option<&ColumnType>) -> HostError {
    compile_error(format!(
        "No literal value renderer is available for literal value \"{}\" with datatype {}",
        repr(value),
        type_name(render, value, type_)
    ))
}

/// Python's `repr` of a value, for messages.
fn repr(value: &Literal) -> String {
    match value {
        Literal::Null => "None".to_string(),
        Literal::Bool(b) => if *b { "True" } else { "False" }.to_string(),
        Literal::Int(n) => n.to_string(),
        Literal::BigInt(n) => n.clone(),
        Literal::Float(n) => float(*n),
        Literal::Decimal(text) => format!("Decimal('{text}')"),
        Literal::Text(text) if text.contains('\'') && !text.contains('"') => format!("\"{text}\""),
        Literal::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
        Literal::Date(text) => format!("datetime.date({text})"),
        Literal::Time(text) => format!("datetime.time({text})"),
        Literal::DateTime(text) => format!("datetime.datetime({text})"),
        Literal::Interval(days, seconds, micros) => format!("datetime.timedelta(days={days}, seconds={seconds}, microseconds={micros})"),
        Literal::Uuid(text) => format!("UUID('{text}')"),
        Literal::Json(text) => text.clone(),
        Literal::Bytes(hex) => format!("b'{hex}'"),
        Literal::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_like_python() {
        for (value, expected) in [
            (3.5, "3.5"),
            (3.0, "3.0"),
            (1e20, "1e+20"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (0.0001, "0.0001"),
        ] {
            assert_eq!(float(value), expected);
        }
    }

    #[test]
    fn sqlite_stores_times_with_six_digits() {
        assert_eq!(storage_datetime("2024-02-29 13:05:09"), "2024-02-29 13:05:09.000000");
        assert_eq!(storage_datetime("2024-02-29 01:02:03.000004+00:00"), "2024-02-29 01:02:03.000004");
        assert_eq!(storage_datetime("2024-02-29"), "2024-02-29 00:00:00.000000");
        assert_eq!(storage_time("01:02:03"), "01:02:03.000000");
    }
}
