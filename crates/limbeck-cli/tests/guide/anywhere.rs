//! 4. Command not found: the project is found from any directory below it.

use crate::stage::{Stage, on_postgresql, on_sqlite};

fn story(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    let top = stage.run("db_migrate status").ok().text;
    stage.show("anywhere");
    let below = stage.run("cd backend && db_migrate status").ok().text;
    stage.hide();
    assert_eq!(below, top);
    assert_eq!(stage.run("cd backend/database/migrations/versions && db_migrate status").ok().text, top);
    stage.show("anywhere-not");
    stage
        .run("cd /tmp && db_migrate status")
        .exits(2)
        .says(&["E0101", "no migration project in /tmp"]);
    stage.hide();
    let named = format!("cd /tmp && db_migrate -c {}/alembic.ini status", stage.path("").display());
    assert_eq!(stage.run(&named).ok().text, top);
    stage.run("cd backend && db_migrate doctor").ok();
}

#[test]
fn postgresql() {
    on_postgresql(story);
}

#[test]
fn sqlite() {
    on_sqlite(story);
}
