//! Commands that compare a database with models, a history or a file.

use super::Json;
use clap::Args;

/// Where scratch databases are made.
#[derive(Args, Debug, Clone, Default)]
pub struct ScratchArgs {
    /// A database on the server that scratch databases are made on [default: the project's own server; also LIMBECK_SCRATCH_URL]
    #[arg(long, value_name = "URL", help_heading = "Limbeck")]
    pub scratch_url: Option<String>,
}

/// Where the replay of a history begins.
#[derive(Args, Debug, Clone, Default)]
pub struct InitialArgs {
    /// SQL that makes what was there before the first revision; it is run in the scratch database first [default: `initial` in the configuration]
    #[arg(long, value_name = "FILE", help_heading = "Limbeck")]
    pub initial: Option<String>,
}

#[derive(Args, Debug)]
pub struct AdoptArgs {
    /// Stamp the database with the revision that was found
    #[arg(long)]
    pub stamp: bool,
    #[command(flatten)]
    pub scratch: ScratchArgs,
    #[command(flatten)]
    pub initial: InitialArgs,
    #[command(flatten)]
    pub json: Json,
}

/// What `drift` makes of what it finds.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generate {
    Adopt,
    Revert,
}

#[derive(Args, Debug)]
pub struct DriftArgs {
    /// Compare with another database (a URL) or with a file of SQL, instead of the history
    #[arg(long, value_name = "URL|FILE")]
    pub against: Option<String>,
    /// Write a revision that makes the same changes elsewhere (adopt), or print the SQL that takes them back here (revert)
    #[arg(long, value_name = "WHAT", conflicts_with_all = ["against", "json"])]
    pub generate: Option<Generate>,
    /// Message of the revision that `--generate adopt` writes
    #[arg(short = 'm', long, value_name = "MESSAGE", requires = "generate")]
    pub message: Option<String>,
    /// Compare schemas too that the history makes nothing in
    #[arg(long)]
    pub all_schemas: bool,
    /// Compare the order of columns too
    #[arg(long)]
    pub column_order: bool,
    /// Compare owners and privileges too (PostgreSQL) [default: `grants` in the configuration]
    #[arg(long)]
    pub grants: bool,
    #[command(flatten)]
    pub scratch: ScratchArgs,
    #[command(flatten)]
    pub initial: InitialArgs,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// One revision, or a range start:end (default: all)
    #[arg(value_name = "RANGE", allow_hyphen_values = true)]
    pub range: Option<String>,
    /// Only the heads
    #[arg(long, conflicts_with = "range")]
    pub head_only: bool,
    /// Name the revisions that are as they should be too
    #[arg(short = 'v', long)]
    pub verbose: bool,
    #[command(flatten)]
    pub scratch: ScratchArgs,
    #[command(flatten)]
    pub initial: InitialArgs,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The wanted schema: a file of SQL or the URL of a database, instead of the models [default: `schema` in the configuration]
    #[arg(long, value_name = "FILE|URL", help_heading = "Limbeck")]
    pub from: Option<String>,
    #[command(flatten)]
    pub scratch: ScratchArgs,
}
