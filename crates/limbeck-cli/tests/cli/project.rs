//! A throw-away project and a way to run the binary in it.

use limbeck_test::Server;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const ENV_PY: &str = r#"
from logging.config import fileConfig

from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name)
target_metadata = None


def run_migrations_offline():
    context.configure(url=config.get_main_option("sqlalchemy.url"), target_metadata=target_metadata, literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    connectable = engine_from_config(config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool)
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"#;

/// The PostgreSQL server of this run; without one the test says so and passes.
pub fn server() -> Option<&'static Server> {
    match Server::shared() {
        Ok(server) => Some(server),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

/// A project in a directory of its own.
pub struct Project {
    place: TempDir,
}

/// What a run of the binary left behind.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// Makes a project on a SQLite file of its own.
    pub fn sqlite() -> Self {
        let place = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite:///{}", place.path().join("app.db").display());
        Self::make(place, &url)
    }

    fn make(place: TempDir, url: &str) -> Self {
        let project = Project { place };
        fs::create_dir_all(project.path("migrations/versions")).expect("the project's folders");
        let ini = format!(
            "[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\nsqlalchemy.url = {}\n",
            url.replace('%', "%%")
        );
        project.write("alembic.ini", &ini);
        project.write(
            "migrations/env.py",
            ENV_PY.replace("    fileConfig(config.config_file_name)", "    pass").as_str(),
        );
        project.write(
            "migrations/script.py.mako",
            include_str!("../../../../examples/ultra/migrations/script.py.mako"),
        );
        project
    }

    /// A path in the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file of the project");
    }

    /// Writes a revision whose body is `code`.
    pub fn revision(&self, id: &str, down: Option<&str>, code: &str) {
        let down = down.map_or("None".to_owned(), |down| format!("{down:?}"));
        let text = format!("\"\"\"step {id}\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = {id:?}\ndown_revision = {down}\n\n\n{code}\n");
        self.write(&format!("migrations/versions/{id}.py"), &text);
    }

    /// Runs the binary in the project's directory.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in(self.place.path(), arguments, &[])
    }

    /// Runs the binary in `directory` with further variables.
    pub fn run_in(&self, directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command
            .current_dir(directory)
            .args(arguments)
            .env_remove("DATABASE_URL")
            .env_remove("ALEMBIC_CONFIG");
        command.env("XDG_CACHE_HOME", self.path(".cache")).envs(variables.iter().copied());
        Ran::from(command.output().expect("the binary runs"))
    }

    /// Starts the binary in the project's directory without waiting for it.
    pub fn start(&self, arguments: &[&str]) -> std::process::Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command
            .current_dir(self.place.path())
            .args(arguments)
            .env_remove("DATABASE_URL")
            .env("XDG_CACHE_HOME", self.path(".cache"));
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary starts")
    }

    /// The tables of the project's SQLite file.
    pub fn tables(&self) -> Vec<String> {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        self.query(sql)
    }

    /// Runs a statement on the project's SQLite file.
    pub fn sql(&self, sql: &str) {
        limbeck_test::execute_sqlite(&self.path("app.db"), sql).expect("the statement runs");
    }

    /// The first column of a query on the project's SQLite file.
    pub fn query(&self, sql: &str) -> Vec<String> {
        let url = self.path("app.db");
        let connection = limbeck_db::connect(
            &limbeck_db::DatabaseUrl::parse(&format!("sqlite:///{}", url.display())).expect("a URL"),
            &limbeck_db::Environment::default(),
        );
        let mut connection = connection.expect("the project's file opens");
        let rows = connection.query(sql, &[]).expect("the query runs").rows;
        rows.into_iter()
            .filter_map(|row| row.into_iter().next())
            .map(|value| match value {
                limbeck_expr::Literal::Text(text) => text,
                limbeck_expr::Literal::Int(number) => number.to_string(),
                other => format!("{other:?}"),
            })
            .collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// Asserts success and returns stdout.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Asserts a failure with exit code 2 that names all of `words` on stderr, and no panic.
    #[track_caller]
    pub fn fails_with(self, words: &[&str]) -> String {
        assert_eq!(self.code, Some(2), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in:\n{}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self.stderr
    }
}
