//! Finds the program of PostgreSQL's that fits a server: the one of the same version where there is one, else the next newer.

use crate::BackupError;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// `15.18`
    pub version: String,
    /// `[15, 18]`
    pub numbers: Vec<u32>,
}

impl Program {
    /// The major version: 15; before 10 it has no meaning.
    pub fn major(&self) -> u32 {
        self.numbers.first().copied().unwrap_or_default()
    }

    /// Whether it knows `\restrict`, which came with the corrections of August 2025.
    pub(crate) fn knows_restrict(&self) -> bool {
        let minor = self.numbers.get(1).copied().unwrap_or_default();
        match self.major() {
            13 => minor >= 22,
            14 => minor >= 19,
            15 => minor >= 14,
            16 => minor >= 10,
            17 => minor >= 6,
            major => major >= 18,
        }
    }
}

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The only folder to look in, where the configuration names one.
    pub configured: Option<PathBuf>,
    /// The folders of PATH.
    pub path: Vec<PathBuf>,
    /// Folders that hold one folder with `bin` for each version: `/usr/lib/postgresql`.
    pub versioned: Vec<PathBuf>,
    /// Other folders.
    pub others: Vec<PathBuf>,
}

impl Places {
    /// PATH, and where Debian, Red Hat and Homebrew put them.
    pub fn usual(configured: Option<PathBuf>, path: &str) -> Self {
        let mut others = vec![PathBuf::from("/opt/homebrew/opt/libpq/bin"), PathBuf::from("/usr/local/opt/libpq/bin")];
        for major in (10..=30).rev() {
            others.push(format!("/usr/pgsql-{major}/bin").into());
            others.push(format!("/usr/libexec/postgresql{major}").into());
            others.push(format!("/opt/homebrew/opt/postgresql@{major}/bin").into());
            others.push(format!("/usr/local/opt/postgresql@{major}/bin").into());
        }
        Places {
            configured,
            path: std::env::split_paths(path).filter(|folder| !folder.as_os_str().is_empty()).collect(),
            versioned: vec!["/usr/lib/postgresql".into()],
            others,
        }
    }

    fn folders(&self) -> Vec<PathBuf> {
        if let Some(folder) = &self.configured {
            return vec![folder.clone()];
        }
        let versioned = self
            .versioned
            .iter()
            .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
        let versioned = versioned.map(|entry| entry.path().join("bin"));
        self.path.iter().cloned().chain(versioned).chain(self.others.iter().cloned()).collect()
    }
}

/// Finds `name` for a server (or a dump) of a major version.
///
/// # Errors
/// There is none, with what was found instead.
pub fn find_tool(places: &Places, name: &'static str, major: u32) -> Result<Program, BackupError> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for folder in places.folders() {
        let path = folder.join(name);
        let Ok(real) = path.canonicalize() else { continue };
        // Debian's wrapper in /usr/bin stands for one of the others, which are found by themselves.
        if real.ends_with("pg_wrapper") || !seen.insert(real) {
            continue;
        }
        if let Some(program) = ask(&path) {
            found.push(program);
        }
    }
    let best = found
        .iter()
        .filter(|program| program.major() >= major)
        .min_by_key(|program| (program.major(), std::cmp::Reverse(program.numbers.clone())));
    if let Some(program) = best {
        return Ok(program.clone());
    }
    let mut looked: Vec<String> = found
        .iter()
        .map(|program| format!("`{}` is of version {}, too old for this server", program.path.display(), program.version))
        .collect();
    if let (Some(folder), true) = (&places.configured, looked.is_empty()) {
        looked.push(format!("there is none in `{}`", folder.display()));
    } else if looked.is_empty() {
        looked.push("looked in PATH, in /usr/lib/postgresql/*/bin and in the places of Red Hat, Alpine and Homebrew".to_owned());
    }
    Err(BackupError::NoTool {
        program: name,
        major,
        looked,
        configured: places.configured.is_some(),
    })
}

/// Asks a program for its version: `pg_dump (PostgreSQL) 15.18 (Debian 15.18-1)`.
fn ask(path: &Path) -> Option<Program> {
    let output = Command::new(path).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = version_in(&text)?;
    let numbers = version.split('.').filter_map(|number| number.parse().ok()).collect();
    Some(Program {
        path: path.to_owned(),
        numbers,
        version,
    })
}

fn version_in(text: &str) -> Option<String> {
    let after = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
    (end > 0).then(|| after[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(folder: &Path, version: &str) {
        std::fs::create_dir_all(folder).expect("a folder");
        let path = folder.join("pg_dump");
        std::fs::write(&path, format!("#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("rights");
    }

    #[test]
    fn the_same_version_is_best_then_the_next_newer() {
        let place = tempfile::tempdir().expect("a folder");
        let places = Places {
            path: vec![place.path().join("path")],
            versioned: vec![place.path().join("lib")],
            ..Places::default()
        };
        program(&place.path().join("path"), "18.4");
        program(&place.path().join("lib/14/bin"), "14.2 (Debian 14.2-1)");
        program(&place.path().join("lib/16/bin"), "16beta1");
        let major = |wanted| find_tool(&places, "pg_dump", wanted).map(|program| program.major()).ok();
        assert_eq!(
            [13, 14, 15, 16, 17, 18, 19].map(major),
            [Some(14), Some(14), Some(16), Some(16), Some(18), Some(18), None]
        );
        let Err(error) = find_tool(&places, "pg_dump", 19) else {
            panic!("there is none")
        };
        let text = limbeck_source::render(&limbeck_source::Diagnose::diagnose(&error), limbeck_source::Style::default());
        assert!(text.contains("there is no pg_dump here for a PostgreSQL 19 server"), "{text}");
        assert!(
            text.contains("14.2, too old") && text.contains("apt-get install postgresql-client-19"),
            "{text}"
        );
        let only = Places {
            configured: Some(place.path().join("lib/14/bin")),
            ..places
        };
        assert!(find_tool(&only, "pg_dump", 15).is_err());
    }

    #[test]
    fn restrict_is_known_since_certain_corrections() {
        let knows = |numbers: &[u32]| {
            Program {
                path: "psql".into(),
                version: String::new(),
                numbers: numbers.into(),
            }
            .knows_restrict()
        };
        assert_eq!(
            [&[12, 22][..], &[15, 13], &[15, 14], &[17, 6], &[18]].map(knows),
            [false, false, true, true, true]
        );
    }
}
