//! Whether one revision is an ancestor of another, mostly without walking.
//!
//! Each revision gets a level and a few intervals in linear time. Two spanning trees (by first and by last down)
//! prove most ancestors; levels and two depth-first numberings in opposite order disprove most others. What remains
//! open is walked, cut off by the same numbers.

use std::collections::HashSet;

use crate::graph::Index;
use crate::links::Links;
use crate::work;

/// What is known without walking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
    Open,
}

/// The numbers of every revision.
#[derive(Debug)]
pub(crate) struct Reach {
    level: Vec<u32>,
    trees: [Vec<Interval>; 2],
    orders: [Vec<Interval>; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Interval {
    low: u32,
    high: u32,
}

impl Interval {
    fn holds(self, other: Interval) -> bool {
        self.low <= other.low && other.high <= self.high
    }
}

impl Reach {
    /// Numbers the revisions; `topological` has every revision after all of its `downs`.
    pub(crate) fn new(downs: &Links, topological: &[Index]) -> Self {
        let mut level = vec![0; downs.len()];
        for at in topological {
            work::tick(1);
            let below = downs.of(*at).iter().map(|down| level[down.as_usize()] + 1);
            level[at.as_usize()] = below.max().unwrap_or(0);
        }
        let first = tree(downs, topological, |downs| downs.first());
        let last = tree(downs, topological, |downs| downs.last());
        let next = downs.reversed();
        let orders = [false, true].map(|backwards| order(downs, &next, backwards));
        Reach {
            level,
            trees: [first, last],
            orders,
        }
    }

    /// Returns how many revisions the longest way down from `at` has.
    pub(crate) fn level(&self, at: Index) -> u32 {
        self.level[at.as_usize()]
    }

    /// Returns whether `low` is `high` or below it, as far as the numbers tell.
    pub(crate) fn known(&self, low: Index, high: Index) -> Known {
        work::tick(1);
        let (a, b) = (low.as_usize(), high.as_usize());
        if a == b {
            Known::Yes
        } else if self.level[a] >= self.level[b] {
            Known::No
        } else if self.trees.iter().any(|tree| tree[a].holds(tree[b])) {
            Known::Yes
        } else if self.orders.iter().any(|order| !order[b].holds(order[a])) {
            Known::No
        } else {
            Known::Open
        }
    }

    /// Returns whether `low` is `high` or below it. `downs` are the edges given to [`Reach::new`].
    pub(crate) fn is_ancestor(&self, downs: &Links, low: Index, high: Index) -> bool {
        match self.known(low, high) {
            Known::Yes => true,
            Known::No => false,
            Known::Open => {
                let mut seen = HashSet::new();
                let mut todo = vec![high];
                while let Some(at) = todo.pop() {
                    for down in downs.of(at) {
                        match self.known(low, *down) {
                            Known::Yes => return true,
                            Known::Open if seen.insert(*down) => todo.push(*down),
                            _ => {}
                        }
                    }
                }
                false
            }
        }
    }
}

/// Returns, in the tree that keeps one down of each revision, which numbers lie at or above each.
fn tree(downs: &Links, topological: &[Index], pick: impl Fn(&[Index]) -> Option<&Index>) -> Vec<Interval> {
    let mut size = vec![1u32; downs.len()];
    for at in topological.iter().rev() {
        if let Some(down) = pick(downs.of(*at)) {
            size[down.as_usize()] += size[at.as_usize()];
        }
    }
    // A revision's subtree takes `size` numbers; each child takes the next free part of its parent's.
    let mut intervals = vec![Interval::default(); downs.len()];
    let mut free = vec![0u32; downs.len()];
    let mut roots = 0;
    for at in topological {
        let taken = size[at.as_usize()];
        let low = match pick(downs.of(*at)) {
            Some(down) => {
                free[down.as_usize()] += taken;
                free[down.as_usize()] - taken
            }
            None => {
                roots += taken;
                roots - taken
            }
        };
        intervals[at.as_usize()] = Interval { low, high: low + taken - 1 };
        free[at.as_usize()] = low + 1;
    }
    intervals
}

/// Returns a depth-first numbering: an ancestor's interval lies inside that of each of its descendants.
fn order(downs: &Links, next: &Links, backwards: bool) -> Vec<Interval> {
    let mut intervals = vec![Interval::default(); downs.len()];
    let mut visited = vec![false; downs.len()];
    let mut number = 0;
    let count = downs.len();
    let turned = |at: usize, len: usize| if backwards { len - 1 - at } else { at };
    for start in (0..count).map(|at| Index::new(turned(at, count))).filter(|at| next.of(*at).is_empty()) {
        let mut stack = vec![(start, 0)];
        visited[start.as_usize()] = true;
        while let Some((at, position)) = stack.last_mut() {
            work::tick(1);
            let list = downs.of(*at);
            if *position < list.len() {
                let down = list[turned(*position, list.len())];
                *position += 1;
                if !std::mem::replace(&mut visited[down.as_usize()], true) {
                    stack.push((down, 0));
                }
            } else {
                let low = list.iter().map(|down| intervals[down.as_usize()].low).min().unwrap_or(number);
                intervals[at.as_usize()] = Interval { low, high: number };
                number += 1;
                stack.pop();
            }
        }
    }
    intervals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_walking_on_random_graphs() {
        let mut seed = 7u64;
        let mut random = move |below: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % below
        };
        let (mut yes, mut no) = (0, 0);
        for _ in 0..60 {
            let count = 2 + random(30);
            let lists: Vec<Vec<Index>> = (0..count)
                .map(|at| {
                    let mut list: Vec<Index> = Vec::new();
                    for _ in 0..random(3).min(at) {
                        let down = Index::new(at - 1 - random(at.min(6)));
                        if !list.contains(&down) {
                            list.push(down);
                        }
                    }
                    list
                })
                .collect();
            let downs = Links::collect(lists.into_iter());
            let topological: Vec<Index> = (0..count).map(Index::new).collect();
            let reach = Reach::new(&downs, &topological);
            for high in topological.iter().copied() {
                let below = downs.sweep([high]);
                for low in topological.iter().copied() {
                    assert_eq!(reach.is_ancestor(&downs, low, high), below.has(low), "{low:?} {high:?} {downs:?}");
                    match reach.known(low, high) {
                        Known::Yes => yes += 1,
                        Known::No => no += 1,
                        Known::Open => {}
                    }
                }
            }
        }
        assert!(yes > 100 && no > 100, "the numbers decide most questions");
    }
}
