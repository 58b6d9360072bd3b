//! From the process's arguments to a command, and from its result to an exit code.

use crate::args::{Cli, LogFormat};
use crate::context::{Context, Failure, Style};
use crate::{argparse, commands, streams};
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::process::ExitCode;

/// Parses `argv`, runs the command and reports what went wrong.
pub fn main(argv: Vec<OsString>) -> ExitCode {
    let style = Style::of_program(argv.first());
    // argparse has no `help` command.
    let command = Cli::command().name(style.program()).disable_help_subcommand(style == Style::Alembic);
    let mut parser = command.clone();
    if style == Style::Alembic {
        // argparse takes `-2:` for an option, so that only `-r=-2:` is a range; we take both under our own name.
        parser = parser.mut_subcommand("history", |history| history.mut_arg("rev_range", |range| range.allow_hyphen_values(false)));
    }
    let parsed = parser.try_get_matches_from(argv).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(style, command, &error),
    };
    if cli.global.log_format == LogFormat::Json {
        streams::speak_json();
    }
    let context = Context::new(style, cli.global);
    match commands::run(&context, cli.command) {
        Ok(code) => code,
        Err(failure) => report(&context, &failure),
    }
}

fn usage(style: Style, command: clap::Command, error: &clap::Error) -> ExitCode {
    match style {
        Style::Alembic => argparse::report(command, error),
        Style::Limbeck | Style::DbMigrate => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

/// Prints a failure in the words of the name we were called by.
fn report(context: &Context, failure: &Failure) -> ExitCode {
    if context.is_alembic() {
        if streams::speaks_json() {
            streams::show(&failure.diagnostic, context.stderr_style());
        }
        let exit = context.report_as_alembic(failure);
        // An interrupted run ends as the signal would have ended Alembic.
        return ExitCode::from(if failure.exit > 128 { failure.exit } else { exit });
    }
    streams::show(&failure.diagnostic, context.stderr_style());
    ExitCode::from(failure.exit)
}
