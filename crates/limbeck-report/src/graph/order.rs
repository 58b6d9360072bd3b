//! The order of the rows: every revision before those it follows, and each branch in one piece.

use super::parents;
use limbeck_revision::{Graph, Index};
use std::collections::HashMap;

/// Returns the revisions in the order of their rows.
///
/// Of a merge the branch that was merged comes first and the line it was merged into goes on after it: a side branch stays short and near to its merge.
pub fn order(graph: &Graph, revisions: &[Index]) -> Vec<Index> {
    // How many of the revisions are still to come before it.
    let mut waiting: HashMap<Index, usize> = revisions.iter().map(|at| (*at, 0)).collect();
    for at in revisions {
        for (parent, _) in parents(graph, *at) {
            if let Some(count) = waiting.get_mut(&parent) {
                *count += 1;
            }
        }
    }
    let mut ready: Vec<Index> = revisions.iter().rev().copied().filter(|at| waiting[at] == 0).collect();
    let mut order = Vec::with_capacity(revisions.len());
    while let Some(at) = ready.pop() {
        order.push(at);
        for (parent, _) in parents(graph, at) {
            if let Some(count) = waiting.get_mut(&parent) {
                *count -= 1;
                if *count == 0 {
                    ready.push(parent);
                }
            }
        }
    }
    order
}
