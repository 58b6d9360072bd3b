//! Intervals as PostgreSQL prints them in its own style: `1 year 2 mons -3 days +04:05:06.789`.

/// Days, seconds and microseconds as Python's `timedelta` keeps them; a year is 365 days and a month 30, as psycopg2 counts.
pub(super) fn parse(text: &str) -> Option<(i64, i64, i64)> {
    let mut micros: i128 = 0;
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        micros += if word.contains(':') {
            clock(word)?
        } else {
            let number: i128 = word.parse().ok()?;
            let days = match words.next()?.trim_end_matches('s') {
                "year" => 365,
                "mon" => 30,
                "day" => 1,
                _ => return None,
            };
            number * days * DAY
        };
    }
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    Some((i64::try_from(days).ok()?, (rest / 1_000_000) as i64, (rest % 1_000_000) as i64))
}

const DAY: i128 = 86_400 * 1_000_000;

/// `[-+]HH:MM:SS[.ffffff]` in microseconds.
fn clock(text: &str) -> Option<i128> {
    let (sign, text) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let mut parts = text.split(':');
    let hours: i128 = parts.next()?.parse().ok()?;
    let minutes: i128 = parts.next()?.parse().ok()?;
    let (seconds, fraction) = parts.next().map_or(("0", ""), |seconds| seconds.split_once('.').unwrap_or((seconds, "")));
    let seconds: i128 = seconds.parse().ok()?;
    let fraction: i128 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(sign * ((hours * 3600 + minutes * 60 + seconds) * 1_000_000 + fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_pythons() {
        for (text, expected) in [
            ("00:00:00", Some((0, 0, 0))),
            ("1 day", Some((1, 0, 0))),
            ("1 year 2 mons 3 days 04:05:06.789", Some((428, 14706, 789_000))),
            ("-1 days +02:03:00", Some((-1, 7380, 0))),
            ("-00:00:01", Some((-1, 86399, 0))),
            ("100:00:00", Some((4, 14400, 0))),
            ("P1D", None),
            ("1 fortnight", None),
            ("", Some((0, 0, 0))),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
