//! What the graph needs to know of one revision file.

/// The header of one revision, read from its file without running it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevisionHeader {
    /// `revision`.
    pub id: String,
    /// `down_revision`, as none, one or several ids.
    pub down_revisions: Vec<String>,
    /// `depends_on`, as none, one or several ids or branch labels.
    pub depends_on: Vec<String>,
    /// `branch_labels`.
    pub branch_labels: Vec<String>,
    /// The docstring, stripped of white space at both ends; empty when there is none.
    pub doc: String,
    /// The file it came from, as named to the user.
    pub source: String,
}

impl RevisionHeader {
    /// Returns the docstring up to its first empty line, which is what Alembic shows after a revision.
    pub fn summary(&self) -> &str {
        self.doc.split("\n\n").next().unwrap_or_default()
    }

    /// Returns the down revisions as Alembic writes them: joined by commas, `<base>` when there are none.
    pub fn down_text(&self) -> String {
        if self.down_revisions.is_empty() {
            "<base>".to_owned()
        } else {
            self.down_revisions.join(", ")
        }
    }
}
