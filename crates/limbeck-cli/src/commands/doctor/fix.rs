//! `--fix`: what is safe to mend, after showing it.

use super::choice::Choice;
use crate::args::{DoctorArgs, MergeArgs, SafetyArgs};
use crate::context::{Context, Failure};
use crate::guarded::Guarded;
use crate::progress::count;
use crate::session::{self, Need};
use crate::streams;
use crate::workspace::Workspace;
use limbeck_db::Connection;
use limbeck_doctor::{Finding, Fix, Report};
use limbeck_health::{Outcome, Record, Who};
use limbeck_run::Settings;
use limbeck_source::Diagnostic;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

/// Mends what it may; returns how many findings.
///
/// # Errors
/// Something could not be mended; what was mended before stays so.
pub fn run(context: &Context, args: &DoctorArgs, report: &Report) -> Result<usize, Failure> {
    let fixes = report.fixes();
    if fixes.is_empty() {
        context.message("There is nothing that can be mended without a decision of yours.");
        return Ok(0);
    }
    context.message(&format!("{} to mend:", count(fixes.len(), "finding")));
    for (finding, fix, database) in &fixes {
        show(context, finding, fix, *database);
    }
    if !args.yes && !agreed(context) {
        return Ok(0);
    }
    let mut done = 0;
    for (finding, fix, database) in fixes {
        mend(context, args, finding, fix, database)?;
        done += 1;
    }
    context.message(&format!("Mended {}.", count(done, "finding")));
    Ok(done)
}

fn show(context: &Context, finding: &Finding, fix: &Fix, database: Option<&str>) {
    context.message(&format!("  {}", finding.title));
    match fix {
        Fix::Merge { heads, message } => context.message(&format!("    write a revision \"{message}\" that follows {}", heads.join(", "))),
        Fix::Sql { statements, .. } => {
            for statement in statements {
                context.message(&format!("    {statement}"));
            }
            if let Some(database) = database {
                context.message(&format!("    in {database}"));
            }
        }
        Fix::File { path, .. } => context.message(&format!("    write {path}")),
    }
}

/// Whether the user agrees; without a terminal nobody can be asked.
fn agreed(context: &Context) -> bool {
    if !std::io::stdin().is_terminal() || streams::speaks_json() {
        context.message("Nothing was changed: `--yes` does it without a question.");
        return false;
    }
    streams::say_raw("Do that? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    let agreed = read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if !agreed {
        context.message("Nothing was changed.");
    }
    agreed
}

fn mend(context: &Context, args: &DoctorArgs, finding: &Finding, fix: &Fix, database: Option<&str>) -> Result<(), Failure> {
    match fix {
        Fix::Merge { heads, message } => {
            let args = MergeArgs {
                revisions: heads.clone(),
                message: Some(message.clone()),
                branch_label: None,
                rev_id: None,
                splice: false,
            };
            crate::commands::merge::run(context, &args).map(drop)
        }
        Fix::File { path, text } => write(Path::new(path), text),
        Fix::Sql { statements, in_transaction } => {
            let workspace = Workspace::open(context)?;
            let all = session::settings(context, &workspace, &Need::default())?;
            let settings = all.iter().find(|settings| Some(session::label(settings).as_str()) == database);
            let settings = settings.ok_or_else(|| Failure::new(Diagnostic::error("E0973", "the database that was to be mended is configured no more")))?;
            in_database(context, args, &workspace, settings, finding, (statements, *in_transaction))
        }
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(Diagnostic::error("E0808", format!("{} cannot be written", path.display())).caused_by(&error));
    limbeck_script::write::new(path, text.as_bytes()).map_err(failed)
}

/// Runs statements under the migration lock, if the finding is still there then.
fn in_database(
    context: &Context,
    args: &DoctorArgs,
    workspace: &Workspace,
    settings: &Settings,
    finding: &Finding,
    (statements, in_transaction): (&[String], bool),
) -> Result<(), Failure> {
    let safety = crate::safety::safety(context, workspace.project.config(), &SafetyArgs::default())?;
    let mut progress = crate::progress::Progress::new(context);
    let mut connection = session::connect(context, settings, &mut limbeck_run::Silent)?;
    let connection = connection.as_mut();
    let guarded = Guarded::new(context, settings, safety, connection, "doctor", &mut progress)?;
    // Whoever held the lock before us may have changed what was seen.
    let label = session::label(settings);
    let again = super::examine(context, args, &Choice::just(finding.check));
    let is_there = again
        .fixes()
        .iter()
        .any(|(_, fix, database)| Some(*fix) == finding.fix.as_ref() && *database == Some(label.as_str()));
    if !is_there {
        context.message(&format!("  {}: not there any more", finding.title));
        return Ok(());
    }
    let result = execute(connection, statements, in_transaction);
    let record = record(context, settings, statements, result.as_ref().err());
    if let Ok(Some(log)) = crate::health::log_of(context, &workspace.project)
        && let Ok(line) = log.append(&record)
    {
        guarded.record(connection, &[line]);
    }
    result
}

fn execute(connection: &mut dyn Connection, statements: &[String], in_transaction: bool) -> Result<(), Failure> {
    let failed = |statement: &str, error: limbeck_db::DbError| {
        let found = limbeck_run::with_database_error(Diagnostic::error("E0974", format!("could not be mended: {statement}")), &error.into());
        Failure::new(found)
    };
    if in_transaction {
        connection.begin().map_err(|error| failed("BEGIN", error))?;
    }
    for statement in statements {
        if let Err(error) = connection.execute_batch(statement) {
            let failure = failed(statement, error);
            if in_transaction {
                let _ = connection.rollback();
            }
            return Err(failure);
        }
    }
    if in_transaction {
        connection.commit().map_err(|error| failed("COMMIT", error))?;
    }
    Ok(())
}

/// What was done to the database, for the health log.
fn record(context: &Context, settings: &Settings, statements: &[String], error: Option<&Failure>) -> Record {
    let identity = limbeck_db::Identity::of_process("doctor");
    let mut record = Record {
        at: jiff::Timestamp::now(),
        event: "doctor".into(),
        run: uuid::Uuid::new_v4().to_string(),
        who: Who {
            user: Some(identity.user),
            role: settings.url.as_ref().and_then(|url| url.username.clone()),
        },
        host: Some(identity.host),
        pid: Some(identity.pid),
        database: Some(session::label(settings)),
        limbeck: crate::required::VERSION.to_owned(),
        command: Some(format!("{} doctor --fix", context.style.program())),
        statements: u64::try_from(statements.len()).ok(),
        cleaned: statements.to_vec(),
        outcome: Some(if error.is_some() { Outcome::Failed } else { Outcome::Ok }),
        ..Record::default()
    };
    record.error = error.map(|failure| limbeck_health::ErrorNote {
        code: failure.diagnostic.code.to_owned(),
        message: failure.diagnostic.message.clone(),
    });
    record
}
