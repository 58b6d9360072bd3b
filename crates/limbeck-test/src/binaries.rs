//! Finds the programs of an installed PostgreSQL and the user that may run its server.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What to tell a person whose machine has no PostgreSQL.
pub const INSTALL_HINT: &str = "install it with `apt-get install postgresql`, or run `cargo xtask test`, which does so";

/// A directory with `initdb`, `postgres`, `psql` and `pg_dump`.
#[derive(Debug, Clone)]
pub struct Binaries {
    directory: PathBuf,
}

impl Binaries {
    /// Finds the newest PostgreSQL of the Debian layout, else the one in `PATH`; `LIMBECK_TEST_PGBIN` wins.
    ///
    /// # Errors
    /// Says where it looked and how to install one.
    pub fn find() -> Result<Self, String> {
        if let Some(chosen) = std::env::var_os("LIMBECK_TEST_PGBIN") {
            return Self::at(Path::new(&chosen)).ok_or_else(|| format!("LIMBECK_TEST_PGBIN is {}, which holds no initdb", chosen.display()));
        }
        let mut installed: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        installed.sort();
        let newest_first = installed.into_iter().rev().map(|(_, directory)| directory);
        let in_path = std::env::var_os("PATH")
            .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
            .unwrap_or_default();
        newest_first
            .chain(in_path)
            .find_map(|directory| Self::at(&directory))
            .ok_or_else(|| format!("PostgreSQL is not installed (no initdb in /usr/lib/postgresql/*/bin or PATH); {INSTALL_HINT}"))
    }

    fn at(directory: &Path) -> Option<Self> {
        let complete = ["initdb", "postgres", "psql", "pg_dump"].iter().all(|name| directory.join(name).exists());
        complete.then(|| Self {
            directory: directory.to_owned(),
        })
    }

    /// Returns the path of one program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Returns what `postgres --version` prints, as a name for files.
    pub fn version(&self) -> Result<String, String> {
        let output = Command::new(self.program("postgres"))
            .arg("--version")
            .output()
            .map_err(|error| format!("cannot run postgres --version: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.split_whitespace().nth(2).unwrap_or("unknown").to_owned())
    }
}

/// The user that runs the server: PostgreSQL refuses to run as root.
#[derive(Debug, Clone)]
pub(crate) struct RunAs {
    /// Name, user id and group id to change to; none when we are not root.
    pub(crate) other: Option<(String, u32, u32)>,
}

impl RunAs {
    pub(crate) fn find() -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { other: None });
        }
        let passwd = std::fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
        let other = ["postgres", "nobody"].iter().find_map(|wanted| user(&passwd, wanted));
        match other {
            Some(found) => Ok(Self { other: Some(found) }),
            None => Err("running as root and there is no user postgres or nobody to run PostgreSQL as".to_owned()),
        }
    }

    /// Returns a command that runs `program` as the chosen user.
    pub(crate) fn command(&self, program: &Path) -> Command {
        match &self.other {
            None => Command::new(program),
            Some((name, _, group)) => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={name}"))
                    .arg(format!("--regid={group}"))
                    .arg("--clear-groups")
                    .arg(program);
                command
            }
        }
    }

    /// Gives a path to the chosen user.
    pub(crate) fn give(&self, path: &Path) -> Result<(), String> {
        match &self.other {
            None => Ok(()),
            Some((_, user, group)) => std::os::unix::fs::chown(path, Some(*user), Some(*group)).map_err(|error| format!("chown {}: {error}", path.display())),
        }
    }
}

fn user(passwd: &str, wanted: &str) -> Option<(String, u32, u32)> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [name, _, user, group, ..] if *name == wanted => Some(((*name).to_owned(), user.parse().ok()?, group.parse().ok()?)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_read_from_passwd() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(user(passwd, "postgres"), Some(("postgres".to_owned(), 101, 104)));
        assert_eq!(user(passwd, "post"), None);
    }
}
