//! Revisions in order and in lanes: what a drawing of the graph needs to know, whatever it draws with.
//!
//! The newest revision comes first and every revision before those it follows. A *lane* is a column that a line runs down in: from a revision to the one it follows, through the
//! rows between. Lines to the same revision share a lane from the row on where they meet, so that twenty branches of one revision are two lanes wide and not twenty.

mod lanes;
mod order;

pub use lanes::{Edge, Lane, Row};

use limbeck_revision::{Graph, Index};

/// A graph ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// One row for each revision, the newest first.
    pub rows: Vec<Row>,
    /// How many lanes there are where there are most.
    pub width: usize,
}

/// Lays out some revisions of a graph, given in the order in which to prefer them where the history leaves a choice; lines to other revisions are left out.
pub fn layout(graph: &Graph, revisions: &[Index]) -> Layout {
    lanes::lay(graph, &order::order(graph, revisions))
}

/// The revisions that this one follows or depends on, each once, and whether it does no more than depend on it.
pub(crate) fn parents(graph: &Graph, at: Index) -> Vec<(Index, bool)> {
    let downs = graph.downs(at);
    let dependencies = graph.normalized_downs(at).iter().filter(|parent| !downs.contains(parent));
    downs
        .iter()
        .map(|parent| (*parent, false))
        .chain(dependencies.map(|parent| (*parent, true)))
        .collect()
}
