//! Whether there is a project, from whichever folder the command was called in.

use limbeck_source::Diagnostic;

use crate::words::count;
use crate::{Answer, Finding, Severity};

const NAME: &str = "no-project";
/// How many projects below are named.
const SHOWN: usize = 5;

/// A project that was found.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The project's folder.
    pub root: String,
    /// The configuration files, from there.
    pub files: Vec<String>,
    /// The folder the command was called in, where that is another one.
    pub from: Option<String>,
}

/// Looks at what was found; `below` are configuration files in folders below, for who stands too high.
pub fn look(found: Result<&Place, &Diagnostic>, below: &[String], program: &str) -> Answer {
    match found {
        Ok(place) => {
            let from = place.from.as_ref().map(|from| format!(", found from {from}")).unwrap_or_default();
            Answer::Fine(format!("{} ({}{from})", place.root, place.files.join(", ")))
        }
        Err(error) => {
            let mut finding = Finding::of(NAME, Severity::Problem, error);
            finding.notes.clear();
            finding.cause =
                "commands look for alembic.ini, pyproject.toml with [tool.alembic], or limbeck.toml in this folder and in those above it; none is there".into();
            finding = finding.evidence_all(below.iter().take(SHOWN).map(|file| format!("there is one below: {file}")));
            if below.len() > SHOWN {
                finding = finding.evidence(format!("… and {} more", below.len() - SHOWN));
            }
            let finding = match below {
                [file] => finding.command(format!("{program} -c {file} doctor")),
                [] => finding
                    .command(format!("{program} init migrations"))
                    .note("`init` makes a new project here; to use one that exists, change to its folder"),
                many => finding.note(format!(
                    "{} below this folder: change to the right one, or name it with `-c`",
                    count(many.len(), "project")
                )),
            };
            finding.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_below_is_named() {
        let error = Diagnostic::error("E0101", "no migration project in /x or above it").hint("make one with `init`");
        let answer = look(Err(&error), &["backend/alembic.ini".into()], "limbeck");
        let found = &answer.findings()[0];
        assert_eq!(found.remedy.as_ref().expect("a remedy").command, "limbeck -c backend/alembic.ini doctor");
        assert!(found.evidence.contains(&"there is one below: backend/alembic.ini".to_owned()));
    }

    #[test]
    fn of_many_projects_below_a_few_are_named() {
        let error = Diagnostic::error("E0101", "no migration project in /x or above it");
        let below: Vec<String> = (0..20).map(|number| format!("{number}/alembic.ini")).collect();
        let answer = look(Err(&error), &below, "limbeck");
        let evidence = &answer.findings()[0].evidence;
        assert_eq!(evidence.iter().filter(|line| line.contains("there is one below")).count(), SHOWN);
        assert_eq!(evidence.last().map(String::as_str), Some("… and 15 more"));
    }

    #[test]
    fn where_it_was_found_from_is_said() {
        let place = Place {
            root: "/p".into(),
            files: vec!["alembic.ini".into()],
            from: Some("/p/src/x".into()),
        };
        assert_eq!(look(Ok(&place), &[], "limbeck"), Answer::Fine("/p (alembic.ini, found from /p/src/x)".into()));
    }
}
