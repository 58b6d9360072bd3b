//! SQLite: table rebuilds under foreign keys, WAL, a writer in another process.

use crate::project::Project;
use std::time::{Duration, Instant};

const FAMILY: &str = "def upgrade():
    op.create_table('parent', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('name', sa.String(20)))
    op.create_table('child', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('parent_id', sa.Integer(), sa.ForeignKey('parent.id', ondelete='CASCADE')))
    op.execute(\"INSERT INTO parent VALUES (1, 'a'), (2, 'b')\")
    op.execute('INSERT INTO child VALUES (1, 1), (2, 2), (3, 2)')


def downgrade():
    pass";

/// A family of tables with rows, and a second revision with the given statements.
fn family(statements: &[&str]) -> Project {
    let project = Project::sqlite();
    project.revision("aa01", None, FAMILY);
    let body: Vec<String> = statements.iter().map(|line| format!("    {line}\n")).collect();
    project.revision(
        "bb02",
        Some("aa01"),
        &format!("def upgrade():\n{}\n\ndef downgrade():\n    pass", body.concat()),
    );
    project
}

/// env.py switches enforcement on, as applications do.
fn enforce(project: &Project) {
    let env = std::fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let on = "connection.exec_driver_sql('PRAGMA foreign_keys=ON')\n        context.configure(connection=connection,";
    let edited = env.replace("context.configure(connection=connection,", on);
    assert_ne!(env, edited);
    project.write("migrations/env.py", &edited);
}

fn children(project: &Project) -> Vec<String> {
    project.query("SELECT count(*) FROM child")
}

const REBUILD: [&str; 2] = [
    "with op.batch_alter_table('parent') as batch:",
    "    batch.alter_column('name', type_=sa.String(50), nullable=True)",
];

#[test]
fn a_rebuild_of_the_parent_keeps_the_children() {
    // Real Alembic 1.20.1 deletes all three by cascade where enforcement is on.
    for on in ["op.execute('PRAGMA foreign_keys=ON')", "pass"] {
        let project = family(&[on, REBUILD[0], REBUILD[1]]);
        project.run(&["upgrade", "head"]).ok();
        assert_eq!(children(&project), ["3"], "{on}");
        assert!(project.query("SELECT sql FROM sqlite_master WHERE name = 'parent'")[0].contains("VARCHAR(50)"));
    }
    let project = family(&REBUILD);
    enforce(&project);
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(children(&project), ["3"]);
}

#[test]
fn enforcement_is_on_again_after_a_rebuild() {
    let project = family(&[REBUILD[0], REBUILD[1], "op.execute('INSERT INTO child VALUES (9, 9)')"]);
    enforce(&project);
    project
        .run(&["upgrade", "head"])
        .fails_with(&["FOREIGN KEY constraint failed", "the database is at aa01", "nothing of bb02 was kept"]);
    assert_eq!(children(&project), ["3"]);
}

#[test]
fn a_rebuild_that_leaves_rows_without_their_parent_is_refused() {
    for enforced in [true, false] {
        let project = family(&[
            REBUILD[0],
            "    batch.alter_column('name', nullable=True, type_=sa.Text())",
            "op.execute('PRAGMA foreign_keys=OFF')",
            "op.execute('DELETE FROM parent WHERE id = 2')",
        ]);
        if enforced {
            enforce(&project);
        }
        let shown = project.run(&["upgrade", "head"]).fails_with(&[
            "E0412",
            "2 rows of `child` would point to rows that are not there",
            "table `child`, rowid 2: no such row in `parent`",
            "table `child`, rowid 3: no such row in `parent`",
            "the database is at aa01",
            "nothing of bb02 was kept",
        ]);
        assert!(!shown.contains("and 0 more"), "{shown}");
        assert_eq!(
            (children(&project), project.query("SELECT count(*) FROM parent")),
            (vec!["3".to_owned()], vec!["2".to_owned()])
        );
    }
}

#[test]
fn in_one_transaction_too() {
    let project = family(&[REBUILD[0], REBUILD[1], "op.execute('DELETE FROM parent WHERE id = 2')"]);
    project
        .run(&["upgrade", "--single-transaction", "head"])
        .fails_with(&["2 rows of `child`", "the database is at base"]);
    assert!(!project.tables().contains(&"child".to_owned()));
}

#[test]
fn rows_that_pointed_to_nothing_before_do_not_stand_in_the_way() {
    let project = family(&REBUILD);
    project.run(&["upgrade", "aa01"]).ok();
    project.query("INSERT INTO child VALUES (9, 9)");
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(children(&project), ["4"]);
}

#[test]
fn a_script_that_deletes_without_enforcement_or_rebuild_may() {
    let project = family(&["op.execute('DELETE FROM parent WHERE id = 2')"]);
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(children(&project), ["3"]);
}

#[test]
fn a_database_in_wal_mode_stays_so() {
    let project = family(&REBUILD);
    for (id, down) in [("cc03", "bb02"), ("dd04", "cc03"), ("ee05", "dd04")] {
        project.revision(
            id,
            Some(down),
            "def upgrade():\n    op.execute('UPDATE parent SET name = name')\n\n\ndef downgrade():\n    pass",
        );
    }
    assert_eq!(project.query("PRAGMA journal_mode = wal"), ["wal"]);
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.query("PRAGMA journal_mode"), ["wal"]);
    assert_eq!(children(&project), ["3"]);
    // A run of many on another database goes back to SQLite's own default.
    let project = family(&REBUILD);
    for (id, down) in [("cc03", "bb02"), ("dd04", "cc03")] {
        project.revision(id, Some(down), "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass");
    }
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.query("PRAGMA journal_mode"), ["delete"]);
    assert!(!project.path("app.db-journal").exists());
}

#[test]
fn a_writer_in_another_process_is_waited_for_and_then_named() {
    let project = family(&REBUILD);
    project.run(&["upgrade", "aa01"]).ok();
    let url = limbeck_db::DatabaseUrl::parse(&format!("sqlite:///{}", project.path("app.db").display())).expect("a URL");
    let mut other = limbeck_db::connect(&url, &limbeck_db::Environment::default()).expect("the file opens");
    other.begin().expect("the file is free");
    let started = Instant::now();
    project.run(&["upgrade", "--lock-timeout", "700ms", "--tries", "1", "head"]).fails_with(&[
        "database is locked",
        "another program is writing to the file",
        "the database is at aa01",
        "nothing of bb02 was kept",
    ]);
    assert!(started.elapsed() > Duration::from_millis(650), "{:?}", started.elapsed());
    // It ends in time: the migration goes on.
    let running = project.start(&["upgrade", "--lock-timeout", "20s", "head"]);
    std::thread::sleep(Duration::from_millis(800));
    other.commit().expect("a commit");
    let output = running.wait_with_output().expect("the binary ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
