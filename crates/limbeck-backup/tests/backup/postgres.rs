//! PostgreSQL: whatever a database holds comes back.

use crate::support::{everything, inside, into_empty, rich, server, swap, take};
use limbeck_backup::{BackupError, Format, Manifest};
use limbeck_test::difference;

/// Does to a database what one needs a backup for.
const DESTROY: &str = "DROP TABLE people CASCADE; DROP TABLE events CASCADE; DELETE FROM texts; ALTER TABLE numbers ADD COLUMN more int; CREATE TABLE intruder (a int); \
     SELECT lo_unlink(47110); SELECT setval('down', -99); DROP SCHEMA \"we\"\"ird schema\" CASCADE; CREATE SCHEMA another; CREATE TABLE another.t (a int); \
     UPDATE alembic_version SET version_num = 'ef56' WHERE version_num = 'ab12'";

fn formats() -> [(&'static str, Format); 5] {
    [
        ("b.sql", Format::Plain),
        ("b.sql.gz", Format::Plain),
        ("b.sql.zst", Format::Plain),
        ("b.dump", Format::Custom),
        ("b.dir", Format::Directory),
    ]
}

#[test]
fn everything_comes_back_in_a_new_database() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = rich(server);
    let before = everything(server, database.name());
    for (name, format) in formats() {
        let file = place.path().join(name);
        let taken = take(&database.url(), &file, format).expect(name);
        assert_eq!(taken.manifest.revisions.as_deref(), Some(&["ab12".to_owned(), "cd34".to_owned()][..]));
        assert_eq!(taken.manifest.rows.as_ref().and_then(|rows| rows.get("public.lines")), Some(&8));
        assert_eq!(taken.manifest.large_objects, Some(2));
        database.psql(DESTROY).expect(name);
        let swapped = swap(&database.url(), &file, false).expect(name);
        assert_eq!(swapped.refused, [""; 0]);
        let after = everything(server, database.name());
        assert!(before == after, "{name}: {}", difference(&before, &after));
        let kept = swapped.kept.expect("the old one is kept");
        assert_eq!(server.psql(&kept, "SELECT count(*) FROM intruder").expect("it is there").trim(), "0");
        server.psql("postgres", &format!("DROP DATABASE \"{kept}\"")).expect("it can be dropped");
    }
    let left = server
        .psql(
            "postgres",
            &format!("SELECT datname FROM pg_database WHERE datname LIKE '{}\\_%'", database.name()),
        )
        .expect("databases");
    assert_eq!(left.trim(), "");
}

#[test]
fn everything_comes_back_in_place() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = rich(server);
    let before = everything(server, database.name());
    for (name, format) in formats() {
        let file = place.path().join(name);
        take(&database.url(), &file, format).expect(name);
        database.psql(DESTROY).expect(name);
        let destroyed = everything(server, database.name());
        assert!(matches!(inside(&database.url(), &file, false), Err(BackupError::NotEmpty { .. })));
        assert!(destroyed == everything(server, database.name()), "{name}: a refusal changed something");
        inside(&database.url(), &file, true).expect(name);
        let after = everything(server, database.name());
        assert!(before == after, "{name}: {}", difference(&before, &after));
    }
}

#[test]
fn a_database_that_is_gone_comes_back_with_its_properties() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = rich(server);
    let before = everything(server, database.name());
    let file = place.path().join("b.sql");
    take(&database.url(), &file, Format::Plain).expect("a backup");
    server.psql("postgres", &format!("DROP DATABASE {}", database.name())).expect("it is gone");
    let swapped = swap(&database.url(), &file, false).expect("it comes back");
    assert_eq!((swapped.kept, swapped.refused), (None, Vec::new()));
    let after = everything(server, database.name());
    assert!(before == after, "{}", difference(&before, &after));
}

#[test]
fn a_dump_made_by_hand_needs_no_manifest() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = rich(server);
    let file = place.path().join("b.sql");
    take(&database.url(), &file, Format::Plain).expect("a backup");
    std::fs::remove_file(limbeck_backup::manifest_path(&file)).expect("the manifest");
    let other = server.create_database();
    into_empty(&other.url(), &file).expect("it is restored");
    assert_eq!(other.psql("SELECT count(*) FROM people").expect("rows").trim(), "50");
    inside(&database.url(), &file, true).expect("in place too");

    let text = std::fs::read_to_string(&file).expect("the dump");
    for (extra, at_fault) in [("\\connect postgres\n", true), ("SELECT 1 \\g /tmp/x\n", true), ("ROLLBACK;\n", false)] {
        std::fs::write(
            &file,
            text.replacen("SET row_security = off;\n", &format!("SET row_security = off;\n{extra}"), 1),
        )
        .expect("a file");
        let refused = inside(&database.url(), &file, true);
        assert!(matches!(&refused, Err(BackupError::Reaches { .. })), "{extra}: {refused:?}");
        assert_eq!(
            matches!(swap(&database.url(), &file, false), Err(BackupError::Reaches { .. })),
            at_fault,
            "{extra}"
        );
        assert_eq!(database.psql("SELECT count(*) FROM people").expect("rows").trim(), "50");
    }
}

#[test]
fn a_restore_that_fails_changes_nothing() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = rich(server);
    let file = place.path().join("b.sql");
    take(&database.url(), &file, Format::Plain).expect("a backup");
    database.psql("INSERT INTO lines VALUES ('new')").expect("a row");
    let before = everything(server, database.name());
    // A statement fails at the end; rows are fewer than the manifest says.
    let text = std::fs::read_to_string(&file).expect("the dump");
    // The words stand in a row of the data too.
    let (body, end) = text.split_at(text.rfind("-- PostgreSQL database dump complete").expect("the end"));
    let failing = format!("{body}SELECT 1 / 0;\n{end}");
    let fewer = format!("{body}DELETE FROM public.lines WHERE line = '''';\n{end}");
    for (text, differs) in [(failing, false), (fewer, true)] {
        std::fs::write(&file, &text).expect("a file");
        let mut manifest = Manifest::of(&file).expect("a manifest").expect("it is there");
        let (size, hash) = size_and_hash(&file);
        (manifest.size, manifest.sha256) = (size, hash);
        manifest.rewrite(&file).expect("the manifest");
        for result in [inside(&database.url(), &file, true).map(drop), swap(&database.url(), &file, false).map(drop)] {
            match result {
                Err(BackupError::Differs { differences }) if differs => assert_eq!(differences, ["table public.lines has 7 rows, and 8 were backed up"]),
                Err(BackupError::Restore { said, .. }) if !differs => assert!(said.iter().any(|line| line.contains("division by zero")), "{said:?}"),
                other => panic!("{other:?}"),
            }
        }
        let after = everything(server, database.name());
        assert!(before == after, "{}", difference(&before, &after));
    }
    let left = server
        .psql(
            "postgres",
            &format!("SELECT datname FROM pg_database WHERE datname LIKE '{}\\_%'", database.name()),
        )
        .expect("databases");
    assert_eq!(left.trim(), "");
}

fn size_and_hash(path: &std::path::Path) -> (u64, String) {
    let output = std::process::Command::new("sha256sum").arg(path).output().expect("sha256sum runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (
        std::fs::metadata(path).expect("a file").len(),
        text.split(' ').next().expect("a hash").to_owned(),
    )
}

#[test]
fn who_is_connected_is_in_the_way_until_told_to_go() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = server.create_database();
    database.psql("CREATE TABLE t AS SELECT 1 AS a").expect("a table");
    let file = place.path().join("b.dump");
    take(&database.url(), &file, Format::Custom).expect("a backup");
    let mut application = limbeck_db::connect(
        &crate::support::url(&format!("{}&application_name=web", database.url())),
        &limbeck_db::Environment::default(),
    )
    .expect("a connection");
    application.execute_batch("BEGIN; SELECT * FROM t").expect("a transaction");
    match swap(&database.url(), &file, false) {
        Err(BackupError::NotSwapped { new, reason, statements }) => {
            assert!(reason.contains("web"), "{reason}");
            // What it says is what helps.
            drop(application);
            for _ in 0..50 {
                if server.psql("postgres", &format!("{};", statements.join("; "))).is_ok() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            let names = server.psql("postgres", "SELECT datname FROM pg_database").expect("names");
            assert!(!names.lines().any(|name| name == new), "{names}");
        }
        other => panic!("{other:?}"),
    }
    // A program that comes back at once finds the restored database.
    let url = crate::support::url(&database.url());
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = over.clone();
    let knocking = std::thread::spawn(move || {
        let mut held = Vec::new();
        while !flag.load(std::sync::atomic::Ordering::Relaxed) {
            if let Ok(connection) = limbeck_db::connect(&url, &limbeck_db::Environment::default()) {
                held.push(connection);
                held.truncate(5);
            }
        }
    });
    let swapped = swap(&database.url(), &file, true);
    over.store(true, std::sync::atomic::Ordering::Relaxed);
    knocking.join().expect("it knocked");
    swapped.expect("it was swapped");
}

#[test]
fn rights_that_are_missing_are_named() {
    let Some(server) = server() else { return };
    let place = tempfile::tempdir().expect("a folder");
    let database = server.create_database();
    let name = database.name();
    server
        .psql(
            "postgres",
            &format!(
                "DO $$ BEGIN CREATE ROLE limbeck_plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER DATABASE {name} OWNER TO limbeck_plain"
            ),
        )
        .expect("a role");
    let url = database.url().replace("postgres@", "limbeck_plain@");
    database
        .psql("SET ROLE limbeck_plain; CREATE SCHEMA mine; CREATE TABLE mine.t AS SELECT 1 AS a")
        .expect("a table");
    let file = place.path().join("b.sql");
    take(&url, &file, Format::Plain).expect("a backup");
    match swap(&url, &file, false) {
        Err(BackupError::NotAllowed { role, what }) => assert_eq!((role.as_str(), what.as_str()), ("limbeck_plain", "create databases")),
        other => panic!("{other:?}"),
    }
    database.psql("DELETE FROM mine.t; CREATE TABLE mine.more (a int)").expect("changes");
    inside(&url, &file, true).expect("in place it needs no rights");
    assert_eq!(
        database
            .psql("SELECT count(*) FROM mine.t; SELECT to_regclass('mine.more') IS NULL")
            .expect("rows"),
        "1\nt\n"
    );
}
