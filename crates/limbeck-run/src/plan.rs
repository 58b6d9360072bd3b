//! The steps of a run as data: nothing runs that was not first a plan.

use crate::event::{Direction, StepLabel};
use limbeck_python::RevisionInfo;
use limbeck_revision::{Graph, RowChange, RowError, Step, Steps, VersionRows};
use std::path::PathBuf;

/// One step: a script function to run, if any, and the row changes that go with it.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    pub label: StepLabel,
    /// The script, unless only rows change.
    pub script: Option<PathBuf>,
    /// What the script sees of itself.
    pub revision: RevisionInfo,
    pub changes: Vec<RowChange>,
    /// The rows after the step.
    pub rows_after: Vec<String>,
}

impl PlannedStep {
    /// The script's path for records: below the working directory where it is there.
    pub fn shown_path(&self) -> String {
        let Some(path) = &self.script else { return String::new() };
        let here = std::env::current_dir().unwrap_or_default();
        path.strip_prefix(&here).unwrap_or(path).display().to_string()
    }
}

/// Turns the graph's steps into a plan that starts at `rows`.
///
/// # Errors
/// A step that the rows do not allow.
pub fn plan(graph: &Graph, rows: &[String], steps: &Steps) -> Result<Vec<PlannedStep>, RowError> {
    let mut state = VersionRows::new(graph, rows);
    steps
        .steps
        .iter()
        .map(|step| {
            let changes = state.apply(step)?;
            let mut rows_after = state.ids();
            rows_after.sort();
            let (at, direction) = match step {
                Step::Upgrade(at) => (Some(*at), Direction::Upgrade),
                Step::Downgrade(at) => (Some(*at), Direction::Downgrade),
                Step::Stamp(_) => (None, Direction::Stamp),
            };
            let own = at.map(|at| vec![graph.id(at).to_owned()]).unwrap_or_default();
            let downs = at.map(|at| graph.header(at).down_revisions.clone()).unwrap_or_default();
            let (from, to) = match step {
                Step::Upgrade(_) => (downs, own),
                Step::Downgrade(_) => (own, downs),
                Step::Stamp(stamp) => (
                    stamp.from.iter().map(|at| graph.id(*at).to_owned()).collect(),
                    stamp.to.map(|at| graph.id(at).to_owned()).into_iter().collect(),
                ),
            };
            let header = at.map(|at| graph.header(at));
            Ok(PlannedStep {
                label: StepLabel {
                    direction,
                    from,
                    to,
                    doc: header.map(|header| header.summary().to_owned()).unwrap_or_default(),
                },
                script: header.map(|header| PathBuf::from(&header.source)),
                revision: header
                    .map(|header| RevisionInfo {
                        revision: Some(header.id.clone()),
                        down_revision: header.down_revisions.clone(),
                        branch_labels: header.branch_labels.clone(),
                        depends_on: header.depends_on.clone(),
                        doc: Some(header.doc.clone()),
                    })
                    .unwrap_or_default(),
                changes,
                rows_after,
            })
        })
        .collect()
}
