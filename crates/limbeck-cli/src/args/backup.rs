//! Arguments of `backup` and `restore`.

use super::{Json, ScratchArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// How a backup of PostgreSQL is written.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupFormat {
    /// SQL text, for psql
    Plain,
    /// One compressed file, for pg_restore
    Custom,
    /// A folder with a file for each table, for pg_restore with several processes
    Directory,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BackupArgs {
    #[command(subcommand)]
    pub action: Option<BackupAction>,
    /// The file (or folder) to write; a name that ends with .gz or .zst is compressed [default: DATABASE_REVISION_TIME.sql.zst in the folder `backup_dir`, which is backups/ in the project]
    #[arg(short = 'o', long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// How to write it, on PostgreSQL [default: plain]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<BackupFormat>,
    /// The schema without data
    #[arg(long)]
    pub schema_only: bool,
    /// Processes that write (directory format)
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub jobs: Option<u32>,
    /// Do not count the rows of each table for the manifest
    #[arg(long)]
    pub no_counts: bool,
    /// Replace a backup of the same name
    #[arg(long)]
    pub overwrite: bool,
    /// Begin although the disk looks too small
    #[arg(long)]
    pub ignore_space: bool,
    /// Then remove all but the newest N backups of this database from that folder [default: `backup_keep`, else none is removed]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Subcommand, Debug)]
pub enum BackupAction {
    /// List the backups of a folder, the newest first
    List(BackupListArgs),
    /// Restore a backup into a scratch database and compare it with its manifest
    Verify(BackupVerifyArgs),
}

#[derive(Args, Debug)]
pub struct BackupListArgs {
    /// The folder [default: `backup_dir`]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct BackupVerifyArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub scratch: ScratchArgs,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Restore into the database itself, in one transaction, instead of into a new one that takes its name (PostgreSQL)
    #[arg(long)]
    pub in_place: bool,
    /// End the sessions of others when the names are swapped
    #[arg(long)]
    pub terminate: bool,
    /// Leave out owners and grants: the roles that they name need not be here (PostgreSQL)
    #[arg(long)]
    pub no_roles: bool,
    /// Answer every question with yes
    #[arg(short = 'y', long)]
    pub yes: bool,
    /// Processes that restore (custom and directory format)
    #[arg(short = 'j', long, value_name = "N", conflicts_with = "in_place", value_parser = clap::value_parser!(u32).range(1..))]
    pub jobs: Option<u32>,
    #[command(flatten)]
    pub json: Json,
}

/// Whether to back up before a run.
#[derive(Args, Debug, Clone, Copy, Default)]
pub struct BackupFirst {
    /// Back the database up first, and stop if that fails [default: as `backup_before` says: always, destructive, never; else never]
    #[arg(long, help_heading = "Limbeck", conflicts_with_all = ["sql", "no_backup"])]
    pub backup: bool,
    /// Do not back the database up first, whatever the configuration says
    #[arg(long, help_heading = "Limbeck")]
    pub no_backup: bool,
}

impl BackupFirst {
    /// What was said, where something was.
    pub fn wanted(self) -> Option<bool> {
        match (self.backup, self.no_backup) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }
}
