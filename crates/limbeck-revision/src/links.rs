//! Edges between revisions, and sweeps along them.

use crate::error::ErrorKind;
use crate::graph::Index;
use crate::work;

/// The edges of one kind: for each revision, the revisions it points to, in file order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    starts: Vec<u32>,
    targets: Vec<Index>,
}

impl Links {
    /// Collects the edges of revisions `0..count`.
    pub(crate) fn collect(lists: impl Iterator<Item = Vec<Index>>) -> Self {
        let mut links = Links {
            starts: vec![0],
            targets: Vec::new(),
        };
        for list in lists {
            links.targets.extend(list);
            links.starts.push(links.targets.len() as u32);
        }
        links
    }

    /// Returns the number of revisions.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns where `from` points to.
    pub(crate) fn of(&self, from: Index) -> &[Index] {
        let at = from.as_usize();
        &self.targets[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Returns the edges turned round, each list in order of its far end and without repeats.
    pub(crate) fn reversed(&self) -> Links {
        let mut starts = vec![0u32; self.len() + 1];
        // Edges come sorted by their start, so remembering the last one finds repeats.
        let mut last = vec![None; self.len()];
        for (from, to) in self.edges() {
            if last[to.as_usize()].replace(from) != Some(from) {
                starts[to.as_usize() + 1] += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut targets = vec![Index::new(0); starts[self.len()] as usize];
        let mut fill = starts.clone();
        last.fill(None);
        for (from, to) in self.edges() {
            if last[to.as_usize()].replace(from) != Some(from) {
                targets[fill[to.as_usize()] as usize] = from;
                fill[to.as_usize()] += 1;
            }
        }
        Links { starts, targets }
    }

    /// Returns all edges, in order of where they start.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (Index, Index)> + '_ {
        (0..self.len()).map(Index::new).flat_map(|from| self.of(from).iter().map(move |to| (from, *to)))
    }

    /// Marks everything that can be reached from `starts`, and the starts.
    pub(crate) fn sweep(&self, starts: impl IntoIterator<Item = Index>) -> Marks {
        let mut marks = Marks::none(self.len());
        self.sweep_into(&mut marks, starts);
        marks
    }

    /// Like [`Links::sweep`], adding to marks that are already there.
    pub(crate) fn sweep_into(&self, marks: &mut Marks, starts: impl IntoIterator<Item = Index>) {
        let mut todo: Vec<Index> = starts.into_iter().collect();
        while let Some(at) = todo.pop() {
            work::tick(1);
            if marks.insert(at) {
                todo.extend(self.of(at).iter().filter(|to| !marks.has(**to)));
            }
        }
    }

    /// Like [`Links::sweep`], refusing starts that lie on one another's way.
    ///
    /// Each start sees what earlier starts have not swept, and the edge of what they have; that is enough to find an
    /// overlap, and it is what Alembic looks at, so that the pair it names is the same.
    pub(crate) fn sweep_apart(&self, starts: &[Index], name: impl Fn(Index) -> String) -> Result<Marks, ErrorKind> {
        let mut marks = Marks::none(self.len());
        let is_start = Marks::of(self.len(), starts.iter().copied());
        for start in starts {
            let mut met = Vec::new();
            let mut todo = vec![*start];
            while let Some(at) = todo.pop() {
                work::tick(1);
                if is_start.has(at) && at != *start && !met.contains(&at) {
                    met.push(at);
                }
                if marks.insert(at) {
                    todo.extend(self.of(at));
                }
            }
            if !met.is_empty() {
                met.sort();
                return Err(ErrorKind::Overlap {
                    revision: name(*start),
                    others: met.into_iter().map(&name).collect(),
                });
            }
        }
        Ok(marks)
    }
}

/// A set of revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marks(Vec<bool>);

impl Marks {
    /// Makes the empty set over `count` revisions.
    pub(crate) fn none(count: usize) -> Self {
        Marks(vec![false; count])
    }

    /// Makes a set.
    pub(crate) fn of(count: usize, members: impl IntoIterator<Item = Index>) -> Self {
        let mut marks = Marks::none(count);
        for member in members {
            marks.insert(member);
        }
        marks
    }

    /// Returns whether `at` is a member.
    pub(crate) fn has(&self, at: Index) -> bool {
        self.0[at.as_usize()]
    }

    /// Adds a member; returns whether it is new.
    pub(crate) fn insert(&mut self, at: Index) -> bool {
        !std::mem::replace(&mut self.0[at.as_usize()], true)
    }

    /// Takes a member away.
    pub(crate) fn remove(&mut self, at: Index) {
        self.0[at.as_usize()] = false;
    }

    /// Keeps what `other` also has.
    pub(crate) fn keep(&mut self, other: &Marks) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, other)| *mine &= other);
    }

    /// Takes away what `other` has.
    pub(crate) fn remove_all(&mut self, other: &Marks) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, other)| *mine &= !other);
    }

    /// Returns the members in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Index> + '_ {
        self.0.iter().enumerate().filter(|(_, has)| **has).map(|(at, _)| Index::new(at))
    }

    /// Returns whether there is no member.
    pub(crate) fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }
}
