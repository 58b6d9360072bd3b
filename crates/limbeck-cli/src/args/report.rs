//! Arguments of `report`.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct ReportArgs {
    /// The file to write
    #[arg(short = 'o', long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}
