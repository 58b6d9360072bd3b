//! Whether the server is of a version that Limbeck is tested with, and that its makers still mend.

use limbeck_db::Backend;

use crate::{Answer, Finding};

const NAME: &str = "server-version";
/// The oldest and the newest major version of PostgreSQL that Limbeck is tested with.
const TESTED: (u32, u32) = (10, 18);
/// The last day of each major version of PostgreSQL (postgresql.org/support/versioning).
const LAST_DAYS: &[(u32, &str)] = &[
    (10, "2022-11-10"),
    (11, "2023-11-09"),
    (12, "2024-11-21"),
    (13, "2025-11-13"),
    (14, "2026-11-12"),
    (15, "2027-11-11"),
    (16, "2028-11-09"),
    (17, "2029-11-08"),
    (18, "2030-11-14"),
];

/// The server for people: `PostgreSQL 15.8`.
pub fn shown(backend: Backend, version: &[u32]) -> String {
    let name = match backend {
        Backend::Postgresql => "PostgreSQL",
        Backend::Sqlite => "SQLite",
        Backend::Mysql => "MySQL",
        Backend::Mariadb => "MariaDB",
    };
    let numbers: Vec<String> = version.iter().map(u32::to_string).collect();
    format!("{name} {}", numbers.join("."))
}

/// Looks at it; `today` is a date such as `2026-01-31`.
pub fn look(backend: Backend, version: &[u32], today: &str) -> Answer {
    let shown = shown(backend, version);
    let major = version.first().copied().unwrap_or_default();
    if backend != Backend::Postgresql {
        return Answer::Fine(format!("{shown}, built in"));
    }
    let (oldest, newest) = TESTED;
    if major < oldest {
        return Finding::problem(NAME, format!("{shown} is older than what Limbeck is made for"))
            .cause(format!("Limbeck is tested with PostgreSQL {oldest} to {newest}"))
            .note("move the database to a supported server")
            .into();
    }
    if major > newest {
        return Finding::warning(NAME, format!("{shown} is newer than what this Limbeck is tested with"))
            .cause(format!(
                "it is tested with PostgreSQL {oldest} to {newest}; new locks and catalogs may be unknown to it"
            ))
            .note("use a newer Limbeck, or try the migrations on a copy first")
            .into();
    }
    let last = LAST_DAYS.iter().find(|(number, _)| *number == major).map_or("", |(_, day)| day);
    if today > last {
        return Finding::warning(NAME, format!("{shown} is not supported by PostgreSQL any more"))
            .evidence(format!("support of PostgreSQL {major} ended on {last}"))
            .cause("no more security updates; Limbeck still works with it")
            .note("plan the move to a newer major version")
            .into();
    }
    Answer::Fine(format!("{shown}, supported until {last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        let findings = |version: &[u32], today: &str| look(Backend::Postgresql, version, today).findings().len();
        assert_eq!(findings(&[15, 8], "2026-11-23"), 0);
        assert_eq!(findings(&[14, 1], "2026-11-12"), 0, "the last day counts");
        assert_eq!(findings(&[14, 1], "2026-11-13"), 1);
        assert_eq!(findings(&[9, 6, 24], "2020-01-01"), 1);
        assert_eq!(findings(&[19, 0], "2027-01-01"), 1);
        assert_eq!(look(Backend::Sqlite, &[3, 50, 4], "2099-01-01"), Answer::Fine("SQLite 3.50.4, built in".into()));
    }

    #[test]
    fn every_tested_version_has_a_last_day() {
        for major in TESTED.0..=TESTED.1 {
            assert!(LAST_DAYS.iter().any(|(number, _)| *number == major), "{major}");
        }
    }
}
