//! The grammar of targets: what can be told apart by looking at the text alone.
//!
//! ```text
//! head  heads  base  ae10  label            absolute
//! label@head  label@heads  label@base  label@ae10
//! +2  -1  label@+2  label@-1                 relative to the current rows
//! ae10+2  head-1  label@ae10-1               relative to a revision
//! a:b                                        a range, for `--sql` and `history`
//! ```

use crate::error::{ErrorKind, GraphError};

/// One target or several, or the ids in a version table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// One target as typed.
    One(&'a str),
    /// Several, such as the rows of a version table.
    Many(&'a [String]),
}

impl<'a> Target<'a> {
    /// Returns the single targets.
    pub(crate) fn parts(self) -> Vec<&'a str> {
        match self {
            Target::One(one) => vec![one],
            Target::Many(many) => many.iter().map(String::as_str).collect(),
        }
    }

    pub(crate) fn text(self) -> String {
        self.parts().join(", ")
    }
}

/// A target with a `+N` or `-N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relative<'a> {
    pub(crate) branch: Option<&'a str>,
    /// The revision to start from; none means the current rows.
    pub(crate) symbol: Option<&'a str>,
    /// The steps as typed, with their sign.
    pub(crate) text: &'a str,
    pub(crate) steps: i64,
}

/// Reads a relative target. Like Alembic, it looks only at how the text starts: `ae10+2x` is `ae10+2`.
pub(crate) fn relative(target: &str) -> Option<Relative<'_>> {
    let ats = target.match_indices('@').map(|(at, _)| at).filter(|at| *at > 0);
    let with_branch = ats.clone().find_map(|at| symbol_and_steps(Some(&target[..at]), &target[at + 1..]));
    with_branch.or_else(|| symbol_and_steps(None, target))
}

fn symbol_and_steps<'a>(branch: Option<&'a str>, rest: &'a str) -> Option<Relative<'a>> {
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (symbol, steps) = rest.split_at(end);
    let digits = steps.strip_prefix(['+', '-'])?;
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return None;
    }
    let size = digits[..count].parse().unwrap_or(i64::MAX);
    Some(Relative {
        branch,
        symbol: Some(symbol).filter(|symbol| !symbol.is_empty()),
        text: &steps[..count + 1],
        steps: if steps.starts_with('-') { -size } else { size },
    })
}

/// Reads a whole text as a negative number, as `history -r=-2:` has it.
pub(crate) fn steps_back(text: &str) -> Option<i64> {
    let digits = text.trim().strip_prefix('-')?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(-digits.parse().unwrap_or(i64::MAX)).filter(|steps| *steps < 0)
}

/// Splits the target of `upgrade` or `downgrade` into start and end.
///
/// # Errors
/// A range is only allowed offline, and has one `:`.
pub fn split_range(target: &str, offline: bool) -> Result<(Option<&str>, &str), GraphError> {
    match target.split_once(':') {
        None => Ok((None, target)),
        Some(_) if !offline => Err(GraphError::of_usage(ErrorKind::RangeNotAllowed)),
        Some((_, end)) if end.contains(':') => Err(GraphError::of_usage(ErrorKind::RangeParts { range: target.to_owned() })),
        Some((start, end)) => Ok((Some(start), end)),
    }
}

/// Splits the range of `history` into start and end; an end that is left out is `None`.
///
/// # Errors
/// A range has one `:`.
pub fn split_history_range(range: &str) -> Result<(Option<&str>, Option<&str>), GraphError> {
    let given = |text| Some(text).filter(|text: &&str| !text.is_empty());
    match range.trim().split_once(':') {
        None => Err(GraphError::of_usage(ErrorKind::HistoryRange { range: range.to_owned() })),
        Some((_, end)) if end.contains(':') => Err(GraphError::of_usage(ErrorKind::RangeParts { range: range.to_owned() })),
        Some((start, end)) => Ok((given(start), given(end))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_targets() {
        let read = |text| relative(text).map(|r| (r.branch, r.symbol, r.text, r.steps));
        let cases = [
            ("+2", Some((None, None, "+2", 2))),
            ("-1", Some((None, None, "-1", -1))),
            ("+0", Some((None, None, "+0", 0))),
            ("ae10+2", Some((None, Some("ae10"), "+2", 2))),
            ("head-1", Some((None, Some("head"), "-1", -1))),
            ("left@+1", Some((Some("left"), None, "+1", 1))),
            ("left@ae10-12", Some((Some("left"), Some("ae10"), "-12", -12))),
            ("my-label@+1", Some((Some("my-label"), None, "+1", 1))),
            ("ae10+2x", Some((None, Some("ae10"), "+2", 2))),
            ("v-2024@head", Some((None, Some("v"), "-2024", -2024))),
            ("a@b@+1", Some((Some("a@b"), None, "+1", 1))),
            ("@+1", None),
            ("head", None),
            ("left@head", None),
            ("my-label@head", None),
            ("ae10+", None),
            ("a.b+1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(relative("-99999999999999999999").map(|r| r.steps), Some(-i64::MAX));
    }

    #[test]
    fn negative_numbers() {
        assert_eq!(steps_back("-2"), Some(-2));
        assert_eq!(steps_back("-0"), None);
        assert_eq!(steps_back("+2"), None);
        assert_eq!(steps_back("-x"), None);
        assert_eq!(steps_back("-"), None);
    }

    #[test]
    fn ranges() {
        assert_eq!(split_range("a", false).expect("one target"), (None, "a"));
        assert_eq!(split_range("a:b", true).expect("a range"), (Some("a"), "b"));
        let text = |found: Result<_, GraphError>| found.map(|_: (Option<&str>, &str)| ()).expect_err("refused");
        assert_eq!(text(split_range("a:b", false)).alembic_text(), "Range revision not allowed");
        assert_eq!(text(split_range("a:b:c", true)).alembic_exit(), 1);
        assert_eq!(split_history_range(" a: ").expect("a range"), (Some("a"), None));
        assert_eq!(split_history_range(":").expect("a range"), (None, None));
        assert!(split_history_range("a").is_err());
    }
}
