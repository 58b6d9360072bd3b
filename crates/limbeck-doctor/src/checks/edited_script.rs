//! Applied scripts that do something else now than when they ran.

use crate::words::some;
use crate::{Answer, Finding};

const NAME: &str = "edited-script";
/// How many scripts are named in one finding.
const SHOWN: usize = 10;

/// An applied script that was edited.
#[derive(Debug, Clone, Default)]
pub struct Edited {
    /// The revision.
    pub revision: String,
    /// Its message.
    pub message: String,
    /// Its file.
    pub path: String,
    /// When it was applied, and by whom.
    pub applied: String,
}

/// Looks at them; `remembered` is how many scripts the database remembers, if it does.
pub fn look(edited: &[Edited], remembered: Option<usize>, program: &str) -> Answer {
    let Some(remembered) = remembered else {
        return Answer::Skipped("this database does not remember the scripts that were applied".into());
    };
    match edited {
        [] => Answer::Fine(match remembered {
            0 => "the database remembers no script yet".into(),
            1 => "the 1 script that the database remembers is as it was applied".into(),
            number => format!("all {number} scripts that the database remembers are as they were applied"),
        }),
        [one] => finding(format!("the script of {} was edited after it was applied", one.revision), edited, program),
        many => finding(format!("{} scripts were edited after they were applied", many.len()), edited, program),
    }
}

fn finding(title: String, edited: &[Edited], program: &str) -> Answer {
    let lines = edited
        .iter()
        .map(|script| format!("{}  {}  ({}), {}", script.revision, script.message, script.path, script.applied));
    Finding::problem(NAME, title)
        .evidence_all(some(lines.collect(), SHOWN))
        .cause("the database has what the script did then; new databases get what it does now, so that the two differ")
        .command(format!("{program} status -v"))
        .note("that shows what was changed: put the old text back, and write a new revision for the change")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_remembers_decides() {
        assert!(matches!(look(&[], None, "limbeck"), Answer::Skipped(_)));
        assert!(matches!(look(&[], Some(3), "limbeck"), Answer::Fine(_)));
        let edited = Edited {
            revision: "ab".into(),
            ..Edited::default()
        };
        assert_eq!(
            look(&[edited], Some(3), "limbeck").findings()[0].title,
            "the script of ab was edited after it was applied"
        );
    }
}
