//! `stamp`: moving the rows of a version table without running anything.

use crate::error::{ErrorKind, GraphError, Wording};
use crate::graph::{Graph, Index};
use crate::resolve::Place;
use crate::step::{Stamp, Step, Steps, split_stamp};
use crate::target::Target;

impl Graph {
    /// Returns the steps that move `rows` to `targets`.
    ///
    /// Rows that share no line with any target stay. A target that no row leads to or from becomes a row of its own.
    ///
    /// # Errors
    /// Unknown names, several heads where one was asked for.
    pub fn stamp(&self, rows: &[String], targets: &[String]) -> Result<Steps, GraphError> {
        let wording = Wording {
            multiple_heads: Some("Multiple heads are present; please specify a single target revision"),
            ..Wording::default()
        };
        let steps = self.stamps(rows, targets).map_err(|kind| self.fail(kind, &wording))?;
        Ok(Steps {
            steps: steps.into_iter().map(Step::Stamp).collect(),
            warning: None,
        })
    }

    /// Splits the targets of `stamp --sql` into their one start and the targets.
    ///
    /// # Errors
    /// Ranges that start at different revisions.
    pub fn split_stamp_ranges(targets: &[String]) -> Result<(Option<String>, Vec<String>), GraphError> {
        split_stamp(targets)
    }

    fn stamps(&self, rows: &[String], targets: &[String]) -> Result<Vec<Stamp>, ErrorKind> {
        let base = ["base".to_owned()];
        let targets = if targets.is_empty() { &base[..] } else { targets };
        let places = |target| -> Result<Vec<Index>, ErrorKind> { Ok(self.resolve_all(target)?.into_iter().filter_map(Place::revision).collect()) };
        let rows = places(Target::Many(rows))?;
        let mut affected: Vec<Index> = Vec::new();
        for target in targets {
            for at in self.related(&rows, target, true)? {
                if !affected.contains(&at) {
                    affected.push(at);
                }
            }
        }
        let destinations = places(Target::Many(targets))?;
        if destinations.is_empty() {
            let delete = |at: &Index| Stamp {
                from: vec![*at],
                to: None,
                is_upgrade: false,
                is_branch_move: true,
            };
            return Ok(affected.iter().map(delete).collect());
        }
        let mut stamps = Vec::new();
        for to in destinations {
            if affected.contains(&to) {
                continue;
            }
            let above = self.all_next.sweep([to]);
            let below = self.all_downs.sweep([to]);
            let from_above = affected.iter().any(|at| above.has(*at));
            let from_below = affected.iter().any(|at| below.has(*at));
            if from_above && from_below {
                return Err(ErrorKind::StampBetween {
                    revision: self.id(to).to_owned(),
                });
            }
            let moves = from_above || from_below;
            stamps.push(Stamp {
                from: if moves { affected.clone() } else { Vec::new() },
                to: Some(to),
                is_upgrade: !from_above,
                is_branch_move: !moves,
            });
        }
        Ok(stamps)
    }
}
