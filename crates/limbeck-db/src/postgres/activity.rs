//! What other sessions do: who holds what is waited for, old transactions, index builds, the migration lock.
//!
//! Works on PostgreSQL 10 and later. Names of catalogs are qualified, since a session's search path may lead elsewhere.

use std::time::Duration;

use limbeck_expr::Literal;

use super::companion::read_application_name;
use super::modes;
use crate::{Connection, DatabaseSession, DbError, IndexBuild, IndexProgress, LockHolder, LockKey};

/// Columns of a session, of `pg_stat_activity AS a`; `session` reads them.
const SESSION: &str = "a.pid, a.usename::text, a.application_name, pg_catalog.host(a.client_addr), a.state, \
     extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8, \
     extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)::float8, a.query";
const WIDTH: usize = 8;

/// What the lock of `pg_locks AS h` is on.
const OBJECT: &str = "CASE h.locktype \
     WHEN 'transactionid' THEN 'transaction ' || h.transactionid \
     WHEN 'virtualxid' THEN 'virtual transaction ' || h.virtualxid \
     WHEN 'advisory' THEN 'advisory lock ' || h.classid || ', ' || h.objid \
     ELSE CASE h.locktype WHEN 'relation' THEN '' WHEN 'tuple' THEN 'a row of ' ELSE h.locktype || ' of ' END || coalesce( \
       (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.oid = h.relation), 'relation ' || h.relation, 'object ' || h.objid, 'something') END";

/// Locks `h` on the very thing that lock `w` waits for.
const SAME_THING: &str = "h.locktype = w.locktype AND h.database IS NOT DISTINCT FROM w.database AND h.relation IS NOT DISTINCT FROM w.relation \
     AND h.page IS NOT DISTINCT FROM w.page AND h.tuple IS NOT DISTINCT FROM w.tuple AND h.virtualxid IS NOT DISTINCT FROM w.virtualxid \
     AND h.transactionid IS NOT DISTINCT FROM w.transactionid AND h.classid IS NOT DISTINCT FROM w.classid \
     AND h.objid IS NOT DISTINCT FROM w.objid AND h.objsubid IS NOT DISTINCT FROM w.objsubid";

/// The server process that runs this question.
pub(crate) fn backend_pid(connection: &mut dyn Connection) -> Result<i32, DbError> {
    let result = connection.query("SELECT pg_catalog.pg_backend_pid()", &[])?;
    Ok(result.rows.first().and_then(|row| number(row.first())).unwrap_or_default())
}

/// The holders of one migration lock, or of all in this database.
pub(crate) fn lock_holders(connection: &mut dyn Connection, key: Option<&LockKey>) -> Result<Vec<LockHolder>, DbError> {
    let rows = holders(connection, LockKey::CLASS, key)?;
    Ok(rows.iter().map(|row| holder(row)).collect())
}

/// Tries once to take the lock of a migrating connection.
pub(crate) fn try_work_lock(connection: &mut dyn Connection, key: &LockKey) -> Result<bool, DbError> {
    let sql = format!("SELECT pg_catalog.pg_try_advisory_lock({}, {})", LockKey::WORK_CLASS, key.number());
    Ok(connection.query(&sql, &[])?.rows == [[Literal::Bool(true)]])
}

/// The server process that still works for another run, with its statement.
pub(crate) fn work_lock_holder(connection: &mut dyn Connection, key: &LockKey) -> Result<Option<LockHolder>, DbError> {
    let rows = holders(connection, LockKey::WORK_CLASS, Some(key))?;
    Ok(rows.first().map(|row| LockHolder {
        doing: Some(match text(row.get(4)) {
            Some(sql) => format!("the server still runs a statement of a run that is gone: {}", one_line(&sql)),
            None => "the server still works for a run that is gone".to_owned(),
        }),
        ..holder(row)
    }))
}

fn holders(connection: &mut dyn Connection, class: i32, key: Option<&LockKey>) -> Result<Vec<Vec<Literal>>, DbError> {
    let which = key.map_or_else(String::new, |key| format!(" AND h.objid::int8 = {}", key.number().cast_unsigned()));
    let sql = format!(
        "SELECT h.pid, a.usename::text, a.application_name, extract(epoch FROM pg_catalog.clock_timestamp() - a.backend_start)::float8, \
         CASE WHEN a.state = 'active' THEN a.query END \
         FROM pg_catalog.pg_locks h LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid \
         WHERE h.locktype = 'advisory' AND h.granted AND h.objsubid = 2 AND h.classid::int8 = {class} \
         AND h.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()){which} ORDER BY h.pid"
    );
    Ok(connection.query(&sql, &[])?.rows)
}

/// The beginning of a statement, without line breaks.
fn one_line(sql: &str) -> String {
    const LONGEST: usize = 80;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// Other runs that are connected beside their lock, and hold none: they wait for it.
pub(crate) fn lock_waiters(connection: &mut dyn Connection) -> Result<Vec<LockHolder>, DbError> {
    let sql = format!(
        "SELECT a.pid, a.usename::text, a.application_name, extract(epoch FROM pg_catalog.clock_timestamp() - a.backend_start)::float8 \
         FROM pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database() AND a.application_name LIKE 'limbeck % %:%' \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks h WHERE h.pid = a.pid AND h.locktype = 'advisory' AND h.objsubid = 2 AND h.classid::int8 = {}) \
         ORDER BY a.pid",
        LockKey::CLASS
    );
    let rows = connection.query(&sql, &[])?.rows;
    Ok(rows.iter().map(|row| holder(row)).filter(|holder| holder.pid.is_some()).collect())
}

fn holder(row: &[Literal]) -> LockHolder {
    let name = text(row.get(2)).unwrap_or_default();
    let (doing, host, pid) = match read_application_name(&name) {
        Some((doing, host, pid)) => (Some(doing), Some(host), Some(pid)),
        None => (Some(name).filter(|name| !name.is_empty()), None, None),
    };
    LockHolder {
        host,
        pid,
        server_pid: number(row.first()),
        user: text(row.get(1)),
        since: seconds(row.get(3)).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        doing,
    }
}

/// The sessions that `process` waits for.
pub(crate) fn blockers(connection: &mut dyn Connection, process: i32) -> Result<Vec<DatabaseSession>, DbError> {
    let edges = edges(connection, &format!("w.pid = {process}"))?;
    let mut sessions = sessions_of(connection, edges.iter().map(|edge| edge.blocker))?;
    for session in &mut sessions {
        describe(session, edges.iter());
        if let Some(edge) = edges.iter().find(|edge| edge.blocker == session.pid) {
            session.blocked_by.clone_from(&edge.blocker_waits_for);
        }
    }
    sessions.extend(prepared(connection, &edges)?);
    Ok(sessions)
}

/// Every session of this database that waits for another's lock, and those it waits for.
pub(crate) fn sessions(connection: &mut dyn Connection) -> Result<Vec<DatabaseSession>, DbError> {
    let here = "w.pid IN (SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database())";
    let edges = edges(connection, here)?;
    let mut sessions = sessions_of(connection, edges.iter().flat_map(|edge| [edge.blocker, edge.waiter]))?;
    for session in &mut sessions {
        describe(session, edges.iter());
        let own: Vec<&Edge> = edges.iter().filter(|edge| edge.waiter == session.pid).collect();
        session.blocked_by = own.iter().map(|edge| edge.blocker).collect();
        session.blocked_by.sort_unstable();
        session.blocked_by.dedup();
        if let (None, Some(edge)) = (&session.mode, own.first()) {
            (session.mode, session.object, session.queued) = (Some(edge.wanted.clone()), edge.object.clone(), true);
        }
    }
    sessions.extend(prepared(connection, &edges)?);
    Ok(sessions)
}

/// One lock that stands between two sessions.
struct Edge {
    waiter: i32,
    wanted: String,
    blocker: i32,
    blocker_waits_for: Vec<i32>,
    held: Option<String>,
    granted: bool,
    object: Option<String>,
    /// The transaction of a prepared holder.
    prepared: Option<String>,
}

fn edges(connection: &mut dyn Connection, waiters: &str) -> Result<Vec<Edge>, DbError> {
    // The locks are read once, so that both sides are of one moment. Process 0 is a prepared transaction: its locks belong to no process, and only
    // the lock on its own number tells which it is. CREATE INDEX CONCURRENTLY may wait for the snapshot of this very question, which ends with it.
    let sql = format!(
        "WITH l AS (SELECT * FROM pg_catalog.pg_locks), \
         w AS (SELECT DISTINCT ON (w.pid) w.* FROM l w WHERE NOT w.granted AND {waiters}), \
         b AS (SELECT DISTINCT w.pid AS waiter, pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS pid FROM w) \
         SELECT b.waiter, w.mode, b.pid, CASE WHEN b.pid > 0 THEN pg_catalog.pg_blocking_pids(b.pid) END, h.mode, h.granted, {object}, \
         CASE WHEN b.pid = 0 THEN (SELECT min(x.transactionid::text) FROM l x WHERE x.pid IS NULL AND x.granted AND x.locktype = 'transactionid' \
         AND x.virtualtransaction = h.virtualtransaction) END \
         FROM b JOIN w ON w.pid = b.waiter AND b.pid <> pg_catalog.pg_backend_pid() \
         LEFT JOIN l h ON coalesce(h.pid, 0) = b.pid AND h.pid IS DISTINCT FROM w.pid AND {SAME_THING} ORDER BY b.waiter, b.pid",
        object = OBJECT.replace("h.", "w."),
    );
    let rows = connection.query(&sql, &[])?.rows;
    Ok(rows
        .iter()
        .map(|row| Edge {
            waiter: number(row.first()).unwrap_or_default(),
            wanted: text(row.get(1)).unwrap_or_default(),
            blocker: number(row.get(2)).unwrap_or_default(),
            blocker_waits_for: numbers(row.get(3)),
            held: text(row.get(4)),
            granted: row.get(5) == Some(&Literal::Bool(true)),
            object: text(row.get(6)),
            prepared: text(row.get(7)),
        })
        .collect())
}

/// Writes into a session the strongest of its locks that is in the way of somebody: one it has before one it waits for.
fn describe<'e>(session: &mut DatabaseSession, edges: impl Iterator<Item = &'e Edge>) {
    let pid = session.pid;
    let mut best: Option<(bool, usize)> = None;
    for edge in edges.filter(|edge| edge.blocker == pid && edge.prepared.is_none()) {
        let Some(held) = edge.held.as_deref().filter(|held| modes::conflict(held, &edge.wanted)) else {
            continue;
        };
        let rank = (edge.granted, modes::strength(held));
        if best.is_none_or(|best| rank > best) {
            best = Some(rank);
            (session.mode, session.object, session.queued) = (Some(held.to_owned()), edge.object.clone(), !edge.granted);
        }
    }
}

fn sessions_of(connection: &mut dyn Connection, pids: impl Iterator<Item = i32>) -> Result<Vec<DatabaseSession>, DbError> {
    let mut pids: Vec<i32> = pids.filter(|pid| *pid > 0).collect();
    pids.sort_unstable();
    pids.dedup();
    if pids.is_empty() {
        return Ok(Vec::new());
    }
    let list = list(&pids);
    let sql = format!("SELECT {SESSION} FROM pg_catalog.pg_stat_activity a WHERE a.pid IN ({list}) ORDER BY a.xact_start NULLS LAST, a.pid");
    Ok(connection.query(&sql, &[])?.rows.iter().map(|row| session(row)).collect())
}

/// Prepared transactions among the blockers, one for each.
fn prepared(connection: &mut dyn Connection, edges: &[Edge]) -> Result<Vec<DatabaseSession>, DbError> {
    let numbers: Vec<&str> = edges.iter().filter_map(|edge| edge.prepared.as_deref()).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = prepared_transactions(connection, "true")?;
    found.retain(|(number, _)| numbers.contains(&number.as_str()));
    Ok(found
        .into_iter()
        .map(|(number, mut session)| {
            let own = edges.iter().filter(|edge| edge.prepared.as_ref() == Some(&number));
            if let Some(edge) = own.max_by_key(|edge| edge.held.as_deref().map_or(0, modes::strength)) {
                (session.mode, session.object) = (edge.held.clone(), edge.object.clone());
            }
            session
        })
        .collect())
}

fn prepared_transactions(connection: &mut dyn Connection, which: &str) -> Result<Vec<(String, DatabaseSession)>, DbError> {
    let sql = format!(
        "SELECT p.transaction::text, p.gid, p.owner::text, extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::float8 \
         FROM pg_catalog.pg_prepared_xacts p WHERE p.database = pg_catalog.current_database() AND {which} ORDER BY p.prepared"
    );
    let rows = connection.query(&sql, &[])?.rows;
    Ok(rows
        .iter()
        .map(|row| {
            let age = seconds(row.get(3));
            let gid = text(row.get(1)).unwrap_or_default().replace('\'', "''");
            let session = DatabaseSession {
                user: text(row.get(2)),
                state: Some("prepared transaction".to_owned()),
                transaction_seconds: age,
                state_seconds: age,
                query: Some(format!("PREPARE TRANSACTION '{gid}'")),
                ..DatabaseSession::default()
            };
            (text(row.first()).unwrap_or_default(), session)
        })
        .collect())
}

/// Transactions of this database that began longer ago than this; autovacuum is none, `CREATE INDEX CONCURRENTLY` does not wait for it.
pub(crate) fn old_transactions(connection: &mut dyn Connection, older_than: Duration, except: &[i32]) -> Result<Vec<DatabaseSession>, DbError> {
    let age = older_than.as_secs_f64();
    let except = if except.is_empty() {
        String::new()
    } else {
        format!(" AND a.pid NOT IN ({})", list(except))
    };
    let sql = format!(
        "SELECT {SESSION} FROM pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() \
         AND a.backend_type NOT IN ('autovacuum worker', 'parallel worker') AND a.xact_start < pg_catalog.clock_timestamp() - interval '1 second' * {age}{except} \
         ORDER BY a.xact_start"
    );
    let mut found: Vec<DatabaseSession> = connection.query(&sql, &[])?.rows.iter().map(|row| session(row)).collect();
    let prepared = prepared_transactions(connection, &format!("p.prepared < pg_catalog.clock_timestamp() - interval '1 second' * {age}"))?;
    found.extend(prepared.into_iter().map(|(_, session)| session));
    Ok(found)
}

/// Indexes that are being built in this database, or by one process; none before PostgreSQL 12, which does not count.
pub(crate) fn index_builds(connection: &mut dyn Connection, process: Option<i32>) -> Result<Vec<IndexBuild>, DbError> {
    if connection.server_version().first().is_none_or(|major| *major < 12) {
        return Ok(Vec::new());
    }
    let name = |column: &str| {
        format!(
            "(SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.oid = p.{column})"
        )
    };
    let which = process.map_or_else(String::new, |pid| format!(" AND p.pid = {pid}"));
    let sql = format!(
        "SELECT p.pid, {}, {}, p.phase, p.lockers_total, p.lockers_done, p.blocks_total, p.blocks_done, p.tuples_total, p.tuples_done \
         FROM pg_catalog.pg_stat_progress_create_index p WHERE p.datname = pg_catalog.current_database(){which} ORDER BY p.pid",
        name("relid"),
        name("index_relid"),
    );
    let rows = connection.query(&sql, &[])?.rows;
    Ok(rows
        .iter()
        .map(|row| {
            let count = |at: usize| match row.get(at) {
                Some(Literal::Int(count)) => *count,
                _ => 0,
            };
            let phase = text(row.get(3)).unwrap_or_default();
            let waiting = phase.starts_with("waiting");
            // Each phase counts in its own way; what an earlier one counted may still stand there.
            let share = match phase.as_str() {
                _ if waiting => Some((4, 5)),
                phase if phase.contains("scanning") => Some((6, 7)),
                phase if phase.contains("loading") => Some((8, 9)),
                _ => None,
            };
            let share = share.filter(|(total, _)| count(*total) > 0);
            IndexBuild {
                pid: number(row.first()).unwrap_or_default(),
                table: text(row.get(1)),
                index: text(row.get(2)),
                progress: IndexProgress {
                    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
                    percent: share.map(|(total, done)| (100.0 * count(done) as f64 / count(total) as f64).min(100.0)),
                    waits_for: waiting.then(|| count(4) - count(5)),
                    phase,
                },
            }
        })
        .collect())
}

fn session(row: &[Literal]) -> DatabaseSession {
    debug_assert_eq!(row.len(), WIDTH);
    let filled = |at: usize| text(row.get(at)).filter(|text| !text.is_empty());
    DatabaseSession {
        pid: number(row.first()).unwrap_or_default(),
        user: filled(1),
        application: filled(2),
        client: filled(3),
        state: filled(4),
        transaction_seconds: seconds(row.get(5)),
        state_seconds: seconds(row.get(6)),
        query: filled(7).filter(|query| query != "<insufficient privilege>"),
        ..DatabaseSession::default()
    }
}

fn list(pids: &[i32]) -> String {
    pids.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")
}

fn number(value: Option<&Literal>) -> Option<i32> {
    match value {
        Some(Literal::Int(number)) => i32::try_from(*number).ok(),
        _ => None,
    }
}

fn numbers(value: Option<&Literal>) -> Vec<i32> {
    match value {
        Some(Literal::Array(items)) => items.iter().filter_map(|item| number(Some(item))).collect(),
        _ => Vec::new(),
    }
}

fn text(value: Option<&Literal>) -> Option<String> {
    match value {
        Some(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

fn seconds(value: Option<&Literal>) -> Option<f64> {
    match value {
        // Clocks may step back.
        Some(Literal::Float(seconds)) => Some(seconds.max(0.0)),
        _ => None,
    }
}
