//! `verify`: every revision up, down and up again on a scratch database, with the schema compared at each step.

use super::Outcome;
use crate::args::VerifyArgs;
use crate::context::{Context, Failure};
use crate::progress::{count, seconds};
use crate::rehearsal::{self, Stage, planned};
use crate::session;
use crate::workspace::{GraphErrors, History, Workspace, graph_failure};
use limbeck_revision::{Index, Step, Steps, Target, split_range};
use limbeck_run::{Left, RunError};
use limbeck_schema::catalogue::{Catalogue, Change, Rules, differences};
use limbeck_source::{Diagnose, Diagnostic};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

/// What came of one revision.
#[derive(Debug, Serialize)]
struct Verdict {
    revision: String,
    message: String,
    #[serde(flatten)]
    result: Finding,
}

#[derive(Debug, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
enum Finding {
    /// The downgrade restores what was before, and the upgrade then makes the same again.
    Restores,
    /// After the downgrade the schema is not what it was before the upgrade.
    NotRestored { changes: Vec<Change> },
    /// The second upgrade does not make what the first made.
    NotRepeated { changes: Vec<Change> },
    /// The downgrade failed.
    DowngradeFails { error: Box<Diagnostic> },
    /// After the downgrade, the upgrade fails; with what the downgrade did not restore.
    UpgradeFails { error: Box<Diagnostic>, changes: Vec<Change> },
    /// The downgrade raises an error of its own: the revision is not meant to be undone.
    Irreversible { reason: String },
    /// There is no function `downgrade`.
    NoDowngrade,
}

/// Runs the command.
pub fn run(context: &Context, args: &VerifyArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let started = Instant::now();
    let mut verdicts = Vec::new();
    rehearsal::each_database(context, &workspace, |settings, connection| {
        let stage = Stage::new(context, &workspace, settings, &history, &args.scratch, connection)?.beginning_with(&args.initial)?;
        let chosen = chosen(&history, args)?;
        verdicts.extend(Walk::new(&stage, chosen)?.go(&mut |verdict| {
            if !args.json.json {
                show(context, verdict, args);
            }
        })?);
        Ok(true)
    })?;
    let bad = verdicts
        .iter()
        .filter(|verdict| !matches!(verdict.result, Finding::Restores | Finding::Irreversible { .. }))
        .count();
    let meant = verdicts.iter().filter(|verdict| matches!(verdict.result, Finding::Irreversible { .. })).count();
    if args.json.json {
        context.print_json(&verdicts);
    } else {
        let total = count(verdicts.len(), "revision");
        let took = seconds(started.elapsed());
        context.message(&match bad {
            0 if meant > 0 => format!("Verified {total} in {took}: {meant} not meant to be undone, each other downgrade restores the schema."),
            0 => format!("Verified {total} in {took}: each downgrade restores the schema."),
            bad => format!("Verified {total} in {took}: {bad} cannot be undone and done again as they are (above)."),
        });
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The revisions that were asked for.
fn chosen(history: &History, args: &VerifyArgs) -> Result<BTreeSet<String>, Failure> {
    let graph = &history.graph;
    let ids = |steps: Steps| -> BTreeSet<String> {
        let id = |step: &Step| match step {
            Step::Upgrade(at) | Step::Downgrade(at) => Some(graph.id(*at).to_owned()),
            Step::Stamp(_) => None,
        };
        steps.steps.iter().filter_map(id).collect()
    };
    if args.head_only {
        return Ok(graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect());
    }
    let Some(range) = &args.range else {
        return Ok(graph.indices().map(|at| graph.id(at).to_owned()).collect());
    };
    let failure = |error: limbeck_revision::GraphError| graph_failure(&error);
    let (from, to) = split_range(range, true).map_err(failure)?;
    match from {
        // One revision alone.
        None if !range.contains(':') => Ok(graph.revision(to).map_err(failure)?.map(|at| graph.id(at).to_owned()).into_iter().collect()),
        from => {
            let rows = match from.filter(|from| !from.is_empty() && *from != "base") {
                Some(from) => graph.revision(from).map_err(failure)?.map(|at| graph.id(at).to_owned()).into_iter().collect(),
                None => Vec::new(),
            };
            let to = if to.is_empty() { "heads" } else { to };
            graph.upgrade(&rows, Target::One(to)).map(ids).map_err(failure)
        }
    }
}

/// What a planned step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// On the way.
    Up,
    /// The revision's first upgrade.
    First,
    Down,
    Again,
}

struct Walk<'a, 'b> {
    stage: &'b Stage<'a>,
    /// All revisions up to the last that was asked for, in order.
    order: Vec<Index>,
    chosen: BTreeSet<String>,
    without_downgrade: BTreeSet<String>,
}

/// What was seen of the revision at hand.
#[derive(Default)]
struct Seen {
    before: Option<Catalogue>,
    first: Option<Catalogue>,
    lost: Option<Vec<Change>>,
    /// Planned steps that are done.
    done: usize,
    verdicts: Vec<Verdict>,
}

impl<'a, 'b> Walk<'a, 'b> {
    fn new(stage: &'b Stage<'a>, chosen: BTreeSet<String>) -> Result<Self, Failure> {
        let graph = &stage.history.graph;
        let heads: Vec<String> = vec!["heads".to_owned()];
        let steps = graph.upgrade(&[], Target::Many(&heads)).map_err(|error| graph_failure(&error))?;
        let mut order: Vec<Index> = steps
            .steps
            .iter()
            .filter_map(|step| if let Step::Upgrade(at) = step { Some(*at) } else { None })
            .collect();
        let last = order.iter().rposition(|at| chosen.contains(graph.id(*at))).map_or(0, |at| at + 1);
        order.truncate(last);
        let without_downgrade = stage
            .history
            .scripts
            .iter()
            .filter(|script| !script.header.has_downgrade && !limbeck_script::read_source(&script.path).is_ok_and(|text| text.contains("import *")))
            .map(|script| script.header.revision.clone())
            .collect();
        Ok(Walk {
            stage,
            order,
            chosen,
            without_downgrade,
        })
    }

    /// The steps from a revision on; the ones before it are done, and the first upgrade of it too if `is_up`.
    fn steps(&self, from: usize, is_up: bool) -> (Steps, Vec<(usize, Part)>) {
        let graph = &self.stage.history.graph;
        let (mut steps, mut parts) = (Vec::new(), Vec::new());
        for (number, at) in self.order.iter().enumerate().skip(from) {
            let id = graph.id(*at);
            let tried = self.chosen.contains(id) && !self.without_downgrade.contains(id) && !(is_up && number == from);
            if !(is_up && number == from) {
                steps.push(Step::Upgrade(*at));
                parts.push((number, if tried { Part::First } else { Part::Up }));
            }
            if tried {
                steps.extend([Step::Downgrade(*at), Step::Upgrade(*at)]);
                parts.extend([(number, Part::Down), (number, Part::Again)]);
            }
        }
        (Steps { steps, warning: None }, parts)
    }

    fn go(self, tell: &mut dyn FnMut(&Verdict)) -> Result<Vec<Verdict>, Failure> {
        let graph = &self.stage.history.graph;
        let seen = RefCell::new(Seen::default());
        let tell = RefCell::new(tell);
        let (mut from, mut is_up) = (0, false);
        let mut rows: Vec<String> = Vec::new();
        let mut prepared = false;
        let mut scratch = self.stage.beginning(prepared)?;
        loop {
            let (steps, parts) = self.steps(from, is_up);
            let steps = planned(graph, &rows, &steps)?;
            {
                let mut seen = seen.borrow_mut();
                seen.done = 0;
                if from == 0 && !is_up {
                    let schema = limbeck_run::schema_of(&scratch)
                        .map_err(|error| session::database_failure(self.stage.context, "the scratch database cannot be read", &error))?;
                    seen.before = Some(schema);
                }
            }
            // A revision that is only passed is looked at where the next one is tried.
            let wanted = |at: usize| parts[at].1 != Part::Up || parts.get(at + 1).is_some_and(|(_, part)| *part == Part::First);
            let mut look = |at: usize, schema: Catalogue| {
                let mut seen = seen.borrow_mut();
                let (number, part) = parts[at];
                self.look(&mut seen, number, part, schema, &mut **tell.borrow_mut());
            };
            let counting = |at: usize| {
                seen.borrow_mut().done = at + 1;
                wanted(at)
            };
            self.stage.check_interrupt()?;
            let result = self.stage.run_on(&scratch, &steps, &counting, &mut look);
            self.stage.check_interrupt()?;
            let Err(error) = result else { break };
            let done = finished(&error, &seen.borrow(), &parts);
            let Some((number, part)) = parts.get(done).copied() else {
                return Err(self.stage.cannot_replay(&error));
            };
            let diagnostic = Box::new(shortened(&error));
            let finding = match part {
                Part::Up | Part::First if !prepared && self.stage.needs_preparation(&error) => {
                    prepared = true;
                    scratch = self.stage.beginning(prepared)?;
                    (from, is_up, rows) = (0, false, Vec::new());
                    seen.borrow_mut().verdicts.clear();
                    continue;
                }
                Part::Up | Part::First => return Err(self.stage.cannot_replay(&error)),
                Part::Down => match irreversible(&error) {
                    Some(reason) => Finding::Irreversible { reason },
                    None => Finding::DowngradeFails { error: diagnostic },
                },
                Part::Again => Finding::UpgradeFails {
                    error: diagnostic,
                    changes: seen.borrow_mut().lost.take().unwrap_or_default(),
                },
            };
            self.say(&mut seen.borrow_mut(), number, finding, &mut **tell.borrow_mut());
            if part == Part::Down && is_undone(&error) {
                rows = steps[done - 1].rows_after.clone();
                let mut seen = seen.borrow_mut();
                seen.before = seen.first.take();
                (from, is_up) = (number, true);
                continue;
            }
            // On with a database that is as if the revision had only gone up.
            drop(scratch);
            scratch = self.stage.beginning(prepared)?;
            let way: Vec<Step> = self.order[..=number].iter().map(|at| Step::Upgrade(*at)).collect();
            let way = planned(graph, &[], &Steps { steps: way, warning: None })?;
            self.stage.check_interrupt()?;
            let result = self.stage.run_on(&scratch, &way, &|_| false, &mut |_, _| {});
            self.stage.check_interrupt()?;
            result.map_err(|error| self.stage.cannot_replay(&error))?;
            rows = way.last().map(|step| step.rows_after.clone()).unwrap_or_default();
            let schema = limbeck_run::schema_of(&scratch)
                .map_err(|error| session::database_failure(self.stage.context, "the scratch database cannot be read", &error))?;
            seen.borrow_mut().before = Some(schema);
            (from, is_up) = (number, true);
        }
        let mut verdicts = seen.into_inner().verdicts;
        for at in &self.order {
            let id = graph.id(*at);
            if self.chosen.contains(id) && self.without_downgrade.contains(id) {
                let verdict = self.verdict(*at, Finding::NoDowngrade);
                tell.borrow_mut()(&verdict);
                verdicts.push(verdict);
            }
        }
        Ok(verdicts)
    }

    fn look(&self, seen: &mut Seen, number: usize, part: Part, schema: Catalogue, tell: &mut dyn FnMut(&Verdict)) {
        match part {
            Part::Up => seen.before = Some(schema),
            Part::First => seen.first = Some(schema),
            Part::Down => {
                let before = seen.before.as_ref().map(|before| differences(&schema, before, Rules::default()));
                seen.lost = before;
            }
            Part::Again => {
                let lost = seen.lost.take().unwrap_or_default();
                let other = seen
                    .first
                    .take()
                    .map(|first| differences(&schema, &first, Rules::default()))
                    .unwrap_or_default();
                let finding = if !lost.is_empty() {
                    Finding::NotRestored { changes: lost }
                } else if !other.is_empty() {
                    Finding::NotRepeated { changes: other }
                } else {
                    Finding::Restores
                };
                seen.before = Some(schema);
                self.say(seen, number, finding, tell);
            }
        }
    }

    fn say(&self, seen: &mut Seen, number: usize, finding: Finding, tell: &mut dyn FnMut(&Verdict)) {
        let verdict = self.verdict(self.order[number], finding);
        tell(&verdict);
        seen.verdicts.push(verdict);
    }

    fn verdict(&self, at: Index, result: Finding) -> Verdict {
        let header = self.stage.history.graph.header(at);
        Verdict {
            revision: header.id.clone(),
            message: header.summary().to_owned(),
            result,
        }
    }
}

/// Which planned step failed.
fn finished(error: &RunError, seen: &Seen, parts: &[(usize, Part)]) -> usize {
    match error {
        RunError::Step(_) => seen.done.min(parts.len()),
        _ => parts.len(),
    }
}

/// What a downgrade says that is not meant to be run: it raises something itself.
fn irreversible(error: &RunError) -> Option<String> {
    let RunError::Step(step) = error else { return None };
    let limbeck_run::StepFault::Script(script) = &step.fault else { return None };
    let raises = script.source.as_ref().is_some_and(|line| line.trim_start().starts_with("raise "));
    let itself = script.traceback.last().is_some_and(|frame| frame.function == "downgrade");
    (script.exception == "NotImplementedError" || raises && itself).then(|| script.message.clone())
}

/// Whether the scratch database is as it was before the step that failed.
fn is_undone(error: &RunError) -> bool {
    matches!(error, RunError::Step(step) if matches!(step.left, Left::Database { undone: true, .. }))
}

/// A failure without what it says of the state of the database, which is a scratch database here.
fn shortened(error: &RunError) -> Diagnostic {
    let mut found = error.diagnose();
    found.message = found.message.split(';').next().unwrap_or_default().to_owned();
    found.hint = None;
    found.notes.retain(|note| note.starts_with("statement:") || note.starts_with("Traceback"));
    found
}

fn show(context: &Context, verdict: &Verdict, args: &VerifyArgs) {
    let title = format!("{}{}{}", verdict.revision, if verdict.message.is_empty() { "" } else { ", " }, verdict.message);
    let changes = match &verdict.result {
        Finding::Restores => {
            if args.verbose {
                context.print(&format!("{title}: restores"));
            }
            return;
        }
        Finding::NotRestored { changes } => {
            context.print(&format!(
                "{title}: the downgrade does not restore what was before (`+` is left over, `-` is gone)"
            ));
            changes
        }
        Finding::NotRepeated { changes } => {
            context.print(&format!(
                "{title}: after the downgrade, the upgrade does not make the same again (`+` the second time, `-` the first)"
            ));
            changes
        }
        Finding::DowngradeFails { error } => return failed(context, &format!("{title}: the downgrade fails"), error),
        Finding::UpgradeFails { error, changes } => {
            failed(context, &format!("{title}: after the downgrade, the upgrade fails"), error);
            if !changes.is_empty() {
                context.print("    the downgrade had not restored what was before (`+` is left over, `-` is gone):");
            }
            changes
        }
        Finding::Irreversible { reason } => {
            let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            return context.print(&format!("{title}: not meant to be undone{reason}"));
        }
        Finding::NoDowngrade => return context.print(&format!("{title}: there is no function `downgrade`")),
    };
    for change in changes {
        let text: String = change.text().lines().map(|line| format!("    {line}\n")).collect();
        context.print_raw(&text);
    }
}

fn failed(context: &Context, title: &str, error: &Diagnostic) {
    context.print(title);
    if let Some(location) = &error.location {
        context.print(&format!("    at {}:{}", location.path, location.line));
    }
    for cause in &error.causes {
        context.print(&format!("    {}", cause.trim().replace('\n', "\n    ")));
    }
}
