//! SQLite: pending revisions really run, on a copy of the file.

mod rows;

use std::path::Path;
use std::sync::Arc;

use super::pending::{Case, facts};
use limbeck_db::{Connection, Environment};
use limbeck_doctor::{Answer, Finding, pending};
use limbeck_expr::Literal;
use limbeck_run::{PlannedStep, Rehearsal, RunError, Scratch, ScratchOptions, Settings, Silent, StepFault};
use limbeck_source::Diagnose;

/// A file that is larger is not copied.
const LARGEST_COPY: u64 = 1 << 30;

/// The answers of all checks of pending revisions.
pub fn answers(case: Case<'_>, connection: &mut dyn Connection, steps: &[PlannedStep]) -> Vec<(&'static str, Answer)> {
    let dangling = rows::dangling(connection);
    let before = rows::count(connection);
    let scratch = match copy(case.settings, connection) {
        Ok(scratch) => scratch,
        Err(why) => {
            return with(
                pending::SCRIPTS,
                &Answer::Unknown(why),
                "on SQLite the pending revisions are tried on a copy (see above)",
            );
        }
    };
    let mut start_engine = || crate::environment::silent_engine(case.context, &case.workspace.project, Arc::default());
    let result = Rehearsal {
        scratch: &scratch,
        facts: &facts(case),
        start_engine: &mut start_engine,
        events: &mut Silent,
        stop: &Arc::default(),
        wanted: &|_| false,
        look: &mut |_, _| {},
    }
    .run(steps);
    match result {
        Ok(()) => {
            let what = crate::progress::count(steps.len(), "pending revision");
            let fine = Answer::Fine(format!("{what} ran on a copy of the database"));
            let after = scratch.connect().ok().and_then(|mut copy| rows::count(copy.as_mut()));
            let losses = match (&before, &after) {
                (Some(before), Some(after)) => Answer::of(rows::lost(before, after), || "no row or value is lost: the copy holds them all".into()),
                _ => Answer::Unknown("the rows could not be counted".into()),
            };
            let keys = Answer::of(dangling, || "every row refers to one that is there".into());
            with(pending::SCRIPTS, &fine, "on SQLite the pending revisions are tried on a copy (see above)")
                .into_iter()
                .map(|(name, answer)| match name {
                    pending::LOSSES => (name, losses.clone()),
                    pending::FOREIGN_KEYS => (name, keys.clone()),
                    _ => (name, answer),
                })
                .collect()
        }
        Err(error) => {
            let (check, message) = check_of(&error);
            let finding = finding(check, &error, &case.workspace.project.root())
                .evidence_all(examples(&scratch, &message))
                .note("it was tried on a copy; the database itself was only read");
            let others = format!("on SQLite the pending revisions are tried on a copy, where one failed (see {check})");
            with(check, &finding.into(), &others)
        }
    }
}

/// Puts in rows that point to nothing, if there are any.
pub fn add_dangling(connection: &mut dyn Connection, answers: &mut [(&'static str, Answer)]) {
    let found = rows::dangling(connection);
    if found.is_empty() {
        return;
    }
    for (_, answer) in answers.iter_mut().filter(|(name, _)| *name == pending::FOREIGN_KEYS) {
        *answer = Answer::Findings(found.clone());
    }
}

/// One answer, and why the others did not look.
pub fn with(check: &'static str, answer: &Answer, others: &str) -> Vec<(&'static str, Answer)> {
    let of = |name| if name == check { answer.clone() } else { Answer::Skipped(others.to_owned()) };
    pending::names().into_iter().map(|name| (name, of(name))).collect()
}

/// A copy of a SQLite file, gone when dropped.
fn copy(settings: &Settings, connection: &mut dyn Connection) -> Result<Scratch, String> {
    let file = settings.url.as_ref().and_then(limbeck_db::sqlite_file);
    let Some(file) = file else {
        return Err("a database in memory cannot be copied".into());
    };
    let size = std::fs::metadata(&file).map(|facts| facts.len()).unwrap_or_default();
    if size > LARGEST_COPY {
        return Err(format!("the file has {} MB: it is not copied to try the pending revisions", size >> 20));
    }
    let scratch = Scratch::new(settings, &Environment::of_process(), &ScratchOptions::default()).map_err(|error| error.diagnose().message)?;
    let place = scratch.settings().url.as_ref().and_then(limbeck_db::sqlite_file);
    let place = place.ok_or("the copy has no place")?.display().to_string();
    connection
        .execute_batch(&format!("VACUUM INTO '{}'", place.replace('\'', "''")))
        .map_err(|error| format!("the database cannot be copied: {error}"))?;
    Ok(scratch)
}

/// Which check a failure belongs to, by what SQLite says, and what that is.
fn check_of(error: &RunError) -> (&'static str, String) {
    let host = match error {
        RunError::Step(step) => match &step.fault {
            StepFault::Script(script) => script.host_error.as_deref(),
            StepFault::Database(host) => Some(host),
        },
        _ => None,
    };
    let Some(message) = host.map(|host| host.message.clone()) else {
        return (pending::SCRIPTS, String::new());
    };
    let lower = message.to_ascii_lowercase();
    let known = [
        ("not null constraint failed", pending::NOT_NULL),
        ("cannot add a not null column", pending::NOT_NULL),
        ("unique constraint failed", pending::UNIQUE),
        ("check constraint failed", pending::CHECK_CONSTRAINTS),
        ("foreign key", pending::FOREIGN_KEYS),
        ("already exists", pending::OBJECTS),
        ("duplicate column", pending::OBJECTS),
        ("no such", pending::OBJECTS),
        ("has no column", pending::OBJECTS),
        ("error in view", pending::DEPENDENTS),
        ("error in trigger", pending::DEPENDENTS),
    ];
    let check = known
        .iter()
        .find(|(words, _)| lower.contains(words))
        .map_or(pending::SCRIPTS, |(_, check)| *check);
    (check, message)
}

/// A failed run as a finding.
pub fn finding(check: &'static str, error: &RunError, root: &Path) -> Finding {
    let found = error.diagnose();
    let revision = match error {
        RunError::Step(step) => format!("{} fails", step.revision()),
        _ => found.message.split(';').next().unwrap_or_default().to_owned(),
    };
    let cause = found.causes.first().map(|cause| cause.lines().next().unwrap_or_default().trim().to_owned());
    let title = match &cause {
        Some(cause) => format!("{revision}: {cause}"),
        None => revision,
    };
    let mut finding = Finding::problem(check, title);
    if let Some(location) = &found.location {
        let path = Path::new(&location.path);
        finding = finding.evidence(format!("{}:{}", path.strip_prefix(root).unwrap_or(path).display(), location.line));
    }
    for note in found.notes.iter().filter(|note| note.starts_with("statement:")) {
        let line = note.split_whitespace().collect::<Vec<_>>().join(" ");
        finding = finding.evidence(crate::progress::cut(&line, 120));
    }
    finding
}

/// The rows that a refusal is about, as they are before the revision that failed: `UNIQUE constraint failed: users.email`.
fn examples(scratch: &Scratch, message: &str) -> Vec<String> {
    let Some((what, columns)) = message.split_once(" constraint failed: ") else {
        return Vec::new();
    };
    let mut table = "";
    let mut names = Vec::new();
    for column in columns.split(", ") {
        let Some((of, name)) = column.trim().split_once('.') else { return Vec::new() };
        // A table that is made anew bears this name meanwhile.
        table = of.strip_prefix("_alembic_tmp_").unwrap_or(of);
        names.push(format!("\"{}\"", name.replace('"', "\"\"")));
    }
    let from = format!("\"{}\"", table.replace('"', "\"\""));
    let list = names.join(", ");
    let (count, shown) = match what {
        "NOT NULL" => (
            format!("SELECT count(*) FROM {from} WHERE {list} IS NULL"),
            format!("SELECT 'rowid = ' || rowid FROM {from} WHERE {list} IS NULL LIMIT 3"),
        ),
        "UNIQUE" => (
            format!("SELECT count(*) FROM (SELECT 1 FROM {from} GROUP BY {list} HAVING count(*) > 1)"),
            format!(
                "SELECT {} || ' (' || count(*) || ' times)' FROM {from} GROUP BY {list} HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 3",
                names.iter().map(|name| format!("quote({name})")).collect::<Vec<_>>().join(" || ', ' || ")
            ),
        ),
        _ => return Vec::new(),
    };
    let Ok(mut connection) = scratch.connect() else { return Vec::new() };
    let mut texts = |sql: &str| -> Vec<String> {
        let rows = connection.query(sql, &[]).map(|found| found.rows).unwrap_or_default();
        rows.into_iter()
            .filter_map(|row| match row.into_iter().next()? {
                Literal::Text(text) => Some(text),
                Literal::Int(number) => Some(number.to_string()),
                _ => None,
            })
            .collect()
    };
    let counted = texts(&count).into_iter().next().filter(|count| count != "0");
    let Some(counted) = counted else { return Vec::new() };
    let what = if what == "UNIQUE" { "values more than once" } else { "rows without it" };
    let mut lines = vec![format!("{table}: {counted} {what}")];
    lines.extend(texts(&shown).into_iter().map(|row| format!("{table}: {row}")));
    lines
}
