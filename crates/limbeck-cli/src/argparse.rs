//! Usage and help in the layout of Python's argparse, for the name `alembic`.
//!
//! The text comes from our own definitions (`args.rs`); arguments under the heading `Limbeck` and commands of display order 900 are left out. Width is `COLUMNS` (or 80)
//! less 2, as argparse takes it.

use crate::streams;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use std::process::ExitCode;

/// The Alembic release whose behaviour this name follows.
const ALEMBIC_VERSION: &str = "1.20.1";

/// Prints what argparse would print for a parse error or a request for help.
pub fn report(command: Command, error: &clap::Error) -> ExitCode {
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse::<usize>().ok())
        .filter(|&width| width > 20)
        .unwrap_or(80)
        - 2;
    let (command, path) = addressed(command);
    match error.kind() {
        ErrorKind::DisplayHelp => {
            streams::data(&help(&command, &path, width));
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayVersion => {
            // Programs read this line; it names the Alembic whose answers are given under this name. People find ours on stderr.
            streams::data(&format!("{path} {ALEMBIC_VERSION}\n"));
            streams::say(&format!("(limbeck {})", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        kind => {
            streams::say_raw(&usage(&command, &path, width));
            streams::say(&format!("{path}: error: {}", message(kind, error, &command)));
            ExitCode::from(2)
        }
    }
}

/// The arguments as text; what is not text is none of our words.
fn arguments() -> Vec<String> {
    std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The (sub)command the arguments address, and its name in usage lines.
fn addressed(mut command: Command) -> (Command, String) {
    command.build();
    let name = command.get_name().to_string();
    let takes_value = ["-c", "--config", "-n", "--name", "-x", "--url", "--log-format"];
    let mut skip = false;
    for word in arguments().into_iter().skip(1) {
        if std::mem::take(&mut skip) {
            continue;
        }
        if takes_value.contains(&word.as_str()) {
            skip = true;
            continue;
        }
        if let Some(found) = command.find_subcommand(&word) {
            let path = format!("{name} {word}");
            return (found.clone(), path);
        }
        // The first word that is no option has to be the command.
        if !word.starts_with('-') {
            break;
        }
    }
    (command, name)
}

fn message(kind: ErrorKind, error: &clap::Error, command: &Command) -> String {
    let context = |wanted| {
        error.get(wanted).map(|value| match value {
            ContextValue::String(text) => text.clone(),
            ContextValue::Strings(list) => list.join(", "),
            other => other.to_string(),
        })
    };
    match kind {
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<String> = command.get_positionals().filter(|arg| shown(arg)).map(metavar).collect();
            format!("the following arguments are required: {}", missing.join(", "))
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => "the following arguments are required: command".into(),
        ErrorKind::InvalidSubcommand => {
            let names: Vec<String> = subcommands(command).map(|sub| format!("'{}'", sub.get_name())).collect();
            format!(
                "argument {{{}}}: invalid choice: '{}' (choose from {})",
                names.join(",").replace('\'', ""),
                context(ContextKind::InvalidSubcommand).unwrap_or_default(),
                names.join(", ")
            )
        }
        ErrorKind::UnknownArgument => {
            let unknown = context(ContextKind::InvalidArg).unwrap_or_default();
            match option_before(&unknown, command) {
                Some(option) => expected_one(option),
                None => format!("unrecognized arguments: {unknown}"),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::TooFewValues => {
            let arg = context(ContextKind::InvalidArg).unwrap_or_default();
            let name = arg.split(" <").next().unwrap_or(&arg);
            match command
                .get_opts()
                .find(|known| known.get_long().is_some_and(|long| name == format!("--{long}")))
            {
                Some(option) => expected_one(option),
                None => format!("argument {name}: expected one argument"),
            }
        }
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_string(),
    }
}

/// The option whose value `unknown` was meant to be: argparse takes a word that starts like an option for none of it.
fn option_before<'c>(unknown: &str, command: &'c Command) -> Option<&'c Arg> {
    let words = arguments();
    let at = words.iter().position(|word| word.starts_with(unknown))?;
    let before = &words[at.checked_sub(1)?];
    command.get_opts().find(|arg| {
        let short = arg.get_short().map(|short| format!("-{short}"));
        let long = arg.get_long().map(|long| format!("--{long}"));
        takes_value(arg) && (short.as_ref() == Some(before) || long.as_ref() == Some(before))
    })
}

fn expected_one(option: &Arg) -> String {
    let short = option.get_short().map(|short| format!("-{short}"));
    let names: Vec<String> = short.into_iter().chain(option.get_long().map(|long| format!("--{long}"))).collect();
    format!("argument {}: expected one argument", names.join("/"))
}

fn shown(arg: &Arg) -> bool {
    arg.get_help_heading() != Some("Limbeck") && !arg.is_hide_set() && arg.get_id() != "version" && arg.get_id() != "help"
}

fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    let mut list: Vec<&Command> = command.get_subcommands().filter(|sub| sub.get_display_order() != 900).collect();
    list.sort_by_key(|sub| sub.get_name().to_string());
    list.into_iter()
}

fn metavar(arg: &Arg) -> String {
    arg.get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().to_string(), ToString::to_string)
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// `-m MESSAGE, --message MESSAGE`
fn invocation(arg: &Arg) -> String {
    let mut parts = Vec::new();
    let value = if takes_value(arg) { format!(" {}", metavar(arg)) } else { String::new() };
    if let Some(short) = arg.get_short() {
        parts.push(format!("-{short}{value}"));
    }
    if let Some(long) = arg.get_long() {
        parts.push(format!("--{long}{value}"));
    }
    parts.join(", ")
}

/// `[-m MESSAGE]`
fn short_usage(arg: &Arg) -> String {
    let flag = arg
        .get_short()
        .map(|short| format!("-{short}"))
        .or_else(|| arg.get_long().map(|long| format!("--{long}")))
        .unwrap_or_default();
    if takes_value(arg) {
        format!("[{flag} {}]", metavar(arg))
    } else {
        format!("[{flag}]")
    }
}

fn many(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|range| range.max_values() > 1) && arg.get_id() != "revision"
}

/// The options in argparse's order: `-h`, `--version` at the top level, then ours.
fn options(command: &Command) -> Vec<(String, String, String)> {
    let mut list = vec![("[-h]".to_string(), "-h, --help".to_string(), "show this help message and exit".to_string())];
    if command.get_subcommands().next().is_some() {
        list.push(("[--version]".into(), "--version".into(), "show program's version number and exit".into()));
    }
    for arg in command
        .get_opts()
        .chain(command.get_arguments().filter(|arg| !arg.is_positional() && !takes_value(arg)))
        .filter(|arg| shown(arg))
    {
        list.push((short_usage(arg), invocation(arg), help_text(arg)));
    }
    // `get_opts` lists those with values first; restore the order of definition.
    let order: Vec<String> = command
        .get_arguments()
        .filter(|arg| shown(arg) && !arg.is_positional())
        .map(invocation)
        .collect();
    let fixed = list.len() - order.len();
    list[fixed..].sort_by_key(|(_, name, _)| order.iter().position(|known| known == name));
    list
}

fn help_text(arg: &Arg) -> String {
    arg.get_help().map(ToString::to_string).unwrap_or_default()
}

fn choices(command: &Command) -> String {
    format!("{{{}}}", subcommands(command).map(Command::get_name).collect::<Vec<_>>().join(","))
}

fn positionals(command: &Command) -> Vec<(String, String, String)> {
    let mut list: Vec<_> = command
        .get_positionals()
        .filter(|arg| shown(arg))
        .map(|arg| {
            let name = metavar(arg);
            let usage = if many(arg) { format!("{name} [{name} ...]") } else { name.clone() };
            (usage, name, help_text(arg))
        })
        .collect();
    if command.get_subcommands().next().is_some() {
        list.push((format!("{} ...", choices(command)), choices(command), String::new()));
    }
    list
}

/// The `usage:` paragraph.
fn usage(command: &Command, path: &str, width: usize) -> String {
    let prefix = format!("usage: {path} ");
    let optional: Vec<String> = options(command).into_iter().map(|(usage, ..)| usage).collect();
    let required: Vec<String> = positionals(command)
        .into_iter()
        .flat_map(|(usage, ..)| usage.split_inclusive(' ').map(|part| part.trim_end().to_string()).collect::<Vec<_>>())
        .collect();
    let required = join_brackets(required);
    let one_line = format!("{prefix}{}", optional.iter().chain(&required).cloned().collect::<Vec<_>>().join(" "));
    if one_line.len() <= width {
        return format!("{one_line}\n");
    }
    let indent = " ".repeat(prefix.len());
    let mut lines = wrap_parts(&optional, width.saturating_sub(indent.len()));
    lines.extend(wrap_parts(&required, width.saturating_sub(indent.len())));
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        text.push_str(if number == 0 { &prefix } else { &indent });
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// Keeps `[name ...]` together.
fn join_brackets(parts: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for part in parts {
        match out.last_mut() {
            Some(last) if last.starts_with('[') && !last.ends_with(']') => {
                last.push(' ');
                last.push_str(&part);
            }
            _ => out.push(part),
        }
    }
    out
}

fn wrap_parts(parts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + part.len() <= width => {
                line.push(' ');
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

/// The whole help page.
fn help(command: &Command, path: &str, width: usize) -> String {
    let mut text = usage(command, path, width);
    let positionals = positionals(command);
    let options = options(command);
    let commands: Vec<(String, String)> = subcommands(command)
        .map(|sub| (sub.get_name().to_string(), sub.get_about().map(ToString::to_string).unwrap_or_default()))
        .collect();
    let longest = positionals
        .iter()
        .map(|(_, name, _)| name.len() + 2)
        .chain(options.iter().map(|(_, name, _)| name.len() + 2))
        .chain(commands.iter().map(|(name, _)| name.len() + 4))
        .max()
        .unwrap_or(0);
    let column = (longest + 2).min(24);
    if !positionals.is_empty() {
        text.push_str("\npositional arguments:\n");
        for (_, name, help) in &positionals {
            text.push_str(&entry(2, name, help, column, width));
        }
        for (name, help) in &commands {
            text.push_str(&entry(4, name, help, column, width));
        }
    }
    text.push_str("\noptions:\n");
    for (_, name, help) in &options {
        text.push_str(&entry(2, name, help, column, width));
    }
    text
}

fn entry(indent: usize, name: &str, help: &str, column: usize, width: usize) -> String {
    let mut text = format!("{}{name}", " ".repeat(indent));
    if help.is_empty() {
        text.push('\n');
        return text;
    }
    let words: Vec<String> = help.split_whitespace().map(str::to_string).collect();
    let lines = wrap_parts(&words, width.saturating_sub(column).max(11));
    if text.len() + 2 <= column {
        text = format!("{text:<column$}");
    } else {
        text.push('\n');
        text.push_str(&" ".repeat(column));
    }
    text.push_str(&lines.join(&format!("\n{}", " ".repeat(column))));
    text.push('\n');
    text
}
