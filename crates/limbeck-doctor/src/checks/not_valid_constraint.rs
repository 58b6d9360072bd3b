//! Constraints that were never validated: new rows obey them, old rows may not.

use limbeck_db::UnvalidatedConstraint;

use crate::words::number;
use crate::{Answer, Finding};

const NAME: &str = "not-valid-constraint";

/// Looks at them.
pub fn look(constraints: &[UnvalidatedConstraint]) -> Answer {
    Answer::of(constraints.iter().map(one).collect(), || "none".into())
}

fn one(constraint: &UnvalidatedConstraint) -> Finding {
    let (name, table) = (&constraint.constraint, &constraint.table);
    let kind = if constraint.is_domain { "DOMAIN" } else { "TABLE" };
    let validate = format!("ALTER {kind} {table} VALIDATE CONSTRAINT {name}");
    let mut found = Finding::warning(NAME, format!("constraint {name} on {table} is NOT VALID"))
        .evidence(constraint.definition.clone())
        .cause("it was added NOT VALID, to be validated later without blocking writes, and the second step has not run; rows from before may break it");
    if constraint.rows >= 0 {
        found = found.evidence(format!("about {} rows to look at", number(constraint.rows)));
    }
    found
        .command(format!("psql -c {}", shell(&validate)))
        .note("better in a revision of its own, so that every database gets it: op.execute(…) with that statement")
        .note("it reads the whole table, blocks neither reads nor writes, and fails if a row breaks the constraint; `--fix` leaves it to you, since some are NOT VALID on purpose")
}

fn shell(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{}\"", text.replace('"', "\\\""))
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_fits_the_kind() {
        let constraint = UnvalidatedConstraint {
            constraint: "ck".into(),
            table: "public.t".into(),
            rows: 1_234_567,
            ..UnvalidatedConstraint::default()
        };
        let answer = look(std::slice::from_ref(&constraint));
        let found = &answer.findings()[0];
        assert_eq!(
            found.remedy.as_ref().expect("a remedy").command,
            "psql -c 'ALTER TABLE public.t VALIDATE CONSTRAINT ck'"
        );
        assert!(found.evidence.contains(&"about 1,234,567 rows to look at".to_owned()), "{:?}", found.evidence);
        let domain = UnvalidatedConstraint {
            is_domain: true,
            rows: -1,
            ..constraint
        };
        assert!(
            look(&[domain]).findings()[0]
                .remedy
                .as_ref()
                .expect("a remedy")
                .command
                .contains("ALTER DOMAIN")
        );
    }
}
