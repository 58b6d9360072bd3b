//! The command line: one definition for every name the binary is called by.
//!
//! The words of Alembic's own options are Alembic's, because under its name the help text is printed in its layout (`argparse.rs`). Limbeck's additions carry the
//! help heading `Limbeck`, by which that layout leaves them out. `verbatim_doc_comment` keeps the final stop that clap would take away.

mod backup;
mod doctor;
mod explain;
mod gate;
mod report;

pub use backup::*;
pub use doctor::*;
pub use explain::*;
pub use gate::*;
pub use report::*;

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

/// What a revision is written in.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Python,
    Sql,
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
pub struct BranchesArgs {
    #[arg(short = 'v', long, help = VERBOSE_HELP)]
    pub verbose: bool,
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
pub struct EditArgs {
    #[arg(value_name = "rev", allow_hyphen_values = true)]
    pub rev: String,
}

#[derive(Args, Debug)]
pub struct EnsureVersionArgs {
    #[arg(long, help = SQL_HELP)]
    pub sql: bool,
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
pub struct InitArgs {
    /// location of scripts directory
    #[arg(
        value_name = "directory",
        required = false,
        required_unless_present = "baseline",
        default_value_if("baseline", "true", "migrations")
    )]
    pub directory: String,
    /// Setup template for use with 'init'
    #[arg(short = 't', long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// Write empty __init__.py files to the environment and version locations
    #[arg(long)]
    pub package: bool,
    /// Write a first revision that reproduces what the database has now, and stamp the database with it
    #[arg(long, help_heading = "Limbeck")]
    pub baseline: bool,
    /// Let the baseline carry owners and privileges too (PostgreSQL) [default: `grants` in the configuration]
    #[arg(long, requires = "baseline", help_heading = "Limbeck")]
    pub grants: bool,
    #[command(flatten)]
    pub scratch: ScratchArgs,
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
pub struct MergeArgs {
    /// one or more revisions, or 'heads' for all heads
    #[arg(value_name = "revisions", required = true, num_args = 1..)]
    pub revisions: Vec<String>,
    /// Message string to use with 'revision'
    #[arg(short = 'm', long, value_name = "MESSAGE")]
    pub message: Option<String>,
    /// Specify a branch label to apply to the new revision
    #[arg(long = "branch-label", value_name = "BRANCH_LABEL")]
    pub branch_label: Option<String>,
    /// Specify a hardcoded revision id instead of generating one
    #[arg(long = "rev-id", value_name = "REV_ID")]
    pub rev_id: Option<String>,
    /// Allow a non-head revision as the 'head' to splice onto
    #[arg(long)]
    pub splice: bool,
}

#[derive(Args, Debug)]
pub struct RevisionArgs {
    /// The message, as `-m`
    #[arg(value_name = "message", help_heading = "Limbeck")]
    pub words: Option<String>,
    /// Message string to use with 'revision'
    #[arg(short = 'm', long, value_name = "MESSAGE")]
    pub message: Option<String>,
    /// Populate revision script with candidate migration operations, based on comparison of database to model.
    #[arg(long, verbatim_doc_comment)]
    pub autogenerate: bool,
    #[arg(long, help = SQL_HELP)]
    pub sql: bool,
    #[arg(help = HEAD_HELP, long, value_name = "HEAD", verbatim_doc_comment)]
    pub head: Option<String>,
    /// Allow a non-head revision as the 'head' to splice onto
    #[arg(long)]
    pub splice: bool,
    /// Specify a branch label to apply to the new revision
    #[arg(long = "branch-label", value_name = "BRANCH_LABEL")]
    pub branch_label: Option<String>,
    /// Specify specific path from config for version file
    #[arg(long = "version-path", value_name = "VERSION_PATH")]
    pub version_path: Option<String>,
    /// Specify a hardcoded revision id instead of generating one
    #[arg(long = "rev-id", value_name = "REV_ID")]
    pub rev_id: Option<String>,
    /// Specify one or more revision identifiers which this revision should depend on.
    #[arg(long = "depends-on", value_name = "DEPENDS_ON", verbatim_doc_comment)]
    pub depends_on: Vec<String>,
    /// With --autogenerate: a table (`old:new`) or column (`table.old:new`) that got a new name; may be given several times
    #[arg(long, value_name = "OLD:NEW", help_heading = "Limbeck")]
    pub rename: Vec<String>,
    /// What the file is written in; SQL files are Limbeck's own, Alembic passes them over [default: `revision_format` in the configuration, else python]
    #[arg(long, value_name = "FORMAT", help_heading = "Limbeck")]
    pub format: Option<Format>,
    /// With --autogenerate: the wanted schema is this file of SQL, or that of this database, instead of the models [default: `schema` in the configuration]
    #[arg(long, value_name = "FILE|URL", help_heading = "Limbeck")]
    pub from: Option<String>,
    #[command(flatten)]
    pub scratch: ScratchArgs,
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

#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Show what was changed in scripts that were edited after they were applied
    #[arg(short = 'v', long)]
    pub verbose: bool,
    #[command(flatten)]
    pub json: Json,
}

/// `--json` of the reading commands.
#[derive(Args, Debug, Clone, Copy)]
pub struct Json {
    /// Print JSON instead of text
    #[arg(long, help_heading = "Limbeck")]
    pub json: bool,
}
