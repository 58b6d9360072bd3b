//! Foreign keys on SQLite: table rebuilds without cascades, and no row left pointing to nothing.
//!
//! A rebuild drops the old table. With enforcement on SQLite first deletes all of its rows, and `ON DELETE CASCADE` takes the rows of other tables with them
//! (<https://www.sqlite.org/foreignkeys.html#fk_schemacommands>): real Alembic loses them. So enforcement is off while a table is rebuilt, as SQLite's own
//! instructions for such changes say (<https://www.sqlite.org/lang_altertable.html#otheralter>), and what it would have refused is looked for before the
//! revision is committed. Rows that pointed to nothing before the first rebuild are none of the revision's doing.

use std::collections::{BTreeMap, BTreeSet};

use crate::copied::Copied;
use limbeck_db::{Backend, Connection, DbError};
use limbeck_dialect::{DialectName, Statement};
use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, HostError, Operation};

/// How many rows a message names.
const SHOWN: usize = 3;

/// The foreign keys of one revision; on other databases than SQLite nothing happens.
#[derive(Debug, Default)]
pub struct ForeignKeys {
    /// What pointed to nothing before the first rebuild.
    before: Option<Violations>,
    rebuilt: BTreeSet<String>,
    /// Whether enforcement is off for a rebuild and goes on after it.
    suspended: bool,
    /// Tables that statements of the script make of others.
    copied: Copied,
    /// Whether the statement that runs is the middle of a rebuild.
    dropping: bool,
}

/// Where the rebuild of a table begins among an operation's statements, and the table; `None` for an operation that rebuilds nothing on SQLite.
pub fn rebuild<'a>(dialect: DialectName, operation: &'a Operation, statements: &[Statement]) -> Option<(usize, &'a str)> {
    let Operation::Batch(batch) = operation else { return None };
    if dialect != DialectName::Sqlite {
        return None;
    }
    // What comes before it is the script's own (`batch_op.execute`).
    let create = |statement: &Statement| statement.sql.trim_start().starts_with("CREATE TABLE") && statement.sql.contains("_alembic_tmp_");
    let first = statements.iter().position(create)?;
    Some((first, &batch.table.name.text))
}

impl ForeignKeys {
    /// Before the statements of a rebuild of `table`: notes how things are and switches enforcement off.
    ///
    /// # Errors
    /// What the database answered.
    pub fn begin_rebuild(&mut self, connection: &mut dyn Connection, table: &str) -> Result<(), DbError> {
        if connection.backend() != Backend::Sqlite {
            return Ok(());
        }
        self.note(connection)?;
        self.rebuilt.insert(table.to_owned());
        if enforced(connection)? {
            connection.execute_batch("PRAGMA foreign_keys = OFF")?;
            self.suspended = true;
        }
        Ok(())
    }

    /// After them, whether or not they worked; does nothing without a rebuild.
    ///
    /// # Errors
    /// What the database answered.
    pub fn end_rebuild(&mut self, connection: &mut dyn Connection) -> Result<(), DbError> {
        if std::mem::take(&mut self.suspended) {
            connection.execute_batch("PRAGMA foreign_keys = ON")?;
        }
        Ok(())
    }

    /// Before each other statement: one that drops a table whose rows another took over is a rebuild's, and one that switches enforcement off makes the
    /// revision's end look, too.
    ///
    /// # Errors
    /// What the database answered.
    pub fn before_statement(&mut self, connection: &mut dyn Connection, sql: &str) -> Result<(), DbError> {
        if connection.backend() != Backend::Sqlite {
            return Ok(());
        }
        if mentions_pragma(sql) && enforced(connection)? {
            self.note(connection)?;
        }
        if !self.suspended
            && let Some(table) = self.copied.seen(sql)
        {
            self.begin_rebuild(connection, &table)?;
            self.dropping = true;
        }
        Ok(())
    }

    /// After it, whether or not it worked.
    ///
    /// # Errors
    /// What the database answered.
    pub fn after_statement(&mut self, connection: &mut dyn Connection) -> Result<(), DbError> {
        if std::mem::take(&mut self.dropping) {
            self.end_rebuild(connection)?;
        }
        Ok(())
    }

    fn note(&mut self, connection: &mut dyn Connection) -> Result<(), DbError> {
        if self.before.is_none() {
            self.before = Some(Violations::find(connection)?);
        }
        Ok(())
    }

    /// Before a commit: refuses rows that point to nothing and did not do so before.
    ///
    /// # Errors
    /// There are such rows; the database could not be asked.
    pub fn check(&mut self, connection: &mut dyn Connection) -> Result<(), HostError> {
        let Some(before) = self.before.take() else {
            return Ok(());
        };
        let rebuilt = std::mem::take(&mut self.rebuilt);
        let after = Violations::find(connection)?;
        let new = after.since(&before, &rebuilt);
        let broken: Vec<&String> = after.broken.difference(&before.broken).collect();
        match (new.is_empty(), broken.first()) {
            (true, None) => Ok(()),
            (true, Some(_)) if !enforced(connection)? => Ok(()),
            (true, Some(message)) => Err(cannot_be_enforced(message)),
            (false, _) => Err(orphans(&new)),
        }
    }
}

fn enforced(connection: &mut dyn Connection) -> Result<bool, DbError> {
    let rows = connection.query("PRAGMA foreign_keys", &[])?.rows;
    Ok(matches!(rows.first().and_then(|row| row.first()), Some(Literal::Int(1))))
}

fn mentions_pragma(sql: &str) -> bool {
    let lower = sql.as_bytes();
    lower.windows(b"foreign_keys".len()).any(|window| window.eq_ignore_ascii_case(b"foreign_keys"))
}

/// A row that points to nothing; tables without row ids do not say which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Orphan {
    table: String,
    parent: String,
    row: Option<i64>,
}

/// Every row that points to nothing.
#[derive(Debug, Default)]
struct Violations {
    /// Rows, in order, by table and the table they point to.
    rows: BTreeMap<(String, String), Vec<Option<i64>>>,
    /// Foreign keys that cannot be looked at, in SQLite's words.
    broken: BTreeSet<String>,
}

impl Violations {
    fn find(connection: &mut dyn Connection) -> Result<Self, DbError> {
        let mut found = Violations::default();
        if found.read(connection, "PRAGMA foreign_key_check").is_ok() {
            found.sort();
            return Ok(found);
        }
        // One foreign key that fits nothing fails the question for all tables.
        found.rows.clear();
        let tables = connection.query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            &[],
        )?;
        for row in tables.rows {
            let Some(Literal::Text(table)) = row.into_iter().next() else { continue };
            let question = format!("PRAGMA foreign_key_check(\"{}\")", table.replace('"', "\"\""));
            if let Err(error) = found.read(connection, &question) {
                found.broken.insert(error.to_string());
            }
        }
        found.sort();
        Ok(found)
    }

    fn read(&mut self, connection: &mut dyn Connection, question: &str) -> Result<(), DbError> {
        for row in connection.query(question, &[])?.rows {
            if let [Literal::Text(table), row, Literal::Text(parent), ..] = row.as_slice() {
                let row = match row {
                    Literal::Int(row) => Some(*row),
                    _ => None,
                };
                self.rows.entry((table.clone(), parent.clone())).or_default().push(row);
            }
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.rows.values_mut().for_each(|rows| rows.sort_unstable());
    }

    /// What is here and was not there before.
    fn since(&self, before: &Violations, rebuilt: &BTreeSet<String>) -> Vec<Orphan> {
        let mut new = Vec::new();
        for ((table, parent), rows) in &self.rows {
            let old = before.rows.get(&(table.clone(), parent.clone())).map_or(&[][..], Vec::as_slice);
            let mut fresh = without(rows, old);
            // The copy may have numbered the rows anew: then only their number tells.
            if rebuilt.iter().any(|name| name.eq_ignore_ascii_case(table)) {
                fresh.truncate(rows.len().saturating_sub(old.len()));
            }
            new.extend(fresh.into_iter().map(|row| Orphan {
                table: table.clone(),
                parent: parent.clone(),
                row,
            }));
        }
        new
    }
}

/// The sorted `rows` that are not among the sorted `old` ones.
fn without(rows: &[Option<i64>], old: &[Option<i64>]) -> Vec<Option<i64>> {
    let mut old = old.iter().peekable();
    let mut fresh = Vec::new();
    for row in rows {
        while old.peek().is_some_and(|old| *old < row) {
            old.next();
        }
        if old.peek() == Some(&row) {
            old.next();
        } else {
            fresh.push(*row);
        }
    }
    fresh
}

fn orphans(new: &[Orphan]) -> HostError {
    let tables: BTreeSet<&str> = new.iter().map(|orphan| orphan.table.as_str()).collect();
    let names: Vec<String> = tables.iter().map(|table| format!("`{table}`")).collect();
    let message = match new.len() {
        1 => format!("1 row of {} would point to a row that is not there", names.join(", ")),
        count => format!("{count} rows of {} would point to rows that are not there", names.join(", ")),
    };
    let mut error = HostError::new(DatabaseErrorKind::IntegrityError, message);
    error.details = new
        .iter()
        .take(SHOWN)
        .map(|orphan| {
            let row = orphan.row.map_or_else(|| "a row".to_owned(), |row| format!("rowid {row}"));
            format!("table `{}`, {row}: no such row in `{}`", orphan.table, orphan.parent)
        })
        .collect();
    if new.len() > SHOWN {
        error
            .details
            .push(format!("and {} more (`PRAGMA foreign_key_check` lists them)", new.len() - SHOWN));
    }
    error.sqlstate = Some("SQLITE_CONSTRAINT_FOREIGNKEY".into());
    error.hint = Some("let the script delete or mend these rows, or keep the rows they point to".into());
    error
}

fn cannot_be_enforced(message: &str) -> HostError {
    let mut error = HostError::new(
        DatabaseErrorKind::OperationalError,
        format!("a foreign key could not be enforced after this revision: {message}"),
    );
    error.hint = Some("the columns it points to must be the primary key of that table or have a UNIQUE constraint of their own".into());
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_db::{DatabaseUrl, Environment};

    fn database(sql: &str) -> Box<dyn Connection> {
        let mut connection = limbeck_db::connect(&DatabaseUrl::parse("sqlite://").unwrap(), &Environment::default()).unwrap();
        connection.execute_batch(sql).unwrap();
        connection
    }

    const FAMILY: &str = "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT); \
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE); \
         INSERT INTO parent VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (1, 1), (2, 2), (3, 2)";

    fn count(connection: &mut dyn Connection, table: &str) -> Literal {
        connection.query(&format!("SELECT count(*) FROM {table}"), &[]).unwrap().rows[0][0].clone()
    }

    /// Rebuilds `parent` with the rows that `which` leaves.
    fn rebuild(connection: &mut dyn Connection, keys: &mut ForeignKeys, which: &str) {
        keys.begin_rebuild(connection, "parent").unwrap();
        connection
            .execute_batch(&format!(
                "CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO new SELECT * FROM parent WHERE {which}; DROP TABLE parent; ALTER TABLE new RENAME TO parent"
            ))
            .unwrap();
        keys.end_rebuild(connection).unwrap();
    }

    #[test]
    fn a_rebuild_takes_no_rows_of_others_along() {
        for on in ["ON", "OFF"] {
            let mut connection = database(FAMILY);
            let connection = connection.as_mut();
            connection.execute_batch(&format!("PRAGMA foreign_keys = {on}")).unwrap();
            connection.begin().unwrap();
            let mut keys = ForeignKeys::default();
            rebuild(connection, &mut keys, "true");
            assert_eq!(enforced(connection).unwrap(), on == "ON");
            keys.check(connection).unwrap();
            connection.commit().unwrap();
            assert_eq!(count(connection, "child"), Literal::Int(3));
        }
    }

    #[test]
    fn a_rebuild_by_statements_takes_none_along_either() {
        let mut connection = database(FAMILY);
        let connection = connection.as_mut();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        connection.begin().unwrap();
        let mut keys = ForeignKeys::default();
        for sql in [
            "CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT)",
            "INSERT INTO new SELECT * FROM parent",
            "DROP TABLE parent",
            "ALTER TABLE new RENAME TO parent",
        ] {
            keys.before_statement(connection, sql).unwrap();
            connection.execute_batch(sql).unwrap();
            keys.after_statement(connection).unwrap();
            assert!(enforced(connection).unwrap());
        }
        keys.check(connection).unwrap();
        connection.commit().unwrap();
        assert_eq!(count(connection, "child"), Literal::Int(3));
    }

    #[test]
    fn rows_that_lose_their_parent_are_refused_and_named() {
        let mut connection = database(FAMILY);
        connection.begin().unwrap();
        let mut keys = ForeignKeys::default();
        rebuild(connection.as_mut(), &mut keys, "id = 1");
        let error = keys.check(connection.as_mut()).unwrap_err();
        assert_eq!(error.message, "2 rows of `child` would point to rows that are not there");
        assert_eq!(
            error.details,
            [
                "table `child`, rowid 2: no such row in `parent`",
                "table `child`, rowid 3: no such row in `parent`"
            ]
        );
    }

    #[test]
    fn rows_that_had_none_before_are_let_be() {
        let mut connection = database(FAMILY);
        connection.execute_batch("INSERT INTO child VALUES (9, 9)").unwrap();
        connection.begin().unwrap();
        let mut keys = ForeignKeys::default();
        rebuild(connection.as_mut(), &mut keys, "true");
        keys.check(connection.as_mut()).unwrap();
        rebuild(connection.as_mut(), &mut keys, "id = 1");
        let error = keys.check(connection.as_mut()).unwrap_err();
        assert!(error.message.starts_with("2 rows"), "{}", error.message);
    }

    #[test]
    fn a_table_whose_rows_were_numbered_anew_is_counted() {
        let mut connection = database("CREATE TABLE parent (id INTEGER PRIMARY KEY, up INTEGER REFERENCES parent (id), name TEXT)");
        connection
            .execute_batch("CREATE TABLE child (p INTEGER REFERENCES parent (id)); INSERT INTO child VALUES (5), (6), (NULL); DELETE FROM child WHERE p = 5")
            .unwrap();
        let mut keys = ForeignKeys::default();
        keys.begin_rebuild(connection.as_mut(), "child").unwrap();
        let renumber = "CREATE TABLE n (p INTEGER REFERENCES parent (id)); INSERT INTO n SELECT p FROM child ORDER BY p DESC; DROP TABLE child; ALTER TABLE n RENAME TO child";
        connection.execute_batch(renumber).unwrap();
        keys.end_rebuild(connection.as_mut()).unwrap();
        keys.check(connection.as_mut()).unwrap();
    }

    #[test]
    fn enforcement_that_a_script_switches_off_is_made_up_for() {
        let mut connection = database(FAMILY);
        let connection = connection.as_mut();
        let mut keys = ForeignKeys::default();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        for sql in ["PRAGMA foreign_keys=OFF", "DELETE FROM parent WHERE id = 2", "PRAGMA foreign_keys=ON"] {
            keys.before_statement(connection, sql).unwrap();
            connection.execute_batch(sql).unwrap();
        }
        let error = keys.check(connection).unwrap_err();
        assert!(error.message.starts_with("2 rows of `child`"), "{}", error.message);
        // Where it never was on, nobody asked for it.
        let mut keys = ForeignKeys::default();
        keys.before_statement(connection, "DELETE FROM parent").unwrap();
        keys.check(connection).unwrap();
    }

    #[test]
    fn a_foreign_key_that_fits_nothing_is_no_obstacle_unless_new_and_enforced() {
        let mut connection = database(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE); CREATE TABLE c (code TEXT REFERENCES p (code)); CREATE TABLE d (x TEXT REFERENCES c (code)); INSERT INTO d VALUES (1)",
        );
        let connection = connection.as_mut();
        let lose_unique = "CREATE TABLE n (id INTEGER PRIMARY KEY, code TEXT); DROP TABLE p; ALTER TABLE n RENAME TO p; INSERT INTO p VALUES (1, 'x'); INSERT INTO c VALUES ('x')";
        let mut keys = ForeignKeys::default();
        keys.begin_rebuild(connection, "p").unwrap();
        connection.execute_batch(lose_unique).unwrap();
        keys.end_rebuild(connection).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        let error = keys.check(connection).unwrap_err();
        assert!(error.message.contains("foreign key mismatch - \"c\" referencing \"p\""), "{}", error.message);
        // It was so before: not this revision's doing.
        keys.begin_rebuild(connection, "p").unwrap();
        keys.end_rebuild(connection).unwrap();
        keys.check(connection).unwrap();
    }
}
