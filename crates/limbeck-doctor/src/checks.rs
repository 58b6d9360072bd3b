//! The checks, one file each, and their registry.

pub mod alembic_version;
pub mod ancestor_rows;
pub mod backup_folder;
pub mod bad_configuration;
pub mod broken_graph;
pub mod disabled_trigger;
pub mod edited_script;
pub mod half_done_revision;
pub mod health_log;
pub mod invalid_index;
pub mod lock_trouble;
pub mod missing_permission;
pub mod model_drift;
pub mod multiple_heads;
pub mod no_project;
pub mod not_valid_constraint;
pub mod required_version;
pub mod schema_drift;
pub mod server_version;
pub mod transaction_pooler;
pub mod unknown_revision;
pub mod unreachable_database;
pub mod unversioned_database;

/// What is known of a check beside its code.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// What it looks for: `multiple-heads`. The name of its findings, of `--only`, `--skip` and `explain`.
    pub name: &'static str,
    /// The same in a word or two, for a line of its own.
    pub title: &'static str,
    /// What it checks, why it matters, an example, what to do, when the fix is safe.
    pub page: &'static str,
}

const fn check(name: &'static str, title: &'static str, page: &'static str) -> Check {
    Check { name, title, page }
}

/// All checks, in the order in which they are done and shown.
pub const CHECKS: &[Check] = &[
    check("no-project", "project", include_str!("../pages/no-project.md")),
    check("bad-configuration", "configuration", include_str!("../pages/bad-configuration.md")),
    check("required-version", "required version", include_str!("../pages/required-version.md")),
    check("alembic-version", "Alembic version", include_str!("../pages/alembic-version.md")),
    check("broken-graph", "revision graph", include_str!("../pages/broken-graph.md")),
    check("multiple-heads", "multiple heads", include_str!("../pages/multiple-heads.md")),
    check("unreachable-database", "connection", include_str!("../pages/unreachable-database.md")),
    check("server-version", "server version", include_str!("../pages/server-version.md")),
    check("transaction-pooler", "pooler", include_str!("../pages/transaction-pooler.md")),
    check("unversioned-database", "version table", include_str!("../pages/unversioned-database.md")),
    check("unknown-revision", "unknown revision", include_str!("../pages/unknown-revision.md")),
    check("ancestor-rows", "version rows", include_str!("../pages/ancestor-rows.md")),
    check("edited-script", "edited scripts", include_str!("../pages/edited-script.md")),
    check("half-done-revision", "unfinished runs", include_str!("../pages/half-done-revision.md")),
    check("model-drift", "models", include_str!("../pages/model-drift.md")),
    check("schema-drift", "drift", include_str!("../pages/schema-drift.md")),
    check("invalid-index", "invalid indexes", include_str!("../pages/invalid-index.md")),
    check(
        "not-valid-constraint",
        "unvalidated constraints",
        include_str!("../pages/not-valid-constraint.md"),
    ),
    check("disabled-trigger", "disabled triggers", include_str!("../pages/disabled-trigger.md")),
    check("lock-trouble", "locks", include_str!("../pages/lock-trouble.md")),
    check("missing-permission", "permissions", include_str!("../pages/missing-permission.md")),
    check("pending-scripts", "pending scripts", include_str!("../pages/pending-scripts.md")),
    check("pending-objects", "pending objects", include_str!("../pages/pending-objects.md")),
    check("pending-foreign-keys", "pending foreign keys", include_str!("../pages/pending-foreign-keys.md")),
    check("pending-conversions", "pending type changes", include_str!("../pages/pending-conversions.md")),
    check("pending-not-null", "pending NOT NULL", include_str!("../pages/pending-not-null.md")),
    check("pending-unique", "pending unique keys", include_str!("../pages/pending-unique.md")),
    check(
        "pending-check-constraints",
        "pending checks",
        include_str!("../pages/pending-check-constraints.md"),
    ),
    check("pending-dependents", "pending drops", include_str!("../pages/pending-dependents.md")),
    check("pending-permissions", "pending permissions", include_str!("../pages/pending-permissions.md")),
    check("pending-losses", "pending losses", include_str!("../pages/pending-losses.md")),
    check("health-log", "health log", include_str!("../pages/health-log.md")),
    check("backup-folder", "backup folder", include_str!("../pages/backup-folder.md")),
];

/// The check of that name.
pub fn find(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}

#[cfg(test)]
mod tests {
    use super::CHECKS;
    use std::collections::HashSet;

    #[test]
    fn names_are_words_and_pages_have_their_headings() {
        let mut seen = HashSet::new();
        for check in CHECKS {
            assert!(seen.insert(check.name), "{} is there twice", check.name);
            assert!(check.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", check.name);
            for heading in [
                "# ",
                "## What it checks",
                "## Why it matters",
                "## Example",
                "## What to do",
                "## When the fix is safe",
            ] {
                assert!(
                    check.page.lines().any(|line| line.starts_with(heading)),
                    "the page of {} has no `{heading}`",
                    check.name
                );
            }
            assert!(
                check.page.starts_with(&format!("# {}\n", check.name)),
                "the page of {} is of another check",
                check.name
            );
        }
    }

    #[test]
    fn every_page_belongs_to_a_check() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pages");
        for entry in std::fs::read_dir(folder).expect("the pages").flatten() {
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            assert!(CHECKS.iter().any(|check| format!("{}.md", check.name) == name), "{name} belongs to no check");
        }
    }
}
