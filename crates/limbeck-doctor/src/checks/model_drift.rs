//! What is different between the database and the models of the code.

use crate::words::{count, some};
use crate::{Answer, Finding};

const NAME: &str = "model-drift";
/// How many differences are shown.
const SHOWN: usize = 12;

/// Looks at the differences, each in a sentence.
pub fn look(differences: &[String], program: &str) -> Answer {
    if differences.is_empty() {
        return Answer::Fine("models and database agree".into());
    }
    Finding::warning(NAME, format!("{} between models and database", count(differences.len(), "difference")))
        .evidence_all(some(differences.to_vec(), SHOWN))
        .cause("the models changed without a revision, or the database was changed by hand")
        .command(format!("{program} generate \"sync models with database\" --autogenerate"))
        .note("read the revision before you apply it: it makes the database as the models are")
        .note(format!(
            "`{program} drift` tells whether the database was changed by hand: it compares with the history instead of the models"
        ))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_a_warning() {
        assert!(matches!(look(&[], "limbeck"), Answer::Fine(_)));
        let many: Vec<String> = (0..20).map(|number| format!("difference {number}")).collect();
        let answer = look(&many, "limbeck");
        let found = &answer.findings()[0];
        assert_eq!(found.title, "20 differences between models and database");
        assert_eq!(found.evidence.last().expect("lines"), "… and 8 more");
    }
}
