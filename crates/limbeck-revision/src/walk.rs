//! Steps along the graph, and relative targets.

use crate::error::ErrorKind;
use crate::graph::{Graph, Index};
use crate::links::Marks;
use crate::resolve::Place;
use crate::target::{Relative, Target, relative};
use crate::work;

impl Graph {
    /// Goes `steps` up (or down, below zero). `branch` chooses between ways up.
    ///
    /// Past an end the walk is nowhere if `exact`, else it stays there.
    pub(crate) fn walk(&self, start: Place, steps: i64, branch: Option<&str>, exact: bool) -> Result<Place, ErrorKind> {
        let mut lineage = None;
        let mut place = start;
        for _ in 0..steps.unsigned_abs() {
            work::tick(1);
            let mut ways: Vec<Index> = match (place, steps > 0) {
                (Place::Base | Place::Nowhere, true) => self.bases.clone(),
                (Place::At(at), true) => self.next.of(at).to_vec(),
                (Place::Base, false) => return Ok(if exact { Place::Nowhere } else { place }),
                (Place::Nowhere, false) => self.heads.clone(),
                (Place::At(at), false) => self.downs.of(at).to_vec(),
            };
            if steps < 0 && ways.is_empty() {
                place = Place::Base;
                continue;
            }
            if let Some(branch) = branch
                && steps > 0
                && !ways.is_empty()
            {
                if lineage.is_none() {
                    let all: Vec<Index> = self.indices().collect();
                    let members = self.on_branch(&all, branch)?;
                    lineage = Some(Marks::of(self.len(), members));
                }
                ways.retain(|at| lineage.as_ref().is_some_and(|lineage| lineage.has(*at)));
            }
            match ways.as_slice() {
                [] => return Ok(if exact { Place::Nowhere } else { place }),
                [at] => place = Place::At(*at),
                several => {
                    return Err(ErrorKind::AmbiguousWalk {
                        from: place.revision().map(|at| self.id(at).to_owned()),
                        choices: self.ids(several),
                    });
                }
            }
        }
        Ok(place)
    }

    pub(crate) fn ids(&self, revisions: &[Index]) -> Vec<String> {
        revisions.iter().map(|at| self.id(*at).to_owned()).collect()
    }

    /// Returns what to upgrade to, starting from `lower`.
    pub(crate) fn upgrade_targets(&self, lower: Target<'_>, upper: Target<'_>, exact: bool) -> Result<Vec<Index>, ErrorKind> {
        let found = match upper {
            Target::One(one) => relative(one),
            Target::Many([one]) => relative(one),
            Target::Many(_) => None,
        };
        let places = match found {
            None => self.resolve_all(upper)?,
            Some(found) => vec![self.upgrade_target(lower, found, exact)?],
        };
        let revision = |place: Place| place.revision().ok_or_else(|| ErrorKind::PastEnd { target: upper.text() });
        places.into_iter().map(revision).collect()
    }

    fn upgrade_target(&self, lower: Target<'_>, found: Relative<'_>, exact: bool) -> Result<Place, ErrorKind> {
        let Relative { branch, symbol, steps, text } = found;
        match (symbol, steps > 0) {
            (None, true) => {
                let start = self.upgrade_start(lower, branch)?;
                let place = self.walk(start, steps, branch, exact)?;
                if place == Place::Nowhere {
                    return Err(relative_count(text, steps));
                }
                Ok(place)
            }
            (None, false) => Err(relative_count(&steps.to_string(), steps)),
            (Some(symbol), true) => self.walk(Place::of(self.resolve_one(symbol)?), steps, branch, exact),
            (Some(symbol), false) => {
                let start = self.resolve_one(&with_branch(branch, symbol))?;
                self.walk(Place::of(start), steps, None, exact)
            }
        }
    }

    /// Returns where `+N` starts to count.
    fn upgrade_start(&self, lower: Target<'_>, branch: Option<&str>) -> Result<Place, ErrorKind> {
        let rows = lower.parts();
        let start: Vec<Place> = match branch {
            None => match rows.as_slice() {
                [] => vec![Place::Nowhere],
                [row] => vec![Place::of(self.resolve_one(row)?)],
                several => {
                    return Err(ErrorKind::AmbiguousUpgrade {
                        rows: several.iter().map(|row| (*row).to_owned()).collect(),
                    });
                }
            },
            Some(branch) => {
                let current: Vec<Index> = self.resolve_all(lower)?.into_iter().filter_map(Place::revision).collect();
                let mut start = self.on_branch(&current, branch)?;
                if start.is_empty() {
                    // No row is on the branch itself: take the highest active revisions that are.
                    let active: Vec<Index> = self.all_downs.sweep(current).iter().collect();
                    let active = self.on_branch(&active, branch)?;
                    let marks = Marks::of(self.len(), active.iter().copied());
                    let is_tip = |at: &Index| !self.normalized_next.of(*at).iter().any(|next| marks.has(*next));
                    start = active.into_iter().filter(is_tip).collect();
                }
                match start.is_empty() {
                    true => vec![Place::Nowhere],
                    false => start.into_iter().map(Place::At).collect(),
                }
            }
        };
        match start.as_slice() {
            [one] => Ok(*one),
            several => Err(ErrorKind::AmbiguousUpgrade {
                rows: several.iter().filter_map(|place| place.revision()).map(|at| self.id(at).to_owned()).collect(),
            }),
        }
    }

    /// Returns what to downgrade to, starting from `upper`, and the branch to stay on.
    ///
    /// `warn` is called when the step is ambiguous and the first row was taken.
    pub(crate) fn downgrade_target(&self, upper: Target<'_>, target: &str, exact: bool, warn: &mut dyn FnMut()) -> Result<(Option<String>, Place), ErrorKind> {
        let Some(found) = relative(target) else {
            let (branch, symbol) = match target.rsplit_once('@') {
                Some((branch, symbol)) => (Some(branch).filter(|branch| !branch.is_empty()), symbol),
                None => (None, target),
            };
            let place = self.resolve_one(symbol)?.map_or(Place::Base, Place::At);
            return Ok((branch.map(str::to_owned), place));
        };
        let Relative { branch, symbol, steps, text } = found;
        let (start, branch) = match (symbol, steps >= 0) {
            (None, true) => return Err(relative_count(text, steps)),
            (Some(symbol), true) => {
                let start = Place::of(self.resolve_one(symbol)?);
                let place = self.walk(start, steps, branch, exact)?;
                return self
                    .not_nowhere(place, || ErrorKind::WalkedTooFar { target: target.to_owned() })
                    .map(|place| (branch.map(str::to_owned), place));
            }
            (Some(symbol), false) => (symbol.to_owned(), branch.map(str::to_owned)),
            (None, false) => match branch {
                Some(branch) => (self.row_on_branch(upper, branch)?, Some(branch.to_owned())),
                None => {
                    let rows = upper.parts();
                    let Some(first) = rows.first() else {
                        return Err(relative_count(text, steps));
                    };
                    if rows.iter().any(|row| row != first) {
                        warn();
                    }
                    // Stay on the line of the row that was taken.
                    ((*first).to_owned(), Some((*first).to_owned()))
                }
            },
        };
        let from = self.resolve_one(&with_branch(branch.as_deref(), &start))?;
        let place = self.walk(Place::of(from), steps, None, exact)?;
        let place = self.not_nowhere(place, || match symbol {
            None => relative_count(text, steps),
            Some(_) => ErrorKind::WalkedTooFar { target: target.to_owned() },
        })?;
        Ok((branch, place))
    }

    fn not_nowhere(&self, place: Place, error: impl FnOnce() -> ErrorKind) -> Result<Place, ErrorKind> {
        match place {
            Place::Nowhere => Err(error()),
            place => Ok(place),
        }
    }

    /// Returns the one row that is on a branch, or the one implied revision.
    fn row_on_branch(&self, upper: Target<'_>, branch: &str) -> Result<String, ErrorKind> {
        let rows: Vec<String> = upper.parts().into_iter().map(str::to_owned).collect();
        // The same lookup as for any name, so that a row that is not here is named in the error.
        let mut current = Vec::new();
        for row in &rows {
            current.push(self.find_name(row, None)?);
        }
        let mut on_branch = self.on_branch(&current, branch)?;
        if on_branch.is_empty() {
            on_branch = self.on_branch(&self.all_current(&rows)?, branch)?;
        }
        match on_branch.as_slice() {
            [at] => Ok(self.id(*at).to_owned()),
            several => Err(ErrorKind::AmbiguousBranchStep {
                branch: branch.to_owned(),
                rows: self.ids(several),
            }),
        }
    }
}

fn relative_count(text: &str, steps: i64) -> ErrorKind {
    ErrorKind::RelativeCount {
        relative: text.to_owned(),
        count: steps.unsigned_abs(),
    }
}

fn with_branch(branch: Option<&str>, symbol: &str) -> String {
    match branch {
        Some(branch) => format!("{branch}@{symbol}"),
        None => symbol.to_owned(),
    }
}
