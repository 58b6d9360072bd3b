//! One file per command. A command reads its arguments and the project, calls the crates below, and prints.

mod current;
mod ensure_version;
mod migrate;
mod scripts;
mod stamp;
mod status;

use crate::args::Command;
use crate::context::{Context, Failure};
use limbeck_run::Direction;
use std::process::ExitCode;

/// What a command ends with.
pub type Outcome = Result<ExitCode, Failure>;

/// Runs a command.
pub fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Upgrade(args) => migrate::run(context, Direction::Upgrade, &args),
        Command::Downgrade(args) => migrate::run(context, Direction::Downgrade, &args),
        Command::Current(args) => current::run(context, &args),
        Command::EnsureVersion(args) => ensure_version::run(context, &args),
        Command::Stamp(args) => stamp::run(context, &args),
        Command::Status(args) => status::run(context, &args),
        Command::Scripts(args) => scripts::run(context, &args),
        Command::Branches(_) | Command::Check | Command::Edit(_) | Command::Heads(_) | Command::History(_) | Command::Init(_) | Command::ListTemplates | Command::Merge(_) | Command::Revision(_) | Command::Show(_) => todo!(),
    }
}
