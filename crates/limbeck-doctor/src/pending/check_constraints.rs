//! Check constraints that pending revisions add: do the rows fit.

use limbeck_sql::Name;

use super::ask::NotTold;
use super::{Ahead, CHECK_CONSTRAINTS, Site, python};
use crate::Finding;

/// Looks at one.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, name: Option<&str>, condition: &str) -> Result<(), NotTold> {
    let Some(found) = ahead.future.table(&mut ahead.ask, table)? else {
        return Ok(());
    };
    // The columns that the condition names are worth seeing.
    let columns: Vec<String> = found
        .columns
        .iter()
        .filter(|column| mentions(condition, &column.name))
        .map(|column| column.name.clone())
        .collect();
    let shown = ahead.shown(table, &columns)?;
    let query = format!(
        "SELECT (count(*) OVER ())::text, {shown} FROM {} WHERE NOT ({condition}) LIMIT 3",
        ahead.future.source(table)
    );
    let Some(violations) = ahead.violations(CHECK_CONSTRAINTS, site, &[table], &query) else {
        return Ok(());
    };
    let called = name.map_or_else(|| "the check constraint".to_owned(), |name| format!("check constraint `{name}`"));
    let finding = Finding::problem(
        CHECK_CONSTRAINTS,
        format!("{} of {table} do not fit: {called} in {} fails", violations.rows(), site.revision),
    )
    .evidence(site.statement())
    .evidence_all(violations.shown.iter().map(|row| format!("{table}: {row}")))
    .note(format!("see them all: SELECT * FROM {} WHERE NOT ({condition});", python::table(table)))
    .note("mend the rows in a revision before it, or add the constraint with postgresql_not_valid=True so that only new rows must fit");
    ahead.found(site, finding);
    Ok(())
}

/// Whether an expression has the name as a word of its own.
fn mentions(expression: &str, name: &str) -> bool {
    expression
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_name_is_a_word() {
        assert!(mentions("price > 0", "price"));
        assert!(mentions("lower(\"Kind\") = 'x'", "Kind"));
        assert!(!mentions("price_net > 0", "price"));
    }
}
