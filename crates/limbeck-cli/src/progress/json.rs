//! Events as JSON objects, for `--log-format json`. Statements are named without their values, which may hold secrets.

use limbeck_ops::Place;
use limbeck_run::{Event, StepLabel};
use limbeck_sql::Flavour;
use serde_json::{Value, json};
use std::time::Duration;

/// How much of a statement is shown.
const HEADLINE: usize = 200;

/// Returns the object of an event.
pub fn object(flavour: Flavour, event: &Event<'_>) -> Value {
    let name = |sql: &str| limbeck_sql::headline(flavour, sql, HEADLINE);
    match event {
        Event::LockWaiting { holder, waited, limit } => {
            json!({"event": "lock_waiting", "waited_ms": ms(*waited), "limit_ms": ms(*limit), "holder": holder.map(|holder| json!({
                "host": holder.host, "pid": holder.pid, "server_pid": holder.server_pid, "user": holder.user, "since_ms": holder.since.map(ms), "doing": holder.doing,
            }))})
        }
        Event::LockAcquired { waited } => json!({"event": "lock_acquired", "waited_ms": ms(*waited)}),
        Event::Blocked { sql, waited, blockers } => json!({"event": "blocked", "statement": name(sql), "waited_ms": ms(*waited), "blockers": blockers}),
        Event::OldTransactions { sql, sessions } => json!({"event": "old_transactions", "statement": name(sql), "sessions": sessions}),
        Event::Retry {
            error,
            attempt,
            attempts,
            pause,
        } => json!({"event": "retry", "error": error, "attempt": attempt, "attempts": attempts, "pause_ms": ms(*pause)}),
        Event::SegmentCut { number, reason, place } => json!({"event": "segment_cut", "number": number, "reason": reason, "place": place.map(at)}),
        Event::Resumed { revision, segments } => json!({"event": "resumed", "revision": revision, "segments": segments}),
        Event::Cleaned(text) => json!({"event": "cleaned", "text": text}),
        Event::StatementRunning { sql, elapsed, progress } => {
            json!({"event": "statement_running", "statement": name(sql), "elapsed_ms": ms(*elapsed), "progress": progress})
        }
        Event::StatementFinished { sql, elapsed, rows } => {
            json!({"event": "statement_finished", "statement": name(sql), "elapsed_ms": ms(*elapsed), "rows": (*rows >= 0).then_some(rows)})
        }
        Event::Leftovers(list) => json!({"event": "leftovers", "leftovers": list}),
        Event::Connected {
            impl_name,
            transactional_ddl,
            offline,
        } => json!({"event": "connected", "impl": impl_name, "transactional_ddl": transactional_ddl, "offline": offline}),
        Event::StepStarted { number, total, label } => with_label(json!({"event": "step_started", "number": number, "total": total}), label),
        Event::Statement { sql, place } => json!({"event": "statement", "statement": name(sql), "place": place.map(at)}),
        Event::ServerNotice(text) => json!({"event": "server_notice", "text": text.trim_end()}),
        Event::Warning(text) => json!({"event": "warning", "message": text}),
        Event::StepFinished { label, statements, elapsed } => {
            with_label(json!({"event": "step_finished", "statements": statements, "elapsed_ms": ms(*elapsed)}), label)
        }
    }
}

fn with_label(mut object: Value, label: &StepLabel) -> Value {
    object["direction"] = label.direction.command().into();
    object["from"] = label.from.clone().into();
    object["to"] = label.to.clone().into();
    object["message"] = label.doc.clone().into();
    object
}

fn at(place: &Place) -> Value {
    json!({"path": place.path.display().to_string(), "line": place.line, "column": place.column})
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
