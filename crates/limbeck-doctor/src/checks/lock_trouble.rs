//! Who waits for whom now, and which transactions have been open for long.

use std::collections::BTreeSet;
use std::time::Duration;

use limbeck_db::{DatabaseSession, LockReport};

use crate::words::{count, some, span};
use crate::{Answer, Finding, Severity};

const NAME: &str = "lock-trouble";
/// How many sessions are named.
const SHOWN: usize = 6;
/// Who waits for so many seconds waits for long.
const LONG: f64 = 5.0;
/// How much of a statement is shown.
const WIDTH: usize = 100;

/// Looks at what sessions do now; transactions are old after `older_than`.
pub fn look(report: &LockReport, older_than: Duration, program: &str) -> Answer {
    let mut findings = Vec::new();
    findings.extend(blocked(report, program));
    findings.extend(old(report, older_than, program));
    if let Some(holder) = report.holders.first() {
        findings.push(
            Finding::warning(NAME, format!("the migration lock is held by {holder}"))
                .cause("another run is at work, or waits for something itself")
                .command(format!("{program} locks")),
        );
    }
    Answer::of(findings, || format!("nobody waits, and no transaction has been open for {}", span(older_than)))
}

fn blocked(report: &LockReport, program: &str) -> Option<Finding> {
    let waiting: Vec<&DatabaseSession> = report.sessions.iter().filter(|session| !session.blocked_by.is_empty()).collect();
    if waiting.is_empty() {
        return None;
    }
    let blockers: BTreeSet<i32> = waiting.iter().flat_map(|session| session.blocked_by.iter().copied()).collect();
    let roots: Vec<&DatabaseSession> = report
        .sessions
        .iter()
        .filter(|session| blockers.contains(&session.pid) && session.blocked_by.is_empty())
        .collect();
    let title = match waiting.len() {
        1 => "1 session waits for a lock".to_owned(),
        number => format!("{number} sessions wait for a lock"),
    };
    // Sessions wait for each other for moments all the time.
    let is_long = waiting.iter().any(|session| session.state_seconds.is_none_or(|seconds| seconds >= LONG));
    let mut found = Finding::new(NAME, if is_long { Severity::Problem } else { Severity::Warning }, title);
    found = found.evidence_all(some(roots.iter().map(|session| format!("blocked by {}", line(session))).collect(), SHOWN));
    found = found.evidence_all(some(waiting.iter().map(|session| format!("waits: {}", line(session))).collect(), SHOWN));
    found =
        found.cause("a transaction holds a lock and does not end; a migration that needs the table queues behind it, and everybody else behind the migration");
    let ending: Vec<String> = roots.iter().filter(|session| session.pid != 0).map(|session| terminate(session.pid)).collect();
    found = found.command(format!("{program} locks"));
    Some(match ending.as_slice() {
        [] => found,
        many => found.note(format!("that shows what each does; to end the one in the way: {}", many.join("  "))),
    })
}

fn old(report: &LockReport, older_than: Duration, program: &str) -> Option<Finding> {
    let shown: BTreeSet<i32> = report.sessions.iter().map(|session| session.pid).collect();
    let old: Vec<&DatabaseSession> = report
        .old_transactions
        .iter()
        .filter(|session| session.pid == 0 || !shown.contains(&session.pid))
        .collect();
    if old.is_empty() {
        return None;
    }
    let idle = old
        .iter()
        .any(|session| session.state.as_deref().is_some_and(|state| state.starts_with("idle in transaction")));
    let cause = if idle {
        "a program opened a transaction and does nothing in it: somebody's psql, a debugger, a request that forgot to commit"
    } else {
        "a long query or job; migrations that need its tables wait for it, and CREATE INDEX CONCURRENTLY waits for every transaction that began before it"
    };
    let ending: Vec<String> = old
        .iter()
        .filter(|session| session.pid != 0)
        .map(|session| terminate(session.pid))
        .take(2)
        .collect();
    let found = Finding::new(
        NAME,
        Severity::Warning,
        format!("{} open for more than {}", count(old.len(), "transaction"), span(older_than)),
    )
    .evidence_all(some(old.iter().map(|session| line(session)).collect(), SHOWN))
    .cause(cause)
    .command(format!("{program} locks"));
    Some(match ending.first() {
        Some(first) => found.note(format!("to end it, if nobody needs it: {first}")),
        None => found.note("a prepared transaction ends with ROLLBACK PREPARED or COMMIT PREPARED"),
    })
}

fn terminate(pid: i32) -> String {
    format!("psql -c 'SELECT pg_terminate_backend({pid})'")
}

fn line(session: &DatabaseSession) -> String {
    let mut words = vec![match session.pid {
        0 => "a prepared transaction".to_owned(),
        pid => format!("process {pid}"),
    }];
    let mut who: Vec<String> = session.user.iter().cloned().collect();
    who.extend(session.application.iter().filter(|name| !name.is_empty()).cloned());
    who.extend(session.client.iter().map(|client| format!("from {client}")));
    if !who.is_empty() {
        words.push(format!("({})", who.join(", ")));
    }
    let mut text = words.join(" ");
    let open = session.transaction_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let mut facts: Vec<String> = session.state.iter().cloned().collect();
    facts.extend(open.map(|open| format!("open for {}", span(open))));
    if let (Some(mode), Some(object)) = (&session.mode, &session.object) {
        facts.push(format!("{mode} on {object}"));
    }
    if !facts.is_empty() {
        text.push_str(&format!(" {}", facts.join(", ")));
    }
    if let Some(query) = &session.query {
        let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = query.chars().take(WIDTH).collect();
        let more = if cut.len() < query.len() { "…" } else { "" };
        text.push_str(&format!(": {cut}{more}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pid: i32, blocked_by: &[i32]) -> DatabaseSession {
        DatabaseSession {
            pid,
            user: Some("app".into()),
            state: Some("idle in transaction".into()),
            transaction_seconds: Some(754.0),
            query: Some("SELECT  1".into()),
            blocked_by: blocked_by.to_vec(),
            ..DatabaseSession::default()
        }
    }

    #[test]
    fn a_blocker_is_named_with_the_way_to_end_it() {
        let report = LockReport {
            sessions: vec![session(10, &[]), session(11, &[10])],
            old_transactions: vec![session(10, &[])],
            ..LockReport::default()
        };
        let answer = look(&report, Duration::from_secs(60), "limbeck");
        let [found] = answer.findings() else {
            panic!("the old transaction is the blocker, and told once: {answer:?}")
        };
        assert_eq!(found.title, "1 session waits for a lock");
        assert_eq!(
            found.evidence[0],
            "blocked by process 10 (app) idle in transaction, open for 12 min 34 s: SELECT 1"
        );
        assert!(found.notes[0].contains("pg_terminate_backend(10)"), "{:?}", found.notes);
    }

    #[test]
    fn an_old_transaction_is_a_warning() {
        let report = LockReport {
            old_transactions: vec![session(10, &[])],
            ..LockReport::default()
        };
        let answer = look(&report, Duration::from_secs(60), "limbeck");
        assert_eq!(answer.findings()[0].severity, Severity::Warning);
        assert_eq!(answer.findings()[0].title, "1 transaction open for more than 1 min");
    }
}
