//! What the compatibility runs say: a line on the terminal, a page in the repository.

use crate::compare::Likeness;
use crate::compat::Outcome;
use crate::measure::Run;
use std::fmt::Write;

/// Returns the line of one run for the terminal.
pub fn line(outcome: &Outcome) -> String {
    let mark = if outcome.good() { "ok  " } else { "FAIL" };
    let mut text = format!(
        "{mark} {:<14} {:<10} {:>4} revisions {:>7} {}; down: {}",
        outcome.history,
        outcome.database,
        outcome.revisions,
        seconds(&outcome.up),
        top(outcome),
        down(outcome)
    );
    if let Some((run, likeness)) = &outcome.alembic {
        let _ = write!(text, "; Alembic {} {}", seconds(run), words(likeness));
    }
    text
}

/// Returns the page COMPATIBILITY.md.
pub fn page(outcomes: &[Outcome], release: bool) -> String {
    let good = outcomes.iter().filter(|outcome| outcome.good()).count();
    let mut text = format!(
        "# Compatibility\n\n\
         Public Alembic histories, run by Limbeck from an empty database and compared with what real Alembic 1.20.1\n\
         made of them. Written by `cargo xtask compat{}`; {good} of {} runs are equal.\n\n\
         - *native*: the run had an empty `PATH`, so no Python could help.\n\
         - *schema*: `identical` means the same text, pg_dump's or sqlite_master's. `same` (SQLite only) means the same but for\n\
         \u{20} white space and the order of a table's constraints, which changes from run to run in real Alembic too.\n\
         - *down*: how many revisions real Alembic itself comes down, and whether Limbeck reaches the same schema there.\n\
         - mlflow expects tables that another program makes first; both tools start from `xtask/fixtures/mlflow-initial.*.sql`.\n\
         - *statements*: those in PostgreSQL's log without transaction control, and Limbeck's own count on SQLite; times are {} on the machine of the run.\n\n\
         | history | database | revisions | native | statements | CPU s | wall s | peak MB | Alembic CPU s | schema | down |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
        if release { " --release" } else { "" },
        outcomes.len(),
        if release { "of the release profile" } else { "of the development profile" },
    );
    for outcome in outcomes {
        let Outcome {
            history,
            database,
            revisions,
            up,
            ..
        } = outcome;
        let _ = writeln!(
            text,
            "| {history} | {database} | {revisions} | {} | {} | {:.2} | {:.2} | {} | {} | {} | {} |",
            if up.ok() { "yes" } else { "no" },
            outcome.statements.map_or("–".to_owned(), |count| count.to_string()),
            up.usage.cpu,
            up.usage.wall,
            up.usage.peak_kib / 1024,
            outcome.alembic.as_ref().map_or("–".to_owned(), |(run, likeness)| format!(
                "{:.2}{}",
                run.usage.cpu,
                if likeness.same() { "" } else { " (differs today)" }
            )),
            cell(&top(outcome)),
            cell(&down(outcome)),
        );
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn seconds(run: &Run) -> String {
    format!("{:.2}s", run.usage.wall)
}

fn top(outcome: &Outcome) -> String {
    match &outcome.top {
        Ok(likeness) => words(likeness),
        Err(reason) => format!("stops: {reason}"),
    }
}

fn words(likeness: &Likeness) -> String {
    match likeness {
        Likeness::Identical => "identical".to_owned(),
        Likeness::Equivalent => "same".to_owned(),
        Likeness::Different(difference) => format!("differs: {difference}"),
    }
}

fn down(outcome: &Outcome) -> String {
    match &outcome.down {
        Ok(words) => words.clone(),
        Err(reason) => format!("no: {reason}"),
    }
}
