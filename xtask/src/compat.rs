//! `cargo xtask compat`: runs the public histories and compares what they leave with real Alembic.
//!
//! Limbeck runs with an empty PATH, so that no Python can help it. Up: the schema must equal the golden one
//! and the version rows real Alembic's. Down: it goes as far as real Alembic did (fixtures/downgrade_reach.json)
//! and the schema there must equal the recorded one.

use crate::alembic::Alembic;
use crate::compare::{self, Likeness};
use crate::histories::{self, History};
use crate::measure::{self, Run};
use crate::{report, workspace};
use indexmap::IndexMap;
use limbeck_test::{Database, Options as ServerOptions, Server, Sqlite};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// No history takes real Alembic longer than a minute.
const DEADLINE: Duration = Duration::from_secs(300);

/// What to run.
#[derive(clap::Args)]
pub struct Options {
    /// Names of histories; all of wave 1 when none is given
    names: Vec<String>,
    /// A few small histories, for every change; does not write COMPATIBILITY.md
    #[arg(long, conflicts_with = "names")]
    quick: bool,
    /// Those of wave 2 too
    #[arg(long)]
    all: bool,
    /// Only one database: postgresql or sqlite
    #[arg(long)]
    database: Option<String>,
    /// Runs real Alembic beside it, for its time and schema today
    #[arg(long)]
    with_alembic: bool,
    /// Records anew how far down real Alembic goes, instead of running Limbeck
    #[arg(long)]
    record: bool,
    /// Builds and runs the release profile
    #[arg(long)]
    release: bool,
    /// Where to write the table; COMPATIBILITY.md of the workspace when all of wave 1 ran
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    #[command(flatten)]
    binary: workspace::Binary,
}

/// How far real Alembic went on one history and database.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Recorded {
    /// Version rows at the top.
    heads: Vec<String>,
    /// Version rows after the way down; empty means base.
    #[serde(default)]
    reach: Vec<String>,
    #[serde(default)]
    steps: usize,
    /// What stopped the next step down.
    #[serde(default)]
    then: Option<String>,
    /// What stopped the way up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stops: Option<String>,
}

/// What one history did on one database.
pub struct Outcome {
    /// The history's name.
    pub history: String,
    /// `postgresql` or `sqlite`.
    pub database: String,
    /// How many revisions it has.
    pub revisions: usize,
    /// Statements on the way up: those PostgreSQL was sent, those Limbeck says it ran on SQLite.
    pub statements: Option<usize>,
    /// The way up.
    pub up: Run,
    /// What is wrong at the top, or how alike the schemas are.
    pub top: Result<Likeness, String>,
    /// What happened on the way down, in words, and what is wrong.
    pub down: Result<String, String>,
    /// The same way up with real Alembic, and whether its schema still is the golden one.
    pub alembic: Option<(Run, Likeness)>,
}

impl Outcome {
    /// Whether all is as with real Alembic.
    pub fn good(&self) -> bool {
        self.top.as_ref().is_ok_and(Likeness::same) && self.down.is_ok()
    }
}

/// Runs the chosen histories, prints a line for each, and writes the table.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let server = Server::start_with(&ServerOptions {
        settings: vec!["log_statement=all".to_owned(), "log_line_prefix='%d|'".to_owned()],
        ..ServerOptions::default()
    })?;
    let chosen: Vec<History> = histories::all()?.into_iter().filter(|history| options.chooses(history)).collect();
    let alembic = if options.with_alembic || options.record {
        let requires: Vec<String> = chosen.iter().flat_map(|history| history.requires.clone()).collect();
        Some(Alembic::prepare(&requires)?)
    } else {
        None
    };
    if options.record {
        return record(&server, &chosen, alembic.as_ref().expect("prepared above"));
    }
    let bench = Bench {
        limbeck: options.binary.find(options.release)?,
        server: &server,
        alembic,
        recorded: recorded()?,
    };
    let mut outcomes = Vec::new();
    for history in &chosen {
        let project = history.fetch()?;
        for (database, golden) in &history.golden {
            if options.database.as_ref().is_none_or(|only| only == database) {
                let outcome = bench.run(history, &project, database, golden)?;
                println!("{}", report::line(&outcome));
                outcomes.push(outcome);
            }
        }
    }
    let good = outcomes.iter().filter(|outcome| outcome.good()).count();
    println!("{good} of {} runs equal real Alembic", outcomes.len());
    let whole = options.names.is_empty() && !options.quick && options.database.is_none();
    let place = options.report.clone().or_else(|| whole.then(|| workspace::root().join("COMPATIBILITY.md")));
    if let Some(path) = place {
        workspace::write(&path, &report::page(&outcomes, options.release))?;
        println!("wrote {}", path.display());
    }
    Ok(if good == outcomes.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Options {
    fn chooses(&self, history: &History) -> bool {
        if self.quick {
            ["conda-store", "ihatemoney", "optuna"].contains(&history.name.as_str())
        } else if self.names.is_empty() {
            self.all || history.wave == 1
        } else {
            self.names.contains(&history.name)
        }
    }
}

fn fixtures() -> PathBuf {
    workspace::root().join("xtask/fixtures")
}

fn recorded() -> Result<IndexMap<String, Recorded>, String> {
    let path = fixtures().join("downgrade_reach.json");
    serde_json::from_str(&workspace::read(&path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// An empty database of either kind.
enum Place<'server> {
    PostgreSql(Database<'server>),
    Sqlite(Sqlite),
}

impl<'server> Place<'server> {
    /// Makes one, with the tables that the history expects to find.
    fn prepare(server: &'server Server, history: &History, database: &str) -> Result<Self, String> {
        let place = match database {
            "postgresql" => Self::PostgreSql(server.create_database()),
            "sqlite" => Self::Sqlite(Sqlite::new()),
            other => return Err(format!("no database {other} here")),
        };
        if history.create_all_first.is_some() {
            let sql = workspace::read(&fixtures().join(format!("{}-initial.{database}.sql", history.name)))?;
            match &place {
                Self::PostgreSql(database) => drop(database.psql(&sql)?),
                Self::Sqlite(file) => file.execute(&sql)?,
            }
        }
        Ok(place)
    }

    fn url(&self) -> String {
        match self {
            Self::PostgreSql(database) => database.url(),
            Self::Sqlite(file) => file.url(),
        }
    }

    fn schema(&self) -> String {
        match self {
            Self::PostgreSql(database) => database.dump(),
            Self::Sqlite(file) => file.dump(),
        }
    }

    fn versions(&self) -> Result<Vec<String>, String> {
        let query = "select version_num from alembic_version order by 1";
        let rows = match self {
            Self::PostgreSql(database) => database.psql(query)?,
            Self::Sqlite(file) => file.query(query)?,
        };
        Ok(rows.lines().map(str::to_owned).collect())
    }

    fn statements(&self) -> Option<usize> {
        let Self::PostgreSql(database) = self else { return None };
        let log = database.server().log();
        let mark = format!("{}|LOG:  ", database.name());
        let sent = log.lines().filter_map(|line| line.strip_prefix(&mark));
        let texts = sent.filter_map(|line| {
            line.strip_prefix("statement: ")
                .or_else(|| line.strip_prefix("execute ")?.split_once(": ").map(|(_, text)| text))
        });
        let transaction = |text: &str| {
            let word = text.split([' ', ';']).next().unwrap_or_default().to_ascii_uppercase();
            ["BEGIN", "START", "COMMIT", "ROLLBACK", "DEALLOCATE", "SAVEPOINT", "RELEASE"].contains(&word.as_str())
        };
        Some(texts.filter(|text| !transaction(text)).count())
    }

    fn compare(&self, wanted: &str) -> Likeness {
        match self {
            Self::PostgreSql(_) => compare::postgresql(&self.schema(), &limbeck_test::normalise_postgresql(wanted)),
            Self::Sqlite(_) => compare::sqlite(&self.schema(), wanted),
        }
    }
}

struct Bench<'server> {
    limbeck: PathBuf,
    server: &'server Server,
    alembic: Option<Alembic>,
    recorded: IndexMap<String, Recorded>,
}

impl Bench<'_> {
    fn run(&self, history: &History, project: &Path, database: &str, golden: &str) -> Result<Outcome, String> {
        let place = Place::prepare(self.server, history, database)?;
        let cache = tempfile::tempdir().map_err(|error| error.to_string())?;
        let limbeck = |arguments: &[&str]| {
            let mut command = Command::new(&self.limbeck);
            command.args(["-c", "alembic.ini"]).args(arguments).current_dir(project);
            command.env("DATABASE_URL", place.url()).env("PATH", "/nonexistent");
            command.env("XDG_CACHE_HOME", cache.path()).env_remove("PYTHONPATH");
            measure::run(&command, DEADLINE)
        };
        let key = format!("{}.{database}", history.name);
        let recorded = self.recorded.get(&key).cloned().unwrap_or_default();
        let before = place.statements().unwrap_or_default();
        let up = limbeck(&["upgrade", "head"])?;
        let statements = place.statements().map(|now| now - before).or_else(|| up.statements());
        let wanted = workspace::read_xz(&workspace::shared()?.join("histories").join(golden))?;
        let top = self.at_top(&place, &up, &recorded, &wanted);
        self.keep(&key, "top", &place, &wanted);
        let down = match (&top, recorded.heads.is_empty()) {
            (Err(_), _) => Err("not tried".to_owned()),
            (Ok(_), true) => Ok("not recorded".to_owned()),
            (Ok(_), false) => self.way_down(&key, &place, &recorded, &limbeck),
        };
        drop(place);
        let alembic = match &self.alembic {
            Some(alembic) => Some(self.real(alembic, history, project, database, &wanted)?),
            None => None,
        };
        Ok(Outcome {
            history: history.name.clone(),
            database: database.to_owned(),
            revisions: history.revisions,
            statements,
            up,
            top,
            down,
            alembic,
        })
    }

    fn at_top(&self, place: &Place<'_>, up: &Run, recorded: &Recorded, wanted: &str) -> Result<Likeness, String> {
        if !up.ok() {
            return Err(up.first_error());
        }
        let versions = place.versions()?;
        if !recorded.heads.is_empty() && versions != recorded.heads {
            return Err(format!("alembic_version holds {versions:?}, real Alembic's {:?}", recorded.heads));
        }
        Ok(place.compare(wanted))
    }

    /// Goes down as far as real Alembic went, then tries the step that stopped it.
    fn way_down(&self, key: &str, place: &Place<'_>, recorded: &Recorded, limbeck: &dyn Fn(&[&str]) -> Result<Run, String>) -> Result<String, String> {
        let target = recorded.reach.first().map_or("base", String::as_str);
        if recorded.steps > 0 {
            let down = limbeck(&["downgrade", target])?;
            if !down.ok() {
                return Err(format!("downgrade {target}: {}", down.first_error()));
            }
            let versions = place.versions()?;
            if versions != recorded.reach {
                return Err(format!("after downgrade {target} alembic_version holds {versions:?}"));
            }
            let wanted = workspace::read_xz(&fixtures().join(format!("reach/{key}.sql.xz")))?;
            self.keep(key, "down", place, &wanted);
            if let Likeness::Different(difference) = place.compare(&wanted) {
                return Err(format!("schema differs after downgrade {target}: {difference}"));
            }
        }
        if recorded.then.is_none() {
            return Ok(format!("{} to {target}", recorded.steps));
        }
        let (schema, versions) = (place.schema(), place.versions()?);
        let further = limbeck(&["downgrade", "-1"])?;
        if further.ok() {
            return Ok(format!("{} to {target} and further than Alembic", recorded.steps));
        }
        if further.code.is_none() {
            return Err("the step that stops Alembic killed Limbeck".to_owned());
        }
        if place.schema() != schema || place.versions()? != versions {
            return Err("the step that stops Alembic failed and left changes".to_owned());
        }
        Ok(format!("{} to {target}, stops there as Alembic does", recorded.steps))
    }

    /// Leaves both schemas in the target folder for a person to compare.
    fn keep(&self, key: &str, moment: &str, place: &Place<'_>, wanted: &str) {
        let folder = workspace::target().join("compat");
        let wanted = match place {
            Place::PostgreSql(_) => limbeck_test::normalise_postgresql(wanted),
            Place::Sqlite(_) => wanted.to_owned(),
        };
        // Only a convenience: the comparison itself does not read them.
        let _ = workspace::write(&folder.join(format!("{key}.{moment}.limbeck.sql")), &place.schema());
        let _ = workspace::write(&folder.join(format!("{key}.{moment}.alembic.sql")), &wanted);
    }

    fn real(&self, alembic: &Alembic, history: &History, project: &Path, database: &str, wanted: &str) -> Result<(Run, Likeness), String> {
        let place = Place::prepare(self.server, history, database)?;
        let mut command = Command::new(alembic.program("alembic"));
        command.args(["-c", "alembic.ini", "upgrade", "head"]).current_dir(project);
        command.env("DATABASE_URL", place.url().replace("postgresql://", "postgresql+psycopg2://"));
        let run = measure::run(&command, DEADLINE)?;
        let likeness = place.compare(wanted);
        Ok((run, likeness))
    }
}

/// Writes fixtures/downgrade_reach.json and the schemas beside it, from real Alembic.
fn record(server: &Server, chosen: &[History], alembic: &Alembic) -> Result<ExitCode, String> {
    let mut all = recorded()?;
    for history in chosen {
        let project = history.fetch()?;
        for database in history.golden.keys() {
            let place = Place::prepare(server, history, database)?;
            let url = place.url().replace("postgresql://", "postgresql+psycopg2://");
            let mut up = Command::new(alembic.program("alembic"));
            up.args(["-c", "alembic.ini", "upgrade", "head"])
                .current_dir(&project)
                .env("DATABASE_URL", &url);
            let up = measure::run(&up, DEADLINE)?;
            let heads = place.versions()?;
            let key = format!("{}.{database}", history.name);
            if !up.ok() {
                all.insert(
                    key,
                    Recorded {
                        heads,
                        stops: Some(up.first_error()),
                        ..Recorded::default()
                    },
                );
                continue;
            }
            let dump = match &place {
                Place::PostgreSql(database) => database.pg_dump_command(),
                Place::Sqlite(file) => format!(
                    "{} {} {}",
                    alembic.program("python").display(),
                    fixtures().join("sqlite_schema.py").display(),
                    file.path().display()
                ),
            };
            let reach = alembic.reach(&project, &url, &dump)?;
            let schema = match &place {
                Place::PostgreSql(_) => limbeck_test::normalise_postgresql(&reach.schema),
                Place::Sqlite(_) => reach.schema,
            };
            let path = fixtures().join(format!("reach/{key}.sql"));
            workspace::write(&path, &schema)?;
            workspace::output(Command::new("xz").args(["-9", "--extreme", "--force"]).arg(&path))?;
            println!("{key}: {} down, then {}", reach.steps, reach.error.as_deref().unwrap_or("base"));
            all.insert(
                key,
                Recorded {
                    heads,
                    reach: reach.reach,
                    steps: reach.steps,
                    then: reach.error,
                    stops: None,
                },
            );
        }
    }
    // A line for each, so that a change of one shows as one.
    let rows: Result<Vec<String>, _> = all
        .iter()
        .map(|(key, recorded)| Ok(format!("{key:?}: {}", serde_json::to_string(recorded)?)))
        .collect();
    let text = format!("{{\n{}\n}}", rows.map_err(|error: serde_json::Error| error.to_string())?.join(",\n"));
    workspace::write(&fixtures().join("downgrade_reach.json"), &format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}
