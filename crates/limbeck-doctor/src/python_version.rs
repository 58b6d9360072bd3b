//! Versions and requirements as Python's packages write them (PEP 440), and Poetry's `^` and `~`; as far as one needs to tell whether they fit.

use std::cmp::Ordering;
use std::fmt;

/// A released version: its numbers. Suffixes (`rc1`, `.post1`) are left out.
#[derive(Debug, Clone, Eq)]
pub struct PythonVersion(Vec<u32>);

impl PythonVersion {
    /// Reads `1.13.1`; nothing where it does not begin with a number.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let numbers: Option<Vec<u32>> = text[..end].trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect();
        numbers.map(PythonVersion)
    }

    /// The number at a place, 0 where there is none.
    fn at(&self, place: usize) -> u32 {
        self.0.get(place).copied().unwrap_or_default()
    }

    /// Whether the first `length` numbers are the same.
    fn starts_as(&self, other: &Self, length: usize) -> bool {
        (0..length).all(|place| self.at(place) == other.at(place))
    }
}

impl PartialEq for PythonVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl PartialOrd for PythonVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PythonVersion {
    /// Missing numbers are zeros: 1.16 is 1.16.0.
    fn cmp(&self, other: &Self) -> Ordering {
        let places = 0..self.0.len().max(other.0.len());
        places
            .map(|place| self.at(place).cmp(&other.at(place)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// Whether a version fits a requirement such as `>=1.13,<2`; conditions that are not understood are taken as met.
pub fn fits(requirement: &str, version: &PythonVersion) -> bool {
    requirement
        .split("||")
        .any(|one| one.split(',').all(|condition| fits_one(condition.trim(), version)))
}

/// The only version a requirement allows, where there is one.
pub fn exact(requirement: &str) -> Option<PythonVersion> {
    let text = requirement.trim();
    let version = text.strip_prefix("===").or_else(|| text.strip_prefix("==")).unwrap_or(text);
    let plain = version.trim().bytes().next().is_some_and(|byte| byte.is_ascii_digit()) && !version.contains(['*', ',', '|']);
    plain.then(|| PythonVersion::parse(version)).flatten()
}

fn fits_one(condition: &str, version: &PythonVersion) -> bool {
    const OPERATORS: [&str; 10] = ["===", "==", "!=", "~=", ">=", "<=", ">", "<", "^", "~"];
    let operator = OPERATORS.into_iter().find(|operator| condition.starts_with(operator)).unwrap_or_default();
    let text = condition[operator.len()..].trim();
    if text.is_empty() || text == "*" {
        return true;
    }
    let Some(wanted) = PythonVersion::parse(text.trim_end_matches(".*")) else {
        return true;
    };
    let given = wanted.0.len();
    let same = |length: usize| version.starts_as(&wanted, length);
    let equal = if text.ends_with(".*") { same(given) } else { *version == wanted };
    match operator {
        "" | "==" | "===" => equal,
        "!=" => !equal,
        ">=" => *version >= wanted,
        "<=" => *version <= wanted,
        ">" => *version > wanted,
        "<" => *version < wanted,
        // The last number may grow.
        "~=" => *version >= wanted && same(given.saturating_sub(1).max(1)),
        "~" => *version >= wanted && same(given.min(2)),
        // Everything right of the first number that is not 0 may grow.
        "^" => {
            let first = wanted.0.iter().position(|number| *number != 0).unwrap_or(given - 1);
            *version >= wanted && same(first + 1)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> PythonVersion {
        PythonVersion::parse(text).expect("a version")
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("1.9.0") < version("1.10"));
        assert_eq!(version("1.16"), version("1.16.0"));
        assert_eq!(version("1.13.1rc1").to_string(), "1.13.1");
        assert_eq!(PythonVersion::parse("latest"), None);
    }

    #[test]
    fn requirements() {
        for (requirement, text, expected) in [
            ("==1.13.1", "1.13.1", true),
            ("==1.13.*", "1.13.7", true),
            ("==1.13.*", "1.14.0", false),
            (">=1.13,<2", "1.20.1", true),
            (">=1.13,<1.20", "1.20.1", false),
            ("~=1.13", "1.20", true),
            ("~=1.13.1", "1.14", false),
            ("!=1.13.1", "1.13.1", false),
            ("^1.13", "1.20.1", true),
            ("^1.13", "2.0", false),
            ("^0.3.1", "0.4", false),
            ("~1.13", "1.13.9", true),
            ("~1.13", "1.14", false),
            ("1.13.1", "1.13.2", false),
            ("", "1.0", true),
            ("*", "1.0", true),
            ("^1.4 || ^2.0", "2.1", true),
        ] {
            assert_eq!(fits(requirement, &version(text)), expected, "{requirement} {text}");
        }
    }

    #[test]
    fn exact_requirements() {
        assert_eq!(exact("==1.13.1"), Some(version("1.13.1")));
        assert_eq!(exact("1.13.1"), Some(version("1.13.1")));
        for open in ["==1.13.*", ">=1.13", "^1.13", "", ">=1,<2"] {
            assert_eq!(exact(open), None, "{open}");
        }
    }
}
