//! What real Alembic 1.20.1 with SQLAlchemy 2.1.9 wrote for some four hundred small scripts (`tests/recorded/*.jsonl`), replayed.
//!
//! Each line holds the script, what it asked of its host, and per dialect the statements (with the error's text where it failed). A missing
//! dialect is one where we chose to differ or to say less. `naming` means the convention below. To add a case, run the script with real Alembic in
//! `--sql` mode with `literal_binds=True` and `paramstyle="named"`.

use limbeck_dialect::{Context, DialectName, Memo, Statement, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{HostError, Operation};
use limbeck_schema::NamingConvention;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    script: String,
    #[serde(default)]
    naming: bool,
    steps: Vec<Step>,
    postgresql: Option<Expected>,
    sqlite: Option<Expected>,
    mysql: Option<Expected>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
enum Step {
    Operation(Operation),
    Query(Query),
}

#[derive(Deserialize, Debug, PartialEq)]
struct Expected {
    sql: Vec<String>,
    #[serde(default)]
    error: Option<String>,
}

fn convention() -> NamingConvention {
    let patterns = [
        ("ix", "ix_%(column_0_label)s"),
        ("uq", "uq_%(table_name)s_%(column_0_name)s"),
        ("ck", "ck_%(table_name)s_%(constraint_name)s"),
        ("fk", "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"),
        ("pk", "pk_%(table_name)s"),
    ];
    NamingConvention {
        patterns: patterns.into_iter().map(|(kind, pattern)| (kind.to_string(), pattern.to_string())).collect(),
        custom: Vec::new(),
    }
}

fn run(case: &Case, dialect: DialectName) -> Expected {
    let naming = if case.naming { convention() } else { NamingConvention::default() };
    let mut memo = Memo::default();
    let mut ctx = Context::offline(&naming, &mut memo);
    let mut out: Vec<Statement> = Vec::new();
    let mut outcome: Result<(), HostError> = Ok(());
    for step in &case.steps {
        outcome = match step {
            Step::Operation(operation) => compile(dialect, operation, &mut ctx, &mut out),
            Step::Query(query) => compile_query(dialect, query, &mut ctx).map(|statement| out.push(statement)),
        };
        if outcome.is_err() {
            break;
        }
    }
    Expected {
        sql: out.into_iter().map(|statement| statement.sql).collect(),
        error: outcome.err().map(|error| error.message),
    }
}

fn replay(family: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/recorded/{family}.jsonl"));
    let text = std::fs::read_to_string(&path).expect("the recorded cases are part of the crate");
    let mut failures = Vec::new();
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).expect("recorded cases decode");
        let expected = [
            (DialectName::Postgresql, &case.postgresql),
            (DialectName::Sqlite, &case.sqlite),
            (DialectName::Mysql, &case.mysql),
        ];
        for (dialect, expected) in expected {
            let Some(expected) = expected else { continue };
            let got = run(&case, dialect);
            if got != *expected {
                failures.push(format!("{} on {}\nwant {expected:#?}\ngot  {got:#?}", case.script, dialect.name()));
            }
        }
    }
    assert!(failures.is_empty(), "{} differ from Alembic:\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn tables() {
    replay("table");
}

#[test]
fn columns() {
    replay("column");
}

#[test]
fn alter_column() {
    replay("alter");
}

#[test]
fn constraints() {
    replay("constraint");
}

#[test]
fn indexes() {
    replay("index");
}

#[test]
fn rows_and_queries() {
    replay("rows");
}

#[test]
fn types() {
    replay("types");
}

#[test]
fn batch_blocks() {
    replay("batch");
}
