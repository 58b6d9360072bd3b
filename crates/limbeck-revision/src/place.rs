//! Where a new revision goes: what `revision` and `merge` write into its header.

use crate::build::check_id;
use crate::error::{ErrorKind, GraphError, Wording};
use crate::graph::{Graph, Index};
use crate::resolve::Place;
use crate::target::Target;

impl Graph {
    /// Checks the id of a new revision.
    ///
    /// # Errors
    /// Characters that targets use.
    pub fn check_new_id(id: &str) -> Result<(), GraphError> {
        check_id(id).map_err(GraphError::of_usage)
    }

    /// Returns the down revisions of a new revision that follows `heads`; none for `base` and in an empty project.
    ///
    /// # Errors
    /// Unknown names, several heads where one was asked for, one head named twice.
    pub fn new_downs(&self, heads: Target<'_>) -> Result<Vec<Index>, GraphError> {
        let wording = Wording {
            multiple_heads: Some(
                "Multiple heads are present; please specify the head revision on which the new revision should be \
                 based, or perform a merge.",
            ),
            ..Wording::default()
        };
        let downs = || -> Result<Vec<Index>, ErrorKind> {
            let places = self.resolve_all(heads)?;
            let downs: Vec<Index> = places.into_iter().filter_map(Place::revision).collect();
            let is_repeated = |(number, at): (usize, &Index)| downs[..number].contains(at);
            if downs.iter().enumerate().any(is_repeated) {
                return Err(ErrorKind::DuplicateHeads);
            }
            Ok(downs)
        };
        downs().map_err(|kind| self.fail(kind, &wording))
    }

    /// Checks that a new revision follows heads only, unless it is spliced in.
    ///
    /// # Errors
    /// A down revision that already has a follower.
    pub fn check_new_downs(&self, downs: &[Index]) -> Result<(), GraphError> {
        match downs.iter().find(|at| !self.is_head(**at)) {
            None => Ok(()),
            Some(at) => {
                let kind = ErrorKind::NotAHead {
                    revision: self.id(*at).to_owned(),
                };
                Err(self.fail(kind, &Wording::default()))
            }
        }
    }

    /// Returns what to write as `depends_on`: labels stay, everything else becomes a whole id.
    ///
    /// # Errors
    /// Unknown names, several heads.
    pub fn new_dependencies(&self, depends_on: &[String]) -> Result<Vec<String>, GraphError> {
        let resolve = |name: &String| -> Result<String, GraphError> {
            let Some(at) = self.revision(name)? else {
                let kind = ErrorKind::NotFound { argument: name.clone() };
                return Err(self.fail(kind, &Wording::default()));
            };
            let is_label = self.labels(at).contains(&name.as_str());
            Ok(if is_label { name.clone() } else { self.id(at).to_owned() })
        };
        depends_on.iter().map(resolve).collect()
    }
}
