//! Arguments of `explain`, `completions` and `man`.

use super::Json;
use clap::Args;

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A code or check as it is shown, such as E0412, e412 or multiple-heads (default: list them all)
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ManArgs {
    /// The folder to write the pages to; it is made where it is missing
    #[arg(value_name = "FOLDER")]
    pub folder: std::path::PathBuf,
}
