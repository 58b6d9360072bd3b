//! A SQLite schema as SQL text, in an order in which it can be run.

use rusqlite::Connection;

/// The last line: without it the text is cut off.
pub(super) const TAIL: &str = "-- SQLite schema complete";
/// The first one.
pub(super) const HEAD: &str = "-- SQLite schema";

/// The statements that make the schema.
pub(super) fn schema(connection: &Connection) -> rusqlite::Result<String> {
    let mut text = format!("{HEAD}\nBEGIN;\n");
    for name in ["application_id", "user_version"] {
        let value: i64 = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
        if value != 0 {
            text.push_str(&format!("PRAGMA {name} = {value};\n"));
        }
    }
    // Tables first, then what stands on them; a virtual table makes its shadow tables itself.
    let mut query = connection.prepare(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND NOT (type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_list l WHERE l.name = sqlite_master.name AND l.type = 'shadow')) \
         ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid",
    )?;
    let statements: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for statement in statements {
        text.push_str(&statement);
        text.push_str(";\n");
    }
    text.push_str(&format!("COMMIT;\n{TAIL}\n"));
    Ok(text)
}
