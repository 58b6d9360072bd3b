//! `adopt` on histories with branches, and histories that begin where something was there already (`--initial`).

use crate::project::{Project, Ran, server};
use limbeck_test::Database;

fn on(project: &Project, url: &str, arguments: &[&str]) -> Ran {
    let mut all = vec!["--url", url];
    all.extend(arguments);
    project.run(&all)
}

fn says_no(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(1), "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    for word in words {
        let found = ran.stdout.contains(word) || ran.stderr.contains(word);
        assert!(found, "{word:?} is not in:\n{}\n{}", ran.stdout, ran.stderr);
    }
}

/// A root and two branches, both of which change the root's table; `b2` changes data only.
fn branched() -> Project {
    let project = Project::sqlite();
    let add = |column: &str| {
        format!("def upgrade():\n    op.add_column('thing', sa.Column('{column}', sa.Integer))\n\ndef downgrade():\n    op.drop_column('thing', '{column}')")
    };
    let table = |name: &str| {
        format!("def upgrade():\n    op.create_table('{name}', sa.Column('id', sa.Integer, primary_key=True))\n\ndef downgrade():\n    op.drop_table('{name}')")
    };
    project.revision("r", None, &table("thing"));
    project.revision("a1", Some("r"), &add("from_a"));
    project.revision("a2", Some("a1"), &table("of_a"));
    project.revision("b1", Some("r"), &add("from_b"));
    project.revision(
        "b2",
        Some("b1"),
        "def upgrade():\n    op.execute('INSERT INTO thing (id) VALUES (1)')\n\ndef downgrade():\n    op.execute('DELETE FROM thing')",
    );
    project.revision("b3", Some("b2"), &table("of_b"));
    project
}

fn rows(database: &Database<'_>) -> String {
    let sql = "SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version";
    database.psql(sql).unwrap().trim().to_owned()
}

#[test]
fn every_combination_of_branches_is_found() {
    let Some(server) = server() else { return };
    let project = branched();
    for (targets, wanted) in [(vec!["b3", "a1"], "a1 b3"), (vec!["b3"], "b3"), (vec!["a2", "b3"], "a2 b3")] {
        let database = server.create_database();
        for target in &targets {
            on(&project, &database.url(), &["upgrade", target]).ok();
        }
        database.psql("DROP TABLE alembic_version").unwrap();
        assert_eq!(
            on(&project, &database.url(), &["adopt"]).ok().split(',').next().unwrap().trim(),
            wanted,
            "after {targets:?}"
        );
        on(&project, &database.url(), &["adopt", "--stamp"]).ok();
        assert_eq!(rows(&database), wanted);
        if targets.len() == 1 {
            continue;
        }
        let ran = on(&project, &database.url(), &["adopt"]);
        assert!(ran.stderr.contains("and its version table says so"), "{}", ran.stderr);
    }
}

#[test]
fn combinations_that_only_data_tells_apart_are_all_named() {
    let Some(server) = server() else { return };
    let (project, database) = (branched(), server.create_database());
    on(&project, &database.url(), &["upgrade", "a2"]).ok();
    on(&project, &database.url(), &["upgrade", "b1"]).ok();
    database.psql("DROP TABLE alembic_version").unwrap();
    assert_eq!(on(&project, &database.url(), &["adopt"]).ok(), "a2 b1\na2 b2\n");
    says_no(&on(&project, &database.url(), &["adopt", "--stamp"]), &["E0734", "a2 b1, a2 b2", "stamp a2 b2"]);
    assert_eq!(database.psql("SELECT to_regclass('alembic_version')").unwrap().trim(), "");
}

#[test]
fn the_nearest_combination_is_shown_with_its_differences() {
    let Some(server) = server() else { return };
    let (project, database) = (branched(), server.create_database());
    on(&project, &database.url(), &["upgrade", "b3"]).ok();
    database.psql("DROP TABLE alembic_version; ALTER TABLE of_b ADD COLUMN by_hand text").unwrap();
    let ran = on(&project, &database.url(), &["adopt"]);
    says_no(&ran, &["The nearest is b3, step b3: 1 object differs"]);
    assert_eq!(ran.stdout, "+ column public.of_b.by_hand\n    + type: text\n");
    let ran = on(&project, &database.url(), &["adopt", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report[0]["nearest"]["rows"], serde_json::json!(["b3"]));
    assert_eq!(report[0]["looked_at_all"], true);
    // r; 0 to 2 steps of a beside 0 to 3 of b.
    assert_eq!(report[0]["looked_at"], 12);
}

#[test]
fn sqlite_finds_combinations_too() {
    let project = branched();
    project.run(&["upgrade", "b3"]).ok();
    project.run(&["upgrade", "a1"]).ok();
    project.sql("DROP TABLE alembic_version");
    assert_eq!(project.run(&["adopt"]).ok(), "a1 b3\n");
    project.run(&["adopt", "--stamp"]).ok();
    assert_eq!(project.query("SELECT version_num FROM alembic_version ORDER BY 1"), ["a1", "b3"]);
}

/// A history whose first revision changes a table that it did not make.
fn begun_late() -> Project {
    let project = Project::sqlite();
    project.revision(
        "a",
        None,
        "def upgrade():\n    op.add_column('users', sa.Column('email', sa.String(50)))\n\ndef downgrade():\n    op.drop_column('users', 'email')",
    );
    project.revision(
        "b",
        Some("a"),
        "def upgrade():\n    op.create_index('ix_users_email', 'users', ['email'])\n\ndef downgrade():\n    op.drop_index('ix_users_email')",
    );
    project.write(
        "initial.sql",
        "-- what was there in 2019\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n",
    );
    project
}

#[test]
fn a_history_that_began_late_is_replayed_on_what_was_there() {
    let Some(server) = server() else { return };
    let (project, database) = (begun_late(), server.create_database());
    let url = database.url();
    database.psql("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
    on(&project, &url, &["upgrade", "a"]).ok();
    for command in [&["drift"][..], &["verify"], &["adopt"], &["stamp", "--verify", "a"]] {
        on(&project, &url, command).fails_with(&["E0732", "--initial FILE.sql", "only read"]);
        let with: Vec<&str> = command.iter().copied().chain(["--initial", "initial.sql"]).collect();
        on(&project, &url, &with).ok();
    }
    assert_eq!(on(&project, &url, &["adopt", "--initial", "initial.sql"]).ok(), "a, step a\n");
    // What was there is compared too.
    database.psql("ALTER TABLE users DROP COLUMN name").unwrap();
    says_no(&on(&project, &url, &["drift", "--initial", "initial.sql"]), &["- column public.users.name"]);
    on(&project, &url, &["drift", "--initial", "nowhere.sql"]).fails_with(&["E0108", "nowhere.sql"]);
    project.write("initial.sql", "CREATE TABLE users (id int);\n\nCREATE TABLE users (id int);\n");
    on(&project, &url, &["drift", "--initial", "initial.sql"]).fails_with(&["E0731", "initial.sql:3"]);
}

#[test]
fn the_initial_schema_can_stand_in_the_configuration() {
    let project = begun_late();
    project.sql("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)");
    project.run(&["upgrade", "head"]).ok();
    project.run(&["drift"]).fails_with(&["E0732", "--initial FILE.sql"]);
    let ini = std::fs::read_to_string(project.path("alembic.ini")).unwrap();
    project.write("alembic.ini", &format!("{ini}\n[limbeck]\ninitial = initial.sql\n"));
    assert_eq!(project.run(&["drift"]).ok(), "");
    project.run(&["verify"]).ok();
    assert_eq!(project.run(&["adopt"]).ok(), "b, step b\n");
    std::fs::remove_file(project.path("initial.sql")).unwrap();
    project.run(&["drift"]).fails_with(&["E0108", "`initial` in the configuration"]);
}
