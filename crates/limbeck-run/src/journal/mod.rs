//! Limbeck's own records in the database: which segments of a half-done revision are finished, applied scripts, the log.
//!
//! PostgreSQL keeps them in the schema `limbeck`. SQLite has a table `limbeck_journal` for as long as a revision is half done and at no other time.
//! A finished segment's row is written in the segment's own transaction, so that a crash cannot fall between the two. A statement that runs outside of a
//! transaction has a row `started` before it and `done` after it.

mod postgres;
mod scripts;

use limbeck_db::Connection;
use limbeck_dialect::DialectName;
use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, HostError};
use limbeck_schema::TableName;
use serde::{Deserialize, Serialize};

use limbeck_schema::catalogue::literal;

use crate::outside::Before;
use crate::replay::Kept;
use crate::safety::JournalMode;

pub use scripts::{AppliedScript, Remembered};

/// SQLite's table.
const SQLITE_TABLE: &str = "limbeck_journal";

/// Where records go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    Off,
    Postgres {
        /// Whether the tables are there.
        present: bool,
        /// Whether they go when no revision is half done.
        transient: bool,
    },
    Sqlite {
        present: bool,
    },
}

/// The journal of one database and version table.
#[derive(Debug, Clone)]
pub struct Journal {
    store: Store,
    version_table: String,
}

/// Whose segments are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub revision: &'a str,
    pub direction: &'a str,
    /// Hash of the script's meaning.
    pub meaning: Option<&'a str>,
}

/// A statement outside of a transaction that was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Started {
    pub sql: String,
    pub before: Before,
}

/// A revision that was cut into segments and did not reach its end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HalfDone {
    pub kept: Vec<Kept>,
    /// The number of the last finished segment.
    pub done: usize,
    pub started: Option<Started>,
    pub meaning: Option<String>,
}

/// A half-done revision, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HalfDoneRevision {
    pub revision: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// Segments that are finished.
    pub finished: usize,
    /// The statement outside of a transaction that was running, if one was.
    pub running: Option<String>,
    /// Since when, as the database tells.
    pub since: String,
}

impl Journal {
    /// Looks for the journal and creates it where it is wanted and missing. What stands in the way is a warning: migrations work without it.
    ///
    /// # Errors
    /// The database could not be asked at all.
    pub fn open(
        connection: &mut dyn Connection,
        dialect: DialectName,
        version_table: &TableName,
        mode: JournalMode,
    ) -> Result<(Self, Option<String>), HostError> {
        let mut journal = Journal {
            store: Store::Off,
            version_table: version_table.to_string(),
        };
        if mode == JournalMode::Off {
            return Ok((journal, None));
        }
        let mut warning = None;
        journal.store = match dialect {
            DialectName::Postgresql => {
                let found = postgres::look(connection, version_table)?;
                journal.version_table = qualified(version_table, found.schema_in_use.as_deref());
                let (store, why_not) = postgres::open(connection, version_table, &found, mode == JournalMode::Transient)?;
                warning = why_not;
                store
            }
            DialectName::Sqlite => Store::Sqlite {
                present: sqlite_present(connection)?,
            },
            DialectName::Mysql => Store::Off,
        };
        Ok((journal, warning))
    }

    /// Looks for the journal without creating anything.
    ///
    /// # Errors
    /// The database could not be asked.
    pub fn look(connection: &mut dyn Connection, dialect: DialectName, version_table: &TableName) -> Result<Self, HostError> {
        let mut name = version_table.to_string();
        let store = match dialect {
            DialectName::Postgresql => {
                let found = postgres::look(connection, version_table)?;
                name = qualified(version_table, found.schema_in_use.as_deref());
                if postgres::readable(&found) {
                    Store::Postgres {
                        present: true,
                        transient: false,
                    }
                } else {
                    Store::Off
                }
            }
            DialectName::Sqlite if sqlite_present(connection)? => Store::Sqlite { present: true },
            DialectName::Sqlite | DialectName::Mysql => Store::Off,
        };
        Ok(Journal { store, version_table: name })
    }

    /// Whether segments are recorded.
    pub fn is_on(&self) -> bool {
        self.store != Store::Off
    }

    /// Whether there is a place for scripts and log records.
    pub fn keeps_records(&self) -> bool {
        matches!(
            self.store,
            Store::Postgres {
                present: true,
                transient: false
            }
        )
    }

    /// The version table as the records name it.
    pub fn version_table(&self) -> &str {
        &self.version_table
    }

    fn is_present(&self) -> bool {
        matches!(self.store, Store::Postgres { present: true, .. } | Store::Sqlite { present: true })
    }

    fn table(&self) -> &'static str {
        match self.store {
            Store::Sqlite { .. } => SQLITE_TABLE,
            Store::Off | Store::Postgres { .. } => "limbeck.segment",
        }
    }

    fn quoted(&self, text: &str) -> String {
        match self.store {
            Store::Sqlite { .. } => format!("'{}'", text.replace('\'', "''")),
            Store::Off | Store::Postgres { .. } => literal(text),
        }
    }

    fn whose(&self, at: At<'_>) -> String {
        format!(
            "version_table = {} AND revision = {} AND direction = {}",
            self.quoted(&self.version_table),
            self.quoted(at.revision),
            self.quoted(at.direction)
        )
    }

    /// The statement that makes room for a first row, where there is none yet. It must run in the transaction of that row.
    pub(crate) fn make_room(&mut self) -> Option<String> {
        let (text, store) = match self.store {
            Store::Postgres { present: false, transient } => (postgres::CREATE_SEGMENT.to_owned(), Store::Postgres { present: true, transient }),
            Store::Sqlite { present: false } => (
                format!("CREATE TABLE IF NOT EXISTS {SQLITE_TABLE} ({})", postgres::SEGMENT_COLUMNS),
                Store::Sqlite { present: true },
            ),
            Store::Off | Store::Postgres { present: true, .. } | Store::Sqlite { present: true } => return None,
        };
        self.store = store;
        Some(text)
    }

    /// After a rollback: what [`Journal::make_room`] made in that transaction is gone again.
    pub(crate) fn rolled_back(&mut self, made_room: bool) {
        if made_room {
            match &mut self.store {
                Store::Postgres { present, .. } | Store::Sqlite { present } => *present = false,
                Store::Off => {}
            }
        }
    }

    fn insert(&self, at: At<'_>, number: usize, state: &str, started: Option<&Started>, kept: &[Kept]) -> String {
        let json = |value: Option<String>| value.map_or_else(|| "NULL".to_owned(), |text| self.quoted(&text));
        format!(
            "INSERT INTO {} (version_table, revision, direction, number, state, started, answers, meaning) VALUES ({}, {}, {}, {number}, '{state}', {}, {}, {})",
            self.table(),
            self.quoted(&self.version_table),
            self.quoted(at.revision),
            self.quoted(at.direction),
            json(started.map(to_json)),
            json(Some(to_json(&kept))),
            json(at.meaning.map(str::to_owned)),
        )
    }

    /// Records a finished segment.
    pub(crate) fn finished(&self, at: At<'_>, number: usize, kept: &[Kept]) -> String {
        self.insert(at, number, "done", None, kept)
    }

    /// Records that a statement outside of a transaction is about to run.
    pub(crate) fn started(&self, at: At<'_>, number: usize, started: &Started) -> String {
        self.insert(at, number, "started", Some(started), &[])
    }

    /// Records that it is done.
    pub(crate) fn settled(&self, at: At<'_>, number: usize, kept: &[Kept]) -> String {
        format!(
            "UPDATE {} SET state = 'done', answers = {} WHERE {} AND number = {number}",
            self.table(),
            self.quoted(&to_json(&kept)),
            self.whose(at)
        )
    }

    /// Forgets a statement that was begun and had no effect.
    pub(crate) fn forgotten(&self, at: At<'_>, number: usize) -> String {
        format!("DELETE FROM {} WHERE {} AND number = {number}", self.table(), self.whose(at))
    }

    /// Forgets all segments of a revision, whatever the direction (`None`: of all revisions): it is whole again, or somebody says so.
    pub(crate) fn clear(&self, revision: Option<&str>) -> Option<String> {
        if !self.is_present() {
            return None;
        }
        Some(match self.store {
            Store::Off => return None,
            Store::Sqlite { .. } => format!("DROP TABLE IF EXISTS {SQLITE_TABLE}"),
            Store::Postgres { transient: true, .. } => postgres::DROP_TRANSIENT.to_owned(),
            Store::Postgres { .. } => {
                let mut text = format!("DELETE FROM limbeck.segment WHERE version_table = {}", self.quoted(&self.version_table));
                if let Some(revision) = revision {
                    text.push_str(&format!(" AND revision = {}", self.quoted(revision)));
                }
                text
            }
        })
    }

    /// After [`Journal::clear`] was committed.
    pub(crate) fn cleared(&mut self) {
        match &mut self.store {
            Store::Sqlite { present } | Store::Postgres { present, transient: true } => *present = false,
            Store::Off | Store::Postgres { .. } => {}
        }
    }

    /// Reads what is finished of a revision.
    ///
    /// # Errors
    /// The rows cannot be read or do not make sense.
    pub(crate) fn read(&self, connection: &mut dyn Connection, at: At<'_>) -> Result<Option<HalfDone>, HostError> {
        if !self.is_present() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT number, state, started, answers, meaning FROM {} WHERE {} ORDER BY number",
            self.table(),
            self.whose(at)
        );
        let rows = connection.query(&sql, &[])?.rows;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut found = HalfDone {
            kept: Vec::new(),
            done: 0,
            started: None,
            meaning: None,
        };
        for row in rows {
            let [Literal::Int(number), Literal::Text(state), started, Literal::Text(answers), meaning] = row.as_slice() else {
                return Err(unreadable("a row has another form"));
            };
            if let Literal::Text(meaning) = meaning {
                found.meaning = Some(meaning.clone());
            }
            if state == "done" {
                let kept: Vec<Kept> = serde_json::from_str(answers).map_err(|error| unreadable(&error.to_string()))?;
                found.kept.extend(kept);
                found.done = usize::try_from(*number).unwrap_or_default();
            } else if let Literal::Text(started) = started {
                found.started = Some(serde_json::from_str(started).map_err(|error| unreadable(&error.to_string()))?);
            }
        }
        Ok(Some(found))
    }

    /// Every half-done revision.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub fn half_done(&self, connection: &mut dyn Connection) -> Result<Vec<HalfDoneRevision>, HostError> {
        if !self.is_present() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT revision, direction, CAST(sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END) AS integer), max(CASE WHEN state = 'started' THEN started END), CAST(min(at) AS varchar(40)) FROM {} \
             WHERE version_table = {} GROUP BY revision, direction ORDER BY 5",
            self.table(),
            self.quoted(&self.version_table)
        );
        let rows = connection.query(&sql, &[])?.rows;
        let text = |value: Option<&Literal>| match value {
            Some(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        };
        Ok(rows
            .iter()
            .map(|row| HalfDoneRevision {
                revision: text(row.first()).unwrap_or_default(),
                direction: text(row.get(1)).unwrap_or_default(),
                finished: match row.get(2) {
                    Some(Literal::Int(count)) => usize::try_from(*count).unwrap_or_default(),
                    _ => 0,
                },
                running: text(row.get(3))
                    .and_then(|json| serde_json::from_str::<Started>(&json).ok())
                    .map(|started| started.sql),
                since: text(row.get(4)).unwrap_or_default(),
            })
            .collect())
    }

    /// Forgets every half-done revision: somebody says what state the schema is in.
    ///
    /// # Errors
    /// What the database answered.
    pub fn forget_half_done(&mut self, connection: &mut dyn Connection) -> Result<(), HostError> {
        if let Some(text) = self.clear(None) {
            connection.execute_batch(&text)?;
            self.cleared();
        }
        Ok(())
    }

    /// The statement that copies records of the health log, one JSON object each, into the database.
    pub fn log(&self, records: &[String]) -> Option<String> {
        if records.is_empty() || !self.keeps_records() {
            return None;
        }
        let values: Vec<String> = records.iter().map(|record| format!("({}::jsonb)", literal(record))).collect();
        Some(format!("INSERT INTO limbeck.log (record) VALUES {}", values.join(", ")))
    }
}

/// A version table's name with its schema: under two search paths the same name means two tables.
fn qualified(table: &TableName, schema_in_use: Option<&str>) -> String {
    match (&table.schema, schema_in_use) {
        (None, Some(schema)) => format!("{schema}.{table}"),
        _ => table.to_string(),
    }
}

fn sqlite_present(connection: &mut dyn Connection) -> Result<bool, HostError> {
    let sql = format!("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{SQLITE_TABLE}'");
    Ok(!connection.query(&sql, &[])?.rows.is_empty())
}

fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("records are plain data")
}

fn unreadable(why: &str) -> HostError {
    let mut error = HostError::new(DatabaseErrorKind::Abort, format!("the journal of finished segments cannot be read: {why}"));
    error.hint = Some("use the version of Limbeck that began this revision".into());
    error
}
