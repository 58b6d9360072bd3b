//! Statements and what they change, one line each.

use super::*;

/// The changes of a text, in a form that fits on a line.
fn lines(sql: &str) -> Vec<String> {
    changes(Flavour::Postgresql, sql).iter().map(|change| format!("{change:?}")).collect()
}

/// Asserts that each of `words` is in the debug text of the changes.
#[track_caller]
fn has(sql: &str, words: &[&str]) {
    let found = lines(sql).join("\n");
    for word in words {
        assert!(found.contains(word), "{word:?} is not in what `{sql}` changes:\n{found}");
    }
    assert!(!found.contains("Opaque"), "{found}");
}

#[test]
fn what_operations_compile_to_is_read() {
    has(
        "CREATE TABLE posts (\n\tid SERIAL NOT NULL, \n\tuser_id INTEGER, \n\tslug VARCHAR(20) DEFAULT 'x' NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT fk_u FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, \n\tUNIQUE (slug), CHECK (id > 0)\n)",
        &[
            "table: Name { schema: None, name: \"posts\" }",
            "NewColumn { name: \"slug\", type_: \"VARCHAR(20)\", not_null: true, filled: true, default: Some(\"'x'\") }",
            "PrimaryKey(UniqueKey { elements: [\"id\"]",
            "ForeignKey { columns: [\"user_id\"], referred: Name { schema: None, name: \"users\" }, referred_columns: [\"id\"], match_full: false }",
            "Check(\"id > 0\")",
        ],
    );
    has(
        "DROP TABLE IF EXISTS a, s.\"B\" CASCADE",
        &["name: \"a\" }, if_exists: true, cascade: true", "Some(\"s\"), name: \"B\""],
    );
    has("ALTER TABLE t ADD COLUMN c INTEGER NOT NULL", &["AddColumn", "not_null: true, filled: false"]);
    has("ALTER TABLE t ADD COLUMN c INTEGER DEFAULT NULL NOT NULL", &["filled: false"]);
    has(
        "ALTER TABLE t ADD COLUMN c INTEGER REFERENCES u (id)",
        &[
            "AddColumn",
            "AddConstraint",
            "columns: [\"c\"], referred: Name { schema: None, name: \"u\" }, referred_columns: [\"id\"]",
        ],
    );
    has(
        "ALTER TABLE users ALTER COLUMN phone_number TYPE INTEGER USING phone_number::integer",
        &[
            "SetType",
            "column: \"phone_number\", type_: \"INTEGER\", using: Some(\"phone_number::integer\")",
        ],
    );
    has(
        "ALTER TABLE users ALTER COLUMN p SET DATA TYPE varchar(5)",
        &["type_: \"varchar(5)\", using: None"],
    );
    has("ALTER TABLE users ALTER COLUMN p TYPE double precision", &["type_: \"double precision\""]);
    has(
        "ALTER TABLE users ALTER COLUMN p TYPE timestamp with time zone",
        &["type_: \"timestamp with time zone\""],
    );
    has(
        "ALTER TABLE ONLY s.users ALTER p SET NOT NULL, DROP COLUMN q",
        &["SetNotNull { table: Name { schema: Some(\"s\")", "DropColumn"],
    );
    has(
        "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY(a, b) REFERENCES s.users (c, d) MATCH FULL NOT VALID",
        &[
            "columns: [\"a\", \"b\"]",
            "referred_columns: [\"c\", \"d\"], match_full: true }, not_valid: true",
        ],
    );
    has(
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (\"A\", b)",
        &["elements: [\"\\\"A\\\"\", \"b\"], nulls_not_distinct: true"],
    );
    has("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i", &["UsingIndex"]);
    has("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0 AND b ~ ';')", &["Check(\"a > 0 AND b ~ ';'\")"]);
    has("ALTER TABLE t VALIDATE CONSTRAINT c", &["ValidateConstraint"]);
    has("ALTER TABLE t RENAME TO u", &["RenameTable", "to: \"u\""]);
    has("ALTER TABLE t RENAME a TO b", &["RenameColumn", "column: \"a\", to: \"b\""]);
    has("ALTER TABLE t RENAME COLUMN a TO b", &["RenameColumn"]);
    has("ALTER TABLE t SET SCHEMA archive", &["MoveTable", "schema: \"archive\""]);
    has(
        "ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE",
        &["DropConstraint", "if_exists: true, cascade: true"],
    );
    has("ALTER TABLE t ALTER COLUMN a SET DEFAULT 5", &["AlterColumn"]);
    has(
        "CREATE UNIQUE INDEX CONCURRENTLY ix ON s.t (lower(email), \"B\" DESC) WHERE active",
        &[
            "unique: Some(UniqueKey { elements: [\"lower(email)\", \"\\\"B\\\"\"]",
            "where_: Some(\"active\")",
            "columns: [\"B\"]",
        ],
    );
    has(
        "CREATE INDEX IF NOT EXISTS ix ON t USING gin (a)",
        &["unique: None, columns: [\"a\"], if_not_exists: true"],
    );
    has(
        "DROP INDEX CONCURRENTLY IF EXISTS s.ix",
        &["Drop { kind: Index, name: Name { schema: Some(\"s\"), name: \"ix\" }, if_exists: true"],
    );
    has(
        "CREATE TYPE mood AS ENUM ('a', 'b')",
        &["Create { kind: Type", "may_exist: false, labels: [\"a\", \"b\"]"],
    );
    has("ALTER TYPE mood ADD VALUE 'c'", &["Alter { kind: Type"]);
    has("DROP TYPE mood", &["Drop { kind: Type"]);
    has("CREATE SEQUENCE s START WITH 5", &["Create { kind: Sequence"]);
    has(
        "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\"",
        &["Create { kind: Extension, name: Name { schema: None, name: \"uuid-ossp\" }, may_exist: true"],
    );
    has("CREATE SCHEMA audit", &["Create { kind: Schema, name: Name { schema: None, name: \"audit\" }"]);
    has(
        "CREATE OR REPLACE VIEW v AS SELECT * FROM t JOIN s.u USING (id)",
        &["kind: View", "may_exist: true", "Reads", "Some(\"s\"), name: \"u\""],
    );
    has("COMMENT ON TABLE t IS 'x'", &["Nothing"]);
}

#[test]
fn rows_are_written_and_read() {
    has(
        "UPDATE users SET phone_number = NULL WHERE phone_number = ''",
        &[
            "name: \"users\" }, how: Update, columns: [\"phone_number\"], plain: Some(Plain { alias: None, set: [(\"phone_number\", \"NULL\")], where_: Some(\"phone_number = ''\") })",
        ],
    );
    has(
        "UPDATE users u SET a = o.a, b = 1 FROM orders o WHERE o.id = u.id",
        &[
            "columns: [\"a\", \"b\"], plain: None",
            "Reads { table: Name { schema: None, name: \"orders\" } }",
        ],
    );
    has("DELETE FROM ONLY s.t", &["Some(\"s\"), name: \"t\" }, how: Delete"]);
    has(
        "INSERT INTO t (a, b) SELECT a, f(b) FROM u",
        &[
            "how: Insert, columns: [\"a\", \"b\"]",
            "name: \"u\"",
            "Calls { function: Name { schema: None, name: \"f\" } }",
        ],
    );
    has("TRUNCATE a, b", &["name: \"a\" }, how: Truncate", "name: \"b\" }, how: Truncate"]);
    has("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", &["name: \"t\" }, how: Delete"]);
    assert!(
        !lines("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x")
            .join("\n")
            .contains("Reads { table: Name { schema: None, name: \"x\"")
    );
    has("SELECT setval('s', 5)", &["Calls { function: Name { schema: None, name: \"setval\" } }"]);
}

#[test]
fn what_is_not_understood_is_said() {
    for sql in [
        "DO $$ BEGIN PERFORM 1; END $$",
        "CALL p()",
        "ALTER TABLE t ATTACH PARTITION p DEFAULT",
        "ALTER TABLE IF EXISTS t DROP COLUMN a",
        "FROB t",
        "ALTER TABLE t ADD",
    ] {
        assert!(
            matches!(changes(Flavour::Postgresql, sql).as_slice(), [Change::Opaque { .. }]),
            "{sql}: {:?}",
            lines(sql)
        );
    }
    assert_eq!(changes(Flavour::Postgresql, "-- nothing\n;"), []);
    assert_eq!(changes(Flavour::Postgresql, "DROP TABLE a; DROP TABLE b;").len(), 2);
}
