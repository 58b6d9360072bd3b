//! SQL text as the runner sees it: where statements begin and end, and what each asks of the transaction around it.
//!
//! Everything here is a pure function of text; nothing connects, and no text makes it panic. PostgreSQL is read with squawk's lexer and syntax tree,
//! SQLite and MySQL with a small tokenizer of our own. Only the head of a statement is given to the tree, so its cost and depth do not grow with the text.
//!
//! When in doubt a statement is ordinary: that costs a retry when the server says otherwise, whereas taking an ordinary statement out of its
//! transaction would cost its atomicity. Words inside strings, quoted names, function bodies and comments never count.
//!
//! *Absent: what a statement locks or rewrites; whether it is valid SQL.*

pub mod changes;
mod classify;
mod kind;
mod lexemes;
mod mysql;
mod name;
mod postgres;
mod session;
mod shape;
mod split;
mod sqlite;
mod token;
mod words;

pub use classify::{classify, needs_a_look};
pub use kind::{Kind, Outside, Reindex, TransactionControl};
pub use lexemes::lexemes;
pub use name::Name;
pub use postgres::added_enum_value;
pub use session::sets_session;
pub use shape::{headline, shape};
pub use split::split;

/// Whose SQL a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// PostgreSQL.
    Postgresql,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB.
    Mysql,
}
