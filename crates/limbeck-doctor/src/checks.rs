//! The checks, one file each, and their registry.

pub mod multiple_heads;

/// What is known of a check beside its code.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// What it looks for: `multiple-heads`. The name of its findings, of `--only`, `--skip` and `explain`.
    pub name: &'static str,
    /// The same in a word or two, for a line of its own.
    pub title: &'static str,
    /// What it checks, why it matters, an example, what to do, when the fix is safe.
    pub page: &'static str,
}

const fn check(name: &'static str, title: &'static str, page: &'static str) -> Check {
    Check { name, title, page }
}

/// All checks, in the order in which they are done and shown.
pub const CHECKS: &[Check] = &[check("multiple-heads", "multiple heads", include_str!("../pages/multiple-heads.md"))];

/// The check of that name.
pub fn find(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}

#[cfg(test)]
mod tests {
    use super::CHECKS;
    use std::collections::HashSet;

    #[test]
    fn names_are_words_and_pages_have_their_headings() {
        let mut seen = HashSet::new();
        for check in CHECKS {
            assert!(seen.insert(check.name), "{} is there twice", check.name);
            assert!(check.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", check.name);
            for heading in [
                "# ",
                "## What it checks",
                "## Why it matters",
                "## Example",
                "## What to do",
                "## When the fix is safe",
            ] {
                assert!(
                    check.page.lines().any(|line| line.starts_with(heading)),
                    "the page of {} has no `{heading}`",
                    check.name
                );
            }
            assert!(
                check.page.starts_with(&format!("# {}\n", check.name)),
                "the page of {} is of another check",
                check.name
            );
        }
    }

    #[test]
    fn every_page_belongs_to_a_check() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pages");
        for entry in std::fs::read_dir(folder).expect("the pages").flatten() {
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            assert!(CHECKS.iter().any(|check| format!("{}.md", check.name) == name), "{name} belongs to no check");
        }
    }
}
