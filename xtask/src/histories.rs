//! The pinned public histories: downloaded as wheels, unpacked, and given an alembic.ini and env.py.
//!
//! `histories.json` says which packages and which settings; nothing of their content is kept here.

use crate::workspace;
use indexmap::IndexMap;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Which histories to download.
#[derive(clap::Args)]
pub struct Options {
    /// Names; all of wave 1 when none is given
    names: Vec<String>,
    /// Those of all waves
    #[arg(long)]
    all: bool,
}

/// One history, as histories.json describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct History {
    /// Our name for it.
    pub name: String,
    /// 1: must run natively now; 2: later.
    pub wave: u8,
    package: String,
    version: String,
    versions: Vec<String>,
    /// How many revisions it has.
    pub revisions: usize,
    /// Database name to golden schema, below shared/histories.
    pub golden: IndexMap<String, String>,
    naming_convention: Option<IndexMap<String, String>>,
    target_metadata: Option<String>,
    #[serde(default)]
    transaction_per_migration: bool,
    /// Set when tables of another source must exist first; fixtures/NAME-initial.DATABASE.sql has them.
    pub create_all_first: Option<String>,
    /// Packages that real Alembic needs to load the scripts.
    #[serde(default)]
    pub requires: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    histories: Vec<History>,
}

/// Returns all histories that a run may use.
pub fn all() -> Result<Vec<History>, String> {
    let path = workspace::root().join("xtask/histories.json");
    let manifest: Manifest = serde_json::from_str(&workspace::read(&path)?).map_err(|error| error.to_string())?;
    Ok(manifest.histories)
}

/// Returns where histories are unpacked: `$LIMBECK_HISTORIES`, else `~/.cache/limbeck/histories`.
pub fn cache() -> PathBuf {
    match (std::env::var_os("LIMBECK_HISTORIES"), std::env::var_os("HOME")) {
        (Some(chosen), _) => PathBuf::from(chosen),
        (None, Some(home)) => PathBuf::from(home).join(".cache/limbeck/histories"),
        (None, None) => std::env::temp_dir().join("limbeck-histories"),
    }
}

/// Downloads the chosen histories and prints where they are.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    for history in all()? {
        let chosen = if options.names.is_empty() {
            options.all || history.wave == 1
        } else {
            options.names.contains(&history.name)
        };
        if chosen {
            println!("{}", history.fetch()?.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl History {
    /// Returns the project's directory, downloaded and written when it is not there yet.
    pub fn fetch(&self) -> Result<PathBuf, String> {
        let project = cache().join(&self.name);
        // One package version per directory name: a changed pin must not meet the old files.
        let stamp = project.join("pinned");
        let pinned = format!("{}=={}", self.package, self.version);
        if std::fs::read_to_string(&stamp).is_ok_and(|text| text == pinned) {
            return Ok(project);
        }
        let downloads = tempfile::tempdir().map_err(|error| error.to_string())?;
        eprintln!("downloading {pinned}");
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
        ]);
        workspace::output(pip.arg(downloads.path()).arg(&pinned))?;
        let wheel = std::fs::read_dir(downloads.path())
            .ok()
            .and_then(|mut entries| entries.next()?.ok())
            .ok_or_else(|| format!("pip downloaded nothing for {pinned}"))?
            .path();
        let package = project.join("package");
        let _ = std::fs::remove_dir_all(&package);
        std::fs::create_dir_all(&package).map_err(|error| format!("{}: {error}", package.display()))?;
        workspace::output(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&package))?;
        self.write_project(&project)?;
        workspace::write(&stamp, &pinned)?;
        Ok(project)
    }

    fn write_project(&self, project: &Path) -> Result<(), String> {
        let versions: Vec<String> = self.versions.iter().map(|path| format!("%(here)s/package/{path}")).collect();
        let ini = format!(
            "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s/package\n\
             path_separator = space\nversion_locations = {}\n",
            versions.join(" ")
        );
        workspace::write(&project.join("alembic.ini"), &ini)?;
        workspace::write(&project.join("migrations/env.py"), &self.env_py())
    }

    fn env_py(&self) -> String {
        let (import, target) = match (&self.target_metadata, &self.naming_convention) {
            (Some(path), _) => {
                let (module, name) = path.split_once(':').unwrap_or((path, "metadata"));
                (format!("from {module} import {name} as target_metadata\n"), String::new())
            }
            (None, Some(convention)) => {
                let pairs: String = convention.iter().map(|(key, form)| format!("    {key:?}: {form:?},\n")).collect();
                (String::new(), format!("target_metadata = MetaData(naming_convention={{\n{pairs}}})\n"))
            }
            (None, None) => (String::new(), "target_metadata = MetaData()\n".to_owned()),
        };
        let transactions = if self.transaction_per_migration { "True" } else { "False" };
        include_str!("../fixtures/env.py.template")
            .replace("# IMPORT\n", &import)
            .replace("# TARGET\n", &target)
            .replace("TRANSACTIONS", transactions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole() {
        let histories = all().unwrap();
        assert_eq!(histories.len(), 12);
        assert_eq!(histories.iter().filter(|history| history.wave == 1).count(), 7);
    }

    #[test]
    fn an_env_py_carries_the_naming_convention() {
        let histories = all().unwrap();
        let phoenix = histories.iter().find(|history| history.name == "phoenix").unwrap();
        let text = phoenix.env_py();
        assert!(text.contains(r#"    "ck": "ck_%(table_name)s_`%(constraint_name)s`","#), "{text}");
        assert!(!text.contains("# TARGET"));
    }
}
