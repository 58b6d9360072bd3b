//! What looks like a rename is asked about, where somebody sits at a terminal.

use crate::context::Context;
use crate::streams;
use limbeck_dialect::DialectName;
use limbeck_diff::Step;
use limbeck_diff::own::{Candidate, Rename, candidates};
use std::io::{BufRead, IsTerminal, Write};

/// Asks about everything that looks like a rename; returns those that are. Nothing is asked in a pipe, or where nobody wants to read: the file says it then.
pub fn asked(context: &Context, steps: &[Step], dialect: DialectName) -> Vec<Rename> {
    let all = candidates(steps, dialect);
    let nobody = context.is_alembic() || context.global.quiet || streams::speaks_json();
    if all.is_empty() || nobody || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Vec::new();
    }
    let mut ask = |question: &str| {
        streams::say_raw(&format!("{question} [y/N] "));
        let _ = std::io::stderr().flush();
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        if answer.is_empty() || read.is_err() {
            streams::say("");
        }
        answer
    };
    let found = accepted(&all, &mut ask);
    found.iter().filter_map(|candidate| Rename::parse(&candidate.option()).ok()).collect()
}

/// The candidates that were said yes to; what an answer rules out is not asked.
fn accepted(all: &[Candidate], ask: &mut dyn FnMut(&str) -> String) -> Vec<Candidate> {
    let mut yes: Vec<Candidate> = Vec::new();
    for candidate in all {
        if yes.iter().any(|other| other.excludes(candidate)) {
            continue;
        }
        if matches!(ask(&candidate.question()).trim().to_lowercase().as_str(), "y" | "yes") {
            yes.push(candidate.clone());
        }
    }
    yes
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_schema::TableName;

    #[test]
    fn a_yes_rules_out_other_questions() {
        let candidate = |column: &str, to: &str| Candidate {
            table: TableName::new("users"),
            column: Some(column.into()),
            to: to.into(),
        };
        let all = [
            candidate("mail", "name"),
            candidate("mail", "email"),
            candidate("mail", "nick"),
            candidate("post", "email"),
        ];
        let mut questions = Vec::new();
        let found = accepted(&all, &mut |question| {
            questions.push(question.to_owned());
            if question.contains("email") { "Y\n".into() } else { "\n".into() }
        });
        assert_eq!(found, [candidate("mail", "email")]);
        assert_eq!(questions, ["renamed users.mail to users.name?", "renamed users.mail to users.email?"]);
    }
}
