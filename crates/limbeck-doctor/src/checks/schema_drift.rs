//! What is different in the database from its own history.

use crate::words::{count, some};
use crate::{Answer, Finding};

const NAME: &str = "schema-drift";
/// How many lines are shown.
const SHOWN: usize = 24;

/// Looks at the changes, each a text of one or several lines; `place` is the revision the history was replayed to.
pub fn look(changes: &[String], place: &str, program: &str) -> Answer {
    if changes.is_empty() {
        return Answer::Fine(format!("the database has the schema that its history gives at {place}"));
    }
    let lines = changes.iter().flat_map(|change| change.lines()).map(str::to_owned).collect();
    Finding::problem(NAME, format!("{} not as the history makes them at {place}", count(changes.len(), "object")))
        .evidence_all(some(lines, SHOWN))
        .cause("the database was changed by hand, by another tool, or an applied script was edited (`+` is what the database has, `-` what the history gives)")
        .command(format!("{program} drift"))
        .note(format!("to keep what was changed: `{program} drift --generate adopt` writes it as a revision; to undo it: `{program} drift --generate revert` prints the SQL"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_by_line() {
        assert!(matches!(look(&[], "ab", "limbeck"), Answer::Fine(_)));
        let answer = look(&["table t\n+ column x".into()], "ab", "limbeck");
        assert_eq!(answer.findings()[0].evidence, ["table t", "+ column x"]);
    }
}
