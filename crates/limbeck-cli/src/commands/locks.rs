//! `locks`: who holds the migration lock, who waits for whom, and what has been open for long. For whoever wonders why nothing moves.

use super::Outcome;
use crate::args::LocksArgs;
use crate::context::{Context, Failure};
use crate::progress::{count, cut, plain, span};
use crate::session::{self, Need};
use crate::workspace::Workspace;
use limbeck_db::{Backend, Connection, DatabaseSession, DatabaseUrl, Environment, IndexBuild, LockHolder, LockReport};
use limbeck_source::Diagnose;
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

/// What goes on in one database.
#[derive(Debug, Serialize)]
struct Report {
    database: String,
    #[serde(flatten)]
    found: LockReport,
}

/// How many of a session's victims are named; the rest is counted.
const NAMED: usize = 10;
/// How much of a statement is shown.
const WIDTH: usize = 160;

/// Runs the command.
pub fn run(context: &Context, args: &LocksArgs) -> Outcome {
    let older_than = Duration::from_secs(args.older_than);
    let mut reports = Vec::new();
    if let Some(url) = &context.global.url {
        // Whoever has only the URL at hand needs no project for this.
        let url = DatabaseUrl::parse(url).map_err(|error| Failure::new(error.diagnose()))?;
        reports.push(of_url(&url, older_than)?);
    } else {
        let workspace = Workspace::open(context)?;
        for settings in session::settings(context, &workspace, &Need::default())? {
            let mut connection = session::connect_to_read(context, &settings, &mut limbeck_run::Silent)?;
            let url = settings.url.as_ref();
            reports.push(look(session::label(&settings), connection.as_mut(), url, older_than)?);
        }
    }
    if !args.json.json {
        for report in &reports {
            context.print(&text(report, args.older_than));
        }
    } else if let [report] = reports.as_slice() {
        context.print_json(report);
    } else {
        context.print_json(&reports);
    }
    Ok(ExitCode::SUCCESS)
}

fn of_url(url: &DatabaseUrl, older_than: Duration) -> Result<Report, Failure> {
    let environment = Environment::of_process();
    let label = limbeck_db::label(url, &environment);
    let mut connection = limbeck_db::connect(url, &environment).map_err(|error| Failure::new(error.diagnose()))?;
    look(label, connection.as_mut(), Some(url), older_than)
}

fn look(database: String, connection: &mut dyn Connection, url: Option<&DatabaseUrl>, older_than: Duration) -> Result<Report, Failure> {
    let mut found = limbeck_db::lock_report(connection, older_than).map_err(|error| Failure::new(error.diagnose()))?;
    // SQLite has no sessions; who holds its lock file stands in the file.
    if let (Backend::Sqlite, Some(url)) = (connection.backend(), url) {
        let holder = limbeck_db::file_lock_holder(url).map_err(|error| Failure::new(error.diagnose()))?;
        found.holders = holder.into_iter().collect();
    }
    Ok(Report { database, found })
}

fn text(report: &Report, older_than: u64) -> String {
    let found = &report.found;
    let mut lines = vec![format!("Database:       {}", plain(&report.database))];
    match found.holders.as_slice() {
        [] => lines.push("Migration lock: free".into()),
        holders => lines.extend(holders.iter().map(|holder| format!("Migration lock: held by {}", run_of(holder)))),
    }
    lines.extend(
        found
            .waiting
            .iter()
            .map(|waiting| format!("                waiting or beginning: {}", run_of(waiting))),
    );
    lines.extend(blocks(&found.sessions));
    lines.extend(builds(&found.index_builds));
    lines.extend(old(found, older_than));
    let quiet = found.sessions.is_empty() && found.index_builds.is_empty() && found.old_transactions.is_empty();
    if quiet {
        lines.push(format!("No session waits for a lock, and no transaction has been open for {older_than} s."));
    }
    lines.join("\n")
}

/// `upgrade 1a2b3c by alice on build7 (pid 4711, server process 12), for 3 min 20 s`.
fn run_of(holder: &LockHolder) -> String {
    plain(&holder.to_string())
}

/// One block for each session that blocks others: first those that wait for nobody, since ending them helps.
fn blocks(sessions: &[DatabaseSession]) -> Vec<String> {
    let mut victims: BTreeMap<i32, Vec<&DatabaseSession>> = BTreeMap::new();
    for session in sessions {
        for blocker in &session.blocked_by {
            victims.entry(*blocker).or_default().push(session);
        }
    }
    let waiting = sessions.iter().filter(|session| !session.blocked_by.is_empty()).count();
    if waiting == 0 {
        return Vec::new();
    }
    let mut lines = vec![
        String::new(),
        format!(
            "{} for a lock.",
            if waiting == 1 {
                "1 session waits".into()
            } else {
                format!("{waiting} sessions wait")
            }
        ),
    ];
    let mut blockers: Vec<&DatabaseSession> = sessions.iter().filter(|session| victims.contains_key(&session.pid)).collect();
    blockers.sort_by_key(|session| !session.blocked_by.is_empty());
    // Each waits for another: the server will break that by itself.
    let roots = blockers.iter().filter(|session| session.blocked_by.is_empty()).count();
    for session in &blockers {
        lines.push(String::new());
        let blocked = &victims[&session.pid];
        lines.push(format!("{} blocks {}", capital(&name(session)), count(blocked.len(), "session")));
        lines.extend(facts(session));
        for victim in blocked.iter().take(NAMED) {
            lines.push(format!("  blocks       {}", victim_line(victim)));
        }
        if blocked.len() > NAMED {
            lines.push(format!("               and {} more", blocked.len() - NAMED));
        }
        if session.blocked_by.is_empty() || roots == 0 {
            lines.push(format!("  to end it    {}", ending(session)));
        } else {
            let pids: Vec<String> = session
                .blocked_by
                .iter()
                .map(|pid| if *pid == 0 { "a prepared transaction".into() } else { pid.to_string() })
                .collect();
            lines.push(format!("  waits for    {}", pids.join(", ")));
        }
    }
    lines
}

fn name(session: &DatabaseSession) -> String {
    match session.pid {
        0 => "a prepared transaction".into(),
        pid => format!("process {pid}"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn facts(session: &DatabaseSession) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |word: &str, text: String| lines.push(format!("  {word:<12} {text}"));
    if let Some(user) = &session.user {
        add("user", plain(user));
    }
    if session.application.is_some() || session.client.is_some() {
        let from = session.client.as_ref().map(|client| format!("from {}", plain(client)));
        let words: Vec<String> = session.application.as_deref().map(plain).into_iter().chain(from).collect();
        add("application", words.join(", "));
    }
    let ago = |seconds: Option<f64>| seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).map(span);
    if let Some(state) = &session.state {
        let since = ago(session.state_seconds).map_or_else(String::new, |since| format!(" for {since}"));
        let open = ago(session.transaction_seconds).map_or_else(String::new, |open| format!(", transaction open for {open}"));
        add("state", format!("{}{since}{open}", plain(state)));
    }
    if let Some(mode) = &session.mode {
        let object = session.object.as_ref().map_or_else(String::new, |object| format!(" on {}", plain(object)));
        add(if session.queued { "queues for" } else { "holds" }, format!("{mode}{object}"));
    }
    match session.query.as_deref().map(plain).filter(|query| !query.is_empty()) {
        Some(query) => {
            let running = session.state.as_deref() == Some("active");
            add(if running { "runs" } else { "last ran" }, cut(&query, WIDTH));
        }
        None if session.state.is_none() => add("state", "hidden from this role (a member of pg_read_all_stats sees it)".into()),
        None => {}
    }
    lines
}

fn victim_line(session: &DatabaseSession) -> String {
    let mut line = session.pid.to_string();
    if let Some(application) = &session.application {
        line.push_str(&format!(" ({})", plain(application)));
    }
    if let Some(since) = session.state_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        line.push_str(&format!(", for {}", span(since)));
    }
    if let (true, Some(mode)) = (session.queued, &session.mode) {
        let object = session.object.as_ref().map_or_else(String::new, |object| format!(" on {}", plain(object)));
        line.push_str(&format!(", wants {mode}{object}"));
    }
    if let Some(query) = &session.query {
        line.push_str(&format!(": {}", cut(&plain(query), WIDTH / 2)));
    }
    line
}

fn ending(session: &DatabaseSession) -> String {
    match (session.pid, &session.query) {
        (0, Some(query)) => query.replacen("PREPARE TRANSACTION", "ROLLBACK PREPARED", 1) + ";",
        (pid, _) => format!("SELECT pg_terminate_backend({pid});"),
    }
}

fn builds(builds: &[IndexBuild]) -> Vec<String> {
    let mut lines = Vec::new();
    if !builds.is_empty() {
        lines.extend([String::new(), "Indexes being built:".into()]);
    }
    for build in builds {
        let index = build.index.as_deref().map_or_else(|| "a new index".into(), plain);
        let table = build.table.as_deref().map_or_else(String::new, |table| format!(" on {}", plain(table)));
        let percent = build.progress.percent.map_or_else(String::new, |percent| format!(", {percent:.0} %"));
        let waits = match build.progress.waits_for {
            Some(waits) if waits > 0 => format!(", waits for {}", count(usize::try_from(waits).unwrap_or_default(), "session")),
            _ => String::new(),
        };
        lines.push(format!("  {index}{table}, by process {}: {}{percent}{waits}", build.pid, build.progress.phase));
    }
    lines
}

/// Transactions that were not shown above already.
fn old(found: &LockReport, older_than: u64) -> Vec<String> {
    let shown = |old: &DatabaseSession| {
        let same = |session: &DatabaseSession| session.pid == old.pid && (old.pid != 0 || session.query == old.query);
        found.sessions.iter().any(same) || found.index_builds.iter().any(|build| build.pid == old.pid)
    };
    let others: Vec<&DatabaseSession> = found.old_transactions.iter().filter(|session| !shown(session)).collect();
    let mut lines = Vec::new();
    if !others.is_empty() {
        let why = "CREATE INDEX CONCURRENTLY waits for those that began before it";
        lines.extend([String::new(), format!("Transactions open for more than {older_than} s ({why}):")]);
    }
    for session in others {
        lines.extend([String::new(), capital(&name(session))]);
        lines.extend(facts(session));
        lines.push(format!("  to end it    {}", ending(session)));
    }
    lines
}
