//! `backup` and `restore` as the guide uses them, on PostgreSQL and SQLite; what stands in the way of them; and processes killed in the middle.

use crate::project::{Project, Ran, server};
use limbeck_test::Database;
use serde_json::Value;
use std::time::{Duration, Instant};

const USERS: &str = "def upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('email', sa.Text()))\n\n\ndef downgrade():\n    op.drop_table('users')";
const ADD: &str = "def upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')";
const DROP: &str = "def upgrade():\n    op.drop_column('users', 'email')\n\n\ndef downgrade():\n    op.add_column('users', sa.Column('email', sa.Text()))";

fn history() -> Project {
    let project = Project::sqlite();
    project.revision("aa01", None, USERS);
    project.revision("bb02", Some("aa01"), ADD);
    project
}

/// A run that answers no.
#[track_caller]
fn says_no(ran: Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(1), "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "{word:?} is not in:\n{}", ran.stderr);
    }
}

fn databases_like(database: &Database<'_>) -> Vec<String> {
    let sql = format!("SELECT datname FROM pg_database WHERE datname LIKE '{}\\_%' ORDER BY 1", database.name());
    database.server().psql("postgres", &sql).expect("names").lines().map(str::to_owned).collect()
}

fn drop_all_like(database: &Database<'_>) {
    for name in databases_like(database) {
        database.server().psql("postgres", &format!("DROP DATABASE \"{name}\"")).expect("it goes");
    }
}

#[test]
fn the_guide_s_words_on_postgresql() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = history();
    let url = database.url();
    let run = |arguments: &[&str]| project.run(&[&["--url", &url], arguments].concat());
    run(&["upgrade", "aa01"]).ok();
    database
        .psql("INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 1234) n")
        .expect("rows");
    let ran = run(&["backup", "-o", "before_reset.sql"]);
    assert!(
        ran.stderr.contains("(at aa01) as before_reset.sql: ") && ran.stderr.contains(" rows."),
        "{}",
        ran.stderr
    );
    ran.ok();
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(project.path("before_reset.sql.manifest.json")).expect("the manifest")).expect("JSON");
    assert_eq!(manifest["rows"]["public.users"], 1234);
    assert_eq!(manifest["revisions"], serde_json::json!(["aa01"]));
    assert!(manifest["scripts"]["aa01"].is_string() && manifest["graph"].is_string() && manifest["sha256"].is_string());
    says_no(run(&["backup", "-o", "before_reset.sql"]), &["error[E0913]", "--overwrite"]);
    run(&["backup", "-o", "before_reset.sql", "--overwrite"]).ok();

    // A folder below: the name is one from there, the project is found.
    std::fs::create_dir(project.path("sub")).expect("a folder");
    project.run_in(&project.path("sub"), &["--url", &url, "backup", "-o", "x.sql.zst"], &[]).ok();
    assert!(project.path("sub/x.sql.zst").is_file());

    database
        .psql("DROP TABLE users; UPDATE alembic_version SET version_num = 'bb02'")
        .expect("harm is done");
    let ran = run(&["restore", "before_reset.sql"]);
    for words in [
        "1,23",
        "at aa01, as its manifest says.",
        "The old database is kept as ",
        "1 revision is pending (bb02): `limbeck --url ",
        " upgrade head` applies it.",
    ] {
        assert!(ran.stderr.contains(words), "{words:?} is not in:\n{}", ran.stderr);
    }
    ran.ok();
    assert_eq!(database.psql("SELECT count(*) FROM users").expect("rows").trim(), "1234");
    let kept = databases_like(&database);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(
        server.psql(&kept[0], "SELECT version_num FROM alembic_version").expect("the old one").trim(),
        "bb02"
    );
    drop_all_like(&database);

    says_no(run(&["restore", "--in-place", "sub/x.sql.zst"]), &["error[E0922]", "say `--yes`"]);
    let report: Value = serde_json::from_str(&run(&["restore", "--in-place", "--yes", "--json", "sub/x.sql.zst"]).ok()).expect("JSON");
    assert_eq!(
        (&report["compared"], &report["pending"], &report["kept"]),
        (&Value::Bool(true), &serde_json::json!(["bb02"]), &Value::Null)
    );
    run(&["upgrade", "head"]).ok();

    let ran = run(&["backup", "verify", "before_reset.sql"]);
    assert!(ran.stderr.contains("restores into a scratch database: "), "{}", ran.stderr);
    ran.ok();
    let listed = run(&["backup", "list", "."]).ok();
    assert!(listed.contains("before_reset.sql") && listed.contains("verified 20"), "{listed}");
    let log = project.run(&["log"]).ok();
    assert!(log.contains("  backup ") && log.contains("  restore "), "{log}");
    // Nothing of the scratch database or of failed attempts is left.
    assert_eq!(databases_like(&database), [""; 0]);
}

#[test]
fn the_guide_s_words_on_sqlite() {
    let project = history();
    project.run(&["upgrade", "aa01"]).ok();
    let url = limbeck_db::DatabaseUrl::parse(&format!("sqlite:///{}", project.path("app.db").display())).expect("a URL");
    let mut connection = limbeck_db::connect(&url, &limbeck_db::Environment::default()).expect("it opens");
    connection.execute_batch("INSERT INTO users (email) VALUES ('a'), ('b')").expect("rows");
    let ran = project.run(&["backup", "-o", "before_reset.sql"]);
    assert!(ran.stderr.contains("(at aa01) as before_reset.sql, a SQLite file: "), "{}", ran.stderr);
    ran.ok();
    connection.execute_batch("DROP TABLE users").expect("harm is done");
    let ran = project.run(&["restore", "before_reset.sql"]);
    for words in [
        "2 tables, 3 rows, at aa01, as its manifest says.",
        "The old database is kept as app.db.before_20",
        "1 revision is pending",
    ] {
        assert!(ran.stderr.contains(words), "{words:?} is not in:\n{}", ran.stderr);
    }
    ran.ok();
    assert_eq!(project.query("SELECT email FROM users ORDER BY 1"), ["a", "b"]);
    project.run(&["backup"]).ok();
    project.run(&["backup", "--keep", "1", "--json"]).ok();
    let listed: Value = serde_json::from_str(&project.run(&["backup", "list", "--json"]).ok()).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    let path = listed[0]["path"].as_str().expect("a path").to_owned();
    project.run(&["backup", "verify", &path]).ok();
    assert!(project.path("backups/.gitignore").is_file());
    project.run(&["restore", "--in-place", &path]).fails_with(&["E0002", "are for PostgreSQL"]);
    project.run(&["backup", "--format", "custom"]).fails_with(&["E0002", "are for PostgreSQL"]);
    project.run(&["--url", "sqlite://", "backup"]).fails_with(&["E0926"]);
    project.run(&["--url", "sqlite:///missing.db", "backup"]).fails_with(&["E0926"]);
    assert!(!project.path("missing.db").exists());
}

#[test]
fn a_run_may_begin_with_a_backup() {
    let project = history();
    project.revision("cc03", Some("bb02"), DROP);
    let count = || {
        let listed: Value = serde_json::from_str(&project.run(&["backup", "list", "--json"]).ok()).expect("JSON");
        listed.as_array().map_or(0, Vec::len)
    };
    project.write("limbeck.toml", "backup_before = \"destructive\"\nbackup_keep = 2\n");
    project.run(&["upgrade", "bb02"]).ok();
    assert_eq!(count(), 0, "adding loses nothing");
    let ran = project.run(&["upgrade", "head"]);
    assert!(
        ran.stderr.contains("Backed up sqlite:///") && ran.stderr.contains("(at bb02)"),
        "{}",
        ran.stderr
    );
    ran.ok();
    assert_eq!(count(), 1);
    project.run(&["downgrade", "-1"]).ok();
    assert_eq!(count(), 2, "going back may lose data");
    project.run(&["upgrade", "head", "--no-backup"]).ok();
    assert_eq!(count(), 2);
    project.run(&["downgrade", "bb02", "--backup"]).ok();
    assert_eq!(count(), 2, "two are kept");
    assert_eq!(
        project.run(&["upgrade", "bb02", "--backup"]).stderr.lines().count(),
        1,
        "nothing to do, nothing to back up"
    );

    // A backup that fails stops the run.
    project.write("limbeck.toml", "backup_before = \"always\"\nbackup_dir = \"app.db/backups\"\n");
    let said = project.run(&["upgrade", "head"]).fails_with(&["E0912", "upgrade was not begun"]);
    assert!(!said.contains("Applied"), "{said}");
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["bb02"]);
    project.write("limbeck.toml", "backup_before = \"sometimes\"\n");
    project.run(&["upgrade", "head"]).fails_with(&[
        "E0105",
        "`backup_before` in the configuration is `sometimes`",
        "`always`, `destructive` or `never`",
    ]);
}

#[test]
fn what_stands_in_the_way_is_named() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = history();
    let url = database.url();
    let run = |arguments: &[&str]| project.run(&[&["--url", &url], arguments].concat());
    run(&["upgrade", "aa01"]).ok();
    run(&["backup", "-o", "b.sql"]).ok();

    // No pg_dump: what to install.
    let ran = project.run_in(&project.path(""), &["--url", &url, "backup", "-o", "c.sql"], &[("LIMBECK_PG_BIN", "nowhere")]);
    ran.fails_with(&["error[E0910]: there is no pg_dump here for a PostgreSQL ", "apt-get install postgresql-client-"]);
    assert!(!project.path("c.sql").exists() && !project.path("c.sql.partial").exists());

    // Somebody is connected.
    let web = limbeck_db::DatabaseUrl::parse(&format!("{url}&application_name=web")).expect("a URL");
    let mut application = limbeck_db::connect(&web, &limbeck_db::Environment::of_process()).expect("a connection");
    application.execute_batch("INSERT INTO users (email) VALUES ('new')").expect("a row");
    says_no(
        run(&["restore", "b.sql"]),
        &["error[E0921]: 1 other session is connected to ", "web", "--terminate"],
    );
    assert_eq!(database.psql("SELECT count(*) FROM users").expect("rows").trim(), "1");
    run(&["restore", "b.sql", "--terminate"]).ok();
    assert_eq!(database.psql("SELECT count(*) FROM users").expect("rows").trim(), "0");
    assert!(application.query("SELECT 1", &[]).is_err());
    drop_all_like(&database);

    // Damage is found before anything is asked of a server.
    let whole = std::fs::read(project.path("b.sql")).expect("the backup");
    std::fs::write(project.path("b.sql"), &whole[..whole.len() - 1]).expect("the damage");
    says_no(
        project.run(&["--url", "postgresql://nobody@127.0.0.1:1/x", "restore", "b.sql"]),
        &["error[E0917]", "is damaged", "the database was not touched"],
    );
    // Made by hand.
    std::fs::remove_file(project.path("b.sql.manifest.json")).expect("the manifest");
    std::fs::write(project.path("b.sql"), &whole).expect("whole again");
    let ran = run(&["restore", "b.sql"]);
    assert!(ran.stderr.contains("note: there is no manifest beside the backup"), "{}", ran.stderr);
    ran.ok();
    drop_all_like(&database);
    run(&["restore", "nothing.sql"]).fails_with(&["E0912", "No such file"]);
    project
        .run(&["restore", "b.sql"])
        .fails_with(&["E0918", "is a dump of PostgreSQL, not a backup of SQLite"]);
}

/// However a backup ends, what stands under its name is whole.
#[test]
fn a_killed_backup_or_restore_leaves_nothing_half() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = history();
    let url = database.url();
    project.run(&["--url", &url, "upgrade", "aa01"]).ok();
    database
        .psql("INSERT INTO users (email) SELECT repeat(md5(n::text), 10) FROM generate_series(1, 60000) n")
        .expect("rows");
    let began = Instant::now();
    project.run(&["--url", &url, "backup", "-o", "whole.sql"]).ok();
    let usual = began.elapsed();
    let content = database.psql("SELECT count(*), sum(length(email)) FROM users").expect("rows");
    let mut finished = 0;
    for (turn, name) in ["a.sql", "b.sql.zst", "c.dump", "d.dir"].iter().cycle().take(12).enumerate() {
        let format = match *name {
            "c.dump" => "custom",
            "d.dir" => "directory",
            _ => "plain",
        };
        let mut child = project.start(&["--url", &url, "backup", "--overwrite", "--format", format, "-o", name]);
        std::thread::sleep(usual.mul_f64(turn as f64 / 11.0));
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        if project.path(name).exists() {
            finished += 1;
            project.run(&["--url", &url, "backup", "verify", name]).ok();
        }
    }
    println!("{finished} of 12 were done before");
    for name in ["a.sql", "b.sql.zst"] {
        // pg_dump may live on for a moment and hold the lock on the file.
        let began = Instant::now();
        while project.run(&["--url", &url, "backup", "--overwrite", "-o", name]).code != Some(0) {
            assert!(began.elapsed() < Duration::from_secs(30));
        }
        assert!(!project.path(&format!("{name}.partial")).exists());
    }
    for turn in 0..8 {
        let way: &[&str] = if turn % 2 == 0 { &["--in-place", "--yes"] } else { &["--terminate"] };
        let mut child = project.start(&[&["--url", &url, "restore", "whole.sql"], way].concat());
        std::thread::sleep(usual.mul_f64(f64::from(turn) / 5.0));
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        assert_eq!(
            database.psql("SELECT count(*), sum(length(email)) FROM users").expect("rows"),
            content,
            "{turn}"
        );
    }
    std::thread::sleep(Duration::from_millis(500));
    drop_all_like(&database);
}

/// Ctrl-C ends a backup that waits, and takes its half file away.
#[test]
fn an_interrupted_backup_cleans_up() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = history();
    let url = database.url();
    project.run(&["--url", &url, "upgrade", "aa01"]).ok();
    let parsed = limbeck_db::DatabaseUrl::parse(&url).expect("a URL");
    let mut blocker = limbeck_db::connect(&parsed, &limbeck_db::Environment::of_process()).expect("a connection");
    blocker.execute_batch("BEGIN; LOCK TABLE users").expect("a lock");
    let mut child = project.start(&["--url", &url, "backup", "-o", "b.sql"]);
    let began = Instant::now();
    while !project.path("b.sql.partial").exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never began");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    let pid = i32::try_from(child.id()).expect("a process");
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).expect("a process"), rustix::process::Signal::INT).expect("a signal");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a process") {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    let left: Vec<_> = std::fs::read_dir(project.path(""))
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("b.sql"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_backup_of_another_machine_is_restored_without_its_roles() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = history();
    let url = database.url();
    let run = |arguments: &[&str]| project.run(&[&["--url", &url], arguments].concat());
    run(&["upgrade", "aa01"]).ok();
    let role = format!("owner_of_{}", database.name());
    database
        .psql(&format!(
            "CREATE ROLE {role}; ALTER TABLE users OWNER TO {role}; GRANT SELECT ON alembic_version TO {role}"
        ))
        .expect("a role");
    run(&["backup", "-o", "plain.sql"]).ok();
    run(&["backup", "-o", "custom.dump", "--format", "custom"]).ok();
    database
        .psql(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}"))
        .expect("it goes");
    run(&["restore", "plain.sql", "--in-place", "--yes"]).fails_with(&["E0923", &role, "`--no-roles`"]);
    for file in ["plain.sql", "custom.dump"] {
        run(&["restore", file, "--in-place", "--yes", "--no-roles"]).ok();
        run(&["restore", file, "--yes", "--no-roles"]).ok();
        let owner = database.psql("SELECT tableowner FROM pg_tables WHERE tablename = 'users'").expect("an answer");
        assert_ne!(owner.trim(), role, "{file}");
    }
    drop_all_like(&database);
}
