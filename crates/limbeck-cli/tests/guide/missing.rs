//! A missing script: the database is at a revision that the project at hand does not have.

use crate::stage::{POSTS_ID, Stage, on_postgresql, on_sqlite};

const ID: &str = "8c9d0e";
const ADD: &str = "def upgrade():
    op.add_column(\"users\", sa.Column(\"nickname\", sa.String(40)))


def downgrade():
    op.drop_column(\"users\", \"nickname\")
";

/// The revision came from another branch of the code, and its file is not here.
fn gone(stage: &mut Stage) -> String {
    stage.run("db_migrate upgrade head").ok();
    let before = stage.schema();
    stage.revision(ID, Some(POSTS_ID), "add nickname", ADD);
    stage.run("db_migrate upgrade head").ok();
    std::fs::remove_file(stage.script(ID, "add nickname")).expect("the script");
    before
}

fn remembered(stage: &mut Stage) {
    let before = gone(stage);
    stage.show("missing-upgrade");
    stage.run("db_migrate upgrade head").exits(2).says(&["E0402", "8c9d0e"]);
    stage.show("missing-doctor");
    stage.run("db_migrate doctor").exits(1).says(&["8c9d0e", "downgrade --from-journal"]);
    stage.show("missing-downgrade");
    stage.run(&format!("db_migrate downgrade --from-journal {POSTS_ID}")).ok();
    stage.hide();
    assert_eq!((stage.at().as_str(), stage.schema()), (POSTS_ID, before));
    stage.run("db_migrate doctor").ok();
}

/// SQLite remembers no scripts: the file has to come back.
fn brought_back(stage: &mut Stage) {
    let before = gone(stage);
    stage.run("db_migrate upgrade head").exits(2).says(&["E0402", "8c9d0e"]);
    stage.run("db_migrate doctor").exits(1).says(&["8c9d0e"]);
    stage.revision(ID, Some(POSTS_ID), "add nickname", ADD);
    stage.run("db_migrate doctor").does_not_say(&["!!"]);
    stage.run("db_migrate downgrade -1").ok();
    assert_eq!((stage.at().as_str(), stage.schema()), (POSTS_ID, before));
    stage.run("db_migrate doctor").ok();
}

/// A file in the middle of the history is gone: the graph itself is broken.
fn broken(stage: &mut Stage) {
    stage.revision(ID, Some(POSTS_ID), "add nickname", ADD);
    std::fs::remove_file(stage.script(POSTS_ID, "create posts")).expect("the script");
    stage.show("missing-parent");
    stage.run("db_migrate upgrade head").exits(2).says(&["E0206", "2c3d4e"]);
    stage.hide();
    stage.run("db_migrate doctor").says(&["2c3d4e"]);
}

#[test]
fn remembered_on_postgresql() {
    on_postgresql(remembered);
}

#[test]
fn brought_back_on_sqlite() {
    on_sqlite(brought_back);
}

#[test]
fn in_the_middle_on_postgresql() {
    on_postgresql(broken);
}

#[test]
fn in_the_middle_on_sqlite() {
    on_sqlite(broken);
}
