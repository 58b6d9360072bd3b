//! The second connection of a run on PostgreSQL: the advisory lock, and questions about other sessions.

use std::time::Duration;

use limbeck_expr::Literal;

use super::{Postgres, PostgresSettings, activity};
use crate::{Companion, Connection, DatabaseSession, DbError, Identity, IndexProgress, LockHolder, LockKey};

/// A server may end sessions that are idle for long, as this one is during a long statement (14 and later). And it should soon notice that a machine is
/// gone which holds the lock; the system's default is two hours.
const SETTINGS: &str = "SELECT pg_catalog.set_config(name, value, false) \
     FROM (VALUES ('idle_session_timeout', '0'), ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3')) \
     AS wanted (name, value) WHERE pg_catalog.current_setting(name, true) <> value";

/// A connection that is never in a transaction.
pub(crate) struct PostgresCompanion {
    settings: PostgresSettings,
    connection: Postgres,
    identity: Identity,
    /// What `application_name` says now.
    name: String,
    held: Option<LockKey>,
}

impl PostgresCompanion {
    /// Connects under the name that says who we are.
    ///
    /// # Errors
    /// As `Postgres::connect`.
    pub(crate) fn connect(mut settings: PostgresSettings, identity: &Identity) -> Result<Self, DbError> {
        let name = application_name(&identity.command, identity);
        settings.application_name.clone_from(&name);
        Ok(PostgresCompanion {
            connection: Postgres::connect(&settings)?,
            settings,
            identity: identity.clone(),
            name,
            held: None,
        })
    }

    /// Connects anew if the connection is lost; a lock that was held is lost with it.
    fn revive(&mut self) -> Result<(), DbError> {
        if self.connection.is_closed() {
            self.held = None;
            self.settings.application_name.clone_from(&self.name);
            self.connection = Postgres::connect(&self.settings)?;
        }
        Ok(())
    }
}

impl Companion for PostgresCompanion {
    fn try_lock(&mut self, key: &LockKey) -> Result<bool, DbError> {
        self.revive()?;
        // PostgreSQL counts how often a session took a lock, and would want it given back as often.
        if self.held.as_ref() == Some(key) {
            return Ok(true);
        }
        let sql = format!("{SETTINGS}; SELECT pg_catalog.pg_try_advisory_lock({}, {})", LockKey::CLASS, key.number());
        let result = self.connection.query(&sql, &[])?;
        let ours = result.rows == [[Literal::Bool(true)]];
        if ours {
            self.held = Some(key.clone());
        }
        Ok(ours)
    }

    fn holder(&mut self, key: &LockKey) -> Result<Option<LockHolder>, DbError> {
        self.revive()?;
        let holders = activity::lock_holders(&mut self.connection, Some(key))?;
        Ok(holders.into_iter().next())
    }

    fn announce(&mut self, doing: &str) -> Result<(), DbError> {
        let name = application_name(doing, &self.identity);
        if name != self.name {
            // The name holds no quotes.
            self.connection.execute_batch(&format!("SET application_name = '{name}'"))?;
            self.name = name;
        }
        Ok(())
    }

    fn still_held(&mut self) -> bool {
        // The lock lives as long as the session; what has to be asked is whether the session does.
        self.held.is_some() && self.connection.query("SELECT 1", &[]).is_ok()
    }

    fn unlock(&mut self) {
        if let Some(key) = self.held.take() {
            let sql = format!("SELECT pg_catalog.pg_advisory_unlock({}, {})", LockKey::CLASS, key.number());
            let _ = self.connection.query(&sql, &[]);
        }
    }

    fn process_id(&mut self) -> Result<Option<i32>, DbError> {
        activity::backend_pid(&mut self.connection).map(Some)
    }

    fn blockers(&mut self, process: i32) -> Result<Vec<DatabaseSession>, DbError> {
        activity::blockers(&mut self.connection, process)
    }

    fn index_progress(&mut self, process: i32) -> Result<Option<IndexProgress>, DbError> {
        let builds = activity::index_builds(&mut self.connection, Some(process))?;
        Ok(builds.into_iter().next().map(|build| build.progress))
    }

    fn old_transactions(&mut self, older_than: Duration, except: &[i32]) -> Result<Vec<DatabaseSession>, DbError> {
        activity::old_transactions(&mut self.connection, older_than, except)
    }
}

impl Drop for PostgresCompanion {
    fn drop(&mut self) {
        // The server frees the lock of a closed session too, but only when it has noticed.
        self.unlock();
    }
}

/// PostgreSQL cuts names off after so many bytes.
const LONGEST_NAME: usize = 63;
const LONGEST_DOING: usize = 28;

/// `limbeck upgrade 1a2b3c build7:4711`: the one thing about a session that every role may see.
fn application_name(doing: &str, identity: &Identity) -> String {
    let clean = |text: &str, longest: usize| {
        let text: String = text
            .chars()
            .map(|c| if c.is_ascii_graphic() && !matches!(c, '\'' | '\\') { c } else { '_' })
            .collect();
        if text.len() > longest {
            format!("{}~", &text[..longest.saturating_sub(1)])
        } else {
            text
        }
    };
    let doing: Vec<String> = doing.split_whitespace().map(|word| clean(word, LONGEST_DOING)).collect();
    let doing = doing.join(" ");
    let doing = if doing.len() > LONGEST_DOING {
        format!("{}~", &doing[..LONGEST_DOING - 1])
    } else {
        doing
    };
    let pid = identity.pid.to_string();
    let room = LONGEST_NAME - "limbeck  :".len() - doing.len() - pid.len();
    format!("limbeck {doing} {}:{pid}", clean(&identity.host, room))
}

/// Reads such a name: what is done, the host, the process.
pub(super) fn read_application_name(name: &str) -> Option<(String, String, u32)> {
    let (doing, place) = name.strip_prefix("limbeck ")?.rsplit_once(' ')?;
    let (host, pid) = place.rsplit_once(':')?;
    Some((doing.to_owned(), host.to_owned(), pid.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(doing: &str, host: &str) -> String {
        let identity = Identity {
            host: host.to_owned(),
            pid: 4_194_304,
            user: String::new(),
            command: String::new(),
        };
        application_name(doing, &identity)
    }

    #[test]
    fn names_fit_and_come_back() {
        let name = named("upgrade 1a2b3c", "build7");
        assert_eq!(name, "limbeck upgrade 1a2b3c build7:4194304");
        assert_eq!(read_application_name(&name), Some(("upgrade 1a2b3c".into(), "build7".into(), 4_194_304)));
        let long = named("downgrade 20240102_a_very_long_revision_id", &"pod-".repeat(20));
        assert!(long.len() <= LONGEST_NAME, "{long}");
        assert_eq!(read_application_name(&long).unwrap().2, 4_194_304);
        assert_eq!(named("upgrade it's", "bücher\nx"), "limbeck upgrade it_s b_cher_x:4194304");
        assert_eq!(read_application_name("limbeck"), None);
        assert_eq!(read_application_name("psql"), None);
    }
}
