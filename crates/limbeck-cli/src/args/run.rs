//! Commands that bring a database to a revision.

use super::{BackupFirst, InitialArgs, SQL_HELP, ScratchArgs, TAG_HELP};
use clap::Args;

/// upgrade and downgrade.
#[derive(Args, Debug)]
pub struct MoveArgs {
    /// revision identifier
    #[arg(value_name = "revision", allow_negative_numbers = true, required = true, num_args = 1..)]
    pub revision: Vec<String>,
    #[arg(long, help = SQL_HELP)]
    pub sql: bool,
    #[arg(long, value_name = "TAG", help = TAG_HELP)]
    pub tag: Option<String>,
    /// One transaction for all revisions, as Alembic does, instead of one for each
    #[arg(long, help_heading = "Limbeck")]
    pub single_transaction: bool,
    /// Only downgrade: run scripts that are missing here from the texts the database remembers
    #[arg(long, help_heading = "Limbeck")]
    pub from_journal: bool,
    #[command(flatten)]
    pub backup: BackupFirst,
    #[command(flatten)]
    pub safety: SafetyArgs,
}

/// How careful a run is.
#[derive(Args, Debug, Clone, Default)]
pub struct SafetyArgs {
    /// How long a statement may wait for a lock before its segment is undone and tried again: 5s, 500ms (a bare number: milliseconds) [default: 5s; also PGLOCK_TIMEOUT]
    #[arg(long, value_name = "TIME", help_heading = "Limbeck")]
    pub lock_timeout: Option<String>,
    /// How often a segment is tried when a lock cannot be had [default: 10]
    #[arg(long, value_name = "N", help_heading = "Limbeck")]
    pub tries: Option<String>,
    /// How long a statement may run [default: as the server has it]
    #[arg(long, value_name = "TIME", help_heading = "Limbeck")]
    pub statement_timeout: Option<String>,
    /// How long to wait for another run on the same database to end: 60s (a bare number: seconds) [default: 60s]
    #[arg(long, value_name = "TIME", help_heading = "Limbeck")]
    pub lock_wait: Option<String>,
    /// Whether to keep the journal in the database, only while a revision is half done, or not at all: on, transient, off [default: on]
    #[arg(long, value_name = "WHEN", help_heading = "Limbeck")]
    pub journal: Option<String>,
    /// Trust the migration lock behind a pooler in transaction mode
    #[arg(long, help_heading = "Limbeck")]
    pub allow_pooler: bool,
}

#[derive(Args, Debug)]
pub struct EnsureVersionArgs {
    #[arg(long, help = SQL_HELP)]
    pub sql: bool,
}

#[derive(Args, Debug)]
pub struct StampArgs {
    /// one or more revisions, or 'heads' for all heads
    #[arg(value_name = "revisions", required = true, num_args = 1.., allow_negative_numbers = true)]
    pub revisions: Vec<String>,
    #[arg(long, help = SQL_HELP)]
    pub sql: bool,
    #[arg(long, value_name = "TAG", help = TAG_HELP)]
    pub tag: Option<String>,
    /// Unconditionally erase the version table before stamping
    #[arg(long)]
    pub purge: bool,
    /// Stamp only if the database has the schema that the history gives at this revision
    #[arg(long, help_heading = "Limbeck", conflicts_with = "sql")]
    pub verify: bool,
    #[command(flatten)]
    pub scratch: ScratchArgs,
    #[command(flatten)]
    pub initial: InitialArgs,
    #[command(flatten)]
    pub safety: SafetyArgs,
}
