//! The graph itself and what can be read off it directly.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::header::RevisionHeader;
use crate::label::LabelSets;
use crate::links::Links;
use crate::reach::Reach;

/// One revision of a [`Graph`]; only meaningful with the graph it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub(crate) u32);

impl Index {
    pub(crate) fn new(at: usize) -> Self {
        Index(at as u32)
    }

    /// Returns the position in load order.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }
}

/// All revisions of a project and how they follow each other. Made by [`Graph::build`].
#[derive(Debug)]
pub struct Graph {
    pub(crate) headers: Vec<RevisionHeader>,
    /// Ids and branch labels.
    pub(crate) names: HashMap<String, Index>,
    /// The labels, in load order, with the revision that declares each.
    pub(crate) labels: Vec<(String, Index)>,
    pub(crate) label_sets: LabelSets,
    /// The down revisions as written, repeats included.
    pub(crate) downs: Links,
    /// Downs and dependencies, without repeats.
    pub(crate) all_downs: Links,
    /// Downs and the dependencies that no ancestor already has.
    pub(crate) normalized_downs: Links,
    pub(crate) next: Links,
    pub(crate) all_next: Links,
    pub(crate) normalized_next: Links,
    /// Every revision after all of its all-downs.
    pub(crate) topological: Vec<Index>,
    /// In load order; a revision that is present twice may stand here twice, as in Alembic.
    pub(crate) heads: Vec<Index>,
    pub(crate) real_heads: Vec<Index>,
    pub(crate) bases: Vec<Index>,
    pub(crate) reach: OnceLock<Reach>,
}

impl Graph {
    /// Returns the number of revisions.
    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// Returns whether there are no revisions.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Returns all revisions in load order.
    pub fn indices(&self) -> impl ExactSizeIterator<Item = Index> + use<> {
        (0..self.headers.len()).map(Index::new)
    }

    /// Returns the header of a revision.
    pub fn header(&self, at: Index) -> &RevisionHeader {
        &self.headers[at.as_usize()]
    }

    /// Returns the id of a revision.
    pub fn id(&self, at: Index) -> &str {
        &self.headers[at.as_usize()].id
    }

    /// Returns the revision with exactly this id, taking no labels or prefixes.
    pub fn find(&self, id: &str) -> Option<Index> {
        self.names.get(id).copied().filter(|at| self.id(*at) == id)
    }

    /// Returns the heads: revisions that no other has as a down revision.
    pub fn heads(&self) -> &[Index] {
        &self.heads
    }

    /// Returns the effective heads: those that no other depends on either. `heads` as a target means these.
    pub fn effective_heads(&self) -> &[Index] {
        &self.real_heads
    }

    /// Returns the bases: revisions without a down revision.
    pub fn bases(&self) -> &[Index] {
        &self.bases
    }

    /// Returns the down revisions as written.
    pub fn downs(&self, at: Index) -> &[Index] {
        self.downs.of(at)
    }

    /// Returns the revisions that have `at` as a down revision, in load order.
    pub fn next(&self, at: Index) -> &[Index] {
        self.next.of(at)
    }

    /// Returns the downs and the dependencies that no ancestor already has; these are a step's row changes.
    pub fn normalized_downs(&self, at: Index) -> &[Index] {
        self.normalized_downs.of(at)
    }

    /// Returns whether no revision has `at` as a down revision.
    pub fn is_head(&self, at: Index) -> bool {
        self.next.of(at).is_empty()
    }

    /// Returns whether no revision follows or depends on `at`.
    pub fn is_effective_head(&self, at: Index) -> bool {
        self.all_next.of(at).is_empty()
    }

    /// Returns whether `at` has no down revision.
    pub fn is_base(&self, at: Index) -> bool {
        self.downs.of(at).is_empty()
    }

    /// Returns whether several revisions follow `at`.
    pub fn is_branch_point(&self, at: Index) -> bool {
        self.next.of(at).len() > 1
    }

    /// Returns whether `at` has several down revisions.
    pub fn is_merge_point(&self, at: Index) -> bool {
        self.downs.of(at).len() > 1
    }

    /// Returns the branch labels that reach `at`, in load order.
    pub fn labels(&self, at: Index) -> Vec<&str> {
        let ids = self.label_sets.of(at);
        ids.into_iter().map(|id| self.labels[id as usize].0.as_str()).collect()
    }

    /// Returns the revisions below `at` (itself included), through downs and dependencies.
    pub fn ancestors(&self, at: Index) -> Vec<Index> {
        self.all_downs.sweep([at]).iter().collect()
    }

    pub(crate) fn reach(&self) -> &Reach {
        self.reach.get_or_init(|| Reach::new(&self.all_downs, &self.topological))
    }
}
