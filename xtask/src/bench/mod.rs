//! `cargo xtask bench`: Limbeck against real Alembic on generated histories, in turn on the same machine.
//!
//! Every figure is the median of several runs; the two programs take turns, so that a busy moment of the
//! machine meets both. bench/README.md says what each row means.

mod bodies;
mod generate;
mod models;
mod table;

use crate::alembic::Alembic;
use crate::measure::{self, Run, Usage};
use crate::workspace;
use generate::{Project, Shape};
use limbeck_test::{Server, Sqlite};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use table::{Row, Side};

/// Longer than real Alembic takes for the largest history on a slow machine.
const DEADLINE: Duration = Duration::from_secs(300);

/// What to time.
#[derive(clap::Args)]
pub struct Options {
    /// Runs of each command and program
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Leaves out the histories of 3,000 revisions and more
    #[arg(long)]
    quick: bool,
    /// Only rows whose history or command holds this text
    #[arg(long)]
    only: Option<String>,
    /// Times Limbeck alone
    #[arg(long)]
    alone: bool,
    /// Where to write the table too
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    #[command(flatten)]
    binary: workspace::Binary,
}

/// Generates the histories, times both programs and prints the table.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let contest = Contest {
        limbeck: options.binary.find(true)?,
        alembic: if options.alone { None } else { Some(Alembic::prepare(&[])?) },
        runs: options.runs.max(1),
        only: options.only.clone(),
    };
    let mut rows = Vec::new();
    for shape in [Shape::Linear(10), Shape::Linear(100), Shape::Linear(1000), Shape::Linear(10_000)] {
        if !(options.quick && shape == Shape::Linear(10_000)) {
            contest.graph_commands(shape, &mut rows)?;
        }
    }
    if !options.quick {
        contest.graph_commands(Shape::Diamonds(3001), &mut rows)?;
        contest.graph_commands(Shape::Branches(4001), &mut rows)?;
    }
    contest.upgrade_sqlite(&mut rows)?;
    contest.upgrade_postgresql(&mut rows)?;
    for tables in [100, 1000, 3000] {
        if !(options.quick && tables == 3000) {
            contest.check(tables, &mut rows)?;
        }
    }
    contest.introspection(2000, &mut rows)?;
    let text = table::render(&rows, contest.runs);
    println!("{text}");
    if let Some(path) = &options.report {
        workspace::write(path, &text)?;
    }
    Ok(if rows.iter().all(Row::good) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Contest {
    limbeck: PathBuf,
    alembic: Option<Alembic>,
    runs: usize,
    only: Option<String>,
}

/// One command as both programs take it.
struct Match<'a> {
    name: &'a str,
    limbeck: &'a [&'a str],
    /// Empty for what Alembic has not.
    alembic: &'a [&'a str],
    /// Whether Limbeck may use what it learnt from env.py in an earlier run.
    warm: bool,
}

impl Contest {
    fn wants(&self, shape: Shape, command: &str) -> bool {
        self.wants_row(&shape.name(), command)
    }

    fn wants_row(&self, history: &str, command: &str) -> bool {
        self.only.as_ref().is_none_or(|only| format!("{history} {command}").contains(only.as_str()))
    }

    /// A database of many tables read whole, twice: it is compared with itself.
    fn introspection(&self, tables: usize, rows: &mut Vec<Row>) -> Result<(), String> {
        let history = format!("{tables} tables of models");
        let name = "check --from the same database";
        if !self.wants_row(&history, name) {
            return Ok(());
        }
        let (server, place) = (Server::start()?, fresh()?);
        let database = server.create_database();
        self.make_models(place.path(), tables, &database.url())?;
        let (url, arguments) = (database.url(), ["check", "--from", &database.url()]);
        let one = Match {
            name,
            limbeck: &arguments,
            alembic: &[],
            warm: true,
        };
        let before = server_cpu(&server);
        let mut row = self.play(&history, &one, place.path(), &|_| Ok(Some(url.clone())), &|_| {})?;
        let after = server_cpu(&server);
        row.server = before.zip(after).map(|(before, after)| (after - before) / turns(self.runs + 1));
        rows.push(row);
        Ok(())
    }

    /// Writes a project of models and brings a database to them.
    fn make_models(&self, directory: &Path, tables: usize, url: &str) -> Result<(), String> {
        models::write(directory, tables)?;
        let cache = fresh()?;
        for arguments in [["revision", "--autogenerate"], ["upgrade", "head"]] {
            let run = once(&self.limbeck, &arguments, directory, Some(url), Some(cache.path()))?;
            if !run.ok() {
                return Err(run.first_error());
            }
        }
        Ok(())
    }

    /// `check` of models that the database agrees with.
    fn check(&self, tables: usize, rows: &mut Vec<Row>) -> Result<(), String> {
        let history = format!("{tables} tables of models");
        let arguments: &[&str] = &["check"];
        let matches = [("check, cold", false), ("check, models just edited", true), ("check, models unchanged", true)].map(|(name, warm)| Match {
            name,
            limbeck: arguments,
            alembic: arguments,
            warm,
        });
        let wanted: Vec<&Match<'_>> = matches.iter().filter(|one| self.wants_row(&history, one.name)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let server = Server::start()?;
        let database = server.create_database();
        let place = tempfile::tempdir().map_err(|error| error.to_string())?;
        let directory = place.path();
        self.make_models(directory, tables, &database.url())?;
        let url = |_: usize| Ok(Some(database.url()));
        for one in wanted {
            let edit = |directory: &Path| {
                if one.name.ends_with("edited") {
                    models::edit(directory);
                }
            };
            let before = server_cpu(&server);
            self.limbeck_once(one, directory, Some(&database.url()), &fresh()?)?;
            let after = server_cpu(&server);
            let mut row = self.play(&history, one, directory, &url, &edit)?;
            row.server = before.zip(after).map(|(before, after)| after - before);
            rows.push(row);
        }
        Ok(())
    }

    /// The commands that read the graph, or the graph and the version table.
    fn graph_commands(&self, shape: Shape, rows: &mut Vec<Row>) -> Result<(), String> {
        let same = |name, arguments, warm| Match {
            name,
            limbeck: arguments,
            alembic: arguments,
            warm,
        };
        let place = tempfile::tempdir().map_err(|error| error.to_string())?;
        let project = Project::write(place.path(), shape)?;
        let show = ["show", project.middle.as_str()];
        let upgrade: &[&str] = &["upgrade", "heads"];
        let matches = [
            same("heads", &["heads"], true),
            same("history", &["history"], true),
            same("branches", &["branches"], true),
            same("show", &show, true),
            same("current, cold", &["current"], false),
            same("current, warm", &["current"], true),
            Match {
                name: "status (against current), cold",
                limbeck: &["status"],
                alembic: &["current"],
                warm: false,
            },
            Match {
                name: "status (against current), warm",
                limbeck: &["status"],
                alembic: &["current"],
                warm: true,
            },
            same("upgrade with nothing to do, cold", upgrade, false),
            same("upgrade with nothing to do, warm", upgrade, true),
        ];
        stamp(&project)?;
        for one in matches.iter().filter(|one| self.wants(shape, one.name)) {
            let environment = |_: usize| Ok(None);
            rows.push(self.play(&shape.name(), one, &project.directory, &environment, &|_| {})?);
        }
        if self.wants(shape, "merge") && project.heads.len() == 1 {
            let count = std::fs::read_dir(project.directory.join("migrations/versions"))
                .map_err(|error| error.to_string())?
                .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|end| end == "py")))
                .count();
            let (heads, _) = project.fork(count)?;
            let merge = ["merge", "-m", "both", "--rev-id", "ffffffffffff", heads[0].as_str(), heads[1].as_str()];
            let clean = |directory: &Path| {
                let _ = std::fs::remove_file(directory.join("migrations/versions/ffffffffffff_both.py"));
            };
            let none = |_: usize| Ok(None);
            rows.push(self.play(&shape.name(), &same("merge", &merge, true), &project.directory, &none, &clean)?);
        }
        Ok(())
    }

    fn upgrade_sqlite(&self, rows: &mut Vec<Row>) -> Result<(), String> {
        let shape = Shape::Realistic(500);
        let name = "upgrade head, SQLite";
        if !self.wants(shape, name) {
            return Ok(());
        }
        let place = tempfile::tempdir().map_err(|error| error.to_string())?;
        let project = Project::write(place.path(), shape)?;
        let arguments: &[&str] = &["upgrade", "head"];
        let one = Match {
            name,
            limbeck: arguments,
            alembic: arguments,
            warm: false,
        };
        let databases: Vec<Sqlite> = (0..2 * (self.runs + 1)).map(|_| Sqlite::new()).collect();
        let url = |turn: usize| Ok(Some(databases[turn].url()));
        rows.push(self.play(&shape.name(), &one, &project.directory, &url, &|_| {})?);
        Ok(())
    }

    fn upgrade_postgresql(&self, rows: &mut Vec<Row>) -> Result<(), String> {
        let shape = Shape::Realistic(500);
        let name = "upgrade head, PostgreSQL";
        if !self.wants(shape, name) {
            return Ok(());
        }
        let server = Server::start()?;
        let place = tempfile::tempdir().map_err(|error| error.to_string())?;
        let project = Project::write(place.path(), shape)?;
        let arguments: &[&str] = &["upgrade", "head"];
        let one = Match {
            name,
            limbeck: arguments,
            alembic: arguments,
            warm: false,
        };
        let databases: Vec<_> = (0..2 * (self.runs + 1)).map(|_| server.create_database()).collect();
        let url = |turn: usize| Ok(Some(databases[turn].url()));
        let before = server_cpu(&server);
        let mut row = self.play(&shape.name(), &one, &project.directory, &url, &|_| {})?;
        if self.alembic.is_none()
            && let (Some(before), Some(after)) = (before, server_cpu(&server))
        {
            row.server = Some((after - before) / turns(self.runs + 1));
        }
        if self.alembic.is_some() {
            // One more run each, alone, for the server's own time.
            let extra = server.create_database();
            let before = server_cpu(&server);
            self.limbeck_once(&one, &project.directory, Some(&extra.url()), &fresh()?)?;
            if let (Some(before), Some(after)) = (before, server_cpu(&server)) {
                row.server = Some(after - before);
            }
        }
        rows.push(row);
        Ok(())
    }

    /// Lets both programs run the command in turn; the first run of each is not counted.
    fn play(
        &self,
        history: &str,
        one: &Match<'_>,
        directory: &Path,
        url: &dyn Fn(usize) -> Result<Option<String>, String>,
        clean: &dyn Fn(&Path),
    ) -> Result<Row, String> {
        let (mut ours, mut theirs) = (Side::default(), Side::default());
        let warm = fresh()?;
        for turn in 0..=self.runs {
            let cache = if one.warm { None } else { Some(fresh()?) };
            let cache = cache.as_ref().unwrap_or(&warm);
            let run = self.limbeck_once(one, directory, url(2 * turn)?.as_deref(), cache)?;
            clean(directory);
            ours.add(turn > 0, run);
            if let Some(alembic) = self.alembic.as_ref().filter(|_| !one.alembic.is_empty()) {
                let url = url(2 * turn + 1)?.map(|url| url.replace("postgresql://", "postgresql+psycopg2://"));
                let run = once(&alembic.program("alembic"), one.alembic, directory, url.as_deref(), None)?;
                clean(directory);
                theirs.add(turn > 0, run);
            }
        }
        let row = Row {
            history: history.to_owned(),
            command: one.name.to_owned(),
            ours,
            theirs,
            server: None,
        };
        eprintln!("{}", table::line(&row));
        Ok(row)
    }

    fn limbeck_once(&self, one: &Match<'_>, directory: &Path, url: Option<&str>, cache: &tempfile::TempDir) -> Result<Run, String> {
        once(&self.limbeck, one.limbeck, directory, url, Some(cache.path()))
    }
}

fn fresh() -> Result<tempfile::TempDir, String> {
    tempfile::tempdir().map_err(|error| error.to_string())
}

fn once(program: &Path, arguments: &[&str], directory: &Path, url: Option<&str>, cache: Option<&Path>) -> Result<Run, String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).env_remove("DATABASE_URL");
    if let Some(url) = url {
        command.env("DATABASE_URL", url);
    }
    if let Some(cache) = cache {
        command.env("XDG_CACHE_HOME", cache);
    }
    measure::run(&command, DEADLINE)
}

/// Makes a database that is already at every head, as a long-lived one is.
fn stamp(project: &Project) -> Result<(), String> {
    let rows: String = project
        .heads
        .iter()
        .map(|head| format!("insert into alembic_version values ('{head}');"))
        .collect();
    let sql = format!(
        "create table alembic_version (version_num varchar(32) not null, \
         constraint alembic_version_pkc primary key (version_num)); {rows}"
    );
    limbeck_test::execute_sqlite(&project.directory.join("app.db"), &sql)
}

/// Returns the processor time of the server's ended processes, in seconds.
fn server_cpu(server: &Server) -> Option<f64> {
    // A session's process is counted once its parent has noticed its end.
    std::thread::sleep(Duration::from_millis(200));
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.process_id()?)).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    // cutime and cstime are fields 16 and 17 of proc(5); the third is the first after the name.
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u32 = fields.get(13)?.parse::<u32>().ok()? + fields.get(14)?.parse::<u32>().ok()?;
    Some(f64::from(ticks) / 100.0)
}

fn turns(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Returns the median of each figure.
fn median(runs: &[Run]) -> Usage {
    let middle = |figure: &dyn Fn(&Usage) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(|run| figure(&run.usage)).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    let mut peaks: Vec<i64> = runs.iter().map(|run| run.usage.peak_kib).collect();
    peaks.sort_unstable();
    Usage {
        cpu: middle(&|usage| usage.cpu),
        wall: middle(&|usage| usage.wall),
        peak_kib: peaks.get(peaks.len() / 2).copied().unwrap_or_default(),
    }
}
