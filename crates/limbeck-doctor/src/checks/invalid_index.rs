//! Indexes that are not valid: a `CREATE INDEX CONCURRENTLY` or `REINDEX CONCURRENTLY` that failed left them.

use limbeck_db::InvalidIndex;

use crate::words::size;
use crate::{Answer, Finding, Fix};

const NAME: &str = "invalid-index";
/// The first version with `REINDEX CONCURRENTLY`.
const REINDEX_CONCURRENTLY: u32 = 12;

/// Looks at them; `half_done` says that a half-done revision will clean up after itself, `major` is the server's version.
pub fn look(indexes: &[InvalidIndex], half_done: bool, major: u32, program: &str) -> Answer {
    let findings = indexes.iter().map(|index| one(index, half_done, major, program)).collect();
    Answer::of(findings, || "none".into())
}

fn one(index: &InvalidIndex, half_done: bool, major: u32, program: &str) -> Finding {
    let name = &index.index;
    let found = Finding::problem(NAME, format!("index {name} on {} is INVALID", index.table))
        .evidence(index.definition.clone())
        .evidence(format!(
            "{} on the disk; queries do not use it, writes maintain it",
            size(u64::try_from(index.bytes).unwrap_or_default())
        ));
    let drop = format!("DROP INDEX CONCURRENTLY {name};");
    if index.is_partitioned {
        return found
            .cause("it is the index of a partitioned table, which becomes valid once every partition has its index attached")
            .note("make the missing ones with CREATE INDEX CONCURRENTLY on the partitions, then ALTER INDEX … ATTACH PARTITION …");
    }
    if half_done {
        return found
            .cause("a revision is half done (see above): it was building this index when it stopped")
            .note("`upgrade` removes it and builds it anew; nothing is to be done here");
    }
    if index.is_copy {
        return found
            .cause("a REINDEX CONCURRENTLY was stopped and left the copy it was building; the index that it was to replace is still there")
            .safe_command(
                format!("{program} doctor --fix --only {NAME}"),
                Fix::Sql {
                    statements: vec![drop.clone()],
                    in_transaction: false,
                },
            )
            .note(format!("that runs {drop}"));
    }
    let cause = if index.is_unique {
        "CREATE INDEX CONCURRENTLY failed: rows with the same key, a timeout, or somebody stopped it"
    } else {
        "CREATE INDEX CONCURRENTLY failed or was stopped"
    };
    let found = found.cause(cause);
    if major < REINDEX_CONCURRENTLY {
        return found
            .command(format!("psql -c 'DROP INDEX CONCURRENTLY {name}'"))
            .note(format!("then build it again: {}", concurrently(&index.definition)));
    }
    let rebuild = format!("REINDEX INDEX CONCURRENTLY {name};");
    if index.is_unique {
        // What is unique may have duplicates: then the rebuild fails too and leaves one more.
        return found
            .command(format!("psql -c 'REINDEX INDEX CONCURRENTLY {name}'"))
            .note("look for rows with the same key first: with any it fails again and leaves another copy")
            .note(format!("if nobody needs it: {drop}"));
    }
    found
        .safe_command(
            format!("{program} doctor --fix --only {NAME}"),
            Fix::Sql {
                statements: vec![rebuild.clone()],
                in_transaction: false,
            },
        )
        .note(format!("that runs {rebuild} It reads the whole table, and blocks neither reads nor writes"))
        .note(format!("if nobody needs it: {drop}"))
}

/// The statement that makes the index without blocking writes.
fn concurrently(definition: &str) -> String {
    definition.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> InvalidIndex {
        InvalidIndex {
            index: "public.ix".into(),
            table: "public.t".into(),
            bytes: 8192,
            definition: "CREATE INDEX ix ON public.t USING btree (a)".into(),
            ..InvalidIndex::default()
        }
    }

    fn fix(index: InvalidIndex, half_done: bool, major: u32) -> Option<Fix> {
        look(&[index], half_done, major, "limbeck").findings()[0].fix.clone()
    }

    fn sql(text: &str) -> Option<Fix> {
        Some(Fix::Sql {
            statements: vec![text.into()],
            in_transaction: false,
        })
    }

    #[test]
    fn only_what_loses_nothing_is_done() {
        assert_eq!(fix(index(), false, 15), sql("REINDEX INDEX CONCURRENTLY public.ix;"));
        let copy = InvalidIndex { is_copy: true, ..index() };
        assert_eq!(fix(copy, false, 15), sql("DROP INDEX CONCURRENTLY public.ix;"));
        let unique = InvalidIndex { is_unique: true, ..index() };
        assert_eq!(fix(unique, false, 15), None);
        let partitioned = InvalidIndex {
            is_partitioned: true,
            ..index()
        };
        assert_eq!(fix(partitioned, false, 15), None);
        assert_eq!(fix(index(), true, 15), None, "the revision cleans up itself");
        assert_eq!(fix(index(), false, 11), None, "there is no REINDEX CONCURRENTLY");
    }
}
