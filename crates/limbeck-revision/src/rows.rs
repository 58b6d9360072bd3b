//! What each step changes in the version table.

use std::error::Error;
use std::fmt;

use limbeck_source::{Diagnose, Diagnostic};

use crate::graph::{Graph, Index};
use crate::links::Marks;
use crate::step::{Stamp, Step};

/// One change of one row. Ids are as they stand in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// Add a row.
    Insert(String),
    /// Change a row.
    Update {
        /// The row as it is.
        from: String,
        /// The row as it becomes.
        to: String,
    },
    /// Remove a row.
    Delete(String),
}

/// A step that the rows do not allow. Alembic dies here with a bare `KeyError` or `AssertionError`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowError {
    /// The row to change is not in the table.
    NotThere {
        /// The row that is missing.
        row: String,
        /// The revision whose step it is.
        revision: String,
    },
    /// The row to add is already in the table.
    AlreadyThere {
        /// The row.
        row: String,
    },
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RowError::NotThere { row, revision } => {
                write!(f, "the version table has no row `{row}`, which the step of `{revision}` replaces")
            }
            RowError::AlreadyThere { row } => write!(f, "the version table already has a row `{row}`"),
        }
    }
}

impl Error for RowError {}

impl Diagnose for RowError {
    fn diagnose(&self) -> Diagnostic {
        let hint = "see the rows with `current`; `stamp --purge` sets them anew";
        Diagnostic::error("E0216", self.to_string()).hint(hint)
    }
}

/// The rows of a version table as steps change them.
#[derive(Debug, Clone)]
pub struct VersionRows<'g> {
    graph: &'g Graph,
    rows: Vec<Index>,
    /// Where each revision stands in `rows`.
    places: Vec<Option<usize>>,
    /// Rows that are no revision here.
    unknown: Vec<String>,
    /// What the rows stand for; made when it is first asked for, and again after a stamp.
    active: Option<Active>,
}

/// All revisions that the rows stand for, and how many of them follow or depend on each.
#[derive(Debug, Clone)]
struct Active {
    has: Marks,
    followers: Vec<u32>,
}

impl<'g> VersionRows<'g> {
    /// Starts from the rows as they stand in the table.
    pub fn new(graph: &'g Graph, rows: &[String]) -> Self {
        let mut known: Vec<Index> = Vec::new();
        let mut places = vec![None; graph.len()];
        let mut unknown = Vec::new();
        for row in rows {
            match graph.find(row) {
                Some(at) => {
                    if places[at.as_usize()].is_none() {
                        places[at.as_usize()] = Some(known.len());
                        known.push(at);
                    }
                }
                None => unknown.push(row.clone()),
            }
        }
        VersionRows {
            graph,
            rows: known,
            places,
            unknown,
            active: None,
        }
    }

    /// Returns the rows as they are now, in no particular order.
    pub fn ids(&self) -> Vec<String> {
        let known = self.graph.ids(&self.rows);
        known.into_iter().chain(self.unknown.iter().cloned()).collect()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.unknown.is_empty()
    }

    /// Applies a step and returns the changes of rows, in the order to make them.
    ///
    /// # Errors
    /// A row that must be there and is not, or the other way round; the rows are then left half changed.
    pub fn apply(&mut self, step: &Step) -> Result<Vec<RowChange>, RowError> {
        let mut changes = Vec::new();
        match step {
            Step::Upgrade(at) => self.upgrade(*at, &mut changes)?,
            Step::Downgrade(at) => self.downgrade(*at, &mut changes)?,
            Step::Stamp(stamp) => self.stamp(stamp, &mut changes)?,
        }
        Ok(changes)
    }

    fn upgrade(&mut self, at: Index, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        let downs = self.graph.normalized_downs.of(at);
        let present: Vec<Index> = downs.iter().copied().filter(|down| self.has(*down)).collect();
        match present.as_slice() {
            [] => self.insert(at, changes)?,
            [one] => self.update(*one, at, at, changes)?,
            _ => {
                // A row that another row still needs (as a dependency) stays.
                let mut from = Vec::new();
                for row in &present {
                    if self.followers(*row) == 0 || !self.is_below_others(*row, &present) {
                        from.push(*row);
                    }
                }
                self.merge(&from, at, at, changes)?;
            }
        }
        if let Some(active) = &mut self.active
            && active.has.insert(at)
        {
            downs.iter().for_each(|down| active.followers[down.as_usize()] += 1);
        }
        Ok(())
    }

    fn downgrade(&mut self, at: Index, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        let to = self.left_by(at);
        match to.split_last() {
            None => self.delete(at, at, changes)?,
            Some((last, others)) => {
                for other in others {
                    self.insert(*other, changes)?;
                }
                self.update(at, *last, at, changes)?;
            }
        }
        if let Some(active) = &mut self.active
            && active.has.has(at)
        {
            active.has.remove(at);
            let downs = self.graph.normalized_downs.of(at);
            downs.iter().for_each(|down| active.followers[down.as_usize()] -= 1);
        }
        Ok(())
    }

    fn stamp(&mut self, stamp: &Stamp, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        self.active = None;
        let Some(to) = stamp.to else {
            return stamp.from.iter().try_for_each(|row| self.delete(*row, *row, changes));
        };
        let replaces_missing = stamp.from.iter().any(|row| !self.has(*row));
        // An earlier target of the same command may have taken the rows; Alembic knows that case upwards and dies on it downwards.
        if (stamp.is_branch_move || replaces_missing) && !self.has(to) {
            return self.insert(to, changes);
        }
        self.merge(&stamp.from, to, to, changes)
    }

    /// Returns how many active revisions follow or depend on `at`.
    fn followers(&mut self, at: Index) -> u32 {
        let (graph, rows) = (self.graph, &self.rows);
        let active = self.active.get_or_insert_with(|| {
            let has = graph.normalized_downs.sweep(rows.iter().copied());
            let mut followers = vec![0; graph.len()];
            for down in has.iter().flat_map(|at| graph.normalized_downs.of(at)) {
                followers[down.as_usize()] += 1;
            }
            Active { has, followers }
        });
        active.followers[at.as_usize()]
    }

    /// Returns whether a row that is not in `except` is `low` or above it.
    fn is_below_others(&self, low: Index, except: &[Index]) -> bool {
        let graph = self.graph;
        let mut others = self.rows.iter().filter(|row| !except.contains(row));
        others.any(|row| graph.reach().is_ancestor(&graph.all_downs, low, *row))
    }

    /// Returns the rows that a downgrade leaves in place of `at`: its downs, without those that others still imply.
    ///
    /// While there are other rows, only those count; one down may then stay beside another that implies it.
    fn left_by(&mut self, at: Index) -> Vec<Index> {
        let graph = self.graph;
        let downs = graph.normalized_downs.of(at);
        if self.rows.len() + self.unknown.len() > 1 {
            let mut left = Vec::new();
            for down in downs {
                // Only `at` itself needs it, or another row does; with several downs it may also be one of these.
                let is_needed = match self.followers(*down) {
                    0 | 1 => self.has(*down),
                    _ => downs.len() == 1 || self.is_below_others(*down, &[at]),
                };
                if !is_needed {
                    left.push(*down);
                }
            }
            left
        } else {
            let below = |low: Index, high: Index| graph.reach().is_ancestor(&graph.all_downs, low, high);
            let is_free = |down: &Index| !downs.iter().any(|other| other != down && below(*down, *other));
            downs.iter().copied().filter(is_free).collect()
        }
    }

    /// Replaces several rows by one: all but the last are deleted, the last is changed.
    fn merge(&mut self, from: &[Index], to: Index, revision: Index, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        let Some((last, others)) = from.split_last() else {
            return self.insert(to, changes);
        };
        for other in others {
            self.delete(*other, revision, changes)?;
        }
        self.update(*last, to, revision, changes)
    }

    fn has(&self, row: Index) -> bool {
        self.places[row.as_usize()].is_some()
    }

    fn insert(&mut self, row: Index, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        self.check_free(row)?;
        self.places[row.as_usize()] = Some(self.rows.len());
        self.rows.push(row);
        changes.push(RowChange::Insert(self.graph.id(row).to_owned()));
        Ok(())
    }

    fn update(&mut self, from: Index, to: Index, revision: Index, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        self.check_free(to)?;
        let place = self.place(from, revision)?;
        self.places[from.as_usize()] = None;
        self.places[to.as_usize()] = Some(place);
        self.rows[place] = to;
        changes.push(RowChange::Update {
            from: self.graph.id(from).to_owned(),
            to: self.graph.id(to).to_owned(),
        });
        Ok(())
    }

    fn delete(&mut self, row: Index, revision: Index, changes: &mut Vec<RowChange>) -> Result<(), RowError> {
        let place = self.place(row, revision)?;
        self.places[row.as_usize()] = None;
        self.rows.swap_remove(place);
        if let Some(moved) = self.rows.get(place) {
            self.places[moved.as_usize()] = Some(place);
        }
        changes.push(RowChange::Delete(self.graph.id(row).to_owned()));
        Ok(())
    }

    fn check_free(&self, row: Index) -> Result<(), RowError> {
        if self.has(row) {
            return Err(RowError::AlreadyThere {
                row: self.graph.id(row).to_owned(),
            });
        }
        Ok(())
    }

    fn place(&self, row: Index, revision: Index) -> Result<usize, RowError> {
        self.places[row.as_usize()].ok_or_else(|| RowError::NotThere {
            row: self.graph.id(row).to_owned(),
            revision: self.graph.id(revision).to_owned(),
        })
    }
}
