//! Values in the server's text form, read as psycopg2 reads them.

use limbeck_expr::Literal;

use super::interval;
use super::oid::{self, Kind};

/// Reads one value; a text that has not the form of its type stays a text.
pub(super) fn literal(oid: u32, text: &str) -> Literal {
    let (kind, array) = oid::kind(oid);
    let value = if array { array_of(kind, text) } else { scalar(kind, text) };
    value.unwrap_or_else(|| Literal::Text(text.to_owned()))
}

/// The items of an array of texts.
pub(super) fn text_array(text: &str) -> Option<Vec<Literal>> {
    match array_of(Kind::Text, text)? {
        Literal::Array(items) => Some(items),
        _ => None,
    }
}

fn scalar(kind: Kind, text: &str) -> Option<Literal> {
    let own = || text.to_owned();
    Some(match kind {
        Kind::Bool => Literal::Bool(text == "t"),
        Kind::Bytes => Literal::Bytes(bytes(text)?),
        Kind::Int => text.parse().map(Literal::Int).unwrap_or_else(|_| Literal::BigInt(own())),
        Kind::Float => Literal::Float(text.parse().ok()?),
        Kind::Decimal => Literal::Decimal(own()),
        Kind::Text => Literal::Text(own()),
        Kind::Date => Literal::Date(plain_date(text)?.to_owned()),
        Kind::Time => Literal::Time(clock(text)?),
        Kind::DateTime => {
            let (date, time) = text.split_once(' ')?;
            Literal::DateTime(format!("{} {}", plain_date(date)?, clock(time)?))
        }
        Kind::Interval => {
            let (days, seconds, micros) = interval::parse(text)?;
            Literal::Interval(days, seconds, micros)
        }
        Kind::Uuid => Literal::Uuid(own()),
        Kind::Json => Literal::Json(own()),
    })
}

/// `YYYY-MM-DD`; Python has neither years beyond 9999 nor before Christ nor infinity.
fn plain_date(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let fits = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    fits.then_some(text)
}

/// A time in the form of Python's `isoformat()`: six digits of a second or none, an offset with minutes.
fn clock(text: &str) -> Option<String> {
    if text.ends_with("BC") {
        return None;
    }
    let (time, offset) = match text.find(['+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut result = match time.split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{fraction:0<6}"),
        None => time.to_owned(),
    };
    result.push_str(offset);
    if offset.len() == 3 {
        result.push_str(":00");
    }
    Some(result)
}

/// `\x…`, or the escape format of `bytea_output = escape`; the result is hexadecimal.
fn bytes(text: &str) -> Option<String> {
    if let Some(hex) = text.strip_prefix("\\x") {
        return Some(hex.to_owned());
    }
    let mut hex = String::with_capacity(text.len() * 2);
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'\\', [b'\\', after @ ..]) => (b'\\', after),
            (b'\\', [a, b, c, after @ ..]) => (u8::from_str_radix(std::str::from_utf8(&[*a, *b, *c]).ok()?, 8).ok()?, after),
            (b'\\', _) => return None,
            (byte, after) => (*byte, after),
        };
        hex.push_str(&format!("{byte:02x}"));
        rest = after;
    }
    Some(hex)
}

/// `{1,NULL,"a \"b\""}`, nested, perhaps with bounds (`[0:1]={…}`).
fn array_of(kind: Kind, text: &str) -> Option<Literal> {
    let body = if text.starts_with('[') { text.split_once('=')?.1 } else { text };
    let mut chars = body.chars().peekable();
    if chars.next() != Some('{') {
        return None;
    }
    let items = items(kind, &mut chars)?;
    chars.next().is_none().then_some(Literal::Array(items))
}

fn items(kind: Kind, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Vec<Literal>> {
    let mut values = Vec::new();
    loop {
        match chars.peek()? {
            '}' => {
                chars.next();
                return Some(values);
            }
            ',' => {
                chars.next();
            }
            '{' => {
                chars.next();
                values.push(Literal::Array(items(kind, chars)?));
            }
            '"' => {
                chars.next();
                let mut text = String::new();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => text.push(chars.next()?),
                        c => text.push(c),
                    }
                }
                values.push(scalar(kind, &text)?);
            }
            _ => {
                let mut text = String::new();
                while let Some(c) = chars.next_if(|c| !matches!(c, ',' | '}')) {
                    text.push(c);
                }
                values.push(if text == "NULL" { Literal::Null } else { scalar(kind, &text)? });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_psycopg2s() {
        let text = |text: &str| Literal::Text(text.into());
        for (oid, given, expected) in [
            (16, "t", Literal::Bool(true)),
            (17, "\\x00ff", Literal::Bytes("00ff".into())),
            (17, "a\\\\b\\001", Literal::Bytes("615c6201".into())),
            (20, "-5", Literal::Int(-5)),
            (701, "1.5", Literal::Float(1.5)),
            (701, "Infinity", Literal::Float(f64::INFINITY)),
            (1700, "10.50", Literal::Decimal("10.50".into())),
            (1700, "NaN", Literal::Decimal("NaN".into())),
            (1082, "2020-02-01", Literal::Date("2020-02-01".into())),
            (1082, "infinity", text("infinity")),
            (1082, "0044-03-15 BC", text("0044-03-15 BC")),
            (1083, "10:00:00.5", Literal::Time("10:00:00.500000".into())),
            (1266, "10:00:00+02", Literal::Time("10:00:00+02:00".into())),
            (1114, "2020-01-01 10:00:00", Literal::DateTime("2020-01-01 10:00:00".into())),
            (
                1184,
                "2020-01-01 10:00:00.25-03:30",
                Literal::DateTime("2020-01-01 10:00:00.250000-03:30".into()),
            ),
            (1114, "0044-03-15 10:00:00 BC", text("0044-03-15 10:00:00 BC")),
            (1186, "1 day 00:00:01", Literal::Interval(1, 1, 0)),
            (3802, "{\"a\": 1}", Literal::Json("{\"a\": 1}".into())),
            (25, "x", text("x")),
            (99999, "anything", text("anything")),
            (1007, "{1,NULL,-3}", Literal::Array(vec![Literal::Int(1), Literal::Null, Literal::Int(-3)])),
            (1009, "{}", Literal::Array(vec![])),
            (
                1009,
                "{a,\"b \\\"c\\\\\",\"NULL\"}",
                Literal::Array(vec![text("a"), text("b \"c\\"), text("NULL")]),
            ),
            (1007, "[0:1]={1,2}", Literal::Array(vec![Literal::Int(1), Literal::Int(2)])),
            (
                1007,
                "{{1},{2}}",
                Literal::Array(vec![Literal::Array(vec![Literal::Int(1)]), Literal::Array(vec![Literal::Int(2)])]),
            ),
            (1007, "{broken", text("{broken")),
        ] {
            assert_eq!(literal(oid, given), expected, "{oid} {given}");
        }
    }
}
