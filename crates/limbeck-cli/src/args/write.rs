//! Commands that write files of the project.

use super::{HEAD_HELP, SQL_HELP, ScratchArgs};
use clap::Args;

/// What a revision is written in.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Python,
    Sql,
}

#[derive(Args, Debug)]
pub struct EditArgs {
    #[arg(value_name = "rev", allow_hyphen_values = true)]
    pub rev: String,
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
