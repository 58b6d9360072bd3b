//! Applied scripts, remembered: what was run, so that an edit made since is found and a revision whose script is gone can be described and reverted.
//!
//! PostgreSQL only: the table `limbeck.script` holds one row for each revision that is applied. The row is written in the transaction that changes the version
//! row, in a block that turns its own failure into a warning of the server: a migration never fails because its script could not be remembered.

use limbeck_db::Connection;
use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, HostError};
use limbeck_script::meaning;

use super::Journal;
use limbeck_schema::catalogue::literal;

/// What the text of a source begins with that the database's encoding cannot hold.
const HEX: &str = "hex:";

/// A script that was run.
#[derive(Debug, Clone, Copy)]
pub struct AppliedScript<'a> {
    pub revision: &'a str,
    /// [`limbeck_script::meaning`] of the source.
    pub meaning: &'a str,
    /// The text as [`limbeck_script::read_source`] gives it.
    pub source: &'a str,
    /// Where the file was, as people know it: from the project's root.
    pub path: &'a str,
    /// Who ran it.
    pub by: &'a str,
}

/// A script as the database remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    pub revision: String,
    pub meaning: String,
    pub source: String,
    pub path: Option<String>,
    /// In UTC, to the second.
    pub applied_at: String,
    pub applied_by: Option<String>,
}

impl Remembered {
    /// Whether a script of today does something else than this one did.
    pub fn was_edited(&self, source: &str) -> bool {
        if self.source == source {
            return false;
        }
        let now = meaning(source);
        // The second look is for hashes that another version of Limbeck made.
        now != self.meaning && now != meaning(&self.source)
    }
}

impl Journal {
    /// The text that remembers a script, for the transaction that inserts its version row; `None` where nothing is kept. It never fails, and touches no rows
    /// of its own count: send it before the statement whose count matters.
    pub fn remember(&self, script: &AppliedScript<'_>) -> Option<String> {
        if !self.keeps_records() {
            return None;
        }
        // A text with other characters goes as bytes: it is the database's encoding that decides whether it can be held as text.
        let (declare, source) = if is_plain(script.source) {
            (String::new(), literal(script.source))
        } else {
            let declare = format!("DECLARE given bytea := decode('{}', 'hex'); given_text text; ", hex(script.source.as_bytes()));
            (declare, "given_text".to_owned())
        };
        let convert = if declare.is_empty() {
            String::new()
        } else {
            format!(
                "BEGIN given_text := convert_from(given, 'UTF8'); \
                 EXCEPTION WHEN untranslatable_character OR character_not_in_repertoire THEN given_text := '{HEX}' || encode(given, 'hex'); END; "
            )
        };
        let body = format!(
            "{declare}BEGIN {convert}\
             INSERT INTO limbeck.script (version_table, revision, meaning, source, path, applied_by) VALUES ({}, {}, {}, {source}, {}, {}) \
             ON CONFLICT (version_table, revision) DO UPDATE SET meaning = excluded.meaning, source = excluded.source, path = excluded.path, \
             applied_at = now(), applied_by = excluded.applied_by",
            literal(&self.version_table),
            literal(script.revision),
            literal(script.meaning),
            literal(&plain(script.path)),
            literal(&plain(script.by)),
        );
        Some(forgiving(&body, &format!("the script of {} is not remembered", plain(script.revision))))
    }

    /// The text that forgets a script, for the transaction that deletes its version row. As [`Journal::remember`].
    pub fn forget(&self, revision: &str) -> Option<String> {
        if !self.keeps_records() {
            return None;
        }
        let body = format!(
            "BEGIN DELETE FROM limbeck.script WHERE version_table = {} AND revision = {}",
            literal(&self.version_table),
            literal(revision)
        );
        Some(forgiving(&body, &format!("the script of {} is still remembered", plain(revision))))
    }

    /// Reads every script that is remembered, in order of their ids.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub fn scripts(&self, connection: &mut dyn Connection) -> Result<Vec<Remembered>, HostError> {
        if !self.keeps_records() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT revision, meaning, source, path, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), applied_by FROM limbeck.script \
             WHERE version_table = {} ORDER BY revision",
            literal(&self.version_table)
        );
        let rows = match connection.query(&sql, &[]).map_err(HostError::from) {
            Ok(result) => result.rows,
            // A journal that a run had only for itself has no such table.
            Err(error) if error.sqlstate.as_deref() == Some("42P01") => return Ok(Vec::new()),
            Err(error) => {
                return Err(HostError { statement: Some(sql), ..error });
            }
        };
        rows.into_iter().map(remembered).collect()
    }
}

fn remembered(row: Vec<Literal>) -> Result<Remembered, HostError> {
    let mut values = row.into_iter().map(|value| match value {
        Literal::Text(text) => Some(text),
        _ => None,
    });
    let mut next = || values.next().flatten();
    let (revision, meaning, source, path, applied_at, applied_by) = (next(), next(), next(), next(), next(), next());
    let (Some(revision), Some(meaning), Some(source), Some(applied_at)) = (revision, meaning, source, applied_at) else {
        return Err(HostError::new(DatabaseErrorKind::InternalError, "a row of limbeck.script has another form"));
    };
    let source = match source.strip_prefix(HEX).and_then(unhex) {
        Some(text) => text,
        None => source,
    };
    Ok(Remembered {
        revision,
        meaning,
        source,
        path,
        applied_at,
        applied_by,
    })
}

/// A block that warns where it fails.
fn forgiving(body: &str, warning: &str) -> String {
    let body = format!("{body}; EXCEPTION WHEN OTHERS THEN RAISE WARNING '%: %', {}, SQLERRM; END", literal(warning));
    let mut tag = "$limbeck$".to_owned();
    while body.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    format!("DO {tag} {body} {tag}")
}

/// Whether every encoding of a server holds the text.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 1..=0x7e))
}

/// The text with other characters written out.
fn plain(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { text.escape_default().to_string() }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<String> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safety::JournalMode;
    use limbeck_db::{Connection, DatabaseUrl, Environment};
    use limbeck_dialect::DialectName;
    use limbeck_schema::TableName;
    use limbeck_test::Server;

    fn connect(url: &str) -> Box<dyn Connection> {
        limbeck_db::connect(&DatabaseUrl::parse(url).unwrap(), &Environment::default()).unwrap()
    }

    fn journal(connection: &mut dyn Connection) -> Journal {
        let table = TableName {
            schema: None,
            name: "alembic_version".into(),
        };
        Journal::open(connection, DialectName::Postgresql, &table, JournalMode::On).unwrap().0
    }

    fn script<'a>(revision: &'a str, meaning: &'a str, source: &'a str) -> AppliedScript<'a> {
        AppliedScript {
            revision,
            meaning,
            source,
            path: "versions/é.py",
            by: "me@host",
        }
    }

    fn skip() -> Option<Server> {
        Server::start().map_err(|reason| println!("skipped: {reason}")).ok()
    }

    /// Sends what remembers a script; the warnings it gave.
    fn send(connection: &mut dyn Connection, text: Option<String>) -> Vec<String> {
        connection.begin().unwrap();
        connection.execute_batch(&text.expect("a journal that keeps records")).unwrap();
        connection.commit().unwrap();
        connection.take_notices().into_iter().map(|notice| notice.message).collect()
    }

    #[test]
    fn a_script_comes_back_as_it_was() {
        let Some(server) = skip() else { return };
        let database = server.create_database();
        let mut connection = connect(&database.url());
        let journal = journal(connection.as_mut());
        let source = "op.execute(\"it's \\\\ $limbeck$ 'x' %s\")\n# grüße 😀\n";
        assert!(send(connection.as_mut(), journal.remember(&script("aa01", "m1", source))).is_empty());
        assert!(send(connection.as_mut(), journal.remember(&script("bb'02", "m2", "pass"))).is_empty());
        let found = journal.scripts(connection.as_mut()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].revision.as_str(), found[0].source.as_str()), ("aa01", source));
        assert_eq!((found[1].revision.as_str(), found[1].applied_by.as_deref()), ("bb'02", Some("me@host")));
        assert_eq!(found[0].applied_at.len(), 19);
        // Again: the later text counts; forgotten: gone.
        send(connection.as_mut(), journal.remember(&script("aa01", "m3", "pass")));
        send(connection.as_mut(), journal.forget("bb'02"));
        let found = journal.scripts(connection.as_mut()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].meaning.as_str(), found[0].source.as_str()), ("m3", "pass"));
    }

    #[test]
    fn a_text_that_the_database_cannot_hold_is_kept_as_bytes() {
        let Some(server) = skip() else { return };
        let database = server.create_database();
        database
            .psql("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
            .unwrap();
        let mut url = DatabaseUrl::parse(&database.url()).unwrap();
        url.database = Some("latin".into());
        let mut connection = limbeck_db::connect(&url, &Environment::default()).unwrap();
        let journal = journal(connection.as_mut());
        for (revision, source) in [("a", "# 😀"), ("b", "# ü"), ("c", "# \0")] {
            assert!(
                send(connection.as_mut(), journal.remember(&script(revision, "m", source))).is_empty(),
                "{source}"
            );
        }
        let found = journal.scripts(connection.as_mut()).unwrap();
        let sources: Vec<_> = found.iter().map(|script| script.source.as_str()).collect();
        assert_eq!(sources, ["# 😀", "# ü", "# \0"]);
        let raw = connection.query("SELECT source FROM limbeck.script ORDER BY revision", &[]).unwrap().rows;
        assert_eq!(raw[1][0], Literal::Text("# ü".into()));
    }

    #[test]
    fn a_script_that_changed_its_role_is_not_stopped() {
        let Some(server) = skip() else { return };
        let database = server.create_database();
        let mut connection = connect(&database.url());
        let journal = journal(connection.as_mut());
        connection
            .execute_batch("DROP ROLE IF EXISTS nobody_here; CREATE ROLE nobody_here; SET ROLE nobody_here")
            .unwrap();
        connection.take_notices();
        let warnings = send(connection.as_mut(), journal.remember(&script("aa01", "m", "pass")));
        assert_eq!(warnings, ["the script of aa01 is not remembered: permission denied for schema limbeck"]);
        connection.execute_batch("RESET ROLE").unwrap();
        assert!(journal.scripts(connection.as_mut()).unwrap().is_empty());
    }

    #[test]
    fn an_edit_is_told_from_another_hash() {
        let remembered = Remembered {
            revision: "a".into(),
            meaning: "by another version".into(),
            source: "def upgrade():\n    f(1)\n".into(),
            path: None,
            applied_at: String::new(),
            applied_by: None,
        };
        assert!(!remembered.was_edited(&remembered.source));
        assert!(!remembered.was_edited("def upgrade():\n    f( 1 )  # one\n"));
        assert!(remembered.was_edited("def upgrade():\n    f(2)\n"));
    }
}
