//! Real Alembic in a virtual environment of its own, to compare with.

use crate::{histories, workspace};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What Limbeck is compared with.
pub const PINNED: [&str; 3] = ["alembic==1.20.1", "sqlalchemy==2.1.9", "psycopg2-binary==2.9.13"];

/// An environment with real Alembic.
pub struct Alembic {
    directory: PathBuf,
}

/// What fixtures/real_alembic.py reports about a way down.
#[derive(Debug, Deserialize)]
pub struct Reach {
    /// Revisions at which the database stayed.
    pub reach: Vec<String>,
    /// How many revisions it went down.
    pub steps: usize,
    /// What stopped it, unless it reached base.
    pub error: Option<String>,
    /// The schema there.
    pub schema: String,
}

impl Alembic {
    /// Makes the environment (`$LIMBECK_ALEMBIC_VENV`, else beside the histories) and installs what scripts need.
    pub fn prepare(requires: &[String]) -> Result<Self, String> {
        let directory = std::env::var_os("LIMBECK_ALEMBIC_VENV").map_or_else(|| histories::cache().with_file_name("alembic-venv"), PathBuf::from);
        if !directory.join("bin/python").exists() {
            eprintln!("making {}", directory.display());
            workspace::output(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
        }
        let alembic = Self { directory };
        let mut pip = Command::new(alembic.program("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PINNED)
            .args(requires);
        workspace::output(&mut pip)?;
        Ok(alembic)
    }

    /// Returns a program of the environment.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }

    /// Goes down from head one revision at a time until real Alembic stops.
    pub fn reach(&self, project: &Path, url: &str, dump: &str) -> Result<Reach, String> {
        let script = workspace::root().join("xtask/fixtures/real_alembic.py");
        let mut python = Command::new(self.program("python"));
        python.arg(script).arg(project).args([url, dump, "reach"]);
        let text = workspace::output(&mut python)?;
        // Scripts may print; the report is the last line.
        let report = text.lines().last().unwrap_or_default();
        serde_json::from_str(report).map_err(|error| format!("{error} in {report}"))
    }
}
