//! The checks that look ahead: pending scripts are run against a host that writes down; what they would do is compared with the database.

use std::path::Path;
use std::sync::Arc;

use crate::context::Context;
use crate::workspace::{History, Workspace};
use limbeck_db::{Connection, Environment};
use limbeck_dialect::DialectName;
use limbeck_doctor::checks::multiple_heads::Meeting;
use limbeck_doctor::pending::{self, Limits};
use limbeck_doctor::touches::{self, Order, Touch};
use limbeck_doctor::{Answer, Finding};
use limbeck_ops::RecordedRevision;
use limbeck_revision::{Graph, Index, Step, Target};
use limbeck_run::{PlannedStep, Recording, Rehearsal, RunError, RunFacts, Scratch, ScratchOptions, Settings, Silent, StepFault, plan};
use limbeck_source::Diagnose;

/// How long one question of a script or a check may take, in milliseconds.
const TIME_LIMIT: u32 = 5_000;
/// A SQLite file that is larger is not copied.
const LARGEST_COPY: u64 = 1 << 30;
/// Branches that are compared; beyond that it is another problem.
const BRANCHES: usize = 6;

/// What every check of this file works with.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub context: &'a Context,
    pub workspace: &'a Workspace,
    pub settings: &'a Settings,
    pub history: &'a History,
}

/// The answers of all checks of pending revisions, about one database whose version table has `rows`.
pub fn answers(case: Case<'_>, connection: &mut dyn Connection, rows: &[String]) -> Vec<(&'static str, Answer)> {
    let all = |answer: Answer| pending::names().into_iter().map(|name| (name, answer.clone())).collect();
    let graph = &case.history.graph;
    if rows.iter().any(|row| graph.find(row).is_none()) {
        return all(Answer::Unknown("the database is at a revision that is not in this project (see above)".into()));
    }
    let steps = match steps(graph, rows, "heads") {
        Ok(steps) if steps.is_empty() => return all(Answer::Fine("nothing is pending".into())),
        Ok(steps) => steps,
        Err(why) => return all(Answer::Unknown(why)),
    };
    if case.settings.dialect == DialectName::Sqlite {
        return on_a_copy(case, connection, &steps);
    }
    let recorded = match record(case, Some(&mut *connection), &steps) {
        Ok(recorded) => recorded,
        Err(error) => return fails(&error, case),
    };
    let root = case.workspace.project.root();
    let mut answers = vec![(pending::SCRIPTS, pending::scripts(&recorded, &root))];
    let limits = Limits { time_limit: TIME_LIMIT };
    match pending::look(&recorded, &root, connection, limits) {
        Ok(found) => answers.extend(found),
        Err(why) => answers.extend(
            pending::names()
                .into_iter()
                .filter(|name| *name != pending::SCRIPTS)
                .map(|name| (name, Answer::Unknown(why.clone()))),
        ),
    }
    answers
}

/// Whether the branches of several heads can run in any order. No database is needed.
pub fn meeting(case: Case<'_>) -> Meeting {
    let graph = &case.history.graph;
    let heads = graph.effective_heads();
    if heads.len() > BRANCHES {
        return Meeting::Unknown(format!("there are more than {BRANCHES} heads"));
    }
    let mut branches: Vec<Vec<Touch>> = Vec::new();
    for head in heads {
        match branch(case, *head, heads) {
            Ok(touches) => branches.push(touches),
            Err(why) => return Meeting::Unknown(why),
        }
    }
    let (mut lines, mut unknown) = (Vec::new(), None);
    for (at, one) in branches.iter().enumerate() {
        for two in &branches[at + 1..] {
            match touches::order(one, two) {
                Order::Commute => {}
                Order::Matters(found) => lines.extend(found),
                Order::Unknown(why) => unknown = Some(why),
            }
        }
    }
    lines.dedup();
    match unknown {
        _ if !lines.is_empty() => Meeting::Conflict(lines),
        Some(why) => Meeting::Unknown(why),
        None => Meeting::Commute,
    }
}

/// What the revisions touch that only this head has.
fn branch(case: Case<'_>, head: Index, heads: &[Index]) -> Result<Vec<Touch>, String> {
    let graph = &case.history.graph;
    let shared = graph.common_ancestor(heads).map(|at| vec![graph.id(at).to_owned()]).unwrap_or_default();
    let others: Vec<String> = heads
        .iter()
        .filter(|other| **other != head)
        .flat_map(|other| graph.ancestors(*other))
        .map(|at| graph.id(at).to_owned())
        .collect();
    let steps: Vec<PlannedStep> = steps(graph, &shared, graph.id(head))?
        .into_iter()
        .filter(|step| !others.iter().any(|id| id == step.label.revision()))
        .collect();
    let recorded = record(case, None, &steps).map_err(|error| error.diagnose().message)?;
    Ok(touches::of_recorded(limbeck_run::flavour(case.settings.dialect), &recorded))
}

fn steps(graph: &Graph, rows: &[String], target: &str) -> Result<Vec<PlannedStep>, String> {
    let steps = graph.upgrade(rows, Target::One(target)).map_err(|error| error.to_string())?;
    debug_assert!(!steps.steps.iter().any(|step| matches!(step, Step::Downgrade(_))));
    plan(graph, rows, &steps).map_err(|error| error.to_string())
}

fn facts(case: Case<'_>) -> RunFacts {
    let graph = &case.history.graph;
    RunFacts {
        revision_argument: Some("heads".to_owned()),
        head_revisions: graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect(),
        arguments: case.settings.arguments.clone(),
        ..RunFacts::default()
    }
}

fn record(case: Case<'_>, connection: Option<&mut dyn Connection>, steps: &[PlannedStep]) -> Result<Vec<RecordedRevision>, RunError> {
    let mut start_engine = || crate::environment::silent_engine(case.context, &case.workspace.project, Arc::default());
    Recording {
        connection,
        settings: case.settings,
        facts: &facts(case),
        start_engine: &mut start_engine,
        time_limit: TIME_LIMIT,
    }
    .run(steps)
}

/// A script that cannot even be loaded.
fn fails(error: &RunError, case: Case<'_>) -> Vec<(&'static str, Answer)> {
    let finding = finding(pending::SCRIPTS, error, &case.workspace.project.root());
    with(pending::SCRIPTS, finding.into(), "a pending script cannot be loaded (see above)")
}

/// One answer, and that the others could not look.
fn with(check: &'static str, answer: Answer, others: &str) -> Vec<(&'static str, Answer)> {
    pending::names()
        .into_iter()
        .map(|name| {
            let answer = if name == check { answer.clone() } else { Answer::Skipped(others.into()) };
            (name, answer)
        })
        .collect()
}

/// SQLite: the pending revisions really run, on a copy of the file.
fn on_a_copy(case: Case<'_>, connection: &mut dyn Connection, steps: &[PlannedStep]) -> Vec<(&'static str, Answer)> {
    let all = |answer: Answer| pending::names().into_iter().map(|name| (name, answer.clone())).collect();
    let scratch = match copy(case.settings, connection) {
        Ok(scratch) => scratch,
        Err(why) => return all(Answer::Unknown(why)),
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
            with(pending::SCRIPTS, fine, "on SQLite the pending revisions are tried on a copy (see above)")
        }
        Err(error) => {
            let check = check_of(&error);
            let finding = finding(check, &error, &case.workspace.project.root()).note("it was tried on a copy; the database itself was only read");
            with(
                check,
                finding.into(),
                &format!("on SQLite the pending revisions are tried on a copy, where one failed (see {check})"),
            )
        }
    }
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

/// Which check a failure belongs to, by what SQLite says.
fn check_of(error: &RunError) -> &'static str {
    let host = match error {
        RunError::Step(step) => match &step.fault {
            StepFault::Script(script) => script.host_error.as_deref(),
            StepFault::Database(host) => Some(host),
        },
        _ => None,
    };
    let Some(message) = host.map(|host| host.message.to_ascii_lowercase()) else {
        return pending::SCRIPTS;
    };
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
    known
        .iter()
        .find(|(words, _)| message.contains(words))
        .map_or(pending::SCRIPTS, |(_, check)| *check)
}

/// A failed run as a finding.
fn finding(check: &'static str, error: &RunError, root: &Path) -> Finding {
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
