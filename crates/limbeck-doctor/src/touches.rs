//! What an operation or a statement touches, and whether two rows of them can run in any order.
//!
//! Operations are read from the closed enum without a catch-all, so that the compiler lists the work when one is added; SQL that scripts write themselves by
//! `limbeck_sql::changes`. In doubt two things touch: a wrong "they commute" costs more than a look at two scripts.

mod of_changes;
mod of_operations;
mod order;

pub(crate) use of_changes::is_harmless;
pub use of_changes::of_changes;
pub use of_operations::of_operation;
pub use order::{Order, order};

use std::fmt;

use limbeck_ops::{Asked, RecordedRevision};
use limbeck_sql::changes::{RowChange, changes};
use limbeck_sql::{Flavour, Name};

/// What is touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// A table or view as a whole.
    Table(Name),
    /// A column of it.
    Column(Name, String),
    /// A constraint of it, by name.
    Constraint(Name, String),
    /// Its rows.
    Rows(Name),
    /// An index, in the schema of its table.
    Index(Name),
    /// An enum, domain or other type.
    Type(Name),
    /// A sequence.
    Sequence(Name),
    /// A schema.
    Schema(String),
    /// A function, trigger, extension: kind and name.
    Other(&'static str, Name),
    /// Nobody knows what.
    Unknown(String),
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Table(name) => write!(f, "{name}"),
            Object::Column(table, column) => write!(f, "{table}.{column}"),
            Object::Constraint(table, name) => write!(f, "constraint {name} of {table}"),
            Object::Rows(table) => write!(f, "rows of {table}"),
            Object::Index(name) => write!(f, "index {name}"),
            Object::Type(name) => write!(f, "type {name}"),
            Object::Sequence(name) => write!(f, "sequence {name}"),
            Object::Schema(name) => write!(f, "schema {name}"),
            Object::Other(kind, name) => write!(f, "{kind} {name}"),
            Object::Unknown(headline) => write!(f, "`{headline}`"),
        }
    }
}

/// How it is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Makes it.
    Creates,
    /// Changes what it is.
    Alters,
    /// Removes it.
    Drops,
    /// Changes rows.
    Writes(RowChange),
    /// Needs it as it is: rows are read, a constraint or index is made on it, a foreign key points to it.
    Needs,
}

impl Way {
    /// The way for people, in the plural: `both alter`.
    pub fn word(self) -> &'static str {
        match self {
            Way::Creates => "create",
            Way::Alters => "alter",
            Way::Drops => "drop",
            Way::Writes(RowChange::Insert) => "insert",
            Way::Writes(RowChange::Update) => "update",
            Way::Writes(RowChange::Delete) => "delete",
            Way::Writes(RowChange::Truncate) => "empty",
            Way::Writes(RowChange::Any) => "write",
            Way::Needs => "need",
        }
    }
}

/// One object with the way it is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// What.
    pub object: Object,
    /// How.
    pub way: Way,
}

impl Touch {
    fn new(object: Object, way: Way) -> Self {
        Touch { object, way }
    }
}

/// What recorded revisions touch.
pub fn of_recorded(flavour: Flavour, revisions: &[RecordedRevision]) -> Vec<Touch> {
    let mut touches = Vec::new();
    for revision in revisions {
        for item in &revision.items {
            match &item.what {
                Asked::Operation(operation) => touches.extend(of_operation(flavour, operation, &item.statements)),
                Asked::Query(_) => touches.extend(item.statements.iter().flat_map(|sql| of_changes(&changes(flavour, sql)))),
                Asked::Control(_) => {}
            }
        }
        if let Some(stopped) = &revision.stopped {
            touches.push(Touch::new(Object::Unknown(format!("{}: {}", revision.revision, stopped.why)), Way::Alters));
        }
    }
    touches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Vec<Touch> {
        of_changes(&changes(Flavour::Postgresql, sql))
    }

    #[track_caller]
    fn commute(one: &str, two: &str) {
        assert_eq!(order(&of(one), &of(two)), Order::Commute, "{one} | {two}");
        assert_eq!(order(&of(two), &of(one)), Order::Commute, "{two} | {one}");
    }

    #[track_caller]
    fn matters(one: &str, two: &str, line: &str) {
        match order(&of(one), &of(two)) {
            Order::Matters(lines) => assert!(lines.iter().any(|found| found == line), "{line:?} is not in {lines:?}"),
            other => panic!("{one} | {two}: {other:?}"),
        }
        assert!(matches!(order(&of(two), &of(one)), Order::Matters(_)), "{two} | {one}");
    }

    #[test]
    fn branches_that_touch_other_things_commute() {
        commute("ALTER TABLE users ADD COLUMN a INT", "ALTER TABLE users ADD COLUMN b INT");
        commute("CREATE TABLE a (id INT)", "CREATE TABLE b (id INT)");
        commute("CREATE TABLE a (u INT REFERENCES users (id))", "ALTER TABLE users ADD COLUMN b INT");
        commute("CREATE INDEX i ON users (email)", "CREATE INDEX j ON users (email)");
        commute("UPDATE users SET a = 1", "ALTER TABLE users ADD COLUMN b INT");
        commute("INSERT INTO kinds (a) VALUES (1)", "INSERT INTO kinds (a) VALUES (2)");
        commute(
            "CREATE TABLE a (id INT); INSERT INTO a VALUES (1); CREATE INDEX i ON a (id)",
            "UPDATE users SET b = 1",
        );
        commute("ALTER TABLE a ALTER COLUMN x SET NOT NULL", "ALTER TABLE b ALTER COLUMN x SET NOT NULL");
    }

    #[test]
    fn branches_that_touch_the_same_do_not() {
        matters(
            "ALTER TABLE users ALTER COLUMN email TYPE TEXT",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
            "both alter users.email",
        );
        matters(
            "ALTER TABLE users ADD COLUMN a INT",
            "ALTER TABLE users ADD COLUMN a TEXT",
            "both create users.a",
        );
        matters(
            "DROP TABLE users",
            "ALTER TABLE users ADD COLUMN a INT",
            "one drops users, the other creates users.a",
        );
        matters(
            "CREATE INDEX i ON users (email)",
            "ALTER TABLE users DROP COLUMN email",
            "one needs users.email, the other drops it",
        );
        matters(
            "CREATE TABLE a (u INT REFERENCES users (id))",
            "DROP TABLE users",
            "one needs rows of users, the other drops users",
        );
        matters("UPDATE users SET a = 1", "UPDATE users SET b = a", "both update rows of users");
        matters(
            "UPDATE users SET a = 1",
            "ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0)",
            "one updates rows of users, the other needs it",
        );
        matters(
            "INSERT INTO users (a) VALUES (1)",
            "ALTER TABLE users ADD COLUMN b INT NOT NULL",
            "one inserts rows of users, the other creates users.b",
        );
        matters("CREATE TYPE mood AS ENUM ('a')", "CREATE TYPE mood AS ENUM ('a')", "both create type mood");
        matters("ALTER TABLE a RENAME TO b", "CREATE TABLE b (id INT)", "both create b");
    }

    #[test]
    fn what_nobody_knows_is_said() {
        assert!(matches!(order(&of("DO $$ BEGIN END $$"), &of("DROP TABLE t")), Order::Unknown(_)));
        assert!(matches!(order(&of("SELECT tidy_up()"), &of("DROP TABLE t")), Order::Unknown(_)));
        assert_eq!(order(&of("DO $$ BEGIN END $$"), &of("COMMENT ON TABLE t IS 'x'")), Order::Commute);
    }
}
