//! A SQLite database in a temporary directory.

use std::path::{Path, PathBuf};

use crate::dump::sqlite_schema;

/// A SQLite file of one test; removed with the value.
#[derive(Debug)]
pub struct Sqlite {
    directory: tempfile::TempDir,
}

impl Sqlite {
    /// Makes a directory for a database file that does not exist yet.
    ///
    /// # Panics
    /// When no temporary directory can be made.
    #[expect(clippy::new_without_default, reason = "making a directory is not a default")]
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("temporary directory"),
        }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("test.db")
    }

    /// Returns the directory that holds the file.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the SQLAlchemy URL.
    pub fn url(&self) -> String {
        format!("sqlite:///{}", self.path().display())
    }

    /// Runs several statements.
    ///
    /// # Errors
    /// Returns SQLite's message.
    pub fn execute(&self, sql: &str) -> Result<(), String> {
        execute_sqlite(&self.path(), sql)
    }

    /// Runs one query and returns its rows, columns joined by `|` as the sqlite3 shell does.
    ///
    /// # Errors
    /// Returns SQLite's message.
    pub fn query(&self, sql: &str) -> Result<String, String> {
        let read = || -> rusqlite::Result<String> {
            let connection = rusqlite::Connection::open(self.path())?;
            let mut query = connection.prepare(sql)?;
            let width = query.column_count();
            let mut rows = query.query([])?;
            let mut text = String::new();
            while let Some(row) = rows.next()? {
                let cells: rusqlite::Result<Vec<String>> = (0..width).map(|index| cell(row.get_ref(index)?)).collect();
                text.push_str(&cells?.join("|"));
                text.push('\n');
            }
            Ok(text)
        };
        read().map_err(|error| error.to_string())
    }

    /// Returns the schema, tables before indexes.
    ///
    /// # Panics
    /// When the file is no database.
    pub fn dump(&self) -> String {
        sqlite_schema(&self.path()).expect("sqlite_master")
    }
}

/// Runs several statements on a SQLite file, made when it is not there.
///
/// # Errors
/// Returns SQLite's message.
pub fn execute_sqlite(path: &Path, sql: &str) -> Result<(), String> {
    let connection = rusqlite::Connection::open(path).map_err(|error| error.to_string())?;
    connection.execute_batch(sql).map_err(|error| error.to_string())
}

fn cell(value: rusqlite::types::ValueRef<'_>) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_schema_are_text() {
        let database = Sqlite::new();
        database
            .execute("create table t (a, b); create index i on t (a); insert into t values (1, 'x'), (2, null)")
            .unwrap();
        assert_eq!(database.query("select * from t order by a").unwrap(), "1|x\n2|\n");
        assert_eq!(database.dump(), "CREATE TABLE t (a, b);\nCREATE INDEX i on t (a);\n");
    }
}
