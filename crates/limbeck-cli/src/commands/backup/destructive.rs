//! Whether a run may lose data, as far as the scripts' text tells. What is not known to be harmless counts as a loss: a backup too many costs less than one too few.

use limbeck_run::{Direction, PlannedStep};

/// Operations that add and take nothing away.
const HARMLESS: &[&str] = &[
    "add_column",
    "bulk_insert",
    "create_check_constraint",
    "create_exclude_constraint",
    "create_foreign_key",
    "create_index",
    "create_primary_key",
    "create_table",
    "create_table_comment",
    "create_unique_constraint",
    "drop_constraint",
    "drop_index",
    "drop_table_comment",
    "f",
    "get_context",
    "rename_table",
];

/// Whether any of these steps may lose data. Going back always may: what a revision added goes with what was put into it.
pub fn any(direction: Direction, steps: &[PlannedStep]) -> bool {
    steps.iter().any(|step| match (&step.script, direction) {
        (None, _) => false,
        (Some(_), Direction::Downgrade) => true,
        (Some(path), _) => match (limbeck_script::read_source(path), path.extension().is_some_and(|extension| extension == "sql")) {
            (Err(_), _) => true,
            (Ok(source), true) => sql_may_lose(&source),
            (Ok(source), false) => upgrade_may_lose(&source),
        },
    })
}

/// Reads the way up of a revision in SQL.
fn sql_may_lose(source: &str) -> bool {
    const LOSING: [&str; 12] = [
        "DROP", "DELETE", "TRUNCATE", "UPDATE", "TYPE", "MERGE", "DO", "CALL", "SELECT", "REPLACE", "EXECUTE", "DETACH",
    ];
    let up = source.split("-- limbeck:down").next().unwrap_or_default();
    let code = up
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    code.into_iter().any(|word| LOSING.contains(&word.to_ascii_uppercase().as_str()))
}

/// Reads the text outside of `downgrade`.
fn upgrade_may_lose(source: &str) -> bool {
    let mut skip = false;
    for line in source.lines() {
        if line.starts_with("def ") {
            skip = line.starts_with("def downgrade");
        } else if !line.starts_with([' ', '\t', '#', ')', '}', ']']) && !line.trim().is_empty() {
            skip = false;
        }
        let code = line.trim_start();
        if skip || code.starts_with('#') || code.starts_with("from ") || code.starts_with("import ") {
            continue;
        }
        if operations(code).any(|name| !HARMLESS.contains(&name))
            || ["connection", "session", "Session", "bind", "exec("].iter().any(|word| code.contains(word))
        {
            return true;
        }
    }
    false
}

/// The names behind `op.` and `batch_op.`.
fn operations(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("op.").filter_map(|(at, _)| {
        let name = &code[at + 3..];
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        let before = code[..at].chars().next_back();
        let is_op = before.is_none_or(|c| !c.is_alphanumeric());
        (is_op && end > 0).then(|| &name[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::{sql_may_lose, upgrade_may_lose};

    #[test]
    fn sql_is_read_up_to_its_way_down() {
        let script = |up: &str| format!("-- revision: ab12\n-- drop everything\n-- limbeck:up\n{up};\n-- limbeck:down\nDROP TABLE t;\n");
        for (up, loses) in [
            ("CREATE TABLE t (a int)", false),
            ("alter table t add column b int", false),
            ("ALTER TABLE t\n  drop column a", true),
            ("delete from t", true),
        ] {
            assert_eq!(sql_may_lose(&script(up)), loses, "{up}");
        }
    }

    #[test]
    fn only_what_is_known_to_add_is_harmless() {
        let script = |body: &str| {
            format!("from alembic import op\nimport sqlalchemy as sa\n\ndef upgrade():\n    {body}\n\n\ndef downgrade():\n    op.drop_table('t')\n")
        };
        for (body, loses) in [
            ("op.create_table('t', sa.Column('a', sa.Integer()))", false),
            (
                "op.add_column('t', sa.Column('a', sa.Integer()))\n    op.create_index(op.f('ix'), 't', ['a'])",
                false,
            ),
            ("pass", false),
            ("op.drop_column('t', 'a')", true),
            ("op.drop_table('t')", true),
            ("op.alter_column('t', 'a', type_=sa.Integer())", true),
            ("op.execute('DELETE FROM t')", true),
            ("with op.batch_alter_table('t') as batch_op:\n        batch_op.drop_column('a')", true),
            ("Session(bind=engine).commit()", true),
        ] {
            assert_eq!(upgrade_may_lose(&script(body)), loses, "{body}");
        }
    }
}
