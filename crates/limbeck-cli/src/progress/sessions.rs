//! Other sessions in words: who holds the migration lock, who blocks a statement, what was left half done.

use limbeck_db::{DatabaseSession, Leftover, LockHolder};
use limbeck_source::words::span;
use std::time::Duration;

/// `held by alice@db1 (pid 4711): upgrade 1a2b3c, for 12 s`.
pub fn holder(holder: &LockHolder) -> String {
    let who = match (&holder.user, &holder.host) {
        (Some(user), Some(host)) => format!("{}@{}", plain(user), plain(host)),
        (Some(one), None) | (None, Some(one)) => plain(one),
        (None, None) => "another session".into(),
    };
    let mut text = format!("held by {who}");
    match (holder.pid, holder.server_pid) {
        (Some(pid), _) => text.push_str(&format!(" (pid {pid})")),
        (None, Some(pid)) => text.push_str(&format!(" (server process {pid})")),
        (None, None) => {}
    }
    if let Some(doing) = &holder.doing {
        text.push_str(&format!(": {}", plain(doing)));
    }
    if let Some(since) = holder.since {
        text.push_str(&format!(", for {}", span(since)));
    }
    text
}

/// `pid 4242 (app, psql, idle in transaction)`.
pub fn short(session: &DatabaseSession) -> String {
    let facts: Vec<String> = [&session.user, &session.application, &session.state]
        .into_iter()
        .flatten()
        .filter(|fact| !fact.is_empty())
        .map(|fact| plain(fact))
        .collect();
    match (session.pid, facts.as_slice()) {
        (0, _) => "a prepared transaction".into(),
        (pid, []) => format!("pid {pid}"),
        (pid, facts) => format!("pid {pid} ({})", facts.join(", ")),
    }
}

/// A session in two to four indented lines.
pub fn block(session: &DatabaseSession) -> Vec<String> {
    let mut first = match session.pid {
        0 => "  a prepared transaction".to_owned(),
        pid => format!("  pid {pid}"),
    };
    for (name, fact) in [("user", &session.user), ("application", &session.application), ("from", &session.client)] {
        if let Some(fact) = fact.as_deref().filter(|fact| !fact.is_empty()) {
            first.push_str(&format!(", {name} {}", plain(fact)));
        }
    }
    if let Some(state) = &session.state {
        first.push_str(&format!(", {}", plain(state)));
        if let Some(seconds) = session.state_seconds {
            first.push_str(&format!(" for {}", seconds_span(seconds)));
        }
    }
    if let Some(seconds) = session.transaction_seconds {
        first.push_str(&format!(", transaction open for {}", seconds_span(seconds)));
    }
    let mut lines = vec![first];
    if let Some(mode) = &session.mode {
        let verb = if session.queued { "waits for" } else { "holds" };
        let object = session.object.as_ref().map(|object| format!(" on {}", plain(object))).unwrap_or_default();
        lines.push(format!("    {verb} {mode}{object}"));
    }
    if let Some(query) = session.query.as_deref().filter(|query| !query.trim().is_empty()) {
        let word = if session.state.as_deref() == Some("active") { "runs" } else { "last ran" };
        lines.push(format!("    {word}: {}", cut(&plain(query), 120)));
    }
    if !session.blocked_by.is_empty() {
        let pids: Vec<String> = session.blocked_by.iter().map(ToString::to_string).collect();
        lines.push(format!("    waits itself for pid {}", pids.join(", ")));
    }
    lines
}

/// What a half-done thing is, and what to do about it.
pub fn leftover(left: &Leftover) -> String {
    match left {
        Leftover::InvalidIndex { index, table } => {
            format!(
                "index {index} on {table} is INVALID: no query uses it and every write pays for it; drop it (`DROP INDEX CONCURRENTLY {index}`) and build it again"
            )
        }
        Leftover::NotValidConstraint { constraint, table } => {
            format!(
                "constraint {constraint} on {table} is NOT VALID: rows from before it were not checked; `ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}`"
            )
        }
    }
}

/// One line without control characters: what others wrote must not move the cursor.
pub fn plain(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Cuts a line to `width` columns, with `…` at the end of a cut one.
pub fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let kept = text.chars().take_while(|c| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    });
    kept.chain(['…']).take(width).collect()
}

fn seconds_span(seconds: f64) -> String {
    span(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        let texts: Vec<String> = [0.04, 1.26, 9.96, 59.9, 303.0, 7_500.0, 273_600.0].map(seconds_span).into();
        assert_eq!(texts, ["40 ms", "1.3 s", "10.0 s", "59 s", "5 min 3 s", "2 h 5 min", "3 d 4 h"]);
        assert_eq!(seconds_span(-1.0), "0 ms");
    }

    #[test]
    fn lines_are_cut_by_their_width_on_the_screen() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn what_others_wrote_moves_no_cursor() {
        assert_eq!(plain("SELECT\n  1\u{1b}[2J;\t--\u{7}"), "SELECT 1 [2J; --");
    }

    #[test]
    fn a_session_that_tells_nothing_is_still_named() {
        let session = DatabaseSession {
            pid: 7,
            ..DatabaseSession::default()
        };
        assert_eq!(block(&session), ["  pid 7"]);
        assert_eq!(short(&session), "pid 7");
        assert_eq!(holder(&LockHolder::default()), "held by another session");
    }
}
