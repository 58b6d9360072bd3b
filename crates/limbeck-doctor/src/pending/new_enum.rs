//! Text columns that become an enum which the pending revisions make themselves: the values have to be among its labels.

use limbeck_sql::Name;
use limbeck_sql::changes::ObjectKind;

use super::ask::{NotTold, constant, quoted};
use super::future::{Fate, bare_type};
use super::{Ahead, CONVERSIONS, Site, conversions, python};
use crate::Finding;

/// The names a type may be known by.
fn names_of(type_: &str) -> [Name; 2] {
    let name = bare_type(type_).trim_matches('"').to_owned();
    let folded = name.to_ascii_lowercase();
    [name, folded].map(|name| Name { schema: None, name })
}

/// Whether an earlier pending statement makes the type.
pub(super) fn is_pending(ahead: &Ahead<'_>, type_: &str) -> bool {
    names_of(type_)
        .iter()
        .any(|name| ahead.future.object(ObjectKind::Type, name) == Some(Fate::Made))
}

/// The labels of an enum that an earlier pending statement makes.
pub(super) fn labels(ahead: &Ahead<'_>, type_: &str) -> Option<Vec<String>> {
    names_of(type_).iter().find_map(|name| ahead.future.labels(name).cloned())
}

/// Looks at a change to such a type.
pub(super) fn look(
    ahead: &mut Ahead<'_>,
    site: &Site<'_>,
    (table, column, from): (&Name, &str, &str),
    (type_, labels): (&str, &[String]),
    using: Option<&str>,
) -> Result<(), NotTold> {
    let is_text = ["text", "character varying", "varchar", "character", "char"].contains(&bare_type(from).to_ascii_lowercase().as_str());
    // What else USING may hold is not tried before the type is there.
    let plain = |text: &str| text.replace(['"', '(', ')', ' '], "").to_ascii_lowercase();
    let casts = [format!("{column}::{type_}"), format!("{column}::text::{type_}")];
    let is_plain = using.is_none_or(|using| casts.iter().any(|cast| plain(cast) == plain(using)));
    if !is_text || !is_plain {
        ahead.unknown(CONVERSIONS, format!("{}: the type {type_} is made by a pending revision too", site.at()));
        return Ok(());
    }
    if using.is_none() {
        let cast = format!("{}::{type_}", python::name(column));
        let finding = Finding::problem(
            CONVERSIONS,
            format!("{table}.{column} cannot be cast automatically from {from} to {type_}: {} fails", site.revision),
        )
        .evidence(site.statement())
        .cause("PostgreSQL has no implicit cast between the two types")
        .note(format!("say how: add postgresql_using={} to the op.alter_column", python::string(&cast)));
        ahead.found(site, finding);
    }
    let shown = ahead.shown(table, &[column.to_owned()])?;
    let list: Vec<String> = labels.iter().map(|label| constant(label)).collect();
    let query = format!(
        "SELECT (count(*) OVER ())::text, {shown} FROM {} WHERE CAST({}.{} AS text) NOT IN ({}) LIMIT 3",
        ahead.future.source(table),
        quoted(&table.name),
        quoted(column),
        list.join(", ")
    );
    let Some(bad) = ahead.violations(CONVERSIONS, site, &[table], &query) else {
        return Ok(());
    };
    let is = if bad.count == "1" { "1 value" } else { &format!("{} values", bad.count) };
    let finding = Finding::problem(
        CONVERSIONS,
        format!("{is} of {table}.{column} cannot be a label of {type_}: {} fails", site.revision),
    )
    .evidence(site.statement())
    .evidence(format!("labels: {}", labels.join(", ")))
    .evidence_all(bad.shown.iter().map(|row| format!("{table}: {row}")))
    .note(conversions::clean_up(table, column));
    ahead.found(site, finding);
    Ok(())
}
