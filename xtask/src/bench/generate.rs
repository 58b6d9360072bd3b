//! Writes Alembic projects of a chosen size and shape.
//!
//! The same number gives the same files, so two runs compare the same work.

use super::bodies;
use crate::workspace;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The shape of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One revision after the other, with small bodies.
    Linear(usize),
    /// Two branches and their merge, again and again: three revisions a diamond.
    Diamonds(usize),
    /// A root with branches of ten revisions each; every branch ends in a head.
    Branches(usize),
    /// One after the other, with bodies as applications have them.
    Realistic(usize),
}

impl Shape {
    /// Returns the shape in words, for the table.
    pub fn name(self) -> String {
        match self {
            Self::Linear(count) => format!("{count} linear"),
            Self::Diamonds(count) => format!("{count} in diamonds"),
            Self::Branches(count) => format!("{count} in branches of 10"),
            Self::Realistic(count) => format!("{count} realistic"),
        }
    }

    /// Returns the parents of each revision, by number.
    fn parents(self) -> Vec<Vec<usize>> {
        let previous = |number: usize| number.checked_sub(1).into_iter().collect();
        match self {
            Self::Linear(count) | Self::Realistic(count) => (0..count).map(previous).collect(),
            Self::Diamonds(count) => (0..count)
                .map(|number| match number % 3 {
                    // 0 is the merge below which the next two revisions branch.
                    0 if number == 0 => Vec::new(),
                    0 => vec![number - 2, number - 1],
                    1 => vec![number - 1],
                    _ => vec![number - 2],
                })
                .collect(),
            Self::Branches(count) => (0..count)
                .map(|number| match number {
                    0 => Vec::new(),
                    _ if number % 10 == 1 => vec![0],
                    _ => vec![number - 1],
                })
                .collect(),
        }
    }
}

/// A project on disk.
#[derive(Debug)]
pub struct Project {
    /// Where its alembic.ini is.
    pub directory: PathBuf,
    /// The revisions without children.
    pub heads: Vec<String>,
    /// A revision from the middle.
    pub middle: String,
}

impl Project {
    /// Writes a project of `shape` into `directory`.
    pub fn write(directory: &Path, shape: Shape) -> Result<Self, String> {
        let ini = "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\npath_separator = os\n\
                   sqlalchemy.url = sqlite:///%(here)s/app.db\n\n";
        workspace::write(&directory.join("alembic.ini"), &format!("{ini}{}", include_str!("logging.ini")))?;
        workspace::write(&directory.join("migrations/env.py"), include_str!("env.py"))?;
        workspace::write(&directory.join("migrations/script.py.mako"), include_str!("script.py.mako"))?;
        let parents = shape.parents();
        let mut heads: BTreeSet<usize> = (0..parents.len()).collect();
        for (number, parents) in parents.iter().enumerate() {
            for parent in parents {
                heads.remove(parent);
            }
            let body = match shape {
                Shape::Realistic(_) => bodies::realistic(number),
                _ => bodies::small(number),
            };
            write_revision(directory, number, parents, &body)?;
        }
        Ok(Self {
            directory: directory.to_owned(),
            heads: heads.into_iter().map(identifier).collect(),
            middle: identifier(parents.len() / 2),
        })
    }

    /// Adds a second head below the first one's parent, for `merge`; returns both heads and the new file.
    pub fn fork(&self, count: usize) -> Result<(Vec<String>, PathBuf), String> {
        let parent = count.saturating_sub(2);
        let path = write_revision(&self.directory, count, &[parent], &bodies::small(count))?;
        Ok((vec![identifier(count - 1), identifier(count)], path))
    }
}

fn write_revision(directory: &Path, number: usize, parents: &[usize], body: &str) -> Result<PathBuf, String> {
    let revision = identifier(number);
    let down = match parents {
        [] => "None".to_owned(),
        [one] => format!("{:?}", identifier(*one)),
        several => format!(
            "({})",
            several.iter().map(|one| format!("{:?}", identifier(*one))).collect::<Vec<_>>().join(", ")
        ),
    };
    let text = format!(
        "\"\"\"Change number {number}\n\nRevision ID: {revision}\nRevises: {}\nCreate Date: 2026-01-02 03:04:05.000000\n\n\"\"\"\n\
         from typing import Sequence, Union\n\nfrom alembic import op\nimport sqlalchemy as sa\n\n\n\
         # revision identifiers, used by Alembic.\nrevision: str = {revision:?}\n\
         down_revision: Union[str, Sequence[str], None] = {down}\n\
         branch_labels: Union[str, Sequence[str], None] = None\ndepends_on: Union[str, Sequence[str], None] = None\n\n\n{body}",
        parents.iter().map(|one| identifier(*one)).collect::<Vec<_>>().join(", ")
    );
    let path = directory.join(format!("migrations/versions/{revision}_change_number_{number}.py"));
    workspace::write(&path, &text)?;
    Ok(path)
}

/// Returns twelve hexadecimal digits that look as random as Alembic's own and are never repeated.
fn identifier(number: usize) -> String {
    const ODD: u64 = 0x9e37_79b9_7f4b;
    let mixed = (number as u64 + 1).wrapping_mul(ODD) & 0xffff_ffff_ffff;
    format!("{mixed:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ() {
        let all: BTreeSet<String> = (0..10_001).map(identifier).collect();
        assert_eq!(all.len(), 10_001);
    }

    #[test]
    fn shapes_have_the_heads_they_should() {
        for (shape, heads) in [(Shape::Linear(10), 1), (Shape::Diamonds(31), 1), (Shape::Branches(41), 4)] {
            let place = tempfile::tempdir().unwrap();
            assert_eq!(Project::write(place.path(), shape).unwrap().heads.len(), heads, "{shape:?}");
        }
    }
}
