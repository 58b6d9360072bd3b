//! The command line: one definition for every name the binary is called by.
//!
//! The words of Alembic's own options are Alembic's, because under its name the help text is printed in its layout (`argparse.rs`). Limbeck's additions carry the
//! help heading `Limbeck`, by which that layout leaves them out. `verbatim_doc_comment` keeps the final stop that clap would take away.

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
    disable_help_subcommand = true,
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
}

/// The commands.
#[derive(Subcommand, Debug)]
#[command(rename_all = "snake_case")]
pub enum Command {
    /// Show current branch points.
    #[command(verbatim_doc_comment)]
    Branches(BranchesArgs),
    /// Check if revision command with autogenerate has pending upgrade ops.
    #[command(verbatim_doc_comment)]
    Check,
    /// Display the current revision for a database.
    #[command(verbatim_doc_comment)]
    Current(CurrentArgs),
    /// Revert to a previous version.
    #[command(verbatim_doc_comment)]
    Downgrade(MoveArgs),
    /// Edit revision script(s) using $EDITOR.
    #[command(verbatim_doc_comment)]
    Edit(EditArgs),
    /// Create the alembic version table if it doesn't exist already .
    #[command(verbatim_doc_comment)]
    EnsureVersion(EnsureVersionArgs),
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
    /// Merge two revisions together. Creates a new migration file.
    #[command(verbatim_doc_comment)]
    Merge(MergeArgs),
    /// Create a new revision file.
    #[command(verbatim_doc_comment)]
    #[command(alias = "generate")]
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
}

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
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    /// location of scripts directory
    #[arg(value_name = "directory")]
    pub directory: String,
    /// Setup template for use with 'init'
    #[arg(short = 't', long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// Write empty __init__.py files to the environment and version locations
    #[arg(long)]
    pub package: bool,
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
}

#[derive(Args, Debug)]
pub struct StatusArgs {
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
