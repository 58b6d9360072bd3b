//! 5. Alembic version mismatch: a whole team on one version, enforced.

use crate::stage::{Stage, on_postgresql, on_sqlite};

fn story(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.show("versions");
    stage.run("limbeck --version").ok();
    stage.run("alembic --version").ok().says(&["alembic 1."]);
    stage.hide();
    stage.write("limbeck.toml", "required_version = \">=99\"\n");
    stage.show("versions-required");
    stage.run("db_migrate upgrade head").exits(2).says(&[">=99"]);
    stage.hide();
    stage.run("db_migrate doctor").exits(1).says(&["required_version", ">=99"]);
    stage.write("limbeck.toml", "required_version = \">=0.1\"\n");
    stage.run("db_migrate upgrade head").ok();
    stage.show("versions-doctor");
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
