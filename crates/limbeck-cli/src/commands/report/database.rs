//! What the page says about each database.

use super::pending;
use crate::args::{DriftArgs, Json, ReportArgs};
use crate::commands::history::{impatient, no_file_yet, why};
use crate::commands::{doctor, drift, status};
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{History, Workspace};
use limbeck_db::Connection;
use limbeck_dialect::DialectName;
use limbeck_doctor::{CHECKS, Finding, Severity};
use limbeck_report::{Database, Drift, Log, Position, Problem};
use limbeck_run::Settings;

/// Checks that need no database.
const OF_FILES: [&str; 5] = ["bad-configuration", "required-version", "alembic-version", "multiple-heads", "health-log"];

/// Asks every database of the project; one that cannot be asked is on the page all the same.
///
/// # Errors
/// The history does not fit together.
pub fn all(context: &Context, workspace: &Workspace, history: &History, args: &ReportArgs, log: &Log) -> Result<Vec<Database>, Failure> {
    let mut all = Vec::new();
    match session::settings(context, workspace, &Need::default()) {
        Ok(several) => {
            for (number, settings) in several.into_iter().enumerate() {
                let asked = ask(context, workspace, history, impatient(context, settings.clone()), number, args);
                let mut asked = asked.unwrap_or_else(|failure| unknown(&failure));
                asked.database.label = session::label(&settings);
                asked.database.last_run = last_run(log, &asked.database.label);
                all.push(asked);
            }
        }
        Err(failure) => all.push(unknown(&failure)),
    }
    add_findings(context, &mut all)?;
    Ok(all.into_iter().map(|asked| asked.database).collect())
}

/// A database with what changed in its applied scripts: revision and difference.
struct Asked {
    database: Database,
    edits: Vec<(String, String)>,
    /// Whether there is something to ask more of: connecting to a SQLite file that is not there would make it.
    there: bool,
}

fn unknown(failure: &Failure) -> Asked {
    Asked {
        database: Database {
            position: Position::Unknown { why: why(failure) },
            ..Database::default()
        },
        edits: Vec::new(),
        there: false,
    }
}

/// What `doctor` finds, without what takes long and what the page says anyway. Where a database does not answer, it is not asked again.
fn add_findings(context: &Context, all: &mut [Asked]) -> Result<(), Failure> {
    let answered = all.iter().all(|asked| asked.there);
    let only: &[&str] = if answered { &[] } else { &OF_FILES };
    let mut skip = vec!["unreachable-database", "model-drift", "schema-drift"];
    if all.iter().any(|asked| asked.database.position.pending() > pending::MOST) {
        // Every script would be run for what it asks; the page says who does that.
        skip.extend(CHECKS.iter().map(|check| check.name).filter(|name| name.starts_with("pending-")));
    }
    let report = doctor::quick(context, only, &skip)?;
    for Asked { database, edits, .. } in all {
        let about = report
            .checks
            .iter()
            .filter(|outcome| outcome.database.as_ref().is_none_or(|label| *label == database.label));
        database.problems = about
            .flat_map(|outcome| outcome.answer.findings())
            .map(|finding| problem(finding, edits))
            .collect();
        database.problems.sort_by_key(|problem| problem.warning);
    }
    Ok(())
}

fn problem(finding: &Finding, edits: &[(String, String)]) -> Problem {
    let names = |revision: &str| finding.title.contains(revision) || finding.evidence.iter().any(|line| line.contains(revision));
    let edited = edits.iter().filter(|(revision, _)| finding.check == "edited-script" && names(revision));
    let difference: String = edited.map(|(_, difference)| difference.as_str()).collect();
    Problem {
        check: finding.check.to_owned(),
        warning: finding.severity == Severity::Warning,
        title: finding.title.clone(),
        evidence: finding.evidence.clone(),
        cause: finding.cause.clone(),
        difference: (!difference.is_empty()).then_some(difference),
        command: finding.remedy.as_ref().map(|remedy| remedy.command.clone()),
        notes: finding.notes.clone(),
    }
}

fn ask(context: &Context, workspace: &Workspace, history: &History, settings: Settings, number: usize, args: &ReportArgs) -> Result<Asked, Failure> {
    if no_file_yet(&settings) {
        let sql = pending::sql(context, workspace, history, number, &[], None);
        let database = Database {
            position: Position::Known {
                current: Vec::new(),
                unknown: Vec::new(),
                applied: 0,
                pending: Some(sql_order(history)?),
                versioned: false,
            },
            sql,
            ..Database::default()
        };
        return Ok(Asked {
            database,
            edits: Vec::new(),
            there: false,
        });
    }
    let mut connection = session::connect(context, &settings, &mut Progress::new(context))?;
    let report = status::of(context, &settings, connection.as_mut(), history)?;
    let rows = report.rows.clone();
    let mut database = Database {
        server: Some(server(&settings, connection.as_ref())),
        position: Position::Known {
            current: rows.clone(),
            unknown: report.unknown.clone(),
            applied: report.applied,
            pending: report.pending.as_ref().map(|pending| pending.iter().map(|one| one.revision.clone()).collect()),
            versioned: report.versioned,
        },
        ..Database::default()
    };
    if args.drift {
        database.drift = drifted(context, workspace, &settings, history, args, connection.as_mut());
    }
    if report.unknown.is_empty() {
        database.sql = pending::sql(context, workspace, history, number, &rows, Some((&settings, connection.as_mut())));
    }
    let edits = report.edited.into_iter().map(|edited| (edited.revision, edited.diff)).collect();
    Ok(Asked { database, edits, there: true })
}

/// What an upgrade from base would run.
fn sql_order(history: &History) -> Result<Vec<String>, Failure> {
    let graph = &history.graph;
    let steps = graph
        .upgrade(&[], limbeck_revision::Target::One("heads"))
        .map_err(|error| crate::workspace::graph_failure(&error))?;
    let upgrades = steps.steps.iter().filter_map(|step| match step {
        limbeck_revision::Step::Upgrade(at) => Some(graph.id(*at).to_owned()),
        limbeck_revision::Step::Downgrade(_) | limbeck_revision::Step::Stamp(_) => None,
    });
    Ok(upgrades.collect())
}

fn server(settings: &Settings, connection: &dyn Connection) -> String {
    let name = match settings.dialect {
        DialectName::Postgresql => "PostgreSQL",
        DialectName::Sqlite => "SQLite",
        DialectName::Mysql => "MySQL",
    };
    let version: Vec<String> = connection.server_version().iter().map(u32::to_string).collect();
    format!("{name} {}", version.join("."))
}

fn drifted(context: &Context, workspace: &Workspace, settings: &Settings, history: &History, args: &ReportArgs, connection: &mut dyn Connection) -> Drift {
    let wanted = DriftArgs {
        against: None,
        generate: None,
        message: None,
        all_schemas: false,
        column_order: false,
        grants: false,
        scratch: args.scratch.clone(),
        initial: crate::args::InitialArgs::default(),
        json: Json { json: false },
    };
    match drift::compare(context, workspace, settings, history, &wanted, connection) {
        Ok(report) if report.changes.is_empty() => Drift::None,
        Ok(report) => Drift::Found {
            objects: report.changes.len(),
            text: report.changes.iter().map(limbeck_schema::catalogue::Change::text).collect(),
        },
        Err(failure) => Drift::Failed { why: why(&failure) },
    }
}

fn last_run(log: &Log, label: &str) -> Option<String> {
    let run = log.runs.iter().rev().find(|run| run.database == label)?;
    let outcome = run.outcome.as_deref().unwrap_or("no end recorded");
    let took = if run.took.is_empty() { String::new() } else { format!(", {}", run.took) };
    Some(format!("{outcome}, {}{took}", run.at))
}
