//! The log on a real file system: many writers, rotation, damage, killed writers, full disks.

use limbeck_health::{Fault, Filter, HealthError, HealthLog, Outcome, Record, Verdict};
use limbeck_source::Diagnose;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn record(number: i64) -> Record {
    Record {
        at: jiff::Timestamp::from_second(1_767_225_600 + number).expect("a moment"),
        event: "revision".into(),
        revision: Some(format!("r{number}")),
        outcome: Some(if number % 5 == 4 { Outcome::Failed } else { Outcome::Ok }),
        ..Record::default()
    }
}

fn log_of(folder: &Path, lines: i64) -> HealthLog {
    let log = HealthLog::at(folder.join("logs/health.log"));
    for number in 0..lines {
        log.append(&record(number)).expect("it is written");
    }
    log
}

fn revisions(log: &HealthLog, filter: &Filter) -> Vec<String> {
    let reading = log.read(filter).expect("it is read");
    reading.entries.into_iter().filter_map(|entry| entry.record.revision).collect()
}

fn clean(verdict: &Verdict) -> bool {
    verdict.broken.is_none() && verdict.torn.is_empty()
}

#[test]
fn what_was_written_is_read_and_follows_one_another() {
    let place = tempfile::tempdir().expect("a folder");
    let log = log_of(place.path(), 10);
    let all = revisions(&log, &Filter::default());
    assert_eq!(all, (0..10).map(|number| format!("r{number}")).collect::<Vec<_>>());
    let filter = Filter {
        since: Some(record(4).at),
        failed: true,
        last: None,
    };
    assert_eq!(revisions(&log, &filter), ["r4", "r9"]);
    let filter = Filter {
        last: Some(3),
        ..Filter::default()
    };
    assert_eq!(revisions(&log, &filter), ["r7", "r8", "r9"]);
    let verdict = log.verify().expect("it is read");
    assert!(clean(&verdict), "{verdict:?}");
    assert_eq!((verdict.files, verdict.lines, verdict.first), (1, 10, Some(1)));
    assert_eq!(verdict.last.map(|(number, _)| number), Some(10));
    let text = fs::read_to_string(&log.path).expect("text");
    let first = text.lines().next().expect("a line");
    assert!(
        first.starts_with(r#"{"seq":1,"at":"2026-01-01T00:00:00.000Z","event":"revision","revision":"r0","outcome":"ok","prev":"0000"#),
        "{first}"
    );
}

#[test]
fn a_start_is_told_where_its_end_is_missing() {
    let place = tempfile::tempdir().expect("a folder");
    let log = HealthLog::at(place.path().join("health.log"));
    for (number, (event, run)) in [("start", "a"), ("start", "b"), ("run", "a"), ("start", "c"), ("revision", "b")]
        .into_iter()
        .enumerate()
    {
        let mut record = record(i64::try_from(number).expect("small"));
        (record.event, record.run) = (event.into(), run.into());
        record.outcome = (event == "run").then_some(Outcome::Ok);
        log.append(&record).expect("it is written");
    }
    // Where its end would be: behind the revision that the run did.
    assert_eq!(revisions(&log, &Filter::default()), ["r2", "r3", "r4", "r1"]);
    let failed = Filter {
        failed: true,
        last: Some(1),
        ..Filter::default()
    };
    assert_eq!(revisions(&log, &failed), ["r3"]);
}

#[test]
fn a_log_that_is_not_there_is_empty() {
    let place = tempfile::tempdir().expect("a folder");
    let log = HealthLog::at(place.path().join("none/health.log"));
    assert!(!log.read(&Filter::default()).expect("nothing to read").exists);
    assert_eq!(log.verify().expect("nothing to read"), Verdict::default());
}

#[test]
fn every_changed_byte_is_found() {
    let place = tempfile::tempdir().expect("a folder");
    let log = log_of(place.path(), 20);
    let good = fs::read(&log.path).expect("the file");
    let mut tried = 0;
    for at in 0..good.len() {
        // A flipped bit, or one of the bytes that mean something to JSON and to lines.
        let special = b"\n \"}\\\0"[at / 2 % 6];
        let byte = if at % 2 == 0 || good[at] == special { good[at] ^ 1 } else { special };
        let mut bad = good.clone();
        bad[at] = byte;
        fs::write(&log.path, &bad).expect("the file");
        let verdict = log.verify().expect("it is read");
        assert!(!clean(&verdict), "byte {at} as {byte:#x} was not found");
        tried += 1;
    }
    println!("{tried} changes of {} bytes were all found", good.len());
}

#[test]
fn lines_taken_out_put_in_or_swapped_are_found() {
    let place = tempfile::tempdir().expect("a folder");
    let log = log_of(place.path(), 6);
    let text = fs::read_to_string(&log.path).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let arrangements: [(&[usize], u64); 4] = [(&[0, 1, 3, 4, 5], 3), (&[0, 2, 1, 3, 4, 5], 2), (&[0, 1, 1, 2], 3), (&[1, 2, 3], 0)];
    for (order, broken_line) in arrangements {
        let text: String = order.iter().map(|at| format!("{}\n", lines[*at])).collect();
        fs::write(&log.path, text).expect("the file");
        let broken = log.verify().expect("it is read").broken;
        // Without its first line a log looks as if older files had been rotated away; `first` tells.
        match broken_line {
            0 => assert_eq!((broken, log.verify().expect("it is read").first), (None, Some(2))),
            line => assert_eq!(broken.map(|broken| (broken.line, broken.fault)), Some((line, Fault::Unlinked)), "{order:?}"),
        }
    }
}

#[test]
fn a_torn_line_is_kept_marked_and_stepped_over() {
    let place = tempfile::tempdir().expect("a folder");
    let log = log_of(place.path(), 3);
    let good = fs::read_to_string(&log.path).expect("text");
    let last = good.trim_end().rfind('\n').expect("three lines") + 1;
    for cut in last + 1..good.len() {
        fs::write(&log.path, &good[..cut]).expect("the file");
        let whole = cut == good.len() - 1;
        let verdict = log.verify().expect("it is read");
        assert_eq!((verdict.broken, verdict.torn.len()), (None, usize::from(!whole)), "cut at {cut}");
        log.append(&record(3)).expect("it is written");
        log.append(&record(4)).expect("it is written");
        let verdict = log.verify().expect("it is read");
        assert_eq!(
            (verdict.broken, verdict.torn.len(), verdict.lines),
            (None, usize::from(!whole), 5),
            "cut at {cut}"
        );
        let read: &[&str] = if whole { &["r0", "r1", "r2", "r3", "r4"] } else { &["r0", "r1", "r3", "r4"] };
        assert_eq!(revisions(&log, &Filter::default()), read);
        let text = fs::read_to_string(&log.path).expect("text");
        assert!(text.starts_with(&good[..cut]), "what was there is kept");
        // What is left of a torn line is part of the chain too.
        if !whole {
            fs::write(&log.path, text.replacen(&good[last..cut], "{", 1)).expect("the file");
            assert!(cut == last + 1 || log.verify().expect("it is read").broken.is_some());
        }
    }
}

#[test]
fn rotation_keeps_the_chain() {
    let place = tempfile::tempdir().expect("a folder");
    let mut log = HealthLog::at(place.path().join("health.log"));
    (log.max_bytes, log.keep) = (700, 3);
    for number in 0..40 {
        log.append(&record(number)).expect("it is written");
        let verdict = log.verify().expect("it is read");
        assert!(clean(&verdict), "{number}: {verdict:?}");
        assert_eq!(verdict.last.map(|(seq, _)| seq), Some(number.unsigned_abs() + 1));
    }
    let mut names: Vec<_> = fs::read_dir(place.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    assert_eq!(names, ["health.log", "health.log.1", "health.log.2", "health.log.3"]);
    let verdict = log.verify().expect("it is read");
    assert!(verdict.first.is_some_and(|first| first > 1), "{verdict:?}");
    let read = revisions(&log, &Filter::default());
    assert_eq!(read.last().map(String::as_str), Some("r39"));
    assert_eq!(read.len() as u64, verdict.lines);
    // Damage in a rotated file is found too.
    let old = place.path().join("health.log.2");
    let text = fs::read_to_string(&old).expect("text").replacen("revision", "rEvision", 1);
    fs::write(&old, text).expect("the file");
    assert_eq!(log.verify().expect("it is read").broken.map(|broken| broken.path), Some(old));
}

/// Not a test of its own: what the processes of the next one do.
#[test]
fn writer() {
    let (Ok(path), Ok(name)) = (std::env::var("HEALTH_TEST_LOG"), std::env::var("HEALTH_TEST_NAME")) else {
        return;
    };
    write_many(&small(Path::new(&path)), &name);
}

fn small(path: &Path) -> HealthLog {
    let mut log = HealthLog::at(path);
    (log.max_bytes, log.keep) = (4_000, 1_000);
    log
}

fn write_many(log: &HealthLog, name: &str) {
    for number in 0..100 {
        let mut record = record(number);
        record.revision = Some(format!("{name}-{number}"));
        log.append(&record).expect("it is written");
    }
}

#[test]
fn eight_threads_and_eight_processes_lose_nothing_while_it_rotates() {
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("new/folder/health.log");
    let log = small(&path);
    let children: Vec<_> = (0..8)
        .map(|number| {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["--exact", "writer", "--test-threads", "1"]).env("HEALTH_TEST_LOG", &path);
            command.env("HEALTH_TEST_NAME", format!("p{number}")).stdout(std::process::Stdio::null());
            command.spawn().expect("it starts")
        })
        .collect();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let log = &log;
            scope.spawn(move || write_many(log, &format!("t{number}")));
        }
        // Readers meet every state in between.
        for _ in 0..20 {
            let verdict = log.verify().expect("it is read");
            assert!(clean(&verdict), "{verdict:?}");
        }
    });
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let verdict = log.verify().expect("it is read");
    assert!(clean(&verdict), "{verdict:?}");
    assert_eq!((verdict.lines, verdict.first), (1_600, Some(1)));
    assert_eq!(revisions(&log, &Filter::default()).into_iter().collect::<BTreeSet<_>>().len(), 1_600);
}

#[test]
fn a_log_that_cannot_be_written_says_why() {
    let place = tempfile::tempdir().expect("a folder");
    fs::create_dir(place.path().join("folder")).expect("a folder");
    fs::write(place.path().join("file"), "").expect("a file");
    for (path, code, cause) in [
        ("folder", "E0901", "directory"),
        ("file/health.log", "E0901", "directory"),
        ("/proc/limbeck/health.log", "E0901", ""),
        ("/dev/full", "E0902", "No space left"),
    ] {
        let error = HealthLog::at(place.path().join(path)).append(&record(0)).expect_err(path);
        let found = error.diagnose();
        assert_eq!(found.code, code, "{path}: {error:?}");
        assert!(
            found.causes.iter().any(|text| text.to_lowercase().contains(&cause.to_lowercase())),
            "{path}: {found:?}"
        );
    }
}

/// Not a test of its own: what the process of the next one does, under a limit on the size of its files.
#[test]
fn writer_without_room() {
    let Ok(path) = std::env::var("HEALTH_TEST_FULL") else {
        return;
    };
    let log = HealthLog::at(path);
    let mut written = 0;
    let error = loop {
        match log.append(&record(written)) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, HealthError::Write { .. }), "{error:?}");
    let verdict = log.verify().expect("it is read");
    assert!(
        clean(&verdict) && written > 3 && verdict.lines == written.unsigned_abs(),
        "{written}: {verdict:?}"
    );
    println!("{written} lines fitted");
}

#[cfg(unix)]
#[test]
fn a_full_disk_takes_back_the_part_that_fitted() {
    let place = tempfile::tempdir().expect("a folder");
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" --exact writer_without_room --nocapture";
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(std::env::current_exe().expect("this program"));
    let out = command.env("HEALTH_TEST_FULL", place.path().join("health.log")).output().expect("it runs");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(
        out.status.success() && text.contains("lines fitted"),
        "{text}{}",
        String::from_utf8_lossy(&out.stderr)
    );
}
