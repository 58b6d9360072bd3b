//! Which checks are done: `--only`, `--skip`.

use crate::args::DoctorArgs;
use crate::context::Failure;
use limbeck_doctor::CHECKS;
use limbeck_source::Diagnostic;

/// What was asked for.
pub struct Choice {
    only: Vec<String>,
    skip: Vec<String>,
    /// Whether checks that take longer are done too.
    pub deep: bool,
}

impl Choice {
    /// Reads it from the command line.
    ///
    /// # Errors
    /// A name that no check has.
    pub fn new(args: &DoctorArgs) -> Result<Self, Failure> {
        Ok(Choice {
            only: named(&args.only)?,
            skip: named(&args.skip)?,
            deep: args.deep,
        })
    }

    /// This check alone.
    pub fn just(name: &str) -> Self {
        Choice {
            only: vec![name.to_owned()],
            skip: Vec::new(),
            deep: false,
        }
    }

    /// Whether a check is done.
    pub fn takes(&self, name: &str) -> bool {
        (self.only.is_empty() || self.names(name)) && !self.skip.iter().any(|skipped| skipped == name)
    }

    /// Whether a check is asked for by its name: then it is done though it takes longer.
    pub fn names(&self, name: &str) -> bool {
        self.only.iter().any(|wanted| wanted == name)
    }

    /// Whether any of these checks is done.
    pub fn takes_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.takes(name))
    }
}

/// The names of the checks that were meant: by name, by the title that the report shows, or by the first word of several titles (`pending`).
fn named(words: &[String]) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for word in words {
        let wanted = word.trim().to_lowercase().replace([' ', '_'], "-");
        let title = |check: &limbeck_doctor::Check| check.title.to_lowercase().replace(' ', "-");
        let exact = |check: &limbeck_doctor::Check| check.name == wanted || title(check) == wanted;
        let kind = |check: &limbeck_doctor::Check| title(check).split('-').next() == Some(wanted.as_str());
        let found: Vec<_> = match CHECKS.iter().find(|check| exact(check)) {
            Some(check) => vec![check],
            None => CHECKS.iter().filter(|check| kind(check)).collect(),
        };
        if found.is_empty() {
            let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
            let found = Diagnostic::error("E0972", format!("there is no check named `{word}`")).hint(format!("the checks are {}", names.join(", ")));
            return Err(Failure::new(found));
        }
        names.extend(found.iter().map(|check| check.name.to_owned()));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(word: &str) -> Vec<String> {
        named(&[word.to_owned()]).unwrap_or_default()
    }

    #[test]
    fn a_check_goes_by_its_name_and_by_the_title_that_is_shown() {
        assert_eq!(names("transaction-pooler"), ["transaction-pooler"]);
        assert_eq!(names("pooler"), ["transaction-pooler"]);
        assert_eq!(names("Multiple Heads"), ["multiple-heads"]);
        assert_eq!(names("pending_drops"), ["pending-dependents"]);
        assert_eq!(names("nonsense"), Vec::<String>::new());
    }

    #[test]
    fn a_word_that_several_titles_begin_with_means_them_all() {
        let pending = names("pending");
        assert!(pending.len() >= 10 && pending.iter().all(|name| name.starts_with("pending-")), "{pending:?}");
    }
}
