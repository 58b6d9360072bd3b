//! The SQL of the pending revisions, from the offline host.

use crate::context::{Context, Failure};
use crate::progress::plain;
use crate::session::{self, Need};
use crate::workspace::{History, Workspace, graph_failure};
use limbeck_db::Connection;
use limbeck_report::{PendingSql, Step};
use limbeck_revision::Target;

use limbeck_run::{Event, Events, PlannedStep, Recording, RunError, RunFacts, Settings, plan, run_offline, statement_text};
use limbeck_source::{Diagnose, Diagnostic};
use std::cell::RefCell;

/// A page is to be read: of more revisions than that the rest is left out.
pub const MOST: usize = 200;
/// How long one question of a script may take, in milliseconds.
const TIME_LIMIT: u32 = 5_000;

/// Prints what an upgrade from `rows` would run; nothing is run. `number` says which of the project's databases it is about.
pub fn sql(
    context: &Context,
    workspace: &Workspace,
    history: &History,
    number: usize,
    rows: &[String],
    live: Option<(&Settings, &mut dyn Connection)>,
) -> PendingSql {
    sql_of(context, workspace, history, number, rows, live).unwrap_or_else(|failure| PendingSql {
        problem: Some(words(&failure.diagnostic)),
        ..PendingSql::default()
    })
}

fn sql_of(
    context: &Context,
    workspace: &Workspace,
    history: &History,
    number: usize,
    rows: &[String],
    live: Option<(&Settings, &mut dyn Connection)>,
) -> Result<PendingSql, Failure> {
    let graph = &history.graph;
    let steps = graph.upgrade(rows, Target::One("heads")).map_err(|error| graph_failure(&error))?;
    let mut steps = plan(graph, rows, &steps).map_err(|error| Failure::new(error.diagnose()))?;
    if steps.is_empty() {
        return Ok(PendingSql::default());
    }
    let need = Need {
        offline: true,
        revision: Some("heads".to_owned()),
        ..Need::default()
    };
    let all = session::settings(context, workspace, &need)?;
    let Some(settings) = all.get(number).or(all.first()) else {
        return Ok(PendingSql::default());
    };
    let more = steps.len().saturating_sub(MOST);
    steps.truncate(MOST);
    let facts = RunFacts {
        revision_argument: Some("heads".to_owned()),
        head_revisions: graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect(),
        arguments: settings.arguments.clone(),
        ..RunFacts::default()
    };
    let mut printed = Vec::new();
    // A script that needs the database stops the printing; what comes after it is printed all the same.
    while printed.len() < steps.len() {
        let rest = &steps[printed.len()..];
        let at_base = printed.is_empty() && rows.is_empty();
        let (done, error) = print(context, workspace, settings, rest, at_base, &facts);
        if done.is_empty() && error.is_some() && rest.len() > 1 {
            // Not even the first began, since one of them cannot be loaded.
            let (one, error) = print(context, workspace, settings, &rest[..1], at_base, &facts);
            printed.push(step(&rest[0], one.into_iter().next().unwrap_or_default(), error.as_ref()));
            continue;
        }
        let last = done.len().max(1) - 1;
        let mut texts = done.into_iter();
        for (number, planned) in rest.iter().enumerate().take(last + 1) {
            let problem = error.as_ref().filter(|_| number == last);
            printed.push(step(planned, texts.next().unwrap_or_default(), problem));
        }
    }
    if let Some((settings, connection)) = live
        && printed.iter().any(|step| step.problem.is_some())
    {
        record(context, workspace, settings, connection, &steps, &facts, &mut printed);
    }
    Ok(PendingSql {
        dialect: settings.dialect.name().to_owned(),
        steps: printed,
        problem: (more > 0).then(|| {
            format!(
                "Only the first {MOST} revisions are shown; `{0} upgrade heads --sql` prints the {more} others too, and `{0} doctor` looks at what would stop them.",
                context.style.program()
            )
        }),
    })
}

fn step(planned: &PlannedStep, sql: String, problem: Option<&Diagnostic>) -> Step {
    Step {
        revision: planned.label.revision().to_owned(),
        sql,
        problem: problem.map(words),
        recorded: None,
    }
}

/// Asks the database on behalf of the scripts that `--sql` cannot print: their statements are recorded, and none is run. What cannot be recorded stays as it was printed.
fn record(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    connection: &mut dyn Connection,
    steps: &[PlannedStep],
    facts: &RunFacts,
    printed: &mut [Step],
) {
    let mut start = || crate::environment::engine(context, &workspace.project, std::sync::Arc::default(), None);
    let recording = Recording {
        connection: Some(connection),
        settings,
        facts,
        start_engine: &mut start,
        time_limit: TIME_LIMIT,
    };
    let Ok(revisions) = recording.run(steps) else { return };
    for step in printed.iter_mut().filter(|step| step.problem.is_some()) {
        let Some(revision) = revisions.iter().find(|revision| revision.revision == step.revision) else {
            step.problem = step
                .problem
                .take()
                .map(|why| format!("{why} What the revisions before it leave there is not known either."));
            continue;
        };
        let statements = revision.items.iter().flat_map(|item| &item.statements);
        let sql: String = statements.map(|sql| statement_text(sql)).collect();
        match &revision.stopped {
            Some(stopped) => {
                if sql.len() > step.sql.len() {
                    step.sql = sql;
                }
                step.problem = Some(plain(&stopped.why));
            }
            None => {
                step.sql = sql;
                step.problem = None;
                let mut words = format!(
                    "`{} upgrade --sql` cannot print this script, since it looks at the database. These are the statements it would run on the database as it is now.",
                    context.style.program()
                );
                for assumed in &revision.assumed {
                    words.push(' ');
                    words.push_str(&plain(assumed));
                }
                step.recorded = Some(words);
            }
        }
    }
}

/// Prints steps up to the first that fails; returns the text of each that began.
fn print(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    steps: &[PlannedStep],
    at_base: bool,
    facts: &RunFacts,
) -> (Vec<String>, Option<Diagnostic>) {
    let pages = RefCell::new(Pages::default());
    let mut start = || crate::environment::engine(context, &workspace.project, std::sync::Arc::default(), None);
    let mut out = |text: &str| pages.borrow_mut().text(text);
    let result = run_offline(settings, at_base, steps, facts, &mut start, &mut Turning { pages: &pages }, &mut out);
    let error = result.err().map(|error| match error {
        RunError::Step(step) => match step.fault {
            limbeck_run::StepFault::Script(script) => script.diagnose(),
            limbeck_run::StepFault::Database(error) => Diagnostic::error("E0401", error.message.clone()).hint_opt(error.hint.clone()),
        },
        other => other.diagnose(),
    });
    (pages.into_inner().pages, error)
}

/// What was printed, by step.
#[derive(Default)]
struct Pages {
    /// What came before the first step.
    first: String,
    pages: Vec<String>,
}

impl Pages {
    fn text(&mut self, text: &str) {
        self.pages.last_mut().unwrap_or(&mut self.first).push_str(text);
    }
}

/// Begins a page with each step.
struct Turning<'a> {
    pages: &'a RefCell<Pages>,
}

impl Events for Turning<'_> {
    fn event(&mut self, event: Event<'_>) {
        if let Event::StepStarted { .. } = event {
            let mut pages = self.pages.borrow_mut();
            let before = std::mem::take(&mut pages.first);
            pages.pages.push(before);
        }
    }
}

/// A problem in a sentence or two, without the name of the Python class it was.
fn words(found: &Diagnostic) -> String {
    let causes: String = found.causes.iter().map(|cause| format!(": {cause}")).collect();
    let text = plain(&format!("{}{causes}", found.message));
    let class = |text: &str| text.contains('.') && text.chars().all(|character| character.is_alphanumeric() || matches!(character, '.' | '_'));
    let text = text.split_once(": ").filter(|(name, _)| class(name)).map_or(text.as_str(), |(_, rest)| rest);
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{text}{end}")
}
