//! 1. Multiple head revisions: two people add a revision after the same one.

use crate::stage::{POSTS_ID, Stage, on_postgresql, on_sqlite};

const EMAIL: &str = "1a2b3c";
const PHONE: &str = "4d5e6f";

fn add(column: &str, table: &str) -> String {
    format!(
        "def upgrade():\n    op.add_column({table:?}, sa.Column({column:?}, sa.String(40)))\n\n\ndef downgrade():\n    op.drop_column({table:?}, {column:?})\n"
    )
}

fn two_heads(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision(EMAIL, Some(POSTS_ID), "add users nickname", &add("nickname", "users"));
    stage.revision(PHONE, Some(POSTS_ID), "add posts subtitle", &add("subtitle", "posts"));
}

/// The commands of the guide.
fn merged(stage: &mut Stage) {
    two_heads(stage);
    let before = stage.schema();
    stage.show("heads-upgrade");
    stage.run("db_migrate upgrade head").exits(2).says(&[
        "Multiple head revisions: 1a2b3c, 4d5e6f",
        "apart since `2c3d4e` create posts",
        "merge -m \"merge heads\" 1a2b3c 4d5e6f",
    ]);
    assert_eq!(stage.schema(), before, "nothing was changed");
    stage.show("heads-doctor");
    stage
        .run("db_migrate doctor")
        .exits(1)
        .says(&["Multiple head revisions: 1a2b3c, 4d5e6f", "merge -m \"merge heads\" 1a2b3c 4d5e6f"]);
    stage.show("heads-merge");
    stage.run("alembic -c alembic.ini merge -m \"Merge multiple heads\" 1a2b3c 4d5e6f").ok();
    stage.run("db_migrate upgrade head").ok().says(&["Applied 3 revisions"]);
    stage.hide();
    stage.run("db_migrate doctor --only multiple-heads").ok();
    assert_eq!(stage.sql("SELECT count(*) FROM alembic_version"), "1");
    let schema = stage.schema();
    assert!(schema.contains("nickname") && schema.contains("subtitle"), "{schema}");
}

/// What `doctor` offers to do itself.
fn mended(stage: &mut Stage) {
    two_heads(stage);
    stage.show("heads-fix");
    stage.run("db_migrate doctor --only multiple-heads --fix --yes").ok();
    stage.run("db_migrate heads").ok();
    stage.hide();
    let heads = stage.run("db_migrate heads").ok().text;
    assert_eq!(heads.lines().count(), 1, "{heads}");
    stage.run("db_migrate upgrade head").ok().says(&["Applied 3 revisions"]);
    stage.run("db_migrate doctor --only multiple-heads").ok();
}

/// Two branches that change the same object are not joined without somebody looking.
fn at_odds(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.revision(EMAIL, Some(POSTS_ID), "add users nickname", &add("nickname", "users"));
    stage.revision(PHONE, Some(POSTS_ID), "add users nickname too", &add("nickname", "users"));
    stage.show("heads-odds");
    stage
        .run("db_migrate doctor --only multiple-heads --fix --yes")
        .exits(1)
        .says(&["users.nickname"]);
    stage.hide();
    assert_eq!(stage.run("db_migrate heads").ok().text.lines().count(), 2);
}

#[test]
fn merged_by_hand_on_postgresql() {
    on_postgresql(merged);
}

#[test]
fn merged_by_hand_on_sqlite() {
    on_sqlite(merged);
}

#[test]
fn merged_by_doctor_on_postgresql() {
    on_postgresql(mended);
}

#[test]
fn merged_by_doctor_on_sqlite() {
    on_sqlite(mended);
}

#[test]
fn branches_at_odds_on_postgresql() {
    on_postgresql(at_odds);
}

#[test]
fn branches_at_odds_on_sqlite() {
    on_sqlite(at_odds);
}
