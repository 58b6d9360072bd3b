//! 6. Pending migrations at start-up.

use crate::stage::{POSTS_ID, Stage, USERS_ID, on_postgresql, on_sqlite};

fn story(stage: &mut Stage) {
    stage.run(&format!("db_migrate upgrade {USERS_ID}")).ok();
    stage.show("startup-gate");
    stage
        .run("db_migrate gate -- echo started")
        .exits(1)
        .says(&["2c3d4e"])
        .does_not_say(&["started\n"]);
    stage.show("startup-allow");
    stage
        .run("ALLOW_PENDING_MIGRATIONS=true db_migrate gate -- echo started")
        .ok()
        .says(&["started\n"]);
    stage.hide();
    stage.run("db_migrate log").ok().says(&["waived"]);
    assert_eq!(stage.at(), USERS_ID, "nothing was applied");
    stage.show("startup-apply");
    stage.run("APPLY_MIGRATIONS=true db_migrate gate -- echo started").ok().says(&["started\n"]);
    stage.hide();
    assert_eq!(stage.at(), POSTS_ID);
    stage.run(&format!("db_migrate downgrade {USERS_ID}")).ok();
    stage.show("startup-upgrade");
    stage.run("db_migrate upgrade head").ok();
    stage.run("db_migrate gate -- echo started").ok().says(&["started\n"]);
    stage.show("startup-health");
    stage.run("db_migrate health").ok().says(&["ok"]);
    stage.hide();
    stage.run("db_migrate doctor").ok();
    // A program that ends says so with its own exit code.
    stage.run("db_migrate gate -- sh -c 'exit 7'").exits(7);
}

#[test]
fn postgresql() {
    on_postgresql(story);
}

#[test]
fn sqlite() {
    on_sqlite(story);
}
