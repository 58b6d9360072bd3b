//! Branch labels: which revisions carry which.
//!
//! A label belongs to the revision that declares it and to everything after it. When the revisions after it are one
//! plain line to its end (no branch, no merge, no second dependent), the label also belongs to the line before it, up to the branch
//! or merge it hangs from. So each label has a *home*, the lowest revision that carries it, and spreads from there.
//!
//! Sets are shared: a revision has a set of its own only where a label is at home or where lines with different
//! labels merge. A label on every revision therefore costs no more than the revisions.

use std::collections::HashSet;

use crate::graph::Index;
use crate::links::Links;
use crate::work;

/// The labels of every revision.
#[derive(Debug, Default)]
pub(crate) struct LabelSets {
    /// The set of each revision; 0 is the empty set.
    set_of: Vec<u32>,
    sets: Vec<LabelSet>,
}

#[derive(Debug, Default)]
struct LabelSet {
    own: Vec<u32>,
    /// Sets whose labels are also in this one.
    from: Vec<u32>,
}

impl LabelSets {
    /// Spreads labels; `declared` holds the revision that declares each, none for a label that stays where it is.
    pub(crate) fn new(declared: &[Option<Index>], downs: &Links, next: &Links, all_next: &Links, topological: &[Index]) -> Self {
        if declared.is_empty() {
            return LabelSets {
                set_of: vec![0; downs.len()],
                sets: vec![LabelSet::default()],
            };
        }
        let is_plain = |at: Index| all_next.of(at).len() <= 1 && downs.of(at).len() <= 1;

        let mut line_to_end = vec![false; downs.len()];
        for at in topological.iter().rev() {
            let after = next.of(*at).first();
            line_to_end[at.as_usize()] = is_plain(*at) && after.is_none_or(|after| line_to_end[after.as_usize()]);
        }
        let mut start_of_line: Vec<Index> = (0..downs.len()).map(Index::new).collect();
        for at in topological {
            if let [down] = downs.of(*at)
                && is_plain(*down)
            {
                start_of_line[at.as_usize()] = start_of_line[down.as_usize()];
            }
        }
        let mut at_home: Vec<Vec<u32>> = vec![Vec::new(); downs.len()];
        for (label, at) in declared.iter().enumerate().filter_map(|(label, at)| Some((label, (*at)?))) {
            let home = if line_to_end[at.as_usize()] { start_of_line[at.as_usize()] } else { at };
            at_home[home.as_usize()].push(label as u32);
        }

        let mut sets = vec![LabelSet::default()];
        let mut set_of = vec![0u32; downs.len()];
        for at in topological {
            let mut from: Vec<u32> = Vec::new();
            for down in downs.of(*at) {
                work::tick(1);
                let set = set_of[down.as_usize()];
                if set != 0 && !from.contains(&set) {
                    from.push(set);
                }
            }
            let own = std::mem::take(&mut at_home[at.as_usize()]);
            set_of[at.as_usize()] = match (own.as_slice(), from.as_slice()) {
                ([], []) => 0,
                ([], [one]) => *one,
                _ => {
                    sets.push(LabelSet { own, from });
                    (sets.len() - 1) as u32
                }
            };
        }
        LabelSets { set_of, sets }
    }

    /// Returns the labels of a revision, in order.
    pub(crate) fn of(&self, at: Index) -> Vec<u32> {
        let mut labels = Vec::new();
        let mut seen = HashSet::new();
        let mut todo = vec![self.set_of[at.as_usize()]];
        while let Some(set) = todo.pop() {
            if seen.insert(set) {
                let set = &self.sets[set as usize];
                labels.extend(&set.own);
                todo.extend(&set.from);
            }
        }
        labels.sort_unstable();
        labels
    }
}
