//! Numbers for people: counts, sizes and spans of time, in the same words everywhere.

use std::time::Duration;

/// `1 statement`, `3 statements`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `1,234,567`.
#[must_use]
pub fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

/// `12 bytes`, `3.4 MB`: a thousand of one unit are one of the next.
#[must_use]
pub fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss)] // one or two decimal places are shown
    let number = bytes as f64;
    match bytes {
        0..1_000 => count(usize::try_from(bytes).unwrap_or_default(), "byte"),
        1_000..1_000_000 => format!("{:.1} kB", number / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number / 1e6),
        _ => format!("{:.2} GB", number / 1e9),
    }
}

/// `40 ms`, `4.1 s`, `12 s`, `5 min 3 s`, `2 h`, `3 d 4 h`: two units at the most.
#[must_use]
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let two = |one: u64, unit: &str, other: u64, smaller: &str| match other {
        0 => format!("{one} {unit}"),
        other => format!("{one} {unit} {other} {smaller}"),
    };
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        let texts = [0.0, 0.04, 1.26, 9.96, 59.9, 60.0, 303.0, 7_200.0, 7_500.0, 273_600.0].map(|seconds| span(Duration::from_secs_f64(seconds)));
        assert_eq!(
            texts,
            ["0 ms", "40 ms", "1.3 s", "10.0 s", "59 s", "1 min", "5 min 3 s", "2 h", "2 h 5 min", "3 d 4 h"]
        );
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        let texts = [0, 1, 999, 1_000, 3_449_000, 1_204_000_000].map(size);
        assert_eq!(texts, ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "3.4 MB", "1.20 GB"]);
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, -1_234_567].map(number), ["0", "999", "1,000", "-1,234,567"]);
        assert_eq!([count(1, "head"), count(0, "head")], ["1 head", "0 heads"]);
    }
}
