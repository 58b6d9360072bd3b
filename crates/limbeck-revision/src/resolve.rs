//! Names into revisions: ids, prefixes, labels, `head`, `heads`, `base`, and membership of a branch.

use crate::error::{ErrorKind, GraphError, Wording};
use crate::graph::{Graph, Index};
use crate::links::Marks;
use crate::target::{Target, steps_back};

/// Where a walk can stand: at a revision, below all of them, or (past an end) nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    At(Index),
    Base,
    Nowhere,
}

impl Place {
    pub(crate) fn of(found: Option<Index>) -> Self {
        found.map_or(Place::Nowhere, Place::At)
    }

    pub(crate) fn revision(self) -> Option<Index> {
        match self {
            Place::At(at) => Some(at),
            Place::Base | Place::Nowhere => None,
        }
    }
}

/// What a name stands for before it is looked up: known revisions, or one name still to find.
enum Meaning<'a> {
    Revisions(Vec<Index>),
    Name(&'a str),
}

impl Graph {
    /// Returns the revisions that targets stand for: none for `base`, several for `heads`.
    ///
    /// # Errors
    /// An unknown or ambiguous name, or `head` where there are several.
    pub fn revisions(&self, target: Target<'_>) -> Result<Vec<Index>, GraphError> {
        let found = self.resolve_all(target).map(|places| places.into_iter().filter_map(Place::revision).collect());
        found.map_err(|kind| self.fail(kind, &Wording::default()))
    }

    /// Returns the one revision that a target stands for, `None` for `base`.
    ///
    /// # Errors
    /// An unknown or ambiguous name, or several heads.
    pub fn revision(&self, target: &str) -> Result<Option<Index>, GraphError> {
        self.resolve_one(target).map_err(|kind| self.fail(kind, &Wording::default()))
    }

    /// Returns the revisions that version rows stand for: the rows and the heads that they imply by dependencies.
    ///
    /// # Errors
    /// A row that is no revision here.
    pub fn current(&self, rows: &[String]) -> Result<Vec<Index>, GraphError> {
        self.all_current(rows).map_err(|kind| self.fail(kind, &Wording::default()))
    }

    /// Returns the latest revision that all of `revisions` have below them.
    pub fn common_ancestor(&self, revisions: &[Index]) -> Option<Index> {
        let mut shared = self.all_downs.sweep([*revisions.first()?]);
        for at in &revisions[1..] {
            shared.keep(&self.all_downs.sweep([*at]));
            if shared.is_empty() {
                return None;
            }
        }
        shared.iter().max_by_key(|at| self.reach().level(*at))
    }

    pub(crate) fn fail(&self, kind: ErrorKind, wording: &Wording) -> GraphError {
        GraphError::new(kind, wording, self)
    }

    /// Resolves targets, keeping what leads nowhere.
    pub(crate) fn resolve_all(&self, target: Target<'_>) -> Result<Vec<Place>, ErrorKind> {
        let mut places = Vec::new();
        for part in target.parts() {
            self.resolve_part(part, &mut places)?;
        }
        Ok(places)
    }

    fn resolve_part(&self, part: &str, places: &mut Vec<Place>) -> Result<(), ErrorKind> {
        let (meaning, branch) = self.meaning(part)?;
        match meaning {
            Meaning::Name(name) => {
                if let Some(steps) = steps_back(name) {
                    // `-2`, `label@-2`: that many below each head.
                    for head in &self.real_heads {
                        if branch.is_none_or(|branch| self.labels(*head).contains(&branch)) {
                            places.push(self.walk(Place::At(*head), steps, None, true)?);
                        }
                    }
                } else {
                    places.push(Place::At(self.find_name(name, branch)?));
                }
            }
            Meaning::Revisions(revisions) => {
                for at in revisions {
                    self.check_branch(at, self.id(at), branch)?;
                    places.push(Place::At(at));
                }
            }
        }
        Ok(())
    }

    /// Resolves one target; `None` is the base.
    pub(crate) fn resolve_one(&self, target: &str) -> Result<Option<Index>, ErrorKind> {
        let (meaning, branch) = self.meaning(target)?;
        match meaning {
            Meaning::Name(name) => self.find_name(name, branch).map(Some),
            Meaning::Revisions(revisions) => match revisions.as_slice() {
                [] => branch.map_or(Ok(()), |branch| self.find_branch(branch).map(|_| ())).map(|()| None),
                [at] => self.check_branch(*at, self.id(*at), branch).map(|()| Some(*at)),
                several => Err(self.multiple_heads(several, target)),
            },
        }
    }

    fn multiple_heads(&self, heads: &[Index], argument: &str) -> ErrorKind {
        ErrorKind::MultipleHeads {
            heads: heads.iter().map(|at| self.id(*at).to_owned()).collect(),
            argument: argument.to_owned(),
        }
    }

    /// Splits off the branch and gives `head`, `heads` and `base` their meaning.
    fn meaning<'a>(&self, target: &'a str) -> Result<(Meaning<'a>, Option<&'a str>), ErrorKind> {
        let (branch, symbol) = match target.split_once('@') {
            Some((branch, symbol)) => (Some(branch).filter(|branch| !branch.is_empty()), symbol),
            None => (None, target),
        };
        let meaning = match symbol {
            "heads" => Meaning::Revisions(match branch {
                Some(branch) => self.on_branch(&self.heads, branch)?,
                None => self.real_heads.clone(),
            }),
            "head" => {
                let heads = match branch {
                    Some(branch) => self.on_branch(&self.heads, branch)?,
                    None => self.heads.clone(),
                };
                if heads.len() > 1 {
                    return Err(self.multiple_heads(&heads, target));
                }
                Meaning::Revisions(heads)
            }
            "base" => Meaning::Revisions(Vec::new()),
            name => Meaning::Name(name),
        };
        Ok((meaning, branch))
    }

    /// Finds a revision by id, label or prefix, on a branch if one is given.
    pub(crate) fn find_name(&self, name: &str, branch: Option<&str>) -> Result<Index, ErrorKind> {
        let branch_revision = branch.map(|branch| self.find_branch(branch)).transpose()?;
        if let Some(at) = self.names.get(name) {
            self.check_branch(*at, name, branch)?;
            return Ok(*at);
        }
        // Labels count too; names of three characters and fewer are only found whole.
        let starts = |known: &&String| !name.is_empty() && known.starts_with(name) && known.chars().count() > 3;
        let mut candidates: Vec<&String> = self.names.keys().filter(starts).collect();
        if let Some(at) = branch_revision
            && !candidates.is_empty()
        {
            let lineage = self.lineage(&[at], false);
            candidates.retain(|known| lineage.has(self.names[*known]));
        }
        match candidates.as_slice() {
            [] => Err(ErrorKind::NotFound { argument: name.to_owned() }),
            [known] => Ok(self.names[*known]),
            _ => {
                candidates.sort();
                Err(ErrorKind::Ambiguous {
                    argument: name.to_owned(),
                    candidates: candidates.into_iter().cloned().collect(),
                })
            }
        }
    }

    fn check_branch(&self, at: Index, name: &str, branch: Option<&str>) -> Result<(), ErrorKind> {
        let Some(branch) = branch else {
            return Ok(());
        };
        if self.lineage(&[self.find_branch(branch)?], false).has(at) {
            return Ok(());
        }
        Err(ErrorKind::NotOnBranch {
            argument: name.to_owned(),
            revision: self.id(at).to_owned(),
            branch: branch.to_owned(),
        })
    }

    /// Finds the revision that a branch is named after: by label, id or prefix.
    pub(crate) fn find_branch(&self, branch: &str) -> Result<Index, ErrorKind> {
        self.find_name(branch, None).map_err(|_| ErrorKind::NoSuchBranch { branch: branch.to_owned() })
    }

    /// Marks the ancestors and descendants of `revisions`, and themselves.
    pub(crate) fn lineage(&self, revisions: &[Index], with_dependencies: bool) -> Marks {
        let (downs, next) = if with_dependencies {
            (&self.all_downs, &self.all_next)
        } else {
            (&self.downs, &self.next)
        };
        let below = downs.sweep(revisions.iter().copied());
        let mut marks = next.sweep(revisions.iter().copied());
        for at in below.iter() {
            marks.insert(at);
        }
        marks
    }

    /// Returns the revisions that share a line with what `against` stands for; with `base`, all of them.
    ///
    /// `against` is only looked at when there is something to compare, as in Alembic.
    pub(crate) fn related(&self, revisions: &[Index], against: &str, with_dependencies: bool) -> Result<Vec<Index>, ErrorKind> {
        let (meaning, branch) = self.meaning(against)?;
        if revisions.is_empty() {
            return Ok(Vec::new());
        }
        let mut tests = Vec::new();
        if let Some(branch) = branch {
            tests.push(self.find_name(branch, None)?);
        }
        match meaning {
            Meaning::Name(name) => tests.push(self.find_name(name, None)?),
            Meaning::Revisions(found) => tests.extend(found),
        }
        if tests.is_empty() {
            return Ok(revisions.to_vec());
        }
        let lineage = self.lineage(&tests, with_dependencies);
        Ok(revisions.iter().copied().filter(|at| lineage.has(*at)).collect())
    }

    /// Returns the revisions that are on a branch, by down revisions alone.
    pub(crate) fn on_branch(&self, revisions: &[Index], branch: &str) -> Result<Vec<Index>, ErrorKind> {
        self.related(revisions, branch, false)
    }

    pub(crate) fn all_current(&self, rows: &[String]) -> Result<Vec<Index>, ErrorKind> {
        let given: Vec<Index> = self.resolve_all(Target::Many(rows))?.into_iter().filter_map(Place::revision).collect();
        let active = self.all_downs.sweep(given.iter().copied());
        let is_tip = |at: &Index| !self.next.of(*at).iter().any(|next| active.has(*next));
        let mut current: Vec<Index> = Vec::new();
        let mut seen = Marks::none(self.len());
        for at in given.into_iter().chain(active.iter()) {
            if is_tip(&at) && seen.insert(at) {
                current.push(at);
            }
        }
        Ok(current)
    }
}
