//! What to do when a database refused a statement, by the class of its answer.
//!
//! The server says what is wrong with the statement; here stands where to look next. An answer that says all there is to say has no line here. What `doctor` looks at
//! before a run is named only where its checks would have found it: in an upgrade, for statements that change the schema.

use limbeck_ops::HostError;

/// Returns what to type or do before the command is run again.
pub fn advice(error: &HostError, upgrading: bool) -> Option<String> {
    let state = error.sqlstate.as_deref()?;
    let changes_schema = error.statement.as_deref().is_some_and(changes_schema);
    if upgrading
        && changes_schema
        && let Some(check) = check(state)
    {
        return Some(format!("`doctor --only {check}` shows all that is in the way: mend that"));
    }
    let text = match state {
        "55P03" => "see who is in the way with `locks`, and end it or wait for it",
        "25006" => {
            "give the address of a server that takes writes: this one is a standby, or the role or session is read-only (`doctor --only missing-permission` says which)"
        }
        "42501" => "`doctor --only missing-permission` says what to grant to the role",
        "3F000" => "the search path leads to no schema that the role may use: `doctor --only missing-permission` says what to set",
        "42P07" | "42701" | "42710" | "42P06" | "42723" => {
            "it is there already: `drift` shows what the database has that its history does not make; where all of a revision is there, `stamp --verify REVISION` records it"
        }
        "42P01" | "42703" | "42704" | "42883" => {
            "mend the script, or, if the schema should have it, see with `drift` where the database is not as its history makes it"
        }
        "25P02" => "the script went on after an error that it caught: put what may fail into `with bind.begin_nested():`",
        "55006" if error.message.contains("pending trigger events") => {
            "deferred constraints of rows that this transaction changed are still to be checked: put `op.execute(\"SET CONSTRAINTS ALL IMMEDIATE\")` before the statement, or the change of rows into a revision of its own"
        }
        "57014" if error.message.contains("statement timeout") => "give it more time with `--statement-timeout 30min`, or change the rows in batches",
        "53100" | "SQLITE_FULL" => "make room on the disk of the database",
        "53300" => "the server has no connection left: wait, or end sessions that are not needed",
        "2BP01" => "change or drop what needs it first, in the script",
        state if state.starts_with("SQLITE_") => return sqlite(&error.message).map(str::to_owned),
        _ => return None,
    };
    Some(text.to_owned())
}

/// SQLite's codes say little; its words are stable.
fn sqlite(message: &str) -> Option<&'static str> {
    let is = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if is(&["already exists", "duplicate column name"]) {
        Some(
            "it is there already: `drift` shows what the database has that its history does not make; where all of a revision is there, `stamp --verify REVISION` records it",
        )
    } else if is(&["no such table", "no such column", "no such index"]) {
        Some("mend the script, or, if the schema should have it, see with `drift` where the database is not as its history makes it")
    } else if message.starts_with("near \"") {
        Some("SQLite does not know this statement: tables are changed inside `with op.batch_alter_table(…)`")
    } else {
        None
    }
}

/// The check of `doctor` that finds before a run what the server found in it.
fn check(state: &str) -> Option<&'static str> {
    Some(match state {
        "23503" => "pending-foreign-keys",
        "23502" => "pending-not-null",
        "23505" => "pending-unique",
        "23514" => "pending-check-constraints",
        "22P02" | "22003" | "22001" | "22007" | "22008" => "pending-conversions",
        "2BP01" => "pending-dependents",
        "42501" => "missing-permission,pending-permissions",
        _ => return None,
    })
}

fn changes_schema(statement: &str) -> bool {
    let word = statement.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ["alter", "create", "drop", "comment"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(state: &str, statement: &str, message: &str) -> HostError {
        HostError {
            sqlstate: Some(state.into()),
            statement: Some(statement.into()),
            message: message.into(),
            ..HostError::new(limbeck_ops::DatabaseErrorKind::DatabaseError, "")
        }
    }

    #[test]
    fn a_check_is_named_only_where_it_would_have_looked() {
        let ddl = refused("23505", "  ALTER TABLE t ADD UNIQUE (a)", "could not create unique index");
        let dml = refused("23505", "INSERT INTO t VALUES (1)", "duplicate key value");
        assert!(advice(&ddl, true).expect("advice").contains("`doctor --only pending-unique`"));
        assert_eq!(advice(&ddl, false), None);
        assert_eq!(advice(&dml, true), None);
    }

    #[test]
    fn a_downgrade_that_something_depends_on() {
        let found = refused("2BP01", "DROP TABLE t", "cannot drop table t because other objects depend on it");
        assert!(advice(&found, false).expect("advice").contains("in the script"));
        assert!(advice(&found, true).expect("advice").contains("pending-dependents"));
    }

    #[test]
    fn other_reasons_of_a_state_get_no_advice() {
        assert_eq!(
            advice(&refused("55006", "DROP DATABASE d", "database \"d\" is being accessed by other users"), true),
            None
        );
        assert_eq!(advice(&refused("57014", "SELECT 1", "canceling statement due to user request"), true), None);
        assert!(
            advice(
                &refused("55006", "ALTER TABLE t", "cannot ALTER TABLE \"t\" because it has pending trigger events"),
                true
            )
            .is_some()
        );
        assert!(advice(&refused("57014", "SELECT 1", "canceling statement due to statement timeout"), true).is_some());
    }

    #[test]
    fn sqlite_is_told_apart_by_its_words() {
        let say = |message| advice(&refused("SQLITE_ERROR", "ALTER", message), true).unwrap_or_default();
        assert!(say("table users already exists").contains("`drift`"));
        assert!(say("near \"TYPE\": syntax error").contains("batch_alter_table"));
        assert_eq!(say("wrong number of arguments to function abs()"), "");
    }
}
