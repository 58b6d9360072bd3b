//! Python's `template % mapping`, as far as configuration files use it: `%(name)s`, `%(month).2d`, `%%`.

use limbeck_source::python::repr;
use thiserror::Error;

/// A value that a template may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Argument::Text(text.to_owned())
    }
}

/// Why a template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum FormatError {
    #[error("unknown token %({0})s")]
    UnknownName(String),
    #[error("'%' is not followed by '(name)' and a conversion such as 's': {0:?}")]
    Malformed(String),
    #[error("%({name}){conversion}: a number is required")]
    NotANumber { name: String, conversion: char },
}

/// Fills in `template`; `lookup` knows the values.
///
/// # Errors
/// When a name is unknown or a conversion is not one of Python's.
pub fn format(template: &str, lookup: impl Fn(&str) -> Option<Argument>) -> Result<String, FormatError> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest[1..].starts_with('%') {
            text.push('%');
            rest = &rest[2..];
            continue;
        }
        let malformed = || FormatError::Malformed(rest.to_owned());
        let inner = rest[1..].strip_prefix('(').ok_or_else(malformed)?;
        let close = inner.find(')').ok_or_else(malformed)?;
        let name = &inner[..close];
        let (spec, tail) = Spec::read(&inner[close + 1..]).ok_or_else(malformed)?;
        let value = lookup(name).ok_or_else(|| FormatError::UnknownName(name.to_owned()))?;
        text.push_str(&spec.apply(name, &value)?);
        rest = tail;
    }
    text.push_str(rest);
    Ok(text)
}

/// What stands between the name and the end of one conversion.
#[derive(Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    blank: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

impl Spec {
    fn read(text: &str) -> Option<(Spec, &str)> {
        let mut spec = Spec::default();
        let mut rest = text;
        loop {
            let flag = rest.chars().next()?;
            match flag {
                '-' => spec.left = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                ' ' => spec.blank = true,
                '#' => {}
                _ => break,
            }
            rest = &rest[1..];
        }
        (spec.width, rest) = number(rest);
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, after) = number(after);
            spec.precision = Some(precision);
            rest = after;
        }
        rest = rest.trim_start_matches(['l', 'h', 'L']);
        spec.conversion = rest.chars().next().filter(|c| "sraduixXo".contains(*c))?;
        Some((spec, &rest[1..]))
    }

    fn apply(&self, name: &str, value: &Argument) -> Result<String, FormatError> {
        let body = match (self.conversion, value) {
            ('s' | 'r' | 'a', value) => self.text(value),
            (_, Argument::Number(number)) => self.number(*number),
            (conversion, Argument::Text(_)) => {
                return Err(FormatError::NotANumber {
                    name: name.to_owned(),
                    conversion,
                });
            }
        };
        let missing = self.width.saturating_sub(body.chars().count());
        let numeric = !matches!(self.conversion, 's' | 'r' | 'a');
        Ok(if self.left {
            body + &" ".repeat(missing)
        } else if self.zero && numeric {
            let sign = body.len() - body.trim_start_matches(['-', '+', ' ']).len();
            format!("{}{}{}", &body[..sign], "0".repeat(missing), &body[sign..])
        } else {
            " ".repeat(missing) + &body
        })
    }

    fn text(&self, value: &Argument) -> String {
        let text = match value {
            Argument::Text(text) if self.conversion == 's' => text.clone(),
            Argument::Text(text) => repr(text),
            Argument::Number(number) => number.to_string(),
        };
        match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        }
    }

    fn number(&self, number: i64) -> String {
        let magnitude = number.unsigned_abs();
        let digits = match self.conversion {
            'x' => format!("{magnitude:x}"),
            'X' => format!("{magnitude:X}"),
            'o' => format!("{magnitude:o}"),
            _ => magnitude.to_string(),
        };
        let sign = match number {
            ..0 => "-",
            _ if self.plus => "+",
            _ if self.blank => " ",
            _ => "",
        };
        let zeros = self.precision.unwrap_or(0).saturating_sub(digits.len());
        format!("{sign}{}{digits}", "0".repeat(zeros))
    }
}

/// Reads digits; more than a file name could hold count as that many.
fn number(text: &str) -> (usize, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].parse().unwrap_or(0).min(1000), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<String, FormatError> {
        format(template, |name| match name {
            "rev" => Some("ab12".into()),
            "month" => Some(Argument::Number(7)),
            _ => None,
        })
    }

    #[test]
    fn python_conversions() {
        for (template, expected) in [
            ("%(rev)s_x", "ab12_x"),
            ("%(month).2d%%", "07%"),
            ("%(month)d/%(month)02d/%(month)3d|%(month)-3d|", "7/07/  7|7  |"),
            ("%(rev).2s%(rev)6s", "ab  ab12"),
            ("%(month)s%(month)+d%(rev)r", "7+7'ab12'"),
            ("é%(month)x", "é7"),
        ] {
            assert_eq!(filled(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn bad_templates_are_errors() {
        for template in ["%", "%s", "%(rev", "%(rev)", "%(rev)q", "%(nope)s", "%(rev)d"] {
            assert!(filled(template).is_err(), "{template}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(template in "[%()revs.0-9d+é -]{0,20}") {
            let _ = filled(&template);
        }
    }
}
