//! Arguments of `doctor`.

use super::{Json, ScratchArgs};
use clap::Args;

#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Mend what is safe to mend, after showing it and asking
    #[arg(long)]
    pub fix: bool,
    /// Do not ask before mending
    #[arg(short = 'y', long, requires = "fix")]
    pub yes: bool,
    /// Look for what takes longer too: drift of the database from its history, the revision of a database that has none
    #[arg(long)]
    pub deep: bool,
    /// Do these checks only; names as `doctor --json` and `explain` have them
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave these checks out
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub skip: Vec<String>,
    #[command(flatten)]
    pub scratch: ScratchArgs,
    #[command(flatten)]
    pub json: Json,
}
