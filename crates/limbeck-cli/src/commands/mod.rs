//! One file per command. A command reads its arguments and the project, calls the crates below, and prints.

mod adopt;
mod at_database;
mod autogenerate;
mod baseline;
mod branches;
mod check;
mod current;
mod drift;
mod edit;
mod ensure_version;
mod generate;
mod heads;
mod history;
mod init;
mod list_templates;
mod locks;
mod log;
mod merge;
mod migrate;
mod new_file;
mod scripts;
mod show;
mod stamp;
mod status;
mod verify;

mod backup;
mod completions;
mod doctor;
mod explain;
mod gate;
mod health;
mod man;
mod report;
mod restore;
use crate::args::Command;
use crate::context::{Context, Failure};
use limbeck_run::Direction;
use std::process::ExitCode;

/// What a command ends with.
pub type Outcome = Result<ExitCode, Failure>;

/// Runs a command.
pub fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Adopt(args) => adopt::run(context, &args),
        Command::Drift(args) => drift::run(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::Upgrade(args) => migrate::run(context, Direction::Upgrade, &args),
        Command::Downgrade(args) => migrate::run(context, Direction::Downgrade, &args),
        Command::Current(args) => current::run(context, &args),
        Command::EnsureVersion(args) => ensure_version::run(context, &args),
        Command::Stamp(args) => stamp::run(context, &args),
        Command::Status(args) => status::run(context, &args),
        Command::Scripts(args) => scripts::run(context, &args),
        Command::Branches(args) => branches::run(context, &args),
        Command::Heads(args) => heads::run(context, &args),
        Command::History(args) => history::run(context, &args),
        Command::Show(args) => show::run(context, &args),
        Command::Edit(args) => edit::run(context, &args),
        Command::Init(args) => init::run(context, &args),
        Command::ListTemplates => list_templates::run(context),
        Command::Locks(args) => locks::run(context, &args),
        Command::Log(args) => log::run(context, &args),
        Command::Merge(args) => merge::run(context, &args),
        Command::Revision(args) => generate::run(context, &args),
        Command::Backup(args) => backup::run(context, &args),
        Command::Completions(args) => completions::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args),
        Command::Explain(args) => explain::run(context, &args),
        Command::Gate(args) => gate::run(context, &args),
        Command::Health(args) => health::run(context, &args),
        Command::Man(args) => man::run(context, &args),
        Command::Report(args) => report::run(context, &args),
        Command::Restore(args) => restore::run(context, &args),
        Command::Check(args) => check::run(context, &args),
    }
}
