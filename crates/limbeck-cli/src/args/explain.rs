//! Arguments of `explain`, `completions` and `man`.

use clap::Args;

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A code as errors and checks show it, such as E0412
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ManArgs {
    /// The folder to write the pages to
    #[arg(value_name = "FOLDER")]
    pub folder: std::path::PathBuf,
}
