//! What the page says about each database.

use super::pending;
use crate::args::{DriftArgs, Json, ReportArgs};
use crate::commands::history::{impatient, no_file_yet, why};
use crate::commands::{drift, status};
use crate::context::{Context, Failure};
use crate::progress::{Progress, count, leftover, plain};
use crate::session::{self, Need};
use crate::workspace::{History, Workspace};
use limbeck_db::Connection;
use limbeck_dialect::DialectName;
use limbeck_report::{Database, Drift, Log, Position, Problem};
use limbeck_run::Settings;

/// Asks every database of the project; one that cannot be asked is on the page all the same.
///
/// # Errors
/// The history does not fit together.
pub fn all(context: &Context, workspace: &Workspace, history: &History, args: &ReportArgs, log: &Log) -> Result<Vec<Database>, Failure> {
    let heads = heads(context, history);
    let all = match session::settings(context, workspace, &Need::default()) {
        Ok(all) => all,
        Err(failure) => {
            return Ok(vec![Database {
                position: Position::Unknown { why: why(&failure) },
                problems: heads.into_iter().collect(),
                ..Database::default()
            }]);
        }
    };
    let mut databases = Vec::new();
    for (number, settings) in all.into_iter().enumerate() {
        let mut database = match ask(context, workspace, history, impatient(context, settings.clone()), number, args) {
            Ok(database) => database,
            Err(failure) => Database {
                position: Position::Unknown { why: why(&failure) },
                ..Database::default()
            },
        };
        database.label = session::label(&settings);
        database.problems.splice(..0, heads.clone());
        database.last_run = last_run(log, &database.label);
        databases.push(database);
    }
    Ok(databases)
}

fn ask(context: &Context, workspace: &Workspace, history: &History, settings: Settings, number: usize, args: &ReportArgs) -> Result<Database, Failure> {
    if no_file_yet(&settings) {
        let sql = pending::sql(context, workspace, history, number, &[], None);
        return Ok(Database {
            position: Position::Known {
                current: Vec::new(),
                unknown: Vec::new(),
                applied: 0,
                pending: Some(sql_order(history)?),
                versioned: false,
            },
            sql,
            ..Database::default()
        });
    }
    let mut connection = session::connect(context, &settings, &mut Progress::new(context))?;
    let report = status::of(context, &settings, connection.as_mut(), history)?;
    let mut problems = problems(&report, context.style.program());
    problems.extend(leftovers(connection.as_mut()));
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
        problems,
        ..Database::default()
    };
    if args.drift {
        database.drift = drifted(context, workspace, &settings, history, args, connection.as_mut());
    }
    if report.unknown.is_empty() {
        database.sql = pending::sql(context, workspace, history, number, &rows, Some((&settings, connection.as_mut())));
    }
    Ok(database)
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

/// Several heads are a problem of the history, whatever the database.
fn heads(context: &Context, history: &History) -> Option<Problem> {
    let heads: Vec<&str> = history.graph.heads().iter().map(|at| history.graph.id(*at)).collect();
    (heads.len() > 1).then(|| Problem {
        title: format!("The history has {}: {}", count(heads.len(), "head"), heads.join(", ")),
        details: vec![format!(
            "`{} upgrade head` does not know which to go to until they are merged.",
            context.style.program()
        )],
        command: Some(format!("merge -m \"merge heads\" {}", heads.join(" "))),
        ..Problem::default()
    })
}

/// What `status` says is wrong.
fn problems(report: &status::Report, program: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    for half in &report.half_done {
        let running = half.running.as_ref().map(|words| format!(", was running {}", plain(words))).unwrap_or_default();
        found.push(Problem {
            title: format!("Half done: {} of {}", half.direction, half.revision),
            details: vec![format!(
                "Since {}: {} finished{running}. The same command goes on from there.",
                half.since,
                count(half.finished, "segment")
            )],
            command: Some(half.direction.clone()),
            ..Problem::default()
        });
    }
    if !report.unknown.is_empty() {
        found.push(Problem {
            title: format!("No script in this project: {}", report.unknown.join(", ")),
            details: if report.missing.is_empty() {
                vec!["The database does not remember these scripts either: use the code that has them (another branch, a newer release).".to_owned()]
            } else {
                vec![format!(
                    "The database remembers their texts: `{program} downgrade --from-journal` goes back from them."
                )]
            },
            command: Some("status".to_owned()),
            ..Problem::default()
        });
    }
    for missing in &report.missing {
        found.push(Problem {
            title: format!("Applied, but not in this project: {} {}", missing.revision, plain(&missing.message)),
            details: vec![missing.facts.clone()],
            ..Problem::default()
        });
    }
    for edited in &report.edited {
        let by = edited.applied_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        found.push(Problem {
            title: format!("Edited after it was applied: {} {}", edited.revision, plain(&edited.message)),
            details: vec![format!("{}, applied {} UTC{by}", edited.path, edited.applied_at)],
            text: Some(edited.diff.clone()),
            command: Some("status -v".to_owned()),
        });
    }
    found
}

/// What failed migrations left; a role that may not look sees none.
fn leftovers(connection: &mut dyn Connection) -> Vec<Problem> {
    let found = limbeck_db::leftovers(connection).unwrap_or_default();
    found
        .iter()
        .map(|left| {
            let text = leftover(left);
            let (title, rest) = text.split_once(": ").unwrap_or((&text, ""));
            Problem {
                title: format!("Left over: {title}"),
                details: vec![rest.to_owned()],
                ..Problem::default()
            }
        })
        .collect()
}

fn drifted(context: &Context, workspace: &Workspace, settings: &Settings, history: &History, args: &ReportArgs, connection: &mut dyn Connection) -> Drift {
    let wanted = DriftArgs {
        against: None,
        generate: None,
        message: None,
        all_schemas: false,
        column_order: false,
        scratch: args.scratch.clone(),
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
