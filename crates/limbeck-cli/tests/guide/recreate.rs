//! “Recreating the migration environment”: a backup, a version table that is gone, a history that is gone.

use crate::stage::{POSTS_ID, Stage, on_postgresql, on_sqlite};

fn filled(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org'), (2, 'bob@example.org')");
}

/// The version table was dropped; the history is there.
fn stamped_again(stage: &mut Stage) {
    filled(stage);
    stage.sql("DROP TABLE alembic_version");
    stage.show("recreate-doctor");
    stage.run("db_migrate doctor").exits(1).says(&[
        "alembic_version is missing, and the database has 2 tables",
        "db_migrate stamp --purge --verify 2c3d4e",
    ]);
    stage.show("recreate-stamp");
    stage.run("db_migrate stamp --purge --verify 2c3d4e").ok();
    stage.run("db_migrate status").ok().says(&["Pending:  0"]);
    stage.hide();
    assert_eq!(stage.at(), POSTS_ID);
    stage.run("db_migrate doctor").ok();
}

/// The version table is there, and empty.
fn emptied(stage: &mut Stage) {
    filled(stage);
    // Not even a record of what ran.
    stage.run("rm -r logs").ok();
    stage.sql("DELETE FROM alembic_version");
    if stage.is_postgresql() {
        stage.sql("DROP SCHEMA limbeck CASCADE");
    }
    // What would happen without looking: the tables are there already.
    stage
        .run("LIMBECK_HEALTH_LOG=off db_migrate upgrade head --journal off")
        .exits(2)
        .says(&["users", "nothing of 0a1b2c was kept"]);
    stage.run("db_migrate doctor").exits(1).says(&["alembic_version is empty", "adopt"]);
    stage.show("recreate-adopt");
    stage.run("db_migrate adopt --stamp").ok().says(&[POSTS_ID]);
    stage.hide();
    assert_eq!(stage.at(), POSTS_ID);
    stage.run("db_migrate doctor").ok();
}

/// Nothing of the history is left: begun anew from what the database has.
fn begun_anew(stage: &mut Stage) {
    filled(stage);
    stage.sql("DROP TABLE alembic_version");
    stage.run("rm backend/database/migrations/versions/*.py").ok();
    let before = stage.schema();
    stage.show("recreate-baseline");
    stage.run("db_migrate init --baseline").ok();
    stage.run("db_migrate status").ok().says(&["Pending:  0"]);
    stage.hide();
    assert!(stage.schema().contains("alembic_version"));
    assert_eq!(stage.sql("SELECT count(*) FROM users"), "2");
    stage.run("db_migrate upgrade head").ok().says(&["Nothing to do"]);
    stage.run("db_migrate drift").ok();
    stage.run("db_migrate doctor").ok();
    stage.sql("DROP TABLE alembic_version");
    assert_eq!(stage.schema(), before, "nothing else was changed");
}

/// The database is destroyed, and comes back from its backup.
fn restored(stage: &mut Stage) {
    filled(stage);
    let before = (stage.schema(), stage.sql("SELECT id, email FROM users ORDER BY id"));
    stage.show("recreate-backup");
    stage.run("db_migrate backup -o before_reset.sql").ok();
    stage.run("db_migrate backup verify before_reset.sql").ok();
    stage.hide();
    assert!(stage.path("before_reset.sql").is_file());
    stage.sql("DROP TABLE posts");
    stage.sql("DELETE FROM users WHERE id = 2");
    stage.sql("DELETE FROM alembic_version");
    let broken = (stage.schema(), stage.sql("SELECT id, email FROM users ORDER BY id"));
    // A damaged backup changes nothing.
    stage
        .run("head -c 1000 before_reset.sql > damaged.sql; cp before_reset.sql.manifest.json damaged.sql.manifest.json")
        .ok();
    stage.show("recreate-damaged");
    stage
        .run("db_migrate restore damaged.sql --yes")
        .exits(1)
        .says(&["is damaged", "the database was not touched"]);
    stage.hide();
    assert_eq!((stage.schema(), stage.sql("SELECT id, email FROM users ORDER BY id")), broken);
    stage.show("recreate-restore");
    stage.run("db_migrate restore before_reset.sql --yes").ok();
    stage.hide();
    assert_eq!((stage.schema(), stage.sql("SELECT id, email FROM users ORDER BY id")), before);
    assert_eq!(stage.at(), POSTS_ID);
    stage.run("db_migrate doctor").ok();
}

/// A run that takes a backup first.
fn backed_up_first(stage: &mut Stage) {
    filled(stage);
    stage.show("recreate-first");
    stage.run("db_migrate downgrade -1 --backup").ok();
    stage.run("db_migrate backup list").ok();
    stage.hide();
    assert_eq!(stage.at(), crate::stage::USERS_ID);
}

#[test]
fn restored_on_postgresql() {
    on_postgresql(restored);
}

#[test]
fn restored_on_sqlite() {
    on_sqlite(restored);
}

#[test]
fn backed_up_first_on_postgresql() {
    on_postgresql(backed_up_first);
}

#[test]
fn backed_up_first_on_sqlite() {
    on_sqlite(backed_up_first);
}

#[test]
fn dropped_on_postgresql() {
    on_postgresql(stamped_again);
}

#[test]
fn dropped_on_sqlite() {
    on_sqlite(stamped_again);
}

#[test]
fn emptied_on_postgresql() {
    on_postgresql(emptied);
}

#[test]
fn emptied_on_sqlite() {
    on_sqlite(emptied);
}

#[test]
fn begun_anew_on_postgresql() {
    on_postgresql(begun_anew);
}

#[test]
fn begun_anew_on_sqlite() {
    on_sqlite(begun_anew);
}
