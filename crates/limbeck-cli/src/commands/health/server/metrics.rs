//! A view as Prometheus reads it (text format 0.0.4).

use super::monitor::View;
use crate::commands::health::snapshot::{DatabaseHealth, Snapshot, Status};
use limbeck::Verdict;
use limbeck_db::Leftover;
use std::fmt::Write as _;

const VERDICTS: [&str; 6] = ["at_head", "behind", "ahead", "diverged", "unversioned", "unreachable"];

/// The text.
pub fn text(view: &View) -> String {
    let (snapshot, silent) = match view {
        View::Fresh(snapshot) => (Some(snapshot.as_ref()), false),
        View::Silent { last, .. } => (last.as_deref(), true),
    };
    let mut page = Page::default();
    let Some(snapshot) = snapshot else {
        page.family("limbeck_up", "Whether the database answers.", "gauge");
        page.line("limbeck_up", &[], 0.0);
        return page.text;
    };
    databases(&mut page, snapshot, silent);
    page.family("limbeck_last_look_timestamp_seconds", "When the databases were looked at.", "gauge");
    page.line("limbeck_last_look_timestamp_seconds", &[], snapshot.unix);
    page.family("limbeck_last_look_duration_seconds", "How long that took.", "gauge");
    page.line("limbeck_last_look_duration_seconds", &[], snapshot.seconds);
    page.text
}

fn databases(page: &mut Page, snapshot: &Snapshot, silent: bool) {
    let all = &snapshot.databases;
    let up = |one: &DatabaseHealth| number(!silent && one.status != Status::Unavailable);
    page.gauge("limbeck_up", "Whether the database answers.", all, |one| Some(up(one)));
    page.gauge("limbeck_ready", "Whether a program may run on it.", all, |one| {
        Some(number(!silent && one.ready))
    });
    page.family("limbeck_info", "The version of Limbeck and the revisions the database is at.", "gauge");
    for one in all {
        let current = one.verdict.current().map(|rows| rows.join(",")).unwrap_or_default();
        let labels = [
            ("database", one.database.as_str()),
            ("version", env!("CARGO_PKG_VERSION")),
            ("current", &current),
        ];
        page.line("limbeck_info", &labels, 1.0);
    }
    page.family("limbeck_verdict", "How the database stands to this code: 1 for the one that holds.", "gauge");
    for one in all {
        for word in VERDICTS {
            let labels = [("database", one.database.as_str()), ("verdict", word)];
            page.line("limbeck_verdict", &labels, number(one.verdict.word() == word));
        }
    }
    page.gauge(
        "limbeck_pending_revisions",
        "Revisions of this code that are not applied.",
        all,
        |one| match &one.verdict {
            Verdict::Unreachable { .. } => None,
            verdict => Some(len(verdict.pending().len())),
        },
    );
    page.gauge(
        "limbeck_ahead_revisions",
        "Applied revisions that this code does not have, as far as they are remembered.",
        all,
        |one| match &one.verdict {
            Verdict::Unreachable { .. } | Verdict::Diverged { .. } => None,
            Verdict::Ahead { revisions, .. } => Some(len(revisions.len())),
            _ => Some(0.0),
        },
    );
    page.gauge("limbeck_half_done", "Revisions that were begun and did not reach their end.", all, |one| {
        seen(one).then(|| len(one.half_done.len()))
    });
    page.family("limbeck_leftovers", "Invalid indexes and constraints that were never validated.", "gauge");
    for one in all.iter().filter(|one| seen(one)) {
        let invalid = one
            .leftovers
            .iter()
            .filter(|leftover| matches!(leftover, Leftover::InvalidIndex { .. }))
            .count();
        for (kind, number) in [("invalid_index", invalid), ("not_valid_constraint", one.leftovers.len() - invalid)] {
            page.line("limbeck_leftovers", &[("database", &one.database), ("kind", kind)], len(number));
        }
    }
    page.gauge("limbeck_lock_held", "Whether somebody holds the migration lock.", all, |one| {
        seen(one).then(|| number(!one.lock_holders.is_empty()))
    });
    page.gauge("limbeck_last_run_timestamp_seconds", "When the last run ended.", all, |one| {
        Some(one.last_run.as_ref()?.moment.as_duration().as_secs_f64())
    });
    page.gauge("limbeck_last_run_success", "Whether the last run ended well.", all, |one| {
        Some(number(one.last_run.as_ref()?.is_ok()))
    });
    page.gauge("limbeck_last_run_duration_seconds", "How long the last run took.", all, |one| {
        let ms = u32::try_from(one.last_run.as_ref()?.duration_ms?).unwrap_or(u32::MAX);
        Some(f64::from(ms) / 1000.0)
    });
}

fn seen(one: &DatabaseHealth) -> bool {
    one.status != Status::Unavailable
}

fn number(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn len(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, help: &str, kind: &str) {
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }

    /// One line for each database that has such a value; nothing where none has.
    fn gauge(&mut self, name: &str, help: &str, all: &[DatabaseHealth], value: impl Fn(&DatabaseHealth) -> Option<f64>) {
        let values: Vec<(&str, f64)> = all.iter().filter_map(|one| Some((one.database.as_str(), value(one)?))).collect();
        if values.is_empty() {
            return;
        }
        self.family(name, help, "gauge");
        for (database, value) in values {
            self.line(name, &[("database", database)], value);
        }
    }
}

/// A label's value may hold anything; these three are written otherwise.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::health::snapshot::Snapshot;
    use limbeck::Pending;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    fn snapshot(verdict: Verdict) -> Snapshot {
        let status = if verdict.passes() { Status::Ok } else { Status::Degraded };
        Snapshot {
            status,
            ready: verdict.passes(),
            at: String::new(),
            databases: vec![DatabaseHealth {
                database: "a\"b\\c".into(),
                status,
                ready: verdict.passes(),
                reasons: Vec::new(),
                verdict,
                half_done: Vec::new(),
                leftovers: vec![Leftover::InvalidIndex {
                    index: "i".into(),
                    table: "t".into(),
                }],
                lock_holders: Vec::new(),
                last_run: None,
            }],
            taken: Instant::now(),
            seconds: 0.25,
            unix: 1_700_000_000.5,
        }
    }

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let behind = snapshot(Verdict::Behind {
            current: vec!["x".into(), "y".into()],
            pending: vec![Pending {
                revision: "z".into(),
                message: String::new(),
            }],
        });
        let text = text(&View::Fresh(Arc::new(behind)));
        for line in [
            "# TYPE limbeck_up gauge\nlimbeck_up{database=\"a\\\"b\\\\c\"} 1\n",
            "limbeck_ready{database=\"a\\\"b\\\\c\"} 0\n",
            "current=\"x,y\"} 1\n",
            "verdict=\"behind\"} 1\n",
            "verdict=\"at_head\"} 0\n",
            "limbeck_pending_revisions{database=\"a\\\"b\\\\c\"} 1\n",
            "kind=\"invalid_index\"} 1\n",
            "kind=\"not_valid_constraint\"} 0\n",
            "limbeck_last_look_timestamp_seconds 1700000000.5\n",
        ] {
            assert!(text.contains(line), "{line:?} is not in:\n{text}");
        }
        assert!(!text.contains("limbeck_last_run"), "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').expect("a value");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }

    #[test]
    fn silence_is_not_up() {
        let last = snapshot(Verdict::AtHead { current: Vec::new() });
        let since = Duration::from_secs(20);
        let silent = text(&View::Silent {
            since,
            last: Some(Arc::new(last)),
        });
        assert!(silent.contains("limbeck_up{database=\"a\\\"b\\\\c\"} 0\n"), "{silent}");
        assert!(silent.contains("limbeck_ready{database=\"a\\\"b\\\\c\"} 0\n"), "{silent}");
        let nothing = text(&View::Silent { since, last: None });
        assert!(nothing.ends_with("limbeck_up 0\n"), "{nothing}");
    }
}
