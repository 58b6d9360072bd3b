//! The command line: one definition for every name the binary is called by.
//!
//! The words of Alembic's own options are Alembic's, because under its name the help text is printed in its layout (`argparse.rs`). Limbeck's additions carry the
//! help heading `Limbeck`, by which that layout leaves them out. `verbatim_doc_comment` keeps the final stop that clap would take away.

mod backup;
mod compare;
mod doctor;
mod explain;
mod gate;
mod look;
mod report;
mod run;
mod write;

pub use backup::*;
pub use compare::*;
pub use doctor::*;
pub use explain::*;
pub use gate::*;
pub use look::*;
pub use report::*;
pub use run::*;
pub use write::*;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const SQL_HELP: &str = "Don't emit SQL to database - dump to standard output/file instead. See docs on offline mode.";
const TAG_HELP: &str = "Arbitrary 'tag' name - can be used by custom env.py scripts.";
const RANGE_HELP: &str = "Specify a revision range; format is [start]:[end]";
const HEAD_HELP: &str = "Specify head revision or <branchname>@head to base new revision on.";
const VERBOSE_HELP: &str = "Use more verbose output";

/// Arguments before (or after) the command.
#[derive(Parser, Debug)]
#[command(
    name = "limbeck",
    version,
    about = "Runs Alembic migration histories natively, without Python",
    args_override_self = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options every command takes.
#[derive(Args, Debug, Clone, Default)]
pub struct Global {
    /// Alternate config file; defaults to value of ALEMBIC_CONFIG environment variable, or "alembic.ini". May also refer to pyproject.toml file. May be specified twice to reference both files separately
    #[arg(short = 'c', long = "config", value_name = "CONFIG")]
    pub config: Vec<PathBuf>,
    /// Name of section in .ini file to use for Alembic config (only applies to configparser config, not toml)
    #[arg(short = 'n', long = "name", value_name = "NAME")]
    pub name: Option<String>,
    /// Additional arguments consumed by custom env.py scripts, e.g. -x setting1=somesetting -x setting2=somesetting
    #[arg(short = 'x', value_name = "X")]
    pub x: Vec<String>,
    /// Raise a full stack trace on error
    #[arg(long)]
    pub raiseerr: bool,
    /// Do not log to std output.
    #[arg(short = 'q', long, verbatim_doc_comment)]
    pub quiet: bool,
    /// Database URL, in SQLAlchemy's form; wins over every other source
    #[arg(long, global = true, value_name = "URL", help_heading = "Limbeck")]
    pub url: Option<String>,
    /// Evaluate env.py anew instead of using what was learnt from it before
    #[arg(long, global = true, help_heading = "Limbeck")]
    pub no_cache: bool,
    /// What stderr carries: text for people, or one JSON object per line for machines
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", help_heading = "Limbeck")]
    pub log_format: LogFormat,
}

/// What stderr carries.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// The commands.
#[derive(Subcommand, Debug)]
#[command(rename_all = "snake_case")]
pub enum Command {
    /// Find the revision of the history whose schema the database has.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Adopt(AdoptArgs),
    /// Back up the database by its own tools, with a manifest beside the file.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Backup(BackupArgs),
    /// Show current branch points.
    #[command(verbatim_doc_comment)]
    Branches(BranchesArgs),
    /// Check if revision command with autogenerate has pending upgrade ops.
    #[command(verbatim_doc_comment)]
    Check(CheckArgs),
    /// Print completions for a shell.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Completions(CompletionsArgs),
    /// Display the current revision for a database.
    #[command(verbatim_doc_comment)]
    Current(CurrentArgs),
    /// Look for everything that can be wrong, say what it is, and mend what is safe to mend.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Doctor(DoctorArgs),
    /// Revert to a previous version.
    #[command(verbatim_doc_comment)]
    Downgrade(MoveArgs),
    /// Show what is different in the database from its own history replayed to the same revision.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Drift(DriftArgs),
    /// Edit revision script(s) using $EDITOR.
    #[command(verbatim_doc_comment)]
    Edit(EditArgs),
    /// Create the alembic version table if it doesn't exist already .
    #[command(verbatim_doc_comment)]
    EnsureVersion(EnsureVersionArgs),
    /// Explain the code of an error or check.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Explain(ExplainArgs),
    /// Say whether a program may start on this database; start it then.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Gate(GateArgs),
    /// Say how the database and its migrations are: ok, degraded, unavailable.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Health(HealthArgs),
    /// Show current available heads in the script directory.
    #[command(verbatim_doc_comment)]
    Heads(HeadsArgs),
    /// List changeset scripts in chronological order.
    #[command(verbatim_doc_comment)]
    History(HistoryArgs),
    /// Initialize a new scripts directory.
    #[command(verbatim_doc_comment)]
    Init(InitArgs),
    /// List available templates.
    #[command(verbatim_doc_comment)]
    ListTemplates,
    /// Show who holds the migration lock, who waits for whose lock, and what has been open for long.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Locks(LocksArgs),
    /// Show the health log: what was run on which database, by whom, and how it ended.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Log(LogArgs),
    /// Write the manual pages.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Man(ManArgs),
    /// Merge two revisions together. Creates a new migration file.
    #[command(verbatim_doc_comment)]
    Merge(MergeArgs),
    /// Write one HTML page: the graph, where the database is, what is pending, what ran.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Report(ReportArgs),
    /// Restore a backup.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Restore(RestoreArgs),
    /// Create a new revision file.
    #[command(verbatim_doc_comment)]
    #[command(visible_alias = "generate")]
    Revision(RevisionArgs),
    /// List the revision scripts: which run natively, and why not where one does not.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Scripts(ScriptsArgs),
    /// Show the revision(s) denoted by the given symbol.
    #[command(verbatim_doc_comment)]
    Show(ShowArgs),
    /// 'stamp' the revision table with the given revision; don't run any migrations.
    #[command(verbatim_doc_comment)]
    Stamp(StampArgs),
    /// Show the database, its revision, and what is pending.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Status(StatusArgs),
    /// Upgrade to a later version.
    #[command(verbatim_doc_comment)]
    Upgrade(MoveArgs),
    /// Run revisions up, down and up again on a scratch database, and compare the schema at each step.
    #[command(verbatim_doc_comment)]
    #[command(display_order = 900)]
    Verify(VerifyArgs),
}

/// `--json` of the reading commands.
#[derive(Args, Debug, Clone, Copy)]
pub struct Json {
    /// Print JSON instead of text
    #[arg(long, help_heading = "Limbeck")]
    pub json: bool,
}
