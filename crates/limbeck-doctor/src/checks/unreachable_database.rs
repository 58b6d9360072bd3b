//! Whether the database answers.

use limbeck_source::Diagnostic;

use crate::{Answer, Finding, Severity};

const NAME: &str = "unreachable-database";

/// Looks at what came of connecting: what the server is, or why there is no connection. `from` is the source of the URL.
pub fn look(connected: Result<&str, &Diagnostic>, label: &str, from: &str) -> Answer {
    match connected {
        Ok(server) => Answer::Fine(format!("{label} ({server})")),
        Err(error) => {
            let mut found = Finding::of(NAME, Severity::Problem, error).evidence(format!("database: {label}, from {from}"));
            found.cause = cause(error.code).into();
            found.into()
        }
    }
}

fn cause(code: &str) -> &'static str {
    match code {
        "E0604" => "the server is not running, listens elsewhere, or a firewall is in between",
        "E0605" => "the password is wrong, or another source of it wins (the URL, PGPASSWORD, ~/.pgpass)",
        "E0606" => "the database has another name, or was not created yet",
        "E0607" => "the role has another name, or was not created yet",
        "E0608" => "client and server do not agree about TLS (sslmode)",
        "E0609" => "pg_hba.conf of the server has no line for this role, database and address, or it has no connection left",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_and_from_where_are_told() {
        let error = Diagnostic::error("E0604", "no server could be reached")
            .cause("/run/x: No such file")
            .hint("is it running?");
        let answer = look(Err(&error), "postgresql://u@h/db", "env.py");
        let found = &answer.findings()[0];
        assert_eq!(found.evidence, ["/run/x: No such file", "database: postgresql://u@h/db, from env.py"]);
        assert!(!found.cause.is_empty());
        assert_eq!(found.notes, ["is it running?"]);
    }
}
