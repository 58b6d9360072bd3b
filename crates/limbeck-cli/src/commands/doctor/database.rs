//! The checks of one database.

use super::project::{BROKEN, Scripts, shown};
use super::server;
use super::{Findings, pending};
use crate::args::DoctorArgs;
use crate::context::{Context, Failure};
use crate::session;
use crate::stored::{self, Stored};
use crate::workspace::{History, Workspace};
use limbeck_db::{Connection, Environment, Identity};
use limbeck_dialect::DialectName;
use limbeck_doctor::checks::{
    ancestor_rows, disabled_trigger, edited_script, half_done_revision, invalid_index, lock_trouble, missing_permission, not_valid_constraint, schema_drift,
    server_version, transaction_pooler, unknown_revision, unreachable_database, unversioned_database,
};
use limbeck_doctor::{Answer, Finding};
use limbeck_health::{Filter, Record};
use limbeck_revision::RowChange;
use limbeck_run::{HalfDoneRevision, Journal, Settings, version};
use limbeck_source::{Diagnose, Diagnostic};
use std::collections::HashSet;
use std::time::Duration;

/// The checks of this file.
pub const CHECKS: [&str; 14] = [
    "unreachable-database",
    "server-version",
    "transaction-pooler",
    "unversioned-database",
    "unknown-revision",
    "ancestor-rows",
    "edited-script",
    "half-done-revision",
    "schema-drift",
    "invalid-index",
    "not-valid-constraint",
    "disabled-trigger",
    "lock-trouble",
    "missing-permission",
];

/// What only PostgreSQL has.
const SERVERS_ONLY: [&str; 5] = [
    "transaction-pooler",
    "invalid-index",
    "not-valid-constraint",
    "disabled-trigger",
    "lock-trouble",
];
/// A transaction that has been open for longer is told of.
const OLD: Duration = Duration::from_secs(60);

/// More pending revisions than that are only looked at when asked for.
const MANY_PENDING: usize = 500;

/// What was seen of a database, for the checks of the project.
#[derive(Default)]
pub struct Seen {
    /// The rows of the version table; nothing where there is no such table.
    pub rows: Option<Vec<String>>,
    pub stored: Stored,
    /// Its size.
    pub bytes: Option<u64>,
    /// The server's major version, where there is a server.
    pub server: Option<u32>,
}

/// Everything at hand for one database.
struct Case<'a> {
    context: &'a Context,
    args: &'a DoctorArgs,
    workspace: &'a Workspace,
    settings: &'a Settings,
    scripts: &'a Scripts,
    program: &'a str,
}

/// Does the checks; nothing where the database could not be looked at.
pub fn look(context: &Context, args: &DoctorArgs, workspace: &Workspace, settings: &Settings, scripts: &Scripts, found: &mut Findings<'_>) -> Option<Seen> {
    let case = Case {
        context,
        args,
        workspace,
        settings,
        scripts,
        program: context.again(),
    };
    let label = session::label(settings);
    let from = settings.url_source.describe();
    if let Some(absent) = absent_file(settings, &label, &from) {
        let others: Vec<&str> = CHECKS
            .into_iter()
            .chain(limbeck_doctor::pending::names())
            .filter(|name| *name != "unreachable-database")
            .collect();
        let why = match &absent {
            Answer::Fine(_) => Answer::Skipped("there is no database file yet".into()),
            _ => Answer::Unknown("there is no database file".into()),
        };
        let is_fine = matches!(absent, Answer::Fine(_));
        found.add("unreachable-database", || absent);
        found.add_all(&others, &why);
        return is_fine.then(Seen::default);
    }
    let mut connection = match session::connect(context, settings, &mut limbeck_run::Silent) {
        Ok(connection) => connection,
        Err(failure) => {
            found.add("unreachable-database", || unreachable_database::look(Err(&failure.diagnostic), &label, &from));
            let others: Vec<&str> = CHECKS
                .into_iter()
                .chain(limbeck_doctor::pending::names())
                .filter(|name| *name != "unreachable-database")
                .collect();
            found.add_all(&others, &Answer::Unknown("the database does not answer (see above)".into()));
            return None;
        }
    };
    let connection = connection.as_mut();
    let server = server_version::shown(connection.backend(), &connection.server_version());
    found.add("unreachable-database", || unreachable_database::look(Ok(&server), &label, &from));
    let today = jiff::Zoned::now().date().to_string();
    found.add("server-version", || {
        server_version::look(connection.backend(), &connection.server_version(), &today)
    });
    if settings.dialect == DialectName::Sqlite {
        found.add_all(&SERVERS_ONLY, &Answer::Skipped("SQLite has nothing of the kind".into()));
    }
    let seen = case.versions(connection, found);
    if settings.dialect == DialectName::Postgresql {
        case.server(connection, found, seen.as_ref().is_some_and(|(_, half_done)| !half_done.is_empty()));
    }
    found.add("missing-permission", || {
        asked(server::permissions(connection, settings), |facts| missing_permission::look(&facts))
    });
    case.pending(connection, found, seen.as_ref().map(|(seen, _)| seen.rows.as_deref().unwrap_or_default()));
    seen.map(|(seen, _)| seen)
}

/// The answer, or that the database did not give what it takes.
fn asked<T>(facts: Result<T, Failure>, look: impl FnOnce(T) -> Answer) -> Answer {
    match facts {
        Ok(facts) => look(facts),
        Err(failure) => unknown(&failure.diagnostic),
    }
}

fn unknown(found: &Diagnostic) -> Answer {
    let cause = found.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
    Answer::Unknown(format!("{}{cause} ({})", found.message, found.code))
}

/// A file of SQLite that is not there: opening it would make it.
fn absent_file(settings: &Settings, label: &str, from: &str) -> Option<Answer> {
    let path = limbeck_db::sqlite_file(settings.url.as_ref()?)?;
    if path.exists() {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Some(match folder {
        Some(folder) if !folder.is_dir() => Finding::problem("unreachable-database", format!("the folder of {} is not there", path.display()))
            .evidence(format!("database: {label}, from {from}"))
            .cause("a relative path means another place than was thought, or the disk is not mounted")
            .command(format!("mkdir -p {}", folder.display()))
            .into(),
        _ => Answer::Fine(format!("{} is not there yet; `upgrade` makes it (from {from})", path.display())),
    })
}

impl Case<'_> {
    /// What would make a pending revision fail.
    fn pending(&self, connection: &mut dyn Connection, found: &mut Findings<'_>, rows: Option<&[String]>) {
        let names = limbeck_doctor::pending::names();
        if !found.choice.takes_any(&names) {
            return;
        }
        let Some(rows) = rows else {
            return found.add_all(&names, &Answer::Unknown("the version table cannot be read (see above)".into()));
        };
        let Some(history) = &self.scripts.history else {
            return found.add_all(&names, &Answer::Skipped(BROKEN.into()));
        };
        // What is wrong there would be told again, as the reason why a script fails.
        if ["unversioned-database", "unknown-revision", "ancestor-rows"]
            .iter()
            .any(|name| found.has_found(name))
        {
            return found.add_all(
                &names,
                &Answer::Skipped("what is pending is not known, as the version is not (see above)".into()),
            );
        }
        let count = limbeck::pending(&history.graph, rows).map_or(0, |pending| pending.len());
        if count > MANY_PENDING && !found.choice.deep && !names.iter().any(|name| found.choice.names(name)) {
            let why = format!("{count} revisions are pending, and looking ahead at more than {MANY_PENDING} takes long: `--deep` does it");
            return found.add_all(&names, &Answer::Skipped(why));
        }
        let case = pending::Case {
            context: self.context,
            workspace: self.workspace,
            settings: self.settings,
            history,
        };
        for (name, answer) in pending::answers(case, connection, rows) {
            found.add(name, || answer);
        }
    }

    /// The version table, what the database remembers, and what is half done.
    fn versions(&self, connection: &mut dyn Connection, found: &mut Findings<'_>) -> Option<(Seen, Vec<HalfDoneRevision>)> {
        const NAMES: [&str; 6] = [
            "unversioned-database",
            "unknown-revision",
            "ancestor-rows",
            "edited-script",
            "half-done-revision",
            "schema-drift",
        ];
        let (rows, journal, stored, half_done) = match self.records(connection) {
            Ok(records) => records,
            Err(failure) => {
                found.add_all(&NAMES, &unknown(&failure.diagnostic));
                return None;
            }
        };
        let last = self.last_record();
        let at = rows.clone().unwrap_or_default();
        found.add("unversioned-database", || {
            asked(self.unversioned(connection, rows.as_deref(), &stored, last.as_ref()), |answer| answer)
        });
        found.add("half-done-revision", || self.half_done(&half_done, last.as_ref(), &at));
        match &self.scripts.history {
            None => found.add_all(
                &["unknown-revision", "ancestor-rows", "edited-script", "schema-drift"],
                &Answer::Skipped(BROKEN.into()),
            ),
            Some(history) => {
                found.add("unknown-revision", || self.unknown_rows(history, &at, &stored));
                found.add("ancestor-rows", || {
                    let table = &self.settings.version_table;
                    let delete = |row: &str| format!("{};", version::change(table, self.settings.dialect, &RowChange::Delete(row.to_owned())).sql);
                    ancestor_rows::look(&history.graph, &at, &delete, self.program)
                });
                found.add("edited-script", || self.edited(history, &at, &journal, &stored));
                let wanted = found.choice.deep || found.choice.names("schema-drift");
                found.add("schema-drift", || self.drift(connection, history, &at, wanted));
            }
        }
        let bytes = server::bytes(connection, self.settings);
        let major = connection.server_version().first().copied();
        let server = major.filter(|_| self.settings.dialect == DialectName::Postgresql);
        Some((Seen { rows, stored, bytes, server }, half_done))
    }

    #[allow(clippy::type_complexity)] // four things that are read together
    fn records(&self, connection: &mut dyn Connection) -> Result<(Option<Vec<String>>, Journal, Stored, Vec<HalfDoneRevision>), Failure> {
        let (context, settings) = (self.context, self.settings);
        let refused = |what| move |error| session::database_failure(context, what, &error);
        let rows = version::read(&settings.version_table, connection).map_err(refused("the version table cannot be read"))?;
        let journal = Journal::look(connection, settings.dialect, &settings.version_table.name).map_err(refused("the journal cannot be read"))?;
        let stored = stored::of_journal(context, &journal, connection)?;
        let half_done = journal.half_done(connection).map_err(refused("the journal cannot be read"))?;
        Ok((rows, journal, stored, half_done))
    }

    /// The last run on this database that the health log knows.
    fn last_record(&self) -> Option<(Record, Option<Record>)> {
        let log = crate::health::log_of(self.context, &self.workspace.project).ok().flatten()?;
        let label = session::label(self.settings);
        let entries = log.read(&Filter::default()).ok()?.entries;
        let ours = || {
            entries
                .iter()
                .map(|entry| &entry.record)
                .filter(|record| record.database.as_ref() == Some(&label))
        };
        let last = ours().rfind(|record| (record.event == "run" && !record.never_began()) || record.is_start())?;
        let revision = ours().rfind(|record| record.run == last.run && record.event == "revision");
        Some((last.clone(), revision.cloned()))
    }

    fn unversioned(
        &self,
        connection: &mut dyn Connection,
        rows: Option<&[String]>,
        stored: &Stored,
        last: Option<&(Record, Option<Record>)>,
    ) -> Result<Answer, Failure> {
        let mut facts = unversioned_database::Facts {
            rows: rows.map(<[String]>::to_vec),
            table: self.settings.version_table.name.to_string(),
            has_history: !self.scripts.headers.is_empty(),
            ..unversioned_database::Facts::default()
        };
        if rows.is_none_or(<[String]>::is_empty) {
            facts.tables = server::tables(connection, self.settings)?;
            facts.elsewhere = server::other_version_tables(connection, self.settings)?;
            facts.last_known = last_known(stored, last);
            if let (true, Some(history), false) = (self.args.deep, &self.scripts.history, facts.tables.is_empty()) {
                let fitting = crate::commands::adopt::fitting(self.context, self.workspace, self.settings, history, &self.args.scratch, connection)?;
                facts.fitting = Some(fitting);
            }
        }
        Ok(unversioned_database::look(&facts, self.program))
    }

    fn half_done(&self, half_done: &[HalfDoneRevision], last: Option<&(Record, Option<Record>)>, rows: &[String]) -> Answer {
        let root = self.workspace.project.root();
        let path = |id: &str| {
            let script = self.scripts.scripts.iter().find(|script| script.header.revision == id)?;
            Some(shown(&script.path, &root))
        };
        let half: Vec<half_done_revision::HalfDone> = half_done
            .iter()
            .map(|half| half_done_revision::HalfDone {
                revision: half.revision.clone(),
                direction: half.direction.clone(),
                finished: half.finished,
                running: half.running.clone(),
                since: half.since.clone(),
                path: path(&half.revision),
            })
            .collect();
        let failed = last
            .filter(|(run, _)| run.is_bad() || run.is_start())
            .map(|(run, step)| self.failed(run, step.as_ref(), rows));
        half_done_revision::look(&half, failed.as_ref(), rows, self.program)
    }

    fn failed(&self, run: &Record, step: Option<&Record>, rows: &[String]) -> half_done_revision::Failed {
        let step = step.filter(|step| step.is_bad());
        let revision = step.and_then(|step| step.revision.clone());
        let direction = run.direction.clone().unwrap_or_default();
        let applied = |id: &str| {
            let Some(history) = &self.scripts.history else { return false };
            let below = rows.iter().filter_map(|row| history.graph.find(row)).flat_map(|at| history.graph.ancestors(at));
            below.into_iter().any(|at| history.graph.id(at) == id)
        };
        // What it was to do may have been done otherwise since.
        let is_over = match revision.as_deref() {
            Some(id) => applied(id) == (direction == "upgrade"),
            // It never began, and what stopped it is told by another check.
            None if run.error.as_ref().is_some_and(|error| told_by_others(&error.code)) => true,
            None => direction == "upgrade" && self.is_at_head(rows),
        };
        half_done_revision::Failed {
            at: when(run),
            command: format!("{} {}", self.context.style.program(), run.command.clone().unwrap_or_default()),
            direction,
            is_over,
            outcome: run.outcome.as_ref().map(|outcome| outcome.word().to_owned()),
            error: run.error.as_ref().map(|error| format!("{}: {}", error.code, error.message)),
            now: run.now.clone(),
            revision,
        }
    }

    fn is_at_head(&self, rows: &[String]) -> bool {
        let Some(history) = &self.scripts.history else { return false };
        let graph = &history.graph;
        graph.effective_heads().iter().all(|head| rows.iter().any(|row| row == graph.id(*head)))
    }

    fn unknown_rows(&self, history: &History, rows: &[String], stored: &Stored) -> Answer {
        let graph = &history.graph;
        let known = |id: &str| graph.find(id).is_some();
        let missing = stored::missing(known, rows, stored);
        let header = |script: &limbeck_run::Remembered| stored::header_of(script);
        let facts = unknown_revision::Facts {
            unknown: rows.iter().filter(|row| !known(row)).cloned().collect(),
            remembered: missing
                .scripts
                .iter()
                .map(|script| {
                    let message = header(script).map(|header| header.message().to_owned()).unwrap_or_default();
                    (script.revision.clone(), message, stored::when_and_who(script))
                })
                .collect(),
            lost: missing.lost.first().cloned(),
            before: missing
                .scripts
                .iter()
                .filter_map(|script| header(script))
                .flat_map(|header| header.down_revisions)
                .find(|id| known(id)),
            table: self.settings.version_table.name.to_string(),
        };
        unknown_revision::look(graph, rows, &facts, self.program)
    }

    fn edited(&self, history: &History, rows: &[String], journal: &Journal, stored: &Stored) -> Answer {
        let graph = &history.graph;
        let applied: HashSet<&str> = rows
            .iter()
            .filter_map(|row| graph.find(row))
            .flat_map(|at| graph.ancestors(at))
            .map(|at| graph.id(at))
            .collect();
        let root = self.workspace.project.root();
        asked(stored::edited(history, &applied, stored), |edited| {
            let edited: Vec<edited_script::Edited> = edited
                .into_iter()
                .map(|(script, remembered, _)| edited_script::Edited {
                    revision: remembered.revision.clone(),
                    message: script.header.message().to_owned(),
                    path: shown(&script.path, &root),
                    applied: stored::when_and_who(remembered),
                })
                .collect();
            edited_script::look(&edited, journal.keeps_records().then_some(stored.len()), self.program)
        })
    }

    fn drift(&self, connection: &mut dyn Connection, history: &History, rows: &[String], wanted: bool) -> Answer {
        if !wanted {
            return Answer::Skipped("`--deep` replays the history in a scratch database and compares".into());
        }
        if rows.is_empty() {
            return Answer::Skipped("no revision is applied".into());
        }
        if let Some(row) = rows.iter().find(|row| history.graph.find(row).is_none()) {
            return Answer::Skipped(format!("the database is at {row}, which is not here (see above)"));
        }
        let changes = crate::commands::drift::changes(self.context, self.workspace, self.settings, history, &self.args.scratch, connection, rows);
        asked(changes, |changes| {
            let texts: Vec<String> = changes.iter().map(limbeck_schema::catalogue::Change::text).collect();
            schema_drift::look(&texts, &rows.join(", "), self.program)
        })
    }

    /// What only a server has.
    fn server(&self, connection: &mut dyn Connection, found: &mut Findings<'_>, is_half_done: bool) {
        found.add("transaction-pooler", || {
            let port = self.settings.url.as_ref().and_then(|url| url.port);
            asked(self.pooler(connection), |evidence| transaction_pooler::look(evidence.as_deref(), port))
        });
        if found.choice.takes_any(&["invalid-index", "not-valid-constraint", "disabled-trigger"]) {
            match limbeck_db::unsound(connection) {
                Ok(unsound) => {
                    let major = connection.server_version().first().copied().unwrap_or_default();
                    found.add("invalid-index", || invalid_index::look(&unsound.indexes, is_half_done, major, self.program));
                    found.add("not-valid-constraint", || not_valid_constraint::look(&unsound.constraints));
                    found.add("disabled-trigger", || disabled_trigger::look(&unsound.triggers));
                }
                Err(error) => found.add_all(&["invalid-index", "not-valid-constraint", "disabled-trigger"], &unknown(&error.diagnose())),
            }
        }
        found.add("lock-trouble", || match limbeck_db::lock_report(connection, OLD) {
            Ok(report) => lock_trouble::look(&report, OLD, self.program),
            Err(error) => unknown(&error.diagnose()),
        });
    }

    fn pooler(&self, connection: &mut dyn Connection) -> Result<Option<String>, Failure> {
        let Some(url) = &self.settings.url else { return Ok(None) };
        let failed = |error: limbeck_db::DbError| Failure::new(error.diagnose());
        let mut companion = limbeck_db::companion(url, &Environment::of_process(), &Identity::of_process("doctor")).map_err(failed)?;
        limbeck_db::transaction_pooler(connection, companion.as_mut()).map_err(failed)
    }
}

/// Whether a run that stops with this code before its first step met what another check is about: the project, its graph, the version rows, the connection.
fn told_by_others(code: &str) -> bool {
    let of_locks = code.starts_with("E062");
    code.starts_with("E01") || code.starts_with("E02") || code == "E0402" || code.starts_with("E06") && !of_locks
}

/// `2026-01-31 08:00:00 UTC`.
fn when(record: &Record) -> String {
    record.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Where the database was when it was last migrated: the health log's word, else the scripts that it remembers.
fn last_known(stored: &Stored, last: Option<&(Record, Option<Record>)>) -> Option<(Vec<String>, String)> {
    if let Some((run, _)) = last
        && let Some(now) = run.now.as_ref().filter(|now| !now.is_empty())
    {
        return Some((now.clone(), format!("the health log ({})", when(run))));
    }
    let headers: Vec<_> = stored.values().filter_map(stored::header_of).collect();
    let followed: HashSet<&String> = headers
        .iter()
        .flat_map(|header| header.down_revisions.iter().chain(&header.depends_on))
        .collect();
    let tips: Vec<String> = headers
        .iter()
        .map(|header| &header.revision)
        .filter(|id| !followed.contains(id))
        .cloned()
        .collect();
    (!tips.is_empty()).then(|| (tips, "the database's own memory of applied scripts".into()))
}
