//! Tables without a version: the version table is missing or empty, and there are others.

use crate::words::{count, some};
use crate::{Answer, Finding};

const NAME: &str = "unversioned-database";
/// How many tables are named.
const SHOWN: usize = 6;

/// What is known of the database.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The rows of the version table; nothing where there is no such table.
    pub rows: Option<Vec<String>>,
    /// The tables beside it.
    pub tables: Vec<String>,
    /// The version table, for people.
    pub table: String,
    /// Where the database was when it was last migrated, and who says so.
    pub last_known: Option<(Vec<String>, String)>,
    /// Version tables in other places, with their rows.
    pub elsewhere: Vec<(String, Vec<String>)>,
    /// Whether the project has revisions.
    pub has_history: bool,
    /// The revisions whose schema the database has, where that was tried.
    pub fitting: Option<Vec<Vec<String>>>,
}

/// Looks at it.
pub fn look(facts: &Facts, program: &str) -> Answer {
    match &facts.rows {
        Some(rows) if !rows.is_empty() => Answer::Fine(format!("{} holds {}", facts.table, count(rows.len(), "row"))),
        _ if facts.tables.is_empty() => Answer::Fine("an empty database, nothing is applied yet".into()),
        _ => finding(facts, program).into(),
    }
}

fn finding(facts: &Facts, program: &str) -> Finding {
    let state = if facts.rows.is_some() { "is empty" } else { "is missing" };
    let mut found = Finding::problem(
        NAME,
        format!("{} {state}, and the database has {}", facts.table, count(facts.tables.len(), "table")),
    )
    .evidence(format!("tables: {}", some(facts.tables.clone(), SHOWN).join(", ")));
    for (table, rows) in &facts.elsewhere {
        let rows = if rows.is_empty() { "no rows".to_owned() } else { rows.join(", ") };
        found = found.evidence(format!("there is another version table: {table} ({rows})"));
    }
    if !facts.elsewhere.is_empty() {
        found =
            found.note("if that one is meant, say so: `version_table_schema` or `version_table` in env.py's context.configure(), or the role's search_path");
    }
    found = found.cause("the tables were made by something else (create_all(), a restored dump), or the version table was dropped; `upgrade` would run the whole history on them and fail");
    if let Some((rows, who)) = facts.last_known.as_ref().filter(|(rows, _)| !rows.is_empty()) {
        let rows = rows.join(" ");
        return found
            .evidence(format!("{who} says that it was at {rows}"))
            .note("`--verify` looks first whether the schema is that revision's, and changes nothing if it is not")
            .command(format!("{program} stamp --purge --verify {rows}"));
    }
    if !facts.has_history {
        return found
            .note("that writes a first revision which makes these tables, proves it, and marks this database as having it")
            .command(format!("{program} init --baseline"));
    }
    match facts.fitting.as_deref() {
        Some([rows]) => found
            .evidence(format!("its schema is that of {}", rows.join(" ")))
            .command(format!("{program} stamp --purge {}", rows.join(" "))),
        Some([]) => found
            .evidence("its schema is that of no revision of this history")
            .note("that shows what is different from the nearest revision: bring the schema there, then stamp it; or use the history that made these tables")
            .command(format!("{program} adopt")),
        Some(many) => found
            .evidence(format!(
                "its schema is that of each of {}",
                many.iter().map(|rows| rows.join(" ")).collect::<Vec<_>>().join("; ")
            ))
            .note("those after the first change no schema, but may change data: choose the last one that ran here")
            .command(format!("{program} adopt")),
        None => found
            .note("that replays the history in a scratch database and finds the revision whose schema this is; `--stamp` marks it")
            .command(format!("{program} adopt --stamp")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            tables: vec!["users".into()],
            table: "alembic_version".into(),
            has_history: true,
            ..Facts::default()
        }
    }

    fn command(facts: &Facts) -> String {
        let answer = look(facts, "limbeck");
        answer.findings()[0].remedy.as_ref().expect("a remedy").command.clone()
    }

    #[test]
    fn empty_and_versioned_databases_are_fine() {
        let empty = Facts { tables: Vec::new(), ..facts() };
        assert!(matches!(look(&empty, "limbeck"), Answer::Fine(_)));
        let versioned = Facts {
            rows: Some(vec!["a".into()]),
            ..facts()
        };
        assert!(matches!(look(&versioned, "limbeck"), Answer::Fine(_)));
    }

    #[test]
    fn the_remedy_depends_on_what_is_known() {
        assert_eq!(command(&facts()), "limbeck adopt --stamp");
        let without_history = Facts { has_history: false, ..facts() };
        assert_eq!(command(&without_history), "limbeck init --baseline");
        let logged = Facts {
            last_known: Some((vec!["ab".into()], "the health log".into())),
            ..facts()
        };
        assert_eq!(command(&logged), "limbeck stamp --purge --verify ab");
        let tried = |fitting: &[&str]| Facts {
            fitting: Some(fitting.iter().map(|id| vec![(*id).to_owned()]).collect()),
            ..facts()
        };
        assert_eq!(command(&tried(&["ab"])), "limbeck stamp --purge ab");
        assert_eq!(command(&tried(&[])), "limbeck adopt");
        assert_eq!(command(&tried(&["ab", "cd"])), "limbeck adopt");
    }

    #[test]
    fn an_empty_version_table_is_told_from_a_missing_one() {
        let empty = Facts {
            rows: Some(Vec::new()),
            ..facts()
        };
        assert_eq!(
            look(&empty, "limbeck").findings()[0].title,
            "alembic_version is empty, and the database has 1 table"
        );
        assert_eq!(
            look(&facts(), "limbeck").findings()[0].title,
            "alembic_version is missing, and the database has 1 table"
        );
    }
}
