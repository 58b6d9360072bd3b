//! Whether the role may do what migrations do: make tables, alter those that are there, write the version table.

use crate::words::{count, some};
use crate::{Answer, Finding};

const NAME: &str = "missing-permission";
/// How many tables are named.
const SHOWN: usize = 6;

const AS_WHOM: &str = "run it as the owner or a superuser";
const OR_OWNER: &str = "or run migrations as the owner: `--url`, or a DATABASE_URL of their own";

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
    /// Tables and views of the search path that belong to others.
    pub foreign: Vec<Foreign>,
    /// The version table, and what the role may not do with it (`UPDATE`).
    pub version_table: Option<(String, Vec<String>)>,
    /// Whether it is a file of SQLite.
    pub is_file: bool,
}

/// A table or view of another role.
#[derive(Debug, Clone, Default)]
pub struct Foreign {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: String,
    /// Whether the owner is a superuser, whose rights are given to nobody.
    pub is_superuser: bool,
    /// `TABLE`, `VIEW`, …
    pub kind: String,
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
                .command(format!("ALTER ROLE {role} SET search_path = public;"))
                .note(AS_WHOM),
        ),
        Some(schema) if !facts.may_create => findings.push(
            Finding::problem(NAME, format!("role {role} may not make tables in schema {schema}"))
                .cause("since PostgreSQL 15 only the owner of the database may create in schema public; other schemas give it to their owner only")
                .command(format!("GRANT CREATE ON SCHEMA {schema} TO {role};"))
                .note(AS_WHOM),
        ),
        Some(_) => {}
    }
    if let Some((table, lacking)) = facts.version_table.as_ref().filter(|(_, lacking)| !lacking.is_empty()) {
        findings.push(
            Finding::problem(NAME, format!("role {role} may not {} {table}", lacking.join(", ")))
                .cause("the version table belongs to another role: no run could record what it did")
                .command(format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role};"))
                .note(AS_WHOM),
        );
    }
    findings.extend(foreign(role, &facts.foreign));
    Answer::of(findings, || {
        let schema = facts.schema.as_deref().unwrap_or_default();
        format!("{role} may create in schema {schema} and alter all tables there")
    })
}

fn foreign(role: &str, tables: &[Foreign]) -> Option<Finding> {
    if tables.is_empty() {
        return None;
    }
    let names = tables.iter().map(|table| format!("{} (owner {})", table.name, table.owner)).collect();
    let verb = if tables.len() == 1 { "belongs" } else { "belong" };
    let found = Finding::warning(
        NAME,
        format!(
            "{} {verb} to other roles, so that {role} cannot alter or drop them",
            count(tables.len(), "table")
        ),
    )
    .evidence_all(some(names, SHOWN))
    .cause("only its owner may alter a table; another role made these, or a restore did");
    let mut owners: Vec<&str> = tables.iter().map(|table| table.owner.as_str()).collect();
    owners.sort_unstable();
    owners.dedup();
    // Who is given the role of a superuser's gets all its rights.
    if tables.iter().any(|table| table.is_superuser) {
        let statements: Vec<String> = tables
            .iter()
            .take(SHOWN)
            .map(|table| format!("ALTER {} {} OWNER TO {role};", table.kind, table.name))
            .collect();
        let more = if tables.len() > SHOWN { " and the same for the others" } else { "" };
        return Some(found.command(statements.join(" ")).note(format!("{AS_WHOM}{more}")).note(OR_OWNER));
    }
    Some(
        found
            .command(format!("GRANT {} TO {role};", owners.join(", ")))
            .note(format!("that lets {role} act as the owner; {AS_WHOM}"))
            .note(OR_OWNER),
    )
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
            foreign: vec![Foreign {
                name: "public.t".into(),
                owner: "boss".into(),
                is_superuser: false,
                kind: "TABLE".into(),
            }],
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
    fn the_rights_of_a_superuser_are_given_to_nobody() {
        let command = |is_superuser| {
            let table = Foreign {
                name: "public.t".into(),
                owner: "boss".into(),
                is_superuser,
                kind: "TABLE".into(),
            };
            let answer = look(&Facts {
                foreign: vec![table],
                ..facts()
            });
            answer.findings()[0].remedy.as_ref().expect("a remedy").command.clone()
        };
        assert_eq!(command(false), "GRANT boss TO app;");
        assert_eq!(command(true), "ALTER TABLE public.t OWNER TO app;");
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
