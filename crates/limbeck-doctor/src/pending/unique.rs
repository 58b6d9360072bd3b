//! Unique constraints, unique indexes and primary keys that pending revisions add: are there duplicates.

use limbeck_sql::Name;
use limbeck_sql::changes::UniqueKey;

use super::ask::{NotTold, constant};
use super::{Ahead, Site, UNIQUE, not_null};
use crate::Finding;

/// Looks at one.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, key: &UniqueKey, primary: bool) -> Result<(), NotTold> {
    if key.elements.is_empty() || ahead.future.table(&mut ahead.ask, table)?.is_none() {
        return Ok(());
    }
    if primary {
        for element in &key.elements {
            let column = match element.strip_prefix('"') {
                Some(inner) => inner.trim_end_matches('"').replace("\"\"", "\""),
                None => element.to_ascii_lowercase(),
            };
            not_null::set(ahead, site, table, &column)?;
        }
    }
    let set: Vec<String> = key.elements.iter().map(|element| format!("({element}) IS NOT NULL")).collect();
    let mut conditions = Vec::new();
    if !key.nulls_not_distinct {
        conditions.push(set.join(" AND "));
    }
    conditions.extend(key.where_.iter().map(|condition| format!("({condition})")));
    let where_ = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
    let shown: Vec<String> = key
        .elements
        .iter()
        .map(|element| {
            format!(
                "{} || coalesce(quote_literal(left(({element})::text, 40)), 'NULL')",
                constant(&format!("{} = ", element.trim_matches('"')))
            )
        })
        .collect();
    let group: Vec<String> = key.elements.iter().map(|element| format!("({element})")).collect();
    let query = format!(
        "SELECT (count(*) OVER ())::text, array_to_string(ARRAY[{}], ', ') || ' (' || count(*) || ' times)' FROM {} WHERE {where_} GROUP BY {} \
         HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 3",
        shown.join(", "),
        ahead.future.source(table),
        group.join(", ")
    );
    let Some(violations) = ahead.violations(UNIQUE, site, &[table], &query) else {
        return Ok(());
    };
    let elements: Vec<&str> = key.elements.iter().map(|element| element.trim_matches('"')).collect();
    let what = if primary { "the primary key" } else { "the unique key" };
    let values = if violations.count == "1" {
        "1 value is".to_owned()
    } else {
        format!("{} values are", violations.count)
    };
    let finding = Finding::problem(
        UNIQUE,
        format!(
            "{values} there more than once in {table}({}): {what} in {} fails",
            elements.join(", "),
            site.revision
        ),
    )
    .evidence(site.statement())
    .evidence_all(violations.shown.iter().map(|row| format!("{table}: {row}")))
    .note(format!(
        "see them all: SELECT {0}, count(*) FROM {1} GROUP BY {0} HAVING count(*) > 1;",
        key.elements.join(", "),
        super::python::table(table)
    ))
    .note("decide which row stays, and delete or change the others in a revision before it");
    ahead.found(site, finding);
    Ok(())
}
