//! What the configuration and the environment say about backups: `backup_dir`, `backup_keep`, `backup_before`, `pg_bin`.

use crate::context::{Context, Failure};
use crate::safety::{Source, meaningless};
use limbeck_backup::Places;
use limbeck_script::Project;
use std::path::{Path, PathBuf};

/// Where backups go, unless configured otherwise.
const FOLDER: &str = "backups";
/// Written into a folder we made: data of a database belong into no repository.
const GIT_IGNORE: &str = "# Written by limbeck: backups hold a database's data.\n*\n";

/// When a run begins with a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// When it may lose data.
    Destructive,
    Never,
}

/// What was said.
pub struct BackupOptions {
    pub folder: PathBuf,
    pub keep: Option<u32>,
    pub before: When,
    /// Where pg_dump and the others are looked for.
    pub places: Places,
}

impl BackupOptions {
    /// Reads it.
    ///
    /// # Errors
    /// A value that means nothing.
    pub fn read(context: &Context, project: &Project) -> Result<Self, Failure> {
        let source = Source::new(context, project.config());
        let find = |variable: &str, key: &str| source.find(None, "", &[variable], key);
        let folder = find("LIMBECK_BACKUP_DIR", "backup_dir")?.map_or_else(|| FOLDER.to_owned(), |(text, _)| text);
        let keep = match find("LIMBECK_BACKUP_KEEP", "backup_keep")? {
            None => None,
            Some((text, from)) => Some(
                text.trim()
                    .parse()
                    .ok()
                    .filter(|keep| *keep > 0)
                    .ok_or_else(|| meaningless(&text, &from, "a whole number of 1 or more"))?,
            ),
        };
        let before = match find("LIMBECK_BACKUP_BEFORE", "backup_before")? {
            None => When::Never,
            Some((text, from)) => match text.trim() {
                "always" => When::Always,
                "destructive" => When::Destructive,
                "never" => When::Never,
                _ => return Err(meaningless(&text, &from, "`always`, `destructive` or `never`")),
            },
        };
        let configured = find("LIMBECK_PG_BIN", "pg_bin")?.map(|(text, _)| project.root().join(text));
        let path = context.environment.get("PATH").map(String::as_str).unwrap_or_default();
        Ok(BackupOptions {
            folder: project.root().join(folder),
            keep,
            before,
            places: Places::usual(configured, path),
        })
    }

    /// Makes the folder, and keeps git from asking about it where it is the usual one. Whatever fails here, the backup's own error will tell.
    pub fn prepare(&self, root: &Path) {
        use std::os::unix::fs::DirBuilderExt;
        if self.folder.exists() || std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).is_err() {
            return;
        }
        if self.folder == root.join(FOLDER) {
            let _ = std::fs::write(self.folder.join(".gitignore"), GIT_IGNORE);
        }
    }
}
