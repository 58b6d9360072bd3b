//! Which checks are done: `--only`, `--skip`.

use crate::args::DoctorArgs;
use crate::context::Failure;
use limbeck_doctor::CHECKS;
use limbeck_source::Diagnostic;

/// What was asked for.
pub struct Choice {
    only: Vec<String>,
    skip: Vec<String>,
    /// Whether checks that take longer are done too.
    pub deep: bool,
}

impl Choice {
    /// Reads it from the command line.
    ///
    /// # Errors
    /// A name that no check has.
    pub fn new(args: &DoctorArgs) -> Result<Self, Failure> {
        for name in args.only.iter().chain(&args.skip) {
            if !CHECKS.iter().any(|check| check.name == *name) {
                let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
                let found = Diagnostic::error("E0972", format!("there is no check named `{name}`")).hint(format!("the checks are {}", names.join(", ")));
                return Err(Failure::new(found));
            }
        }
        Ok(Choice {
            only: args.only.clone(),
            skip: args.skip.clone(),
            deep: args.deep,
        })
    }

    /// This check alone.
    pub fn just(name: &str) -> Self {
        Choice {
            only: vec![name.to_owned()],
            skip: Vec::new(),
            deep: false,
        }
    }

    /// Whether a check is done.
    pub fn takes(&self, name: &str) -> bool {
        (self.only.is_empty() || self.names(name)) && !self.skip.iter().any(|skipped| skipped == name)
    }

    /// Whether a check is asked for by its name: then it is done though it takes longer.
    pub fn names(&self, name: &str) -> bool {
        self.only.iter().any(|wanted| wanted == name)
    }

    /// Whether any of these checks is done.
    pub fn takes_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.takes(name))
    }
}
