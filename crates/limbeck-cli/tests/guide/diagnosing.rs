//! “Diagnosing migration issues”: where the database is, what is pending, what ran.

use crate::stage::{POSTS_ID, Stage, USERS_ID, on_postgresql, on_sqlite};

fn story(stage: &mut Stage) {
    stage.run(&format!("db_migrate upgrade {USERS_ID}")).ok();
    stage.show("status");
    stage
        .run("db_migrate status")
        .ok()
        .says(&["Current:  0a1b2c  create users\n", "Applied:  1\n", "Pending:  1\n", "2c3d4e  create posts"]);
    stage.show("doctor");
    stage.run("db_migrate doctor").ok();
    stage.show("history");
    stage
        .run("db_migrate history -v")
        .ok()
        .says(&["Rev: 2c3d4e (head)\nParent: 0a1b2c\n", "    create posts", "Rev: 0a1b2c\nParent: <base>\n"]);
    stage.show("log");
    stage.run("db_migrate log").ok().says(&["0a1b2c"]);
    stage.show("explain");
    stage.run("db_migrate explain e203").ok().says(&["E0203: several heads", "$ db_migrate merge"]);
    stage.hide();
    stage.run("db_migrate upgrade head").ok();
    stage.run("db_migrate status").ok().says(&["Pending:  0"]);
    assert_eq!(stage.at(), POSTS_ID);
}

#[test]
fn postgresql() {
    on_postgresql(story);
}

#[test]
fn sqlite() {
    on_sqlite(story);
}
