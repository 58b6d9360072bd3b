//! 2. A failed migration: its second statement is refused.

use crate::stage::{POSTS_ID, Stage, on_postgresql, on_sqlite};

const ID: &str = "5e6f7a";
const WRONG: &str = "def upgrade():
    op.add_column(\"users\", sa.Column(\"nickname\", sa.String(40)))
    op.execute(\"UPDATE users SET nickname = first_name\")


def downgrade():
    op.drop_column(\"users\", \"nickname\")
";

fn story(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org')");
    let before = stage.schema();
    stage.revision(ID, Some(POSTS_ID), "add nickname", WRONG);
    stage.show("failed-upgrade");
    stage.run("db_migrate upgrade head").exits(2).says(&[
        "error[E0412]: upgrade of 5e6f7a failed; the database is at 2c3d4e",
        "first_name",
        "5e6f7a_add_nickname.py:14",
        "nothing of 5e6f7a was kept",
    ]);
    stage.hide();
    assert_eq!(stage.schema(), before, "nothing of it is there");
    assert_eq!(stage.at(), POSTS_ID);
    stage.show("failed-doctor");
    stage.run("db_migrate doctor").exits(1).says(&["5e6f7a"]);
    stage.show("failed-log");
    stage.run("db_migrate log --failed").ok().says(&["5e6f7a", "first_name"]);
    stage.hide();
    stage.model("User", "nickname = Column(String(40))");
    stage.revision(ID, Some(POSTS_ID), "add nickname", &WRONG.replace("first_name", "email"));
    stage.show("failed-again");
    stage
        .run("db_migrate upgrade head")
        .ok()
        .says(&["Applied 1 revision", "The database is at 5e6f7a"]);
    stage.hide();
    assert_eq!(stage.sql("SELECT nickname FROM users"), "ada@example.org");
    stage.show("failed-downgrade");
    stage
        .run("db_migrate downgrade -1")
        .ok()
        .says(&["Reverted 1 revision", "The database is at 2c3d4e"]);
    stage.hide();
    assert_eq!(stage.schema(), before, "the downgrade restores");
    stage.run("db_migrate upgrade head").ok();
    stage.run("db_migrate doctor").ok();
}

#[test]
fn postgresql() {
    on_postgresql(story);
}

#[test]
fn sqlite() {
    on_sqlite(story);
}
