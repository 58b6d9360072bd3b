//! Schemas as text that two runs can compare.

use std::path::Path;

/// Drops from a pg_dump what says nothing about the schema: comments, settings, psql's own lines, empty lines.
pub fn normalise_postgresql(dump: &str) -> String {
    let kept = dump.lines().filter(|line| {
        let noise = line.trim().is_empty()
            || line.starts_with("--")
            || line.starts_with("SET ")
            || line.starts_with("SELECT pg_catalog.set_config")
            || line.starts_with("\\restrict")
            || line.starts_with("\\unrestrict");
        !noise
    });
    let mut text: String = kept.flat_map(|line| [line.trim_end(), "\n"]).collect();
    text.shrink_to_fit();
    text
}

/// Returns the `sql` of sqlite_master ordered by type descending and name, one statement per paragraph.
///
/// # Errors
/// Returns SQLite's message, for instance for a file that is no database.
pub fn sqlite_schema(path: &Path) -> Result<String, String> {
    let read = || -> rusqlite::Result<String> {
        let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut query = connection.prepare("select sql from sqlite_master where sql is not null order by type desc, name")?;
        let rows = query.query_map([], |row| row.get::<_, String>(0))?;
        let mut text = String::new();
        for sql in rows {
            text.push_str(&sql?);
            text.push_str(";\n");
        }
        Ok(text)
    };
    read().map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_goes_and_indented_comments_stay() {
        let dump = "-- head\nSET x = 1;\n\\restrict abc\n\nCREATE TABLE t (\n    a int  \n);\n    -- in a function\n";
        assert_eq!(normalise_postgresql(dump), "CREATE TABLE t (\n    a int\n);\n    -- in a function\n");
    }
}
