//! `explain`: the long text of a code or check, from the binary itself; needs no project and no network.
//!
//! The texts lie beside what they explain: `limbeck-source/explain/` for codes, `limbeck-doctor/pages/` for checks.

use super::Outcome;
use crate::args::ExplainArgs;
use crate::context::{Context, Failure};
use limbeck_source::{Diagnostic, codes};
use serde::Serialize;
use std::process::ExitCode;

/// How many names are offered in place of an unknown one.
const OFFERED: usize = 3;

/// A text that can be asked for.
#[derive(Debug, Clone, Copy, Serialize)]
struct Page {
    name: &'static str,
    title: &'static str,
    text: &'static str,
}

/// Codes in order, then checks in theirs.
fn pages() -> Vec<Page> {
    let of_codes = codes::CODES.iter().map(|known| Page {
        name: known.code,
        title: known.meaning,
        text: known.page,
    });
    let of_checks = limbeck_doctor::CHECKS.iter().map(|check| Page {
        name: check.name,
        title: check.title,
        text: check.page,
    });
    of_codes.chain(of_checks).collect()
}

/// Runs the command.
pub fn run(context: &Context, args: &ExplainArgs) -> Outcome {
    let pages = pages();
    let Some(asked) = &args.code else {
        if args.json.json {
            context.print_json(&pages);
        } else {
            context.print_raw(&list(&pages));
        }
        return Ok(ExitCode::SUCCESS);
    };
    let name = full_name(asked);
    // `doctor` shows a check by its title.
    let titled = |page: &&Page| !page.name.starts_with('E') && page.title.to_lowercase().replace(' ', "-") == name;
    let Some(page) = pages.iter().find(|page| page.name == name).or_else(|| pages.iter().find(titled)) else {
        return Err(unknown(context, asked, &name, &pages));
    };
    if args.json.json {
        context.print_json(page);
    } else {
        context.print_raw(&shown(page, context.style.program()));
    }
    Ok(ExitCode::SUCCESS)
}

/// `e412`, `412` and `E0412` are one code, `Multiple_Heads` and `multiple heads` one check.
fn full_name(asked: &str) -> String {
    let asked = asked
        .trim()
        .trim_start_matches("error[")
        .trim_start_matches("warning[")
        .trim_end_matches([']', ':']);
    let digits = asked.strip_prefix(['E', 'e']).unwrap_or(asked);
    match digits.parse::<u16>() {
        Ok(number) if digits.len() <= 4 => format!("E{number:04}"),
        _ => asked.to_lowercase().replace(['_', ' '], "-"),
    }
}

/// All names with their titles, one a line, a blank line between areas.
fn list(pages: &[Page]) -> String {
    let mut text = String::new();
    let mut area = "";
    for page in pages {
        // `E04` of a code; checks are one area.
        let of_page = if page.name.starts_with('E') { &page.name[..3] } else { "check" };
        if of_page != area && !area.is_empty() {
            text.push('\n');
        }
        area = of_page;
        text.push_str(&format!("{}  {}\n", page.name, page.title));
    }
    text
}

/// The page as a terminal shows it: a title, headings in capitals, commands under the name we were called by.
fn shown(page: &Page, program: &str) -> String {
    let mut text = format!("{}: {}\n\n", page.name, page.title);
    let body = page.text.lines().skip_while(|line| line.starts_with("# ") || line.is_empty());
    for line in body {
        let line = line.strip_prefix("## ").map_or_else(|| line.to_owned(), str::to_uppercase);
        text.push_str(&as_program(&line, program));
        text.push('\n');
    }
    text
}

/// Puts the program's name where a command begins: behind a backtick, a prompt, or an indentation.
fn as_program(line: &str, program: &str) -> String {
    let command = line.strip_prefix("    limbeck ").map(|rest| format!("    {program} {rest}"));
    command
        .unwrap_or_else(|| line.to_owned())
        .replace("`limbeck ", &format!("`{program} "))
        .replace("$ limbeck ", &format!("$ {program} "))
}

fn unknown(context: &Context, asked: &str, name: &str, pages: &[Page]) -> Failure {
    let list = format!("`{} explain` lists them all", context.style.program());
    // Of codes that differ by as many letters, the next ones are of the same area.
    let number = |code: &str| code.strip_prefix('E').and_then(|digits| digits.parse::<u16>().ok()).unwrap_or_default();
    let mut near: Vec<(usize, u16, &str)> = pages
        .iter()
        .map(|page| (strsim::levenshtein(name, page.name), number(name).abs_diff(number(page.name)), page.name))
        .collect();
    near.retain(|(distance, ..)| *distance <= (name.chars().count() / 3).max(1));
    near.sort_unstable();
    let near: Vec<String> = near.iter().take(OFFERED).map(|(.., name)| format!("`{name}`")).collect();
    let hint = if near.is_empty() {
        list
    } else {
        format!("did you mean {}? {list}", near.join(", "))
    };
    Failure::new(Diagnostic::error("E0990", format!("there is no code or check `{asked}`")).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;

    #[test]
    fn names_may_be_written_as_they_come_to_mind() {
        let cases = [
            ("E0412", "E0412"),
            ("e412", "E0412"),
            ("412", "E0412"),
            ("error[E0412]:", "E0412"),
            ("Multiple Heads", "multiple-heads"),
            ("multiple_heads", "multiple-heads"),
            ("E99999", "e99999"),
        ];
        for (asked, name) in cases {
            assert_eq!(full_name(asked), name);
        }
    }

    #[test]
    fn pages_speak_under_the_name_we_were_called_by() {
        let page = Page {
            name: "x",
            title: "y",
            text: "# x\n\n## What to do\n\nSee `limbeck log`.\n\n    limbeck merge heads\n    $ limbeck upgrade head\n",
        };
        assert_eq!(
            shown(&page, "db_migrate"),
            "x: y\n\nWHAT TO DO\n\nSee `db_migrate log`.\n\n    db_migrate merge heads\n    $ db_migrate upgrade head\n"
        );
    }

    /// The commands in a page: behind a prompt or an indentation, or between backticks.
    fn commands(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for line in text.lines() {
            let line = line.strip_prefix("    ").map_or("", |line| line.trim_start_matches("$ "));
            if let Some(rest) = line.strip_prefix("limbeck ") {
                found.push(rest.split("  #").next().unwrap_or_default().to_owned());
            }
        }
        let joined = text.replace('\n', " ");
        for (number, part) in joined.split('`').enumerate() {
            if number % 2 == 1
                && let Some(rest) = part.strip_prefix("limbeck ")
            {
                found.push(rest.to_owned());
            }
        }
        found
    }

    /// Splits at blanks outside of double quotes.
    fn words(command: &str) -> Vec<String> {
        let mut words = vec!["limbeck".to_owned()];
        for (number, part) in command.split('"').enumerate() {
            if number % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words
    }

    #[test]
    fn every_command_in_a_page_is_one() {
        let mut wrong = Vec::new();
        for page in pages() {
            for command in commands(page.text) {
                if let Err(error) = Cli::command().try_get_matches_from(words(&command))
                    && error.use_stderr()
                    // A command that is only named.
                    && error.kind() != clap::error::ErrorKind::MissingRequiredArgument
                {
                    wrong.push(format!(
                        "{}: limbeck {command}: {}",
                        page.name,
                        error.to_string().lines().next().unwrap_or_default()
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
