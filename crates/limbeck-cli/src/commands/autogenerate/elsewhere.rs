//! The wanted schema from elsewhere than models: a file of SQL, or another database (`--from`, `schema` in the configuration).
//!
//! The file is run in an empty scratch database and read back, so both sides are in the server's own words. Tables become operations as they do with models; views, functions,
//! triggers and the rest statements. What is left to do after the operations is not planned but seen, on a scratch database that is taken through the
//! whole way and back (`way.rs`). The file that comes of it is run there once more before it is kept (`proof.rs`).

pub mod proof;
mod source;
mod tables;
mod way;

use super::{Compared, Purpose, at_head};
use crate::args::ScratchArgs;
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::rehearsal::{Stage, only_known_schemas};
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, History, Workspace};
use limbeck_dialect::DialectName;
use limbeck_diff::alembic::Changes;
use limbeck_diff::{Step, words};
use limbeck_python::TargetMetadata;
use limbeck_run::Settings;
use limbeck_schema::catalogue::{Catalogue, Change, Difference, Kind, Name, Rules, differences};
use limbeck_source::Diagnostic;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

pub use source::named;

/// What is to be done, both ways.
pub struct Found {
    pub compared: Compared,
    /// The operations and statements of both directions; none of them needs anything else.
    pub directions: (Vec<Step>, Vec<Step>),
    /// The differences in words.
    pub sentences: Vec<String>,
    /// What there is, as far as it was compared.
    pub have: Catalogue,
    /// What is wanted.
    pub wanted: Catalogue,
}

/// The one database that is compared, its history and what the user said about scratch databases.
pub struct Place {
    pub settings: Settings,
    pub history: History,
    pub scratch: ScratchArgs,
    /// Whether the revision is to hold statements only, as far as operations cannot be told as such.
    pub statements: bool,
}

impl Place {
    /// The project's only database.
    ///
    /// # Errors
    /// There are several.
    pub fn new(context: &Context, workspace: &Workspace, scratch: &ScratchArgs) -> Result<Self, Failure> {
        let mut all = session::settings(context, workspace, &Need::default())?;
        let (Some(settings), 0) = (all.pop(), all.len()) else {
            let found = Diagnostic::error("E0760", "env.py works on several databases, and one wanted schema cannot be that of all")
                .hint("name the database with `--url`, or compare each with its models");
            return Err(Failure::new(found));
        };
        Ok(Place {
            settings,
            history: workspace.history(context, GraphErrors::Caught)?,
            scratch: scratch.clone(),
            statements: false,
        })
    }

    /// Compares the database with the wanted schema; nothing where they agree.
    ///
    /// # Errors
    /// The wanted schema cannot be had, the database is not at head, or something cannot be written.
    pub fn compare(&self, context: &Context, workspace: &Workspace, from: &str, purpose: &Purpose) -> Result<Option<Found>, Failure> {
        let connection = RefCell::new(session::connect(context, &self.settings, &mut Progress::new(context))?);
        let rows = at_head(context, workspace, &self.settings, &connection)?;
        let stage = Stage::new(
            context,
            workspace,
            &self.settings,
            &self.history,
            &self.scratch,
            connection.borrow_mut().as_mut(),
        )?;
        let wanted = source::open(&stage, from)?;
        let mut have = stage.live.clone();
        let others = only_known_schemas(&mut have, &wanted.catalogue);
        if !others.is_empty() {
            context.message(&format!(
                "note: not compared, because {} has nothing in them: {}",
                wanted.name,
                others.join(", ")
            ));
        }
        let mut target = wanted.catalogue.clone();
        keep_extensions(&have, &mut target);
        let changes = differences(&have, &target, Rules::default());
        if changes.is_empty() {
            return Ok(None);
        }
        let ends = way::Ends { have: &have, wanted: &target };
        // SQLite's rebuilds look at the table when they run.
        let only_statements = self.statements && self.settings.dialect == DialectName::Sqlite;
        let steps = |connection: &RefCell<_>, left_out: &BTreeSet<Name>| {
            if only_statements {
                return Ok(Vec::new());
            }
            tables::steps(&stage, connection, &wanted.connection, ends, left_out, purpose)
        };
        let (directions, of_tables) = match purpose {
            Purpose::Check => {
                let steps = steps(&connection, &BTreeSet::new())?;
                ((Vec::new(), Vec::new()), steps)
            }
            Purpose::Generate { .. } => way::both(&stage, ends, &connection, &steps)?,
        };
        let mut sentences: Vec<String> = words::differences(&of_tables).iter().map(|sentence| without_models(sentence)).collect();
        sentences.extend(further(&changes, &of_tables));
        stage.check_interrupt()?;
        let compared = Compared {
            batch: self.settings.dialect == DialectName::Sqlite,
            settings: self.settings.clone(),
            changes: Changes {
                steps: of_tables,
                ..Changes::default()
            },
            target: TargetMetadata::default(),
            own_parts: HashMap::new(),
            unspelled: BTreeSet::new(),
            rows,
            connection: None,
        };
        Ok(Some(Found {
            compared,
            directions,
            sentences,
            have,
            wanted: target,
        }))
    }
}

/// Extensions that the wanted side does not name stay: a file of tables seldom lists them.
fn keep_extensions(have: &Catalogue, wanted: &mut Catalogue) {
    for extension in &have.extensions {
        if !wanted.extensions.iter().any(|other| other.name == extension.name) {
            wanted.extensions.push(extension.clone());
            if !wanted.schemas.iter().any(|schema| schema.name == extension.schema) {
                wanted
                    .schemas
                    .extend(have.schemas.iter().filter(|schema| schema.name == extension.schema).cloned());
            }
        }
    }
}

/// A sentence about models as one about a schema.
fn without_models(sentence: &str) -> String {
    sentence
        .replace("in the model", "in the wanted schema")
        .replace("in the metadata", "in the wanted schema")
        .replace("in metadata", "in the wanted schema")
}

/// The differences that the steps of tables do not tell.
fn further(changes: &[Change], steps: &[Step]) -> Vec<String> {
    let told: BTreeSet<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::CreateTable(table) | Step::DropTable(table) => Some(table.item.name.name.as_str()),
            Step::Modify(modify) => Some(modify.table.name.as_str()),
            _ => None,
        })
        .collect();
    let enums = steps.iter().any(|step| matches!(step, Step::Sql { .. }));
    let of_table = |kind| matches!(kind, Kind::Table | Kind::Column | Kind::Constraint | Kind::Index);
    let is_told =
        |change: &&Change| of_table(change.object.kind) && told.contains(change.object.name.name.as_str()) || change.object.kind == Kind::Enum && enums;
    // A sequence that is owned comes and goes with its column.
    let is_owned = |change: &&Change| {
        let owned = |facts: &[limbeck_schema::catalogue::Fact]| facts.iter().any(|fact| fact.what == "owned by");
        change.object.kind == Kind::Sequence && matches!(&change.difference, Difference::Extra { facts } | Difference::Missing { facts } if owned(facts))
    };
    changes.iter().filter(|change| !is_told(change) && !is_owned(change)).map(sentence).collect()
}

fn sentence(change: &Change) -> String {
    let mut object = change.object.to_string();
    if let Some(first) = object.get(..1).map(str::to_uppercase) {
        object.replace_range(..1, &first);
    }
    match &change.difference {
        Difference::Extra { .. } => format!("{object} exists in the database but is not wanted"),
        Difference::Missing { .. } => format!("{object} is wanted but not in the database"),
        Difference::Changed { facts } => {
            let short = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
            match facts.as_slice() {
                [fact] if short(&fact.have).len() + short(&fact.wanted).len() < 60 => {
                    format!(
                        "{object}: {} is {} in the database but {} is wanted",
                        fact.what,
                        short(&fact.have),
                        short(&fact.wanted)
                    )
                }
                facts => {
                    let what: Vec<&str> = facts.iter().map(|fact| fact.what).collect();
                    format!("{object} is not as wanted: {}", what.join(", "))
                }
            }
        }
    }
}
