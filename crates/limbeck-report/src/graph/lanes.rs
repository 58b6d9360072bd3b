//! Which lane each revision and each line is in.

use super::{Layout, parents};
use limbeck_revision::{Graph, Index};
use std::collections::HashSet;

/// A line on its way down to a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// The revision it leads to.
    pub to: Index,
    /// Whether all it stands for is `depends_on`.
    pub dependency: bool,
}

/// A line in the lower half of a row, from lane to lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The lane at the middle of the row.
    pub from: usize,
    /// The lane at its foot.
    pub to: usize,
    /// Whether all it stands for is `depends_on`.
    pub dependency: bool,
}

/// A revision and the lines around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The revision.
    pub revision: Index,
    /// The lane it is in.
    pub lane: usize,
    /// The lines that come in from above, by lane.
    pub above: Vec<Option<Lane>>,
    /// The lines of the lower half; those that stay in their lane, too.
    pub edges: Vec<Edge>,
    /// Whether it follows a revision that is not drawn.
    pub goes_on: bool,
}

impl Row {
    /// Whether a line leads down to this revision; none does to a head.
    pub fn comes_from_above(&self) -> bool {
        self.above.get(self.lane).is_some_and(Option::is_some)
    }

    /// Whether a line changes its lane below this revision.
    pub fn bends(&self) -> bool {
        self.edges.iter().any(|edge| edge.from != edge.to)
    }
}

/// Puts revisions into lanes; they are in the order of their rows.
pub fn lay(graph: &Graph, order: &[Index]) -> Layout {
    let drawn: HashSet<Index> = order.iter().copied().collect();
    let mut lanes: Vec<Option<Lane>> = Vec::new();
    let mut layout = Layout::default();
    for &revision in order {
        let all = parents(graph, revision);
        let wanted: Vec<(Index, bool)> = all.iter().copied().filter(|(parent, _)| drawn.contains(parent)).collect();
        let goes_on = wanted.len() < all.len();
        let above = lanes.clone();
        let waits = lanes.iter().position(|lane| lane.is_some_and(|lane| lane.to == revision));
        let lane = waits.unwrap_or_else(|| free(&mut lanes, 0));
        let edges = descend(&mut lanes, lane, &wanted);
        layout.width = layout.width.max(lane + 1).max(lanes.len());
        while lanes.last() == Some(&None) {
            lanes.pop();
        }
        layout.rows.push(Row {
            revision,
            lane,
            above,
            edges,
            goes_on,
        });
    }
    layout
}

/// Leads the lines of one row down: those that pass by, and those from the revision in `own` to its parents.
fn descend(lanes: &mut Vec<Option<Lane>>, own: usize, wanted: &[(Index, bool)]) -> Vec<Edge> {
    let before = lanes.clone();
    lanes[own] = None;
    // Lines that move into the revision's own lane, which is nearer to the left.
    let mut moved = None;
    let mut out = Vec::new();
    for &(parent, dependency) in wanted {
        let there = lanes.iter().position(|lane| lane.is_some_and(|lane| lane.to == parent));
        match there {
            Some(there) => {
                let lane = lanes[there].as_mut().expect("a line was found in it");
                lane.dependency &= dependency;
                if there > own && lanes[own].is_none() && !dependency {
                    moved = Some(there);
                    lanes[own] = lanes[there].take();
                    out.push(Edge {
                        from: own,
                        to: own,
                        dependency,
                    });
                } else {
                    out.push(Edge {
                        from: own,
                        to: there,
                        dependency,
                    });
                }
            }
            None => {
                let to = if lanes[own].is_none() { own } else { free(lanes, own + 1) };
                lanes[to] = Some(Lane { to: parent, dependency });
                out.push(Edge { from: own, to, dependency });
            }
        }
    }
    let mut edges: Vec<Edge> = before
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != own)
        .filter_map(|(at, lane)| {
            Some(Edge {
                from: at,
                to: if moved == Some(at) { own } else { at },
                dependency: (*lane)?.dependency,
            })
        })
        .collect();
    edges.extend(out);
    edges
}

/// A lane without a line, from `from` on.
fn free(lanes: &mut Vec<Option<Lane>>, from: usize) -> usize {
    while lanes.len() < from {
        lanes.push(None);
    }
    if let Some(at) = lanes[from..].iter().position(Option::is_none) {
        return from + at;
    }
    lanes.push(None);
    lanes.len() - 1
}
