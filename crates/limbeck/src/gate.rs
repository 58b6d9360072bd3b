//! The gate for a program in Rust: a URL and a project in, a verdict out.

use crate::{GateError, Verdict, look};
use limbeck_db::{DatabaseUrl, DbError, Environment};
use limbeck_expr::TableName;
use limbeck_revision::{Graph, RevisionHeader};
use limbeck_script::{ConfigRequest, Project, ScriptDirectory, ScriptFile};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Asks whether a program may run on the database: `url` in SQLAlchemy's form (`postgresql://…`, `postgresql+asyncpg://…`, `sqlite:///…`), `project` a folder of the
/// project or a configuration file. The work is done on a thread of the crate `blocking`, whatever runtime awaits it.
///
/// # Errors
/// The project or the URL is wrong, or the version table cannot be read.
pub async fn gate(url: &str, project: impl Into<PathBuf>) -> Result<Verdict, GateError> {
    Gate::new(url, project).ask().await
}

/// As [`gate`], on this thread.
///
/// # Errors
/// As [`gate`].
pub fn gate_blocking(url: &str, project: impl Into<PathBuf>) -> Result<Verdict, GateError> {
    Gate::new(url, project).ask_blocking()
}

/// A question with options.
///
/// Without a word from here the version table is what `version_table` and `version_table_schema` in `limbeck.toml` (or the ini's section `[limbeck]`) say, else
/// `alembic_version`; `ahead_window` there is how many revisions the database may be ahead. What env.py decides is not known here: it would take the engine.
#[derive(Clone)]
pub struct Gate {
    url: String,
    project: PathBuf,
    version_table: Option<String>,
    version_table_schema: Option<String>,
    ahead: Option<usize>,
    retries: u32,
    interval: Duration,
}

impl Gate {
    /// Asks about this database and this project.
    pub fn new(url: &str, project: impl Into<PathBuf>) -> Self {
        Gate {
            url: url.to_owned(),
            project: project.into(),
            version_table: None,
            version_table_schema: None,
            ahead: None,
            retries: 0,
            interval: Duration::from_secs(2),
        }
    }

    /// Names the version table.
    pub fn version_table(mut self, name: impl Into<String>) -> Self {
        self.version_table = Some(name.into());
        self
    }

    /// Names the version table's schema.
    pub fn version_table_schema(mut self, name: impl Into<String>) -> Self {
        self.version_table_schema = Some(name.into());
        self
    }

    /// Lets the database be so many revisions ahead.
    pub fn ahead(mut self, revisions: usize) -> Self {
        self.ahead = Some(revisions);
        self
    }

    /// Tries so many times again, with `interval` in between, when the server does not answer.
    pub fn retries(mut self, retries: u32, interval: Duration) -> Self {
        self.retries = retries;
        self.interval = interval;
        self
    }

    /// Asks.
    ///
    /// # Errors
    /// As [`gate`].
    pub async fn ask(self) -> Result<Verdict, GateError> {
        blocking::unblock(move || self.ask_blocking()).await
    }

    /// Asks on this thread.
    ///
    /// # Errors
    /// As [`gate`].
    pub fn ask_blocking(&self) -> Result<Verdict, GateError> {
        let project = Project::find(&request(&self.project))?;
        let graph = graph(&project)?;
        let own = |name: &str| project.config().own_option(name);
        let table = match &self.version_table {
            Some(name) => name.clone(),
            None => own("version_table")?.unwrap_or_else(|| "alembic_version".to_owned()),
        };
        let schema = match &self.version_table_schema {
            Some(schema) => Some(schema.clone()),
            None => own("version_table_schema")?,
        };
        let table = TableName::in_schema(schema, table);
        let window = match self.ahead {
            Some(window) => window,
            None => own("ahead_window")?.and_then(|text| text.trim().parse().ok()).unwrap_or(0),
        };
        let url = DatabaseUrl::parse(&self.url).map_err(GateError::Url)?;
        // Asking makes no database.
        url.backend().map_err(GateError::Url)?;
        if limbeck_db::sqlite_file(&url).is_some_and(|file| !file.exists()) {
            return Ok(crate::judge(&graph, None, &[], window));
        }
        let mut tries = 0;
        let mut connection = loop {
            match limbeck_db::connect(&url, &Environment::of_process()) {
                Ok(connection) => break connection,
                Err(error) if tries < self.retries && is_worth_waiting(error.code) => {
                    tries += 1;
                    std::thread::sleep(self.interval);
                }
                Err(error) => return Ok(unreachable(&error)),
            }
        };
        match look(connection.as_mut(), &table, &graph, window) {
            Err(error) if is_worth_waiting(error.code) => Ok(unreachable(&error)),
            other => Ok(other?),
        }
    }
}

/// Whether the same question may be answered later, by the code of the error: a server that starts, is full, or has just gone. A wrong password stays wrong.
pub fn is_worth_waiting(code: &str) -> bool {
    matches!(code, "E0604" | "E0606" | "E0609" | "E0613" | "E0615")
}

/// The verdict of a connection that could not be made.
pub fn unreachable(error: &DbError) -> Verdict {
    let mut reason = error.message.clone();
    for cause in &error.causes {
        reason.push_str("; ");
        reason.push_str(cause);
    }
    Verdict::Unreachable { reason }
}

fn request(project: &Path) -> ConfigRequest {
    let project = std::path::absolute(project).unwrap_or_else(|_| project.to_owned());
    if project.is_file() {
        return ConfigRequest {
            cwd: project.parent().map(Path::to_owned).unwrap_or_default(),
            files: vec![project],
            ..ConfigRequest::default()
        };
    }
    ConfigRequest {
        cwd: project,
        ..ConfigRequest::default()
    }
}

fn graph(project: &Project) -> Result<Graph, GateError> {
    let directory = ScriptDirectory::load(project)?;
    let headers = directory.scripts.into_iter().map(revision_header).collect();
    Graph::build(headers).graph.map_err(|error| GateError::Graph(Box::new(error)))
}

fn revision_header(script: ScriptFile) -> RevisionHeader {
    RevisionHeader {
        id: script.header.revision,
        down_revisions: script.header.down_revisions,
        depends_on: script.header.depends_on,
        branch_labels: script.header.branch_labels,
        doc: script.header.doc,
        source: script.path.display().to_string(),
    }
}
