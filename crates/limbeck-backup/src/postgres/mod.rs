//! PostgreSQL: `pg_dump`, `psql` and `pg_restore` do the work; this says what they are to do, and looks after them.

mod child;
mod clear;
mod counts;
mod dump;
mod fill;
mod in_place;
mod properties;
mod scan;
mod server;
mod swap;
mod tools;

use limbeck_db::{Connection, DbError};
use limbeck_expr::Literal;

pub use counts::compare;
pub(crate) use dump::finish;
pub use dump::{DumpRequest, Facts, dump, now};
pub use fill::{Fill, fill, inspect};
pub use in_place::{InPlace, in_place};
pub use server::Server;
pub use swap::{NewDatabase, Session, Swapped};
pub use tools::{Places, Program, find_tool};

/// A name as SQL writes it.
pub(crate) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The first column of the first row, where it is a text.
pub(crate) fn first_text(connection: &mut dyn Connection, sql: &str) -> Result<Option<String>, DbError> {
    let row = connection.query(sql, &[])?.rows.into_iter().next();
    Ok(match row.and_then(|row| row.into_iter().next()) {
        Some(Literal::Text(text)) => Some(text),
        _ => None,
    })
}
