//! “Database locking issues”: an application's transaction holds what the migration needs.

use crate::stage::{POSTS_ID, Stage, on_postgresql, on_sqlite};
use limbeck_db::{Connection, DatabaseUrl, Environment, connect};

const ADD: &str = "def upgrade():
    op.add_column(\"users\", sa.Column(\"nickname\", sa.String(40)))


def downgrade():
    op.drop_column(\"users\", \"nickname\")
";

fn application(stage: &Stage, sql: &str) -> Box<dyn Connection> {
    let mut url = stage.url();
    if stage.is_postgresql() {
        url.push_str("&application_name=web");
    }
    let mut connection = connect(&DatabaseUrl::parse(&url).expect("a URL"), &Environment::default()).expect("the database answers");
    connection.execute_batch(sql).expect("a transaction");
    connection
}

fn blocked(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision("7b8c9d", Some(POSTS_ID), "add nickname", ADD);
    let mut application = application(stage, "BEGIN; SELECT id FROM users");
    stage.show("locking-upgrade");
    stage.run("PGLOCK_TIMEOUT=1000 db_migrate upgrade head --tries 2").exits(2).says(&[
        "lock",
        "web",
        "the database is at 2c3d4e",
        "nothing of 7b8c9d was kept",
    ]);
    stage.show("locking-locks");
    stage
        .run("db_migrate locks --older-than 0")
        .ok()
        .says(&["web", "idle in transaction", "SELECT id FROM users"]);
    stage.hide();
    assert_eq!(stage.at(), POSTS_ID);
    application.execute_batch("COMMIT").expect("the transaction ends");
    stage.show("locking-again");
    stage.run("db_migrate upgrade head").ok();
    stage.hide();
    stage.run("db_migrate doctor").does_not_say(&["web"]);
}

/// A migration that waits goes on by itself when the blocker ends.
fn waited(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision("7b8c9d", Some(POSTS_ID), "add nickname", ADD);
    let mut application = application(stage, "BEGIN; SELECT id FROM users");
    let mut migration = stage.start("PGLOCK_TIMEOUT=2000 db_migrate upgrade head --tries 50");
    // Until it waits.
    let began = std::time::Instant::now();
    loop {
        let answer = stage.run("db_migrate doctor --only lock-trouble");
        if answer.text.contains("web") {
            answer.exits(1).says(&["SELECT id FROM users"]);
            break;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "it never waited");
    }
    // It is turned away at least once.
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(stage.at(), POSTS_ID, "still waiting");
    application.execute_batch("COMMIT").expect("the transaction ends");
    assert!(migration.wait().expect("the migration ends").success());
    assert_eq!(stage.at(), "7b8c9d");
}

fn locked(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision("7b8c9d", Some(POSTS_ID), "add nickname", ADD);
    let mut application = application(stage, "BEGIN IMMEDIATE");
    stage
        .run("PGLOCK_TIMEOUT=200 db_migrate upgrade head --tries 2")
        .exits(2)
        .says(&["database is locked"]);
    assert_eq!(stage.at(), POSTS_ID);
    application.execute_batch("COMMIT").expect("the transaction ends");
    stage.run("db_migrate upgrade head").ok();
    assert_eq!(stage.at(), "7b8c9d");
}

#[test]
fn blocked_on_postgresql() {
    on_postgresql(blocked);
}

#[test]
fn waited_on_postgresql() {
    on_postgresql(waited);
}

#[test]
fn locked_on_sqlite() {
    on_sqlite(locked);
}
