//! `doctor`: everything that can be wrong, what it comes from, and what mends it.
//!
//! The checks themselves are `limbeck-doctor`'s; here are the facts they look at, the order, the words and `--fix`.

mod choice;
mod database;
mod fix;
mod models;
mod pending;
mod project;
mod server;
mod text;
mod trial;

use super::Outcome;
use crate::args::{DoctorArgs, Json, ScratchArgs};
use crate::context::{Context, Failure};
use choice::Choice;
use limbeck_doctor::{Answer, CHECKS, Check, Outcome as Looked, Report};
use std::process::ExitCode;
use std::time::Instant;

/// Runs the command.
pub fn run(context: &Context, args: &DoctorArgs) -> Outcome {
    let choice = Choice::new(args)?;
    let started = Instant::now();
    let mut report = examine(context, args, &choice);
    if args.fix {
        let done = fix::run(context, args, &report)?;
        if done > 0 {
            report = examine(context, args, &choice);
        }
    }
    if args.json.json {
        context.print_json(&report);
    } else {
        context.print_raw(&text::of(context, &report));
        context.message(&text::closing(&report, started.elapsed(), args, context.again()));
    }
    Ok(ExitCode::from(report.exit_code()))
}

/// Does the checks for another command, quietly: these only (all where none is named), without those in `skip`.
///
/// # Errors
/// A name that no check has.
pub fn quick(context: &Context, only: &[&str], skip: &[&str]) -> Result<Report, Failure> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let args = DoctorArgs {
        fix: false,
        yes: false,
        deep: false,
        only: owned(only),
        skip: owned(skip),
        scratch: ScratchArgs::default(),
        json: Json { json: false },
    };
    Ok(examine(context, &args, &Choice::new(&args)?))
}

/// Does the checks.
fn examine(context: &Context, args: &DoctorArgs, choice: &Choice) -> Report {
    let mut found = Findings::new(choice);
    project::look(context, args, &mut found);
    found.into_report()
}

/// Collects what the checks that were asked for answer.
struct Findings<'a> {
    choice: &'a Choice,
    /// With the place of the database they are about; 0 where they are about the project.
    looked: Vec<(usize, Looked)>,
    database: usize,
    label: Option<String>,
}

impl<'a> Findings<'a> {
    fn new(choice: &'a Choice) -> Self {
        Findings {
            choice,
            looked: Vec::new(),
            database: 0,
            label: None,
        }
    }

    /// What comes now is about this database.
    fn about(&mut self, label: Option<String>) {
        self.database += usize::from(label.is_some());
        self.label = label;
    }

    /// Does a check, if it was asked for.
    fn add(&mut self, name: &str, answer: impl FnOnce() -> Answer) {
        if self.choice.takes(name)
            && let Some(check) = check(name)
        {
            let place = if self.label.is_some() { self.database } else { 0 };
            let mut answer = answer();
            if let Answer::Findings(findings) = &mut answer {
                for finding in findings {
                    let commands = finding.remedy.iter_mut().map(|remedy| &mut remedy.command);
                    commands
                        .chain(&mut finding.notes)
                        .for_each(|text| *text = at_database(text, self.label.as_deref()));
                }
            }
            self.looked.push((
                place,
                Looked {
                    check,
                    database: self.label.clone(),
                    answer,
                },
            ));
        }
    }

    /// Whether a check found something in the database at hand.
    fn has_found(&self, name: &str) -> bool {
        let place = if self.label.is_some() { self.database } else { 0 };
        let mut ours = self.looked.iter().filter(|(database, _)| *database == place);
        ours.any(|(_, outcome)| outcome.check.name == name && !outcome.answer.findings().is_empty())
    }

    /// Says of several checks that they could not look, or did not.
    fn add_all(&mut self, names: &[&str], answer: &Answer) {
        for name in names {
            self.add(name, || answer.clone());
        }
    }

    /// With one database its checks stand among the project's, with several in a part of their own.
    fn into_report(self) -> Report {
        let many = self.database > 1;
        let place = |name: &str| CHECKS.iter().position(|check| check.name == name);
        let mut looked = self.looked;
        looked.sort_by_key(|(database, outcome)| (if many { *database } else { 0 }, place(outcome.check.name)));
        Report {
            checks: looked.into_iter().map(|(_, outcome)| outcome).collect(),
        }
    }
}

fn check(name: &str) -> Option<&'static Check> {
    limbeck_doctor::checks::find(name)
}

/// `psql` needs to be told where.
fn at_database(text: &str, database: Option<&str>) -> String {
    match database {
        Some(label) if label.starts_with("postgresql://") => text.replace("psql -c", &format!("psql '{label}' -c")),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::at_database;

    #[test]
    fn psql_is_told_where() {
        let command = "psql -c 'SELECT 1'";
        assert_eq!(
            at_database(command, Some("postgresql://u@h:5432/db")),
            "psql 'postgresql://u@h:5432/db' -c 'SELECT 1'"
        );
        assert_eq!(at_database("limbeck merge", Some("postgresql://u@h:5432/db")), "limbeck merge");
        assert_eq!(at_database(command, None), command);
    }
}
