//! The checks that look ahead: pending scripts are run against a host that writes down; what they would do is compared with the database.

use std::sync::Arc;

use super::trial;
use crate::context::Context;
use crate::workspace::{History, Workspace};
use limbeck_db::Connection;
use limbeck_dialect::DialectName;
use limbeck_doctor::Answer;
use limbeck_doctor::checks::multiple_heads::Meeting;
use limbeck_doctor::pending::{self, Limits};
use limbeck_doctor::touches::{self, Order, Touch};
use limbeck_ops::RecordedRevision;
use limbeck_revision::{Graph, Index, Step, Target};
use limbeck_run::{PlannedStep, Recording, RunError, RunFacts, Settings, plan};
use limbeck_source::Diagnose;

/// How long one question of a script or a check may take, in milliseconds.
const TIME_LIMIT: u32 = 5_000;
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
        Ok(steps) if steps.is_empty() => {
            let mut fine = all(Answer::Fine("nothing is pending".into()));
            if case.settings.dialect == DialectName::Sqlite {
                trial::add_dangling(connection, &mut fine);
            }
            return fine;
        }
        Ok(steps) => steps,
        Err(why) => return all(Answer::Unknown(why)),
    };
    if case.settings.dialect == DialectName::Sqlite {
        return trial::answers(case, connection, &steps);
    }
    let recorded = match record(case, Some(&mut *connection), &steps) {
        Ok(recorded) => recorded,
        Err(error) => return fails(&error, case),
    };
    let root = case.workspace.project.root();
    let mut answers = vec![(pending::SCRIPTS, pending::scripts(&recorded, &root))];
    let limits = Limits {
        time_limit: TIME_LIMIT,
        at_base: rows.is_empty(),
    };
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

/// What every script sees of a run to the heads.
pub fn facts(case: Case<'_>) -> RunFacts {
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
    let finding = trial::finding(pending::SCRIPTS, error, &case.workspace.project.root());
    trial::with(pending::SCRIPTS, &finding.into(), "a pending script cannot be loaded (see above)")
}
