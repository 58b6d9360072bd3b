//! `man`: the manual pages, one for the program and one for each command, from the same definitions that read the arguments.

use super::Outcome;
use crate::args::{Cli, ManArgs};
use crate::context::{Context, Failure};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use limbeck_source::{Diagnostic, Location};
use std::path::Path;
use std::process::ExitCode;

/// What the page of the program says beyond its arguments, in the language of man pages.
const MORE: &str = r#".SH "EXIT STATUS"
.TP
.B 0
It is done.
.TP
.B 1
The answer is no: findings, pending revisions, differences.
.TP
.B 2
It failed. The code in the message
.RB ( E0412 )
is explained by
.BR "limbeck explain E0412" .
.PP
Called as
.BR alembic ,
exit codes and texts are Alembic's.
.SH FILES
.TP
.I alembic.ini, pyproject.toml, limbeck.toml
The configuration, in the working directory or any directory above it.
.TP
.I logs/migration_health.log
The record of every run, below the project.
.SH ENVIRONMENT
.TP
.B DATABASE_URL
The database, unless
.B \-\-url
names it.
.TP
.B ALEMBIC_CONFIG
The configuration file.
.TP
.BR PGHOST ", " PGPASSWORD ", " PGLOCK_TIMEOUT " \&..."
As libpq has them; the last is the same as
.BR \-\-lock\-timeout .
.TP
.B NO_COLOR
No colours.
"#;

/// Runs the command.
pub fn run(context: &Context, args: &ManArgs) -> Outcome {
    let unwritten = |path: &Path, error: std::io::Error| {
        let found = Diagnostic::error("E0808", "a manual page cannot be written").at(Location::file(path.display().to_string()));
        Failure::new(found.caused_by(&error))
    };
    let pages = pages();
    std::fs::create_dir_all(&args.folder).map_err(|error| unwritten(&args.folder, error))?;
    for (name, text) in &pages {
        let path = args.folder.join(name);
        limbeck_script::write::over(&path, text).map_err(|error| unwritten(&path, error))?;
    }
    context.message(&format!(
        "Wrote {} manual pages to {}. Look at one with `man {}`.",
        pages.len(),
        args.folder.display(),
        args.folder.join("limbeck.1").display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// File names and texts of all pages.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut program = plain(Cli::command());
    program.build();
    let mut pages = Vec::new();
    add(&program, &mut pages);
    if let Some((_, first)) = pages.first_mut() {
        first.extend_from_slice(MORE.as_bytes());
    }
    pages
}

/// Help headings tell our own options from Alembic's on the screen; in a manual all are options.
fn plain(command: Command) -> Command {
    command.mut_args(|argument| argument.help_heading(None::<&'static str>)).mut_subcommands(plain)
}

fn add(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) {
    let version = format!("limbeck {}", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.clone()).source(version).manual("Limbeck");
    let mut text = Vec::new();
    page.render(&mut text).expect("memory takes every write");
    pages.push((page.get_filename(), text));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        add(below, pages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let names: Vec<String> = pages().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[0], "limbeck.1");
        for command in Cli::command().get_subcommands() {
            let page = format!("limbeck-{}.1", command.get_name());
            assert!(names.contains(&page), "{page}");
        }
        assert!(names.contains(&"limbeck-log-verify.1".to_owned()));
    }

    #[test]
    fn our_own_options_stand_among_the_others() {
        let text: String = pages().into_iter().map(|(_, text)| String::from_utf8_lossy(&text).into_owned()).collect();
        assert!(!text.contains(".SH LIMBECK"));
        assert!(text.contains("single\\-transaction"));
    }
}
