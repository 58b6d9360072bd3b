//! Foreign keys that pending revisions add: do the rows fit, can the key stand at all.

use limbeck_sql::Name;

use super::ask::{NotTold, quoted};
use super::{Ahead, FOREIGN_KEYS, Site, python};
use crate::Finding;

/// A new foreign key.
pub(super) struct Key<'a> {
    pub name: Option<&'a str>,
    pub table: &'a Name,
    pub columns: &'a [String],
    pub referred: &'a Name,
    /// Empty: the primary key.
    pub referred_columns: &'a [String],
    pub match_full: bool,
    pub not_valid: bool,
}

impl Key<'_> {
    fn called(&self) -> String {
        match self.name {
            Some(name) => format!("foreign key `{name}`"),
            None => "the foreign key".into(),
        }
    }
}

/// Looks at one.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, key: &Key<'_>) -> Result<(), NotTold> {
    if ahead.future.table(&mut ahead.ask, key.table)?.is_none() {
        return Ok(());
    }
    if ahead.future.table(&mut ahead.ask, key.referred)?.is_none() {
        ahead.looked(FOREIGN_KEYS);
        let found = Finding::problem(
            FOREIGN_KEYS,
            format!("{} in {} refers to `{}`, which is not there", key.called(), site.revision, key.referred),
        )
        .evidence(site.statement())
        .cause("the table is made later, in another branch, or by hand in other databases");
        ahead.found(site, found);
        return Ok(());
    }
    let referred_columns = if key.referred_columns.is_empty() {
        ahead.primary_key(key.referred)?
    } else {
        key.referred_columns.to_vec()
    };
    if referred_columns.len() != key.columns.len() {
        // A table that is new has its primary key in the same statement.
        return Ok(());
    }
    if !is_unique(ahead, key.referred, &referred_columns)? {
        ahead.looked(FOREIGN_KEYS);
        let columns = referred_columns.join(", ");
        let found = Finding::problem(
            FOREIGN_KEYS,
            format!(
                "{} in {} refers to {}({columns}), which is not unique",
                key.called(),
                site.revision,
                key.referred
            ),
        )
        .evidence(site.statement())
        .cause("a foreign key can only refer to a primary key, or to columns with a unique constraint or index of exactly them")
        .note(format!(
            "write before it: op.create_unique_constraint({}, {}, {})",
            python::string(&format!("uq_{}_{}", key.referred.name, referred_columns.join("_"))),
            python::string(&key.referred.name),
            python::list(&referred_columns)
        ));
        ahead.found(site, found);
        return Ok(());
    }
    if key.not_valid {
        return Ok(());
    }
    rows(ahead, site, key, &referred_columns)
}

fn rows(ahead: &mut Ahead<'_>, site: &Site<'_>, key: &Key<'_>, referred_columns: &[String]) -> Result<(), NotTold> {
    let child = quoted(&key.table.name);
    let full: Vec<String> = key.columns.iter().map(|column| format!("{child}.{} IS NOT NULL", quoted(column))).collect();
    let all_set = full.join(" AND ");
    let joined: Vec<String> = key
        .columns
        .iter()
        .zip(referred_columns)
        .map(|(column, referred)| format!("limbeck_referred.{} = {child}.{}", quoted(referred), quoted(column)))
        .collect();
    let source = ahead.future.source(key.referred);
    let source = source.rsplit_once(" AS ").map_or(source.as_str(), |(from, _)| from).to_owned();
    let orphan = format!(
        "{all_set} AND NOT EXISTS (SELECT 1 FROM {source} AS limbeck_referred WHERE {})",
        joined.join(" AND ")
    );
    let mixed = format!("NOT ({all_set}) AND ({})", full.join(" OR "));
    let condition = if key.match_full && key.columns.len() > 1 {
        format!("({orphan}) OR ({mixed})")
    } else {
        orphan
    };
    let shown = ahead.shown(key.table, key.columns)?;
    let query = format!(
        "SELECT (count(*) OVER ())::text, {shown} FROM {} WHERE {condition} LIMIT 3",
        ahead.future.source(key.table)
    );
    let Some(found) = ahead.violations(FOREIGN_KEYS, site, &[key.table, key.referred], &query) else {
        return Ok(());
    };
    let columns = key.columns.join(", ");
    let mut finding = Finding::problem(
        FOREIGN_KEYS,
        format!(
            "{} of {} refer to no row of {}: {} in {} fails",
            found.rows(),
            key.table,
            key.referred,
            key.called(),
            site.revision
        ),
    )
    .evidence(site.statement())
    .evidence_all(found.shown.iter().map(|row| format!("{}: {row}", key.table)))
    .cause("the rows were written while nothing checked them, or what they referred to was deleted");
    let child_text = python::table(key.table);
    let missing: Vec<String> = key
        .columns
        .iter()
        .zip(referred_columns)
        .map(|(column, referred)| format!("r.{} = {child_text}.{}", python::name(referred), python::name(column)))
        .collect();
    let set: Vec<String> = key
        .columns
        .iter()
        .map(|column| format!("{child_text}.{} IS NOT NULL", python::name(column)))
        .collect();
    let where_ = format!(
        "{} AND NOT EXISTS (SELECT 1 FROM {} r WHERE {})",
        set.join(" AND "),
        python::table(key.referred),
        missing.join(" AND ")
    );
    finding = finding.note(format!("see them all: SELECT * FROM {child_text} WHERE {where_};"));
    let nullable = key.columns.iter().all(|column| {
        ahead
            .future
            .known(key.table)
            .and_then(|table| table.column(column))
            .is_some_and(|column| !column.not_null)
    });
    if nullable {
        let nulls: Vec<String> = key.columns.iter().map(|column| format!("{} = NULL", python::name(column))).collect();
        finding = finding.note(format!(
            "to keep the rows without {columns}, write before it: {}",
            python::execute(&format!("UPDATE {child_text} SET {} WHERE {where_}", nulls.join(", ")))
        ));
    }
    finding = finding.note(format!(
        "to delete them, write before it: {}",
        python::execute(&format!("DELETE FROM {child_text} WHERE {where_}"))
    ));
    ahead.found(site, finding);
    Ok(())
}

/// Whether a foreign key can refer to these columns.
fn is_unique(ahead: &mut Ahead<'_>, table: &Name, columns: &[String]) -> Result<bool, NotTold> {
    let wanted = sorted(columns);
    let key = ahead.future.key(table);
    if ahead.future.unique.iter().any(|(table, columns)| *table == key && sorted(columns) == wanted) {
        return Ok(true);
    }
    let Some(found) = ahead.future.table(&mut ahead.ask, table)? else {
        return Ok(false);
    };
    let Some(live) = found.live.clone() else { return Ok(false) };
    let numbers: Option<Vec<String>> = columns.iter().map(|column| found.column(column)?.number.clone()).collect();
    let Some(mut numbers) = numbers else { return Ok(false) };
    numbers.sort();
    // What includes further columns is not part of the key.
    let keys = ahead.ask.rows(&format!(
        "SELECT i.indkey::text, c.relnatts::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         WHERE i.indrelid = {} AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL",
        live.oid
    ))?;
    Ok(keys.iter().filter_map(|row| row.first()?.as_deref()).any(|key| {
        let mut key: Vec<String> = key.split(' ').take(numbers.len()).map(str::to_owned).collect();
        key.sort();
        key == numbers
    }))
}

fn sorted(columns: &[String]) -> Vec<&String> {
    let mut sorted: Vec<&String> = columns.iter().collect();
    sorted.sort();
    sorted
}
