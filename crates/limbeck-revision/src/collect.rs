//! Which revisions lie between two targets. The order they run in is `order.rs`.

use crate::GraphError;
use crate::error::{ErrorKind, Wording};
use crate::graph::{Graph, Index};
use crate::links::Marks;
use crate::resolve::Place;
use crate::target::Target;

/// What is chosen, and the revisions to start ordering from.
pub(crate) struct Chosen {
    pub(crate) revisions: Marks,
    pub(crate) heads: Vec<Index>,
}

/// How the lower end of a range counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lower {
    /// Rows of a version table: they are left out, and everything else that the target needs is taken.
    Rows,
    /// The start of a `history` range: it is taken too, and only what follows it.
    Start,
}

impl Graph {
    /// Returns the revisions of a `history` range, newest first. A missing start is `base`, a missing end `heads`.
    ///
    /// # Errors
    /// Unknown names, and ends that are not on one line.
    pub fn history(&self, start: Option<Target<'_>>, end: Option<Target<'_>>) -> Result<Vec<Index>, GraphError> {
        // No rows at all, like an empty text, are no start and no end.
        let given = |target: &Target<'_>| !matches!(target, Target::Many([]) | Target::One(""));
        let start = start.filter(given).unwrap_or(Target::One("base"));
        let end = end.filter(given).unwrap_or(Target::One("heads"));
        let wording = Wording {
            start: Some(written(start)),
            end: Some(written(end)),
            ..Wording::default()
        };
        self.collect_upgrade(end, start, Lower::Start)
            .and_then(|chosen| self.order(&chosen.revisions, &chosen.heads))
            .map_err(|kind| self.fail(kind, &wording))
    }

    pub(crate) fn collect_upgrade(&self, upper: Target<'_>, lower: Target<'_>, kind: Lower) -> Result<Chosen, ErrorKind> {
        let exact = kind == Lower::Rows;
        let mut targets = self.upgrade_targets(lower, upper, exact)?;
        if let Target::One(text) = lower
            && let Some((branch, _)) = text.split_once('@')
        {
            targets = self.targets_on_branch(targets, branch)?;
        }
        let name = |at: Index| self.id(at).to_owned();
        let required = self.normalized_downs.sweep_apart(&targets, name)?;

        let mut current = self.resolve_all(lower)?;
        let not_ancestor = || ErrorKind::NotAncestor {
            lower: lower.text(),
            upper: upper.text(),
        };
        if kind == Lower::Start {
            let is_outside = |place: &Place| match place {
                Place::At(at) => !required.has(*at),
                Place::Base => true,
                Place::Nowhere => false,
            };
            if current.iter().any(is_outside) {
                return Err(not_ancestor());
            }
        }
        let mut lower_revisions: Vec<Index> = current.iter().filter_map(|place| place.revision()).collect();
        if current.first() == Some(&Place::Nowhere) {
            // `-N` leads below the base of its line, or counts from what is above it.
            current = match self.downgrade_target(upper, &lower.text(), exact, &mut || {})?.1 {
                Place::At(at) => vec![Place::At(at)],
                Place::Base | Place::Nowhere => Vec::new(),
            };
            lower_revisions = current.iter().filter_map(|place| place.revision()).collect();
        }
        let active = self.normalized_downs.sweep_apart(&lower_revisions, name)?;

        let mut revisions = required;
        revisions.remove_all(&active);
        if kind == Lower::Start {
            for at in &lower_revisions {
                revisions.insert(*at);
            }
            if !lower_revisions.is_empty() {
                revisions.keep(&self.next.sweep_apart(&lower_revisions, name)?);
            }
        }
        Ok(Chosen { revisions, heads: targets })
    }

    /// A start such as `label@base` limits the targets to its branch.
    fn targets_on_branch(&self, targets: Vec<Index>, branch: &str) -> Result<Vec<Index>, ErrorKind> {
        let Some(found) = self.resolve_one(branch)? else {
            return Ok(targets);
        };
        let labels;
        let mut label = branch;
        if self.id(found) == branch {
            // A revision stands for the branch that it is on.
            labels = self.labels(found);
            if let [only] = labels.as_slice() {
                label = only;
            } else {
                return Err(ErrorKind::NoSuchBranch { branch: branch.to_owned() });
            }
        }
        Ok(targets.into_iter().filter(|at| self.labels(*at).contains(&label)).collect())
    }

    pub(crate) fn collect_downgrade(&self, rows: Target<'_>, target: &str, warn: &mut dyn FnMut()) -> Result<Chosen, ErrorKind> {
        let (branch, place) = self.downgrade_target(rows, target, true, warn)?;
        let mut roots: Vec<Index> = match place {
            Place::At(at) => self.next.of(at).to_vec(),
            Place::Base | Place::Nowhere => {
                // A base counts once more for each of its labels; that decides whether the branch is looked at.
                let is_base = |at: &Index| self.is_base(*at);
                let labelled = self.labels.iter().map(|(_, at)| *at);
                self.indices().filter(is_base).chain(labelled.filter(is_base)).collect()
            }
        };
        if let Some(branch) = &branch
            && roots.len() > 1
        {
            let line = self.downs.sweep([self.find_branch(branch)?]);
            roots.retain(|at| line.has(*at));
            if roots.is_empty() {
                return Err(ErrorKind::NotDowngradeTarget);
            }
        }
        let heads: Vec<Index> = self.resolve_all(rows)?.into_iter().filter_map(Place::revision).collect();
        let mut revisions = self.all_next.sweep(roots);
        revisions.keep(&self.all_downs.sweep(heads.iter().copied()));
        if let Place::At(at) = place
            && revisions.is_empty()
            && !heads.contains(&at)
        {
            return Err(ErrorKind::NotAncestor {
                lower: target.to_owned(),
                upper: rows.text(),
            });
        }
        Ok(Chosen { revisions, heads })
    }
}

/// Writes a target as Alembic does in a range: rows as a Python tuple.
fn written(target: Target<'_>) -> String {
    match target {
        Target::One(one) => one.to_owned(),
        Target::Many([one]) => format!("('{one}',)"),
        Target::Many(many) => format!("('{}')", many.join("', '")),
    }
}
