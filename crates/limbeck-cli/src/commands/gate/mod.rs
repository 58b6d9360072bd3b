//! `gate`: may a program start on this database? With a program behind `--` it takes this process's place once the gate is open.
//!
//! The answer needs neither the scripts' bodies nor, once env.py is known, the engine; only `--apply` runs scripts, and it does what `upgrade heads` does.

mod look;
mod program;
mod settings;
mod words;

pub use look::{Looked, look};
pub use settings::{ahead_window, flag};
pub use words::SHOWN;

use super::migrate;
use crate::args::{GateArgs, MoveArgs};
use crate::context::{Context, Failure};
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, History, Workspace};
use crate::{health, streams};
use limbeck::Verdict;
use limbeck_health::Outcome;
use limbeck_run::{HalfDoneRevision, Settings};
use look::{Blind, Sight};
use serde::Serialize;
use serde_json::json;
use settings::GateSettings;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What the gate says of one database.
#[derive(Serialize)]
struct Answer {
    database: String,
    /// Whether the program may start.
    passes: bool,
    /// Whether it may only because pending migrations are allowed.
    waived: bool,
    /// Whether revisions were applied on the way.
    applied: bool,
    #[serde(flatten)]
    verdict: Verdict,
    half_done: Vec<HalfDoneRevision>,
    /// Why the database does not answer, with its hint.
    #[serde(skip)]
    refusal: Option<Box<limbeck_source::Diagnostic>>,
}

/// Runs the command.
pub fn run(context: &Context, args: &GateArgs) -> super::Outcome {
    // Opening the project may go to its root; the program belongs where we were started.
    let cwd = std::env::current_dir().ok();
    let idle = end_at_once();
    let workspace = Workspace::open(context)?;
    let options = GateSettings::read(context, workspace.project.config(), args)?;
    let need = Need {
        no_env: args.no_env,
        ..Need::default()
    };
    let all = session::settings(context, &workspace, &need)?;
    // The servers answer while the scripts are read.
    let seeing: Vec<_> = all.iter().cloned().map(|settings| thread::spawn(move || look::see(&settings))).collect();
    let history = workspace.history(context, GraphErrors::Caught)?;
    let mut answers = Vec::new();
    for (settings, seen) in all.iter().zip(seeing) {
        let seen = seen.join().expect("to look does not panic");
        answers.push(ask(context, &workspace, &history, settings, &options, seen, &idle)?);
    }
    let open = answers.iter().all(|answer| answer.passes);
    tell(context, args, &answers);
    if !open {
        return Ok(ExitCode::from(1));
    }
    if args.program.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    program::start(&args.program, cwd.as_deref())
}

/// The first process of a container gets no signal that it has not asked for: ours end it at once, unless a migration runs, which has handlers of its own.
fn end_at_once() -> Arc<AtomicBool> {
    let idle = Arc::new(AtomicBool::new(true));
    for signal in [SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&idle));
    }
    idle
}

/// Asks one database, waits for it and applies what is pending as far as that is wanted.
fn ask(
    context: &Context,
    workspace: &Workspace,
    history: &History,
    settings: &Settings,
    options: &GateSettings,
    seen: Result<Sight, Blind>,
    idle: &AtomicBool,
) -> Result<Answer, Failure> {
    let mut looked = patiently(context, history, settings, options, seen)?;
    let mut applied = false;
    if options.apply && looked.verdict.is_mended_by_an_upgrade() {
        if !context.global.quiet && !context.is_alembic() {
            streams::say(&format!("The gate applies what is pending: {}.", looked.verdict));
        }
        looked.connection = None;
        idle.store(false, Ordering::Relaxed);
        let moved = migrate::to_heads(context, workspace, settings, &moves(options));
        idle.store(true, Ordering::Relaxed);
        moved?;
        applied = true;
        looked = look(context, &history.graph, settings, options.ahead)?;
    }
    let passes = looked.verdict.passes() && looked.half_done.is_empty();
    let pending = looked.verdict.is_mended_by_an_upgrade() || looked.verdict.passes();
    let waived = !passes && options.allow_pending && pending;
    if waived {
        let ids: Vec<&str> = looked.verdict.pending().iter().map(|one| one.revision.as_str()).collect();
        let waived = Outcome::Other("waived".to_owned());
        let facts = json!({"verdict": looked.verdict.word(), "pending": ids});
        health::note(context, &workspace.project, settings, "gate", waived, looked.verdict.current(), &facts);
    }
    Ok(Answer {
        database: session::label(settings),
        passes: passes || waived,
        waived,
        applied,
        verdict: looked.verdict,
        half_done: looked.half_done,
        refusal: looked.refusal,
    })
}

/// Judges the first look, and looks again for as long as the database does not answer and tries are left.
fn patiently(context: &Context, history: &History, settings: &Settings, options: &GateSettings, seen: Result<Sight, Blind>) -> Result<Looked, Failure> {
    let mut tries = 0;
    let mut seen = seen;
    loop {
        let looked = look::judge(context, &history.graph, settings, seen, options.ahead)?;
        let again = looked
            .refusal
            .as_ref()
            .filter(|refusal| tries < options.retries && limbeck::is_worth_waiting(refusal.code));
        let Some(refusal) = again else {
            return Ok(looked);
        };
        tries += 1;
        if !context.global.quiet {
            let cause = refusal.causes.first().unwrap_or(&refusal.message);
            streams::say(&format!(
                "The database does not answer ({cause}); try {tries} of {} in {}.",
                options.retries,
                words::span(options.interval)
            ));
        }
        thread::sleep(options.interval);
        seen = look::see(settings);
    }
}

/// What `upgrade heads` is told.
fn moves(options: &GateSettings) -> MoveArgs {
    MoveArgs {
        revision: vec!["heads".to_owned()],
        sql: false,
        tag: None,
        single_transaction: false,
        from_journal: false,
        backup: crate::args::BackupFirst {
            backup: options.backup,
            no_backup: false,
        },
        safety: options.safety.clone(),
    }
}

/// Data goes to stdout, unless that is the program's.
fn tell(context: &Context, args: &GateArgs, answers: &[Answer]) {
    if args.json.json {
        let text = match answers {
            [one] => serde_json::to_string_pretty(one),
            many => serde_json::to_string_pretty(many),
        }
        .expect("answers are plain data");
        if args.program.is_empty() {
            streams::data(&format!("{text}\n"));
        } else {
            streams::say(&text);
        }
        return;
    }
    for answer in answers {
        if !answer.passes || answer.waived {
            streams::show(&words::shut(answer, context.again()), context.stderr_style());
        }
        if !answer.passes {
            continue;
        }
        let line = words::open(answer, answers.len() > 1);
        match (args.program.is_empty(), context.global.quiet) {
            (true, _) => context.print(&line),
            (false, false) => streams::say(&line),
            (false, true) => {}
        }
    }
}
