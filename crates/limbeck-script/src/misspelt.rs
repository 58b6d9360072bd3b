//! Keys of Limbeck's own configuration that nothing reads and that look like one that would be read.
//!
//! Other unknown keys are let be: a newer Limbeck may know them.

use crate::config::Config;
use limbeck_source::{Diagnose, Diagnostic, Location};
use std::path::PathBuf;
use strsim::osa_distance;

/// What `limbeck.toml`, `[tool.limbeck]` and `[limbeck]` may hold; the second half are Alembic's options, for projects without an ini.
const KEYS: &[&str] = &[
    "ahead_window",
    "backup_before",
    "backup_dir",
    "backup_keep",
    "grants",
    "health_log",
    "health_log_keep",
    "health_log_max_bytes",
    "initial",
    "journal",
    "lock_timeout",
    "lock_wait",
    "naming_convention",
    "pg_bin",
    "python",
    "python_timeout",
    "required_version",
    "revision_format",
    "schema",
    "statement_timeout",
    "tries",
    "url",
    "version_table",
    "version_table_pk",
    "version_table_schema",
    "file_template",
    "output_encoding",
    "path_separator",
    "post_write_hooks",
    "prepend_sys_path",
    "recursive_version_locations",
    "revision_environment",
    "script_location",
    "sourceless",
    "timezone",
    "truncate_slug_length",
    "version_locations",
    "version_path_separator",
];

/// A key that is most likely another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelt {
    /// As it is written.
    pub key: String,
    /// What it was to be.
    pub meant: &'static str,
    /// The file it stands in.
    pub file: Option<PathBuf>,
}

impl Diagnose for Misspelt {
    fn diagnose(&self) -> Diagnostic {
        let found =
            Diagnostic::warning("E0956", format!("nothing reads the key `{}` of the configuration", self.key)).hint(format!("was `{}` meant?", self.meant));
        match &self.file {
            Some(file) => found.at(Location::file(file.display().to_string())),
            None => found,
        }
    }
}

/// Returns them in the order of the files.
pub fn misspelt(config: &Config) -> Vec<Misspelt> {
    let of = |key: &str, file: Option<PathBuf>| {
        meant(key).map(|meant| Misspelt {
            key: key.to_owned(),
            meant,
            file,
        })
    };
    let own_file = config.own_path.clone().or_else(|| config.toml_path.clone());
    let own = config.own.keys().filter_map(|key| of(key, own_file.clone()));
    let section = config.section(crate::config::OWN_SECTION).ok().flatten().unwrap_or_default();
    let section = section
        .keys()
        .filter(|key| !key.contains('.'))
        .filter_map(|key| of(key, config.ini_path.clone()));
    own.chain(section.collect::<Vec<_>>()).collect()
}

/// The key that differs in one or two characters, where this one is none.
fn meant(key: &str) -> Option<&'static str> {
    if KEYS.contains(&key) {
        return None;
    }
    let plain = key.to_lowercase().replace('-', "_");
    let (distance, near) = KEYS.iter().map(|known| (osa_distance(&plain, known), *known)).min()?;
    (distance == 0 || (distance <= 2 && plain.len() > 4)).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_a_key_of_another_version() {
        assert_eq!(meant("helth_log"), Some("health_log"));
        assert_eq!(meant("backup_befor"), Some("backup_before"));
        assert_eq!(meant("bakcup_dir"), Some("backup_dir"));
        assert_eq!(meant("required-version"), Some("required_version"));
        assert_eq!(meant("Tries"), Some("tries"));
        assert_eq!(meant("health_log"), None);
        assert_eq!(meant("grants"), None);
        assert_eq!(meant("uri"), None);
    }
}
