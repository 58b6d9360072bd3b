//! Whether a pooler that lends server processes by the transaction stands in between.

use crate::{Answer, Finding};

const NAME: &str = "transaction-pooler";

/// Looks at what gave a pooler away, if anything did.
pub fn look(evidence: Option<&str>, port: Option<u16>) -> Answer {
    let Some(evidence) = evidence else {
        return Answer::Fine("none: a session stays with its server process".into());
    };
    let mut found = Finding::problem(NAME, "a transaction pooler stands between Limbeck and the server").evidence(evidence);
    if port == Some(6432) {
        found = found.evidence("port 6432 is PgBouncer's usual one");
    }
    found
        .cause("it gives each transaction another server process (PgBouncer's pool_mode = transaction): locks and settings of a session do not last, and two migrations could run at once")
        .note("give migrations the address of the server itself, or of a pool with pool_mode = session: `--url`, or a DATABASE_URL of their own")
        .note("migrations refuse to run here unless `--allow-pooler` says that nobody else can run one")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_evidence_counts() {
        assert!(matches!(look(None, Some(6432)), Answer::Fine(_)));
        assert_eq!(look(Some("two processes"), Some(6432)).findings()[0].evidence.len(), 2);
    }
}
