//! “Performance issues with large tables”: an index built CONCURRENTLY, and what is left when that fails.

use crate::stage::{POSTS_ID, Stage, on_postgresql};

fn script(statement: &str) -> String {
    format!("def upgrade():\n    op.execute(\n        {statement:?}\n    )\n\n\ndef downgrade():\n    op.drop_index(\"ix_users_email\")\n")
}

fn built(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision(
        "9d0e1f",
        Some(POSTS_ID),
        "index emails",
        &script("CREATE INDEX CONCURRENTLY ix_users_email ON users (email)"),
    );
    stage.show("large");
    stage.run("db_migrate upgrade head").ok().says(&["Applied 1 revision"]);
    stage.hide();
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_users_email'::regclass";
    assert_eq!(stage.sql(valid), "t");
}

fn failed(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org'), (2, 'ada@example.org')");
    stage.revision(
        "9d0e1f",
        Some(POSTS_ID),
        "emails are unique",
        &script("CREATE UNIQUE INDEX CONCURRENTLY ix_users_email ON users (email)"),
    );
    stage.show("large-failed");
    stage.run("db_migrate upgrade head").exits(2).says(&["ix_users_email", "INVALID"]);
    stage.hide();
    assert_eq!(stage.sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
    stage.sql("DELETE FROM users WHERE id = 2");
    stage.show("large-again");
    stage.run("db_migrate upgrade head").ok();
    stage.hide();
    assert_eq!(stage.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_users_email'::regclass"), "t");
}

/// An index that somebody built by hand, and that failed.
fn left_over(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org'), (2, 'ada@example.org')");
    stage.refused("CREATE UNIQUE INDEX CONCURRENTLY ix_users_email ON users (email)");
    stage.show("large-doctor");
    stage.run("db_migrate doctor").exits(1).says(&["ix_users_email", "INVALID"]);
    stage.hide();
    stage.sql("DROP INDEX CONCURRENTLY ix_users_email");
    stage.run("db_migrate doctor").ok().does_not_say(&["INVALID"]);
}

#[test]
fn built_on_postgresql() {
    on_postgresql(built);
}

#[test]
fn left_over_on_postgresql() {
    on_postgresql(left_over);
}

#[test]
fn failed_on_postgresql() {
    on_postgresql(failed);
}
