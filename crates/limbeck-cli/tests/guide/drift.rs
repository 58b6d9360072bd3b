//! 3. Schema drift: a column that somebody made by hand.

use crate::stage::{Stage, on_postgresql, on_sqlite};

/// The guide's way: a revision that brings the database to the models.
fn generated(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    let meant = stage.schema();
    stage.sql("ALTER TABLE users ADD COLUMN nickname VARCHAR(40)");
    stage.show("drift-check");
    stage
        .run("db_migrate check")
        .exits(1)
        .says(&["Column users.nickname exists in the database but not in the model"]);
    stage.show("drift-doctor");
    stage.run("db_migrate doctor").exits(1).says(&["users.nickname"]);
    stage.show("drift-generate");
    stage
        .run("db_migrate generate \"Sync models with database\" --autogenerate")
        .ok()
        .says(&["sync_models_with_database.py"]);
    stage.hide();
    let script = stage.run("cat backend/database/migrations/versions/*sync_models*.py").ok().text;
    assert!(
        script.contains("drop_column('users', 'nickname')") || script.contains("drop_column('nickname')"),
        "{script}"
    );
    stage.show("drift-upgrade");
    stage.run("db_migrate upgrade head").ok();
    stage.run("db_migrate check").ok().says(&["Models and database agree."]);
    stage.hide();
    // SQLite writes the name of a rebuilt table in quotes.
    assert_eq!(stage.schema().replace("TABLE \"users\"", "TABLE users"), meant);
    stage.run("db_migrate doctor").ok();
}

/// The other way: the database and its own history, without models.
fn replayed(stage: &mut Stage) {
    stage.run("db_migrate upgrade head").ok();
    stage.sql("ALTER TABLE users ADD COLUMN nickname VARCHAR(40)");
    stage.show("drift-replay");
    stage.run("db_migrate drift").exits(1).says(&["nickname"]);
    stage.hide();
    stage
        .run("db_migrate drift --generate adopt -m \"adopt nickname\"")
        .ok()
        .says(&["adopt_nickname.py"]);
    let id = stage.run("db_migrate heads").ok().text;
    let id = id.split(' ').next().unwrap_or_default();
    stage.run(&format!("db_migrate stamp --verify {id}")).ok();
    stage.run("db_migrate drift").ok();
}

#[test]
fn postgresql() {
    on_postgresql(generated);
}

#[test]
fn sqlite() {
    on_sqlite(generated);
}

#[test]
fn against_its_history_on_postgresql() {
    on_postgresql(replayed);
}

#[test]
fn against_its_history_on_sqlite() {
    on_sqlite(replayed);
}
