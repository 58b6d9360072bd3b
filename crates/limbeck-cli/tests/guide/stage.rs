//! The project of the guide on a database of its own, and a shell in it.

use crate::document::{self, Block};
use crate::filter::Filter;
use limbeck_test::{Database, Server, Sqlite};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const INI: &str = "[alembic]
script_location = %(here)s/backend/database/migrations
prepend_sys_path = .
path_separator = os
";

const ENV_PY: &str = r#"import os

from alembic import context
from sqlalchemy import engine_from_config, pool

from backend.models import Base

config = context.config
config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"].replace("%", "%%"))

connectable = engine_from_config(config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool)
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"#;

const MODELS: &str = r#"from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    email = Column(String(255), nullable=False)
    phone_number = Column(String(40))


class Post(Base):
    __tablename__ = "posts"

    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("users.id", name="fk_posts_user_id_users"))
    title = Column(String(200), nullable=False)
"#;

const USERS: &str = r#"def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("phone_number", sa.String(40)),
    )


def downgrade():
    op.drop_table("users")
"#;

const POSTS: &str = r#"def upgrade():
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_posts_user_id_users")),
        sa.Column("title", sa.String(200), nullable=False),
    )


def downgrade():
    op.drop_table("posts")
"#;

/// The release of PostgreSQL whose words the guide shows.
const SHOWN_VERSION: &str = "15";

/// The ids of the two revisions that every story begins with.
pub const USERS_ID: &str = "0a1b2c";
pub const POSTS_ID: &str = "2c3d4e";

/// Where the database is.
enum Place {
    Postgresql(Database<'static>),
    Sqlite(Sqlite),
}

/// A project, its database, and what was typed and answered so far.
pub struct Stage {
    root: TempDir,
    database: Place,
    filter: Filter,
    blocks: Vec<Block>,
    showing: bool,
}

/// What a line in the shell answered: both streams, in the order in which they came.
#[derive(Debug)]
pub struct Answer {
    pub line: String,
    pub code: Option<i32>,
    pub text: String,
}

/// Plays a story on PostgreSQL, and holds what was shown against the guide.
pub fn on_postgresql(story: impl FnOnce(&mut Stage)) {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let mut stage = Stage::new(Place::Postgresql(server.create_database()));
    let version = stage.sql("SHOW server_version_num");
    story(&mut stage);
    if version.starts_with(SHOWN_VERSION) {
        document::hold(&stage.blocks);
    } else {
        println!("not compared with the guide, which shows PostgreSQL {SHOWN_VERSION}: this is {version}");
    }
}

/// Plays a story on SQLite.
pub fn on_sqlite(story: impl FnOnce(&mut Stage)) {
    story(&mut Stage::new(Place::Sqlite(Sqlite::new())));
}

impl Stage {
    fn new(database: Place) -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        let mut stage = Stage {
            filter: Filter::default(),
            root,
            database,
            blocks: Vec::new(),
            showing: false,
        };
        for folder in ["project", "bin", "home"] {
            fs::create_dir(stage.root.path().join(folder)).expect("a folder");
        }
        for name in ["limbeck", "db_migrate", "alembic"] {
            symlink(env!("CARGO_BIN_EXE_limbeck"), stage.root.path().join("bin").join(name)).expect("a link");
        }
        // The longer names first.
        stage.filter.replace(&stage.path("").display().to_string(), "/srv/ultra");
        match &stage.database {
            Place::Postgresql(database) => {
                stage.filter.replace(&database.url(), "postgresql://ultra@db/ultra");
                stage.filter.replace(database.name(), "ultra");
                stage
                    .filter
                    .replace(&database.server().socket_directory().display().to_string(), "/run/postgresql");
                stage.filter.replace(&format!("port {}", database.server().port()), "port 5432");
            }
            Place::Sqlite(file) => stage.filter.replace(&file.directory().display().to_string(), "/srv/ultra"),
        }
        for (program, option, shown) in [("id", "-un", "deploy"), ("uname", "-n", "build7")] {
            let output = Command::new(program).arg(option).output().expect("a name");
            let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            let (from, to) = if program == "id" {
                (format!("{name}@"), format!("{shown}@"))
            } else {
                (format!("@{name}"), format!("@{shown}"))
            };
            stage.filter.replace(&from, &to);
        }
        stage.write("alembic.ini", INI);
        stage.write("backend/__init__.py", "");
        stage.write("backend/models.py", MODELS);
        stage.write("backend/database/migrations/env.py", ENV_PY);
        stage.write(
            "backend/database/migrations/script.py.mako",
            include_str!("../../../../examples/ultra/migrations/script.py.mako"),
        );
        stage.revision(USERS_ID, None, "create users", USERS);
        stage.revision(POSTS_ID, Some(USERS_ID), "create posts", POSTS);
        stage
    }

    /// A path in the project.
    pub fn path(&self, name: &str) -> PathBuf {
        let root = self.root.path().join("project");
        if name.is_empty() { root } else { root.join(name) }
    }

    /// Writes a file of the project, with its folders.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file of the project");
    }

    /// The file of a revision.
    pub fn script(&self, id: &str, message: &str) -> PathBuf {
        self.path(&format!("backend/database/migrations/versions/{id}_{}.py", message.replace(' ', "_")))
    }

    /// Writes a revision whose body is `code`.
    pub fn revision(&self, id: &str, down: Option<&str>, message: &str, code: &str) {
        let down = down.map_or("None".to_owned(), |down| format!("{down:?}"));
        let text = format!(
            "\"\"\"{message}\"\"\"\n\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = {id:?}\ndown_revision = {down}\nbranch_labels = None\ndepends_on = None\n\n\n{code}"
        );
        let path = self.script(id, message);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a revision");
    }

    /// Adds a column to a model: `("User", "nickname = Column(String(40))")`.
    pub fn model(&self, class: &str, column: &str) {
        let path = self.path("backend/models.py");
        let text = fs::read_to_string(&path).expect("the models");
        let head = format!("class {class}(Base):\n");
        let (before, after) = text.split_once(&head).expect("a model");
        let at = after.find("\n\n    id = ").expect("its columns") + 2;
        let text = format!("{before}{head}{}    {column}\n{}", &after[..at], &after[at..]);
        fs::write(path, text).expect("the models");
    }

    /// What follows is shown in the guide, in the block of this name.
    pub fn show(&mut self, name: &str) {
        self.blocks.push(Block::new(name));
        self.showing = true;
    }

    /// What follows is not shown.
    pub fn hide(&mut self) {
        self.showing = false;
    }

    fn command(&self, line: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("exec 2>&1\n{line}"))
            .current_dir(self.path(""))
            .env_clear()
            .env("PATH", format!("{}:{path}", self.root.path().join("bin").display()))
            .env("HOME", self.root.path().join("home"))
            .env("USER", "deploy")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("DATABASE_URL", self.url())
            .stdin(Stdio::null());
        command
    }

    /// Types a line into a shell in the project's directory.
    pub fn run(&mut self, line: &str) -> Answer {
        let output = self.command(line).output().expect("a shell");
        let answer = Answer {
            line: line.to_owned(),
            code: output.status.code(),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
        };
        assert!(!answer.text.contains("panicked"), "{answer}");
        if self.showing {
            let shown = self.filter.of(&answer.text);
            let block = self.blocks.last_mut().expect("a block");
            let shown = if line.contains(" doctor") && block.name() != "doctor" {
                without_fine(&shown)
            } else {
                shown
            };
            block.add(line, &shown);
        }
        answer
    }

    /// Types a line whose answer is not awaited.
    pub fn start(&self, line: &str) -> Child {
        self.command(line).stdout(Stdio::null()).spawn().expect("a shell")
    }

    /// The database's URL.
    pub fn url(&self) -> String {
        match &self.database {
            Place::Postgresql(database) => database.url(),
            Place::Sqlite(file) => file.url(),
        }
    }

    /// Whether the database is PostgreSQL.
    pub fn is_postgresql(&self) -> bool {
        matches!(self.database, Place::Postgresql(_))
    }

    /// Does something in the database by hand, and returns its rows: a line each, columns joined by `|`.
    #[track_caller]
    pub fn sql(&self, sql: &str) -> String {
        self.tried(sql).unwrap_or_else(|error| panic!("{sql}: {error}")).trim_end().to_owned()
    }

    /// Does something by hand that the database refuses.
    #[track_caller]
    pub fn refused(&self, sql: &str) {
        assert!(self.tried(sql).is_err(), "{sql}");
    }

    fn tried(&self, sql: &str) -> Result<String, String> {
        match &self.database {
            Place::Postgresql(database) => database.psql(sql),
            Place::Sqlite(file) if sql.trim_start().to_ascii_lowercase().starts_with("select") => file.query(sql),
            Place::Sqlite(file) => file.execute(sql).map(|()| String::new()),
        }
    }

    /// The rows of the version table.
    #[track_caller]
    pub fn at(&self) -> String {
        self.sql("SELECT version_num FROM alembic_version ORDER BY version_num").replace('\n', " ")
    }

    /// The schema as the database's own tools tell it.
    pub fn schema(&self) -> String {
        match &self.database {
            Place::Postgresql(database) => database.dump(),
            Place::Sqlite(file) => file.dump(),
        }
    }
}

/// What `doctor` found, without the checks that are fine: the guide would be long.
fn without_fine(text: &str) -> String {
    let mut shown = String::new();
    for line in text.lines() {
        if !line.starts_with("ok  ") && !line.starts_with("--  ") {
            shown.push_str(&format!("{line}\n"));
        } else if !shown.ends_with("…\n") {
            shown.push_str("…\n");
        }
    }
    shown
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "$ {}\n{}\n(exit {:?})", self.line, self.text, self.code)
    }
}

impl Answer {
    /// Asserts success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Asserts an exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Asserts that all of `words` were said.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.text.contains(word), "{word:?} is not in:\n{self}");
        }
        self
    }

    /// Asserts that none of `words` was said.
    #[track_caller]
    pub fn does_not_say(self, words: &[&str]) -> Self {
        for word in words {
            assert!(!self.text.contains(word), "{word:?} is in:\n{self}");
        }
        self
    }
}
