//! Steps from the rows of a version table to a target, in the order they run.

use crate::collect::Lower;
use crate::error::{ErrorKind, GraphError, Wording};
use crate::graph::{Graph, Index};
use crate::target::Target;

/// One step: a revision run in one direction, or a change of rows alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Run `upgrade()` of a revision.
    Upgrade(Index),
    /// Run `downgrade()` of a revision.
    Downgrade(Index),
    /// Change rows without running anything.
    Stamp(Stamp),
}

/// A change of rows without running anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The rows it replaces.
    pub from: Vec<Index>,
    /// The row it leaves, none for the base.
    pub to: Option<Index>,
    /// Whether it goes up.
    pub is_upgrade: bool,
    /// Whether it adds or removes a row rather than moving one.
    pub is_branch_move: bool,
}

/// The steps of a command, and what to say before running them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps {
    /// In the order they run.
    pub steps: Vec<Step>,
    /// Set when `-N` was taken from the first of several rows; the text of Alembic's `UserWarning`.
    pub warning: Option<&'static str>,
}

/// Alembic's words for `downgrade -1` from several heads.
const AMBIGUOUS_DOWNGRADE: &str = "downgrade -1 from multiple heads is ambiguous; this usage will be disallowed in a future release.";

impl Graph {
    /// Returns the steps that upgrade from `rows` to `target`.
    ///
    /// # Errors
    /// Unknown names, several heads where one was asked for, rows that overlap, targets that are not above the rows.
    pub fn upgrade(&self, rows: &[String], target: Target<'_>) -> Result<Steps, GraphError> {
        let end = target.text();
        let wording = Wording {
            not_ancestor: Some(format!("Destination {end} is not a valid upgrade target from current head(s)")),
            end: Some(end),
            ..Wording::default()
        };
        let order = self
            .collect_upgrade(target, Target::Many(rows), Lower::Rows)
            .and_then(|chosen| self.order(&chosen.revisions, &chosen.heads))
            .map_err(|kind| self.fail(kind, &wording))?;
        Ok(Steps {
            steps: order.into_iter().rev().map(Step::Upgrade).collect(),
            warning: None,
        })
    }

    /// Returns the steps that downgrade from `rows` to `target`.
    ///
    /// # Errors
    /// Unknown names, steps that could go several ways, targets that are not below the rows.
    pub fn downgrade(&self, rows: &[String], target: &str) -> Result<Steps, GraphError> {
        let wording = Wording {
            not_ancestor: Some(format!("Destination {target} is not a valid downgrade target from current head(s)")),
            end: Some(target.to_owned()),
            ..Wording::default()
        };
        let mut warning = None;
        let order = self
            .collect_downgrade(Target::Many(rows), target, &mut || warning = Some(AMBIGUOUS_DOWNGRADE))
            .and_then(|chosen| self.order(&chosen.revisions, &chosen.heads))
            .map_err(|kind| self.fail(kind, &wording))?;
        Ok(Steps {
            steps: order.into_iter().map(Step::Downgrade).collect(),
            warning,
        })
    }

    /// Returns the rows that an offline script starts from: the start of a `--sql` range, resolved.
    ///
    /// # Errors
    /// Unknown names, several heads.
    pub fn offline_rows(&self, start: Option<&str>) -> Result<Vec<String>, GraphError> {
        match start {
            None | Some("base") => Ok(Vec::new()),
            Some(start) => Ok(self.revision(start)?.map(|at| self.id(at).to_owned()).into_iter().collect()),
        }
    }

    /// Returns the step as Alembic logs it after `Running `, with the docstring's first paragraph if `with_doc`.
    pub fn step_text(&self, step: &Step, with_doc: bool) -> String {
        let downs = |at: Index| self.header(at).down_revisions.join(", ");
        let (name, from, to, at) = match step {
            Step::Upgrade(at) => ("upgrade", downs(*at), self.id(*at).to_owned(), Some(*at)),
            Step::Downgrade(at) => ("downgrade", self.id(*at).to_owned(), downs(*at), Some(*at)),
            Step::Stamp(stamp) => {
                let to = stamp.to.map(|at| self.id(at).to_owned()).unwrap_or_default();
                ("stamp_revision", self.ids(&stamp.from).join(", "), to, None)
            }
        };
        let doc = at.map(|at| self.header(at).summary()).filter(|doc| with_doc && !doc.is_empty());
        match doc {
            Some(doc) => format!("{name} {from} -> {to}, {doc}"),
            None => format!("{name} {from} -> {to}"),
        }
    }
}

/// Splits the targets of `stamp --sql` into their one start and the targets.
pub(crate) fn split_stamp(targets: &[String]) -> Result<(Option<String>, Vec<String>), GraphError> {
    let mut start: Option<String> = None;
    let mut ends = Vec::new();
    for target in targets {
        let (from, to) = crate::target::split_range(target, true)?;
        match (from, &start) {
            (Some(from), Some(start)) if from != start => {
                return Err(GraphError::of_usage(ErrorKind::SeveralStampStarts));
            }
            (Some(from), None) => start = Some(from.to_owned()),
            _ => {}
        }
        ends.push(to.to_owned());
    }
    Ok((start, ends))
}
