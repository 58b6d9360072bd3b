//! The migration lock of a SQLite file, with many who want it.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use limbeck_db::{Companion, DatabaseUrl, Environment, Identity, LockKey, acquire, companion};
use limbeck_expr::TableName;
use limbeck_test::Sqlite;

fn beside(url: &str, command: &str) -> Box<dyn Companion> {
    companion(&DatabaseUrl::parse(url).unwrap(), &Environment::default(), &Identity::of_process(command)).unwrap()
}

fn key() -> LockKey {
    LockKey::new(&TableName::new("alembic_version"))
}

#[test]
fn one_of_two_has_the_lock_and_says_so() {
    let file = Sqlite::new();
    let (mut one, mut two) = (beside(&file.url(), "upgrade"), beside(&file.url(), "downgrade"));
    let lock = file.directory().join("test.db.limbeck-lock");
    assert_eq!(two.holder(&key()).unwrap(), None);
    assert!(one.try_lock(&key()).unwrap() && one.try_lock(&key()).unwrap());
    assert!(!two.try_lock(&key()).unwrap());
    assert!(one.still_held() && !two.still_held());
    one.announce("upgrade 1a2b3c4d5e6f").unwrap();
    one.announce("upgrade 9").unwrap();
    for looker in [&mut one, &mut two] {
        let holder = looker.holder(&key()).unwrap().unwrap();
        assert_eq!((holder.doing.as_deref(), holder.pid), (Some("upgrade 9"), Some(std::process::id())));
        assert!(holder.host.is_some() && holder.user.is_some() && holder.since.is_some() && holder.server_pid.is_none());
    }
    one.unlock();
    assert!(!lock.exists());
    assert_eq!(two.holder(&key()).unwrap(), None);
    assert!(two.try_lock(&key()).unwrap());
    // Somebody tidies up: the lock is lost, and that can be seen.
    std::fs::remove_file(&lock).unwrap();
    assert!(!two.still_held());
    assert!(one.try_lock(&key()).unwrap());
    drop(two);
    assert!(lock.exists() && one.still_held(), "who lost the lock leaves the next one's file alone");
    drop(one);
    assert!(!lock.exists());
}

#[test]
fn memory_is_ones_own() {
    for url in ["sqlite://", "sqlite:///file:x?mode=memory&cache=shared&uri=true"] {
        let (mut one, mut two) = (beside(url, "upgrade"), beside(url, "upgrade"));
        assert!(one.try_lock(&key()).unwrap() && two.try_lock(&key()).unwrap(), "{url}");
        assert_eq!(one.holder(&key()).unwrap(), None);
        assert!(one.still_held());
    }
}

#[test]
fn what_a_killed_run_left_is_in_nobodys_way() {
    let file = Sqlite::new();
    let lock = file.directory().join("test.db.limbeck-lock");
    std::fs::write(&lock, "{\"host\":\"gone\",\"pid\":1,\"user\":\"u\",\"since\":1,\"doing\":\"upgrade\"}\n").unwrap();
    let mut one = beside(&file.url(), "upgrade");
    assert_eq!(one.holder(&key()).unwrap(), None);
    assert!(one.try_lock(&key()).unwrap());
    let holder = beside(&file.url(), "upgrade").holder(&key()).unwrap().unwrap();
    assert_eq!(holder.pid, Some(std::process::id()));
    drop(one);
    // Words that mean nothing are no words.
    std::fs::write(&lock, "{").unwrap();
    let blocked = OpenOptions::new().write(true).open(&lock).unwrap();
    blocked.try_lock().unwrap();
    let mut two = beside(&file.url(), "upgrade");
    assert!(!two.try_lock(&key()).unwrap());
    assert_eq!(two.holder(&key()).unwrap(), Some(limbeck_db::LockHolder::default()));
}

#[test]
fn a_link_or_a_closed_directory_is_refused() {
    let file = Sqlite::new();
    let precious = file.directory().join("precious");
    std::fs::write(&precious, "keep").unwrap();
    let lock = file.directory().join("test.db.limbeck-lock");
    std::os::unix::fs::symlink(&precious, &lock).unwrap();
    let error = beside(&file.url(), "upgrade").try_lock(&key()).unwrap_err();
    assert_eq!(
        (error.code, error.causes.as_slice()),
        ("E0622", ["it is a symbolic link".to_owned()].as_slice())
    );
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "keep");
    std::fs::remove_file(&lock).unwrap();
    let error = beside(&format!("sqlite:///{}/no/x.db", file.directory().display()), "upgrade")
        .try_lock(&key())
        .unwrap_err();
    assert_eq!(error.code, "E0622");
    // Root may write everywhere.
    std::fs::set_permissions(file.directory(), std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(file.directory().join("probe"), "").is_err() {
        assert_eq!(beside(&file.url(), "upgrade").try_lock(&key()).unwrap_err().code, "E0622");
    }
    std::fs::set_permissions(file.directory(), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The file is removed at every unlock, while others have it open: never two at once.
#[test]
fn never_two_at_once_among_threads() {
    const THREADS: u32 = 12;
    const ROUNDS: u32 = 300;
    let file = Sqlite::new();
    let (inside, turns) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut ours = beside(&file.url(), "upgrade");
                let mut done = 0;
                while done < ROUNDS {
                    if !ours.try_lock(&key()).unwrap() {
                        std::thread::yield_now();
                        continue;
                    }
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock");
                    assert!(ours.still_held());
                    turns.fetch_add(1, Ordering::Relaxed);
                    assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1, "two hold the lock");
                    ours.unlock();
                    done += 1;
                }
            });
        }
    });
    assert_eq!(turns.into_inner(), THREADS * ROUNDS);
}

/// Plays a process in `never_two_at_once_among_processes`; does nothing otherwise.
#[test]
fn play_a_process() {
    let Ok(url) = std::env::var("LIMBECK_LOCK_FILE_TEST") else { return };
    let record = format!("{}.record", url.trim_start_matches("sqlite:///"));
    for _ in 0..40 {
        let mut ours = beside(&url, "upgrade");
        acquire(ours.as_mut(), &key(), Duration::from_secs(60), &AtomicBool::new(false), &mut |_, _| {}).unwrap();
        // Only who is alone can create the file.
        let mut mark = OpenOptions::new().write(true).create_new(true).open(&record).expect("two hold the lock");
        mark.write_all(b"x").unwrap();
        std::fs::remove_file(&record).unwrap();
    }
    println!("all turns taken");
    // Ends while it holds the lock, as a killed run does.
    let mut ours = beside(&url, "upgrade");
    acquire(ours.as_mut(), &key(), Duration::from_secs(60), &AtomicBool::new(false), &mut |_, _| {}).unwrap();
    std::process::exit(0);
}

#[test]
fn never_two_at_once_among_processes() {
    let file = Sqlite::new();
    let players: Vec<_> = (0..4)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "play_a_process", "--nocapture"])
                .env("LIMBECK_LOCK_FILE_TEST", file.url())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut player in players {
        let mut text = String::new();
        player.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(player.wait().unwrap().success() && text.contains("all turns taken"), "{text}");
    }
    assert!(beside(&file.url(), "upgrade").try_lock(&key()).unwrap());
}
