//! Whether the configuration can be used: its files, env.py, and the source that names the database.

use limbeck_source::Diagnostic;

use crate::{Answer, Finding, Severity};

const NAME: &str = "bad-configuration";
/// What the templates of `init` have where a URL belongs.
const PLACEHOLDER: &str = "driver://user:pass@localhost/dbname";

/// What is known of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What stops every command.
    pub errors: Vec<Diagnostic>,
    /// What commands go on with.
    pub warnings: Vec<Diagnostic>,
    /// Files that should be there: path, what it is for, and the command that makes it.
    pub missing: Vec<Missing>,
    /// Where the database's URL comes from, one for each database.
    pub sources: Vec<String>,
    /// What the configuration itself says as `sqlalchemy.url`, without a password.
    pub written_url: Option<String>,
}

/// A file that is not there.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Its path, for people.
    pub path: String,
    /// What does not work without it.
    pub lost: String,
    /// What brings it.
    pub command: Option<String>,
}

/// Looks at it.
pub fn look(facts: &Facts) -> Answer {
    let mut findings: Vec<Finding> = facts.errors.iter().map(|error| Finding::of(NAME, Severity::Problem, error)).collect();
    if let Some(first) = findings.first_mut()
        && facts.written_url.as_deref().is_some_and(is_placeholder)
    {
        first.cause = format!("`sqlalchemy.url` is still the `{PLACEHOLDER}` that `init` wrote");
        first
            .notes
            .insert(0, "write the database's URL into `sqlalchemy.url`, or set DATABASE_URL".into());
    }
    findings.extend(facts.warnings.iter().map(|warning| Finding::of(NAME, Severity::Warning, warning)));
    for file in &facts.missing {
        let finding = Finding::warning(NAME, format!("{} is not there", file.path)).cause(file.lost.clone());
        findings.push(match &file.command {
            Some(command) => finding.command(command.clone()),
            None => finding,
        });
    }
    Answer::of(findings, || {
        let sources: Vec<String> = facts.sources.iter().map(|source| format!("the database comes from {source}")).collect();
        match sources.as_slice() {
            [] => "readable".into(),
            [one, rest @ ..] if rest.iter().all(|other| other == one) => match rest.len() {
                0 => one.clone(),
                more => format!("{} databases, from {}", more + 1, facts.sources[0]),
            },
            many => many.join("; "),
        }
    })
}

/// Whether a URL is the one of the templates; its password may be hidden.
fn is_placeholder(url: &str) -> bool {
    url == PLACEHOLDER || url.starts_with("driver://user:") && url.ends_with("@localhost/dbname")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_placeholder_is_recognised() {
        let facts = Facts {
            errors: vec![Diagnostic::error("E0602", "the dialect `driver` is not known")],
            written_url: Some("driver://user:***@localhost/dbname".into()),
            ..Facts::default()
        };
        let answer = look(&facts);
        assert!(answer.findings()[0].cause.contains("still the `driver://"), "{answer:?}");
    }

    #[test]
    fn sources_are_told_once() {
        let facts = |sources: &[&str]| Facts {
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
            ..Facts::default()
        };
        assert_eq!(look(&facts(&["env.py"])), Answer::Fine("the database comes from env.py".into()));
        assert_eq!(look(&facts(&["env.py", "env.py"])), Answer::Fine("2 databases, from env.py".into()));
    }

    #[test]
    fn a_missing_template_is_a_warning() {
        let facts = Facts {
            missing: vec![Missing {
                path: "migrations/script.py.mako".into(),
                lost: "no revision can be written without it".into(),
                command: None,
            }],
            ..Facts::default()
        };
        assert_eq!(look(&facts).findings()[0].severity, Severity::Warning);
    }
}
