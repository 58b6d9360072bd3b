//! Whether the role may do what migrations do: make tables, alter those that are there, write the version table.

use crate::words::{count, some};
use crate::{Answer, Finding};

const NAME: &str = "missing-permission";
/// How many tables are named.
const SHOWN: usize = 6;

/// What the role may do.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The role, or the user of a file.
    pub role: String,
    /// Why nothing can be written at all: a standby, a read-only session, a read-only file.
    pub read_only: Option<String>,
    /// The schema that new tables go to; nothing where the search path leads nowhere.
    pub schema: Option<String>,
    /// Whether tables can be made there.
    pub may_create: bool,
    /// Tables, views and sequences of the search path that belong to others: name and owner.
    pub foreign: Vec<(String, String)>,
    /// The version table, and what the role may not do with it (`UPDATE`).
    pub version_table: Option<(String, Vec<String>)>,
    /// Whether it is a file of SQLite.
    pub is_file: bool,
}

/// Looks at it.
pub fn look(facts: &Facts) -> Answer {
    let role = &facts.role;
    let mut findings = Vec::new();
    if let Some(why) = &facts.read_only {
        findings.push(
            Finding::problem(NAME, format!("nothing can be written: {why}"))
                .cause("migrations need a database that takes writes")
                .note(if facts.is_file {
                    "give the user write permission on the file and on its folder (SQLite makes its journal there)"
                } else {
                    "give the address of the primary server; for a read-only role or session, look at default_transaction_read_only"
                }),
        );
        return Answer::Findings(findings);
    }
    if facts.is_file {
        return Answer::Fine("the file and its folder can be written".into());
    }
    match &facts.schema {
        None => findings.push(
            Finding::problem(NAME, format!("the search path of {role} leads to no schema"))
                .cause("new tables have no place: the schemas it names do not exist, or the role may not use them")
                .command(format!("psql -c 'ALTER ROLE {role} SET search_path = public'")),
        ),
        Some(schema) if !facts.may_create => findings.push(
            Finding::problem(NAME, format!("role {role} may not make tables in schema {schema}"))
                .cause("since PostgreSQL 15 only the owner of the database may create in schema public; other schemas give it to their owner only")
                .command(format!("psql -c 'GRANT CREATE ON SCHEMA {schema} TO {role}'")),
        ),
        Some(_) => {}
    }
    if let Some((table, lacking)) = facts.version_table.as_ref().filter(|(_, lacking)| !lacking.is_empty()) {
        findings.push(
            Finding::problem(NAME, format!("role {role} may not {} {table}", lacking.join(", ")))
                .cause("the version table belongs to another role: no run could record what it did")
                .command(format!("psql -c 'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}'")),
        );
    }
    if !facts.foreign.is_empty() {
        let mut owners: Vec<&str> = facts.foreign.iter().map(|(_, owner)| owner.as_str()).collect();
        owners.sort_unstable();
        owners.dedup();
        let names = facts.foreign.iter().map(|(name, owner)| format!("{name} (owner {owner})")).collect();
        let number = facts.foreign.len();
        let verb = if number == 1 { "belongs" } else { "belong" };
        findings.push(
            Finding::warning(
                NAME,
                format!("{} {verb} to other roles, so that {role} cannot alter or drop them", count(number, "table")),
            )
            .evidence_all(some(names, SHOWN))
            .cause("only its owner may alter a table; another role made these, or a restore did")
            .command(format!("psql -c 'GRANT {} TO {role}'", owners.join(", ")))
            .note("that lets the role act as the owner; or run migrations as the owner: `--url`, or a DATABASE_URL of their own"),
        );
    }
    Answer::of(findings, || {
        let schema = facts.schema.as_deref().unwrap_or_default();
        format!("{role} may create in schema {schema} and alter all tables there")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            role: "app".into(),
            schema: Some("public".into()),
            may_create: true,
            ..Facts::default()
        }
    }

    fn titles(facts: &Facts) -> Vec<String> {
        look(facts).findings().iter().map(|found| found.title.clone()).collect()
    }

    #[test]
    fn each_lack_is_told() {
        assert!(matches!(look(&facts()), Answer::Fine(_)));
        let poor = Facts {
            may_create: false,
            foreign: vec![("public.t".into(), "boss".into())],
            version_table: Some(("alembic_version".into(), vec!["UPDATE".into()])),
            ..facts()
        };
        assert_eq!(
            titles(&poor),
            [
                "role app may not make tables in schema public",
                "role app may not UPDATE alembic_version",
                "1 table belongs to other roles, so that app cannot alter or drop them"
            ]
        );
    }

    #[test]
    fn a_standby_says_all() {
        let standby = Facts {
            read_only: Some("the server is a standby".into()),
            may_create: false,
            ..facts()
        };
        assert_eq!(titles(&standby), ["nothing can be written: the server is a standby"]);
    }
}
