//! Commands that only look: at the history, a database, the record of runs.

use super::{Json, RANGE_HELP, VERBOSE_HELP};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct BranchesArgs {
    #[arg(short = 'v', long, help = VERBOSE_HELP)]
    pub verbose: bool,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct CurrentArgs {
    /// Check if all head revisions are applied to the database. Exit with an error code if this is not the case.
    #[arg(short = 'c', long, verbatim_doc_comment)]
    pub check_heads: bool,
    #[arg(short = 'v', long, help = VERBOSE_HELP)]
    pub verbose: bool,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct HeadsArgs {
    #[arg(short = 'v', long, help = VERBOSE_HELP)]
    pub verbose: bool,
    /// Treat dependency versions as down revisions
    #[arg(long = "resolve-dependencies")]
    pub resolve_dependencies: bool,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct HistoryArgs {
    #[arg(help = RANGE_HELP, short = 'r', long = "rev-range", value_name = "REV_RANGE", allow_hyphen_values = true)]
    pub rev_range: Option<String>,
    #[arg(short = 'v', long, help = VERBOSE_HELP)]
    pub verbose: bool,
    /// Indicate the current revision
    #[arg(short = 'i', long)]
    pub indicate_current: bool,
    /// Draw the graph: branches, merges, dependencies, where the database is and what is pending
    #[arg(long, value_name = "STYLE", help_heading = "Limbeck", num_args = 0..=1, require_equals = true, default_missing_value = "auto", conflicts_with = "json")]
    pub graph: Option<GraphStyle>,
    #[command(flatten)]
    pub json: Json,
}

/// What `history --graph` draws with.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphStyle {
    /// As the locale says.
    Auto,
    /// Box characters.
    Unicode,
    /// Nothing beyond ASCII.
    Ascii,
}

#[derive(Args, Debug)]
pub struct LocksArgs {
    /// From how many seconds on an open transaction is shown
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub older_than: u64,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LogArgs {
    #[command(subcommand)]
    pub action: Option<LogAction>,
    /// Only what ended since then: a span of time (`30m`, `2h`, `3d`) or a date (`2026-01-31`, `2026-01-31T08:00`)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only what failed, was interrupted, or has no end
    #[arg(long)]
    pub failed: bool,
    /// Only the last entries
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    #[command(flatten)]
    pub file: LogFile,
    /// Print the lines of the log as they are, one JSON object each
    #[arg(long)]
    pub json: bool,
}

/// What else `log` does.
#[derive(Subcommand, Debug)]
pub enum LogAction {
    /// Check that no line was changed, taken out or put in
    Verify(LogVerifyArgs),
}

#[derive(Args, Debug)]
pub struct LogVerifyArgs {
    #[command(flatten)]
    pub file: LogFile,
    #[command(flatten)]
    pub json: Json,
}

/// Which log.
#[derive(Args, Debug)]
pub struct LogFile {
    /// Another log than the project's
    #[arg(long, value_name = "PATH")]
    pub file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ScriptsArgs {
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[arg(value_name = "rev", allow_hyphen_values = true)]
    pub rev: String,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Show what was changed in scripts that were edited after they were applied
    #[arg(short = 'v', long)]
    pub verbose: bool,
    #[command(flatten)]
    pub json: Json,
}
