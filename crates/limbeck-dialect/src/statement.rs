//! What a dialect produces: statements. How one stands to the transaction around it is read from its text, by whoever runs it (`limbeck-sql`).

use limbeck_expr::Literal;

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text: without a terminator, tabs as Alembic's `--sql` prints them when compiled offline.
    pub sql: String,
    /// Values for the `?` placeholders, in order (live SQLite and MySQL only).
    pub params: Vec<Literal>,
}

impl Statement {
    /// Makes a statement without parameters.
    pub fn new(sql: impl Into<String>) -> Self {
        Statement {
            sql: sql.into(),
            params: Vec::new(),
        }
    }
}
