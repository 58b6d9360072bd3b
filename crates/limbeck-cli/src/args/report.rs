//! Arguments of `report`.

use super::ScratchArgs;
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct ReportArgs {
    /// The file to write; `-` for stdout
    #[arg(short = 'o', long, value_name = "PATH", default_value = "limbeck-report.html")]
    pub output: PathBuf,
    /// Compare the database with its history too, as `drift` does
    #[arg(long)]
    pub drift: bool,
    #[command(flatten)]
    pub scratch: ScratchArgs,
}
