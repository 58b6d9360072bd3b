//! Type changes that need to be told how: PostgreSQL casts from one kind of type to another only when asked, and casts no default along. Identities, which are
//! defaults to Alembic, do not replace one either.

use crate::{Alteration, Result, Step, TableChange};
use limbeck_dialect::{DialectName, quote_ident, same_affinity, type_sql};
use limbeck_schema::{ColumnType, ServerDefault, Table, TableName};

/// Adds `postgresql_using` to changes of a column's type to one of another kind, in both directions, and takes defaults away meanwhile. Takes a default away
/// before an identity comes, and the other way round.
///
/// # Errors
/// A type has no name in the dialect.
pub fn with_casts(steps: &mut [Step], wanted: &[Table], dialect: DialectName) -> Result<()> {
    if dialect != DialectName::Postgresql {
        return Ok(());
    }
    for step in steps {
        let Step::Modify(modify) = step else { continue };
        let mut changes = Vec::with_capacity(modify.changes.len());
        for change in std::mem::take(&mut modify.changes) {
            match change {
                TableChange::AlterColumn(alteration) => {
                    let parts = parted(*alteration, &modify.table, wanted, dialect)?;
                    changes.extend(parts.into_iter().map(|part| TableChange::AlterColumn(Box::new(part))));
                }
                other => changes.push(other),
            }
        }
        modify.changes = changes;
    }
    Ok(())
}

/// An alteration as those that PostgreSQL can make one after the other.
fn parted(mut alteration: Alteration, table: &TableName, wanted: &[Table], dialect: DialectName) -> Result<Vec<Alteration>> {
    let is_cast = cast(&mut alteration, dialect)?;
    let old = alteration.existing_default.clone().flatten();
    let new = match &alteration.default {
        Some(new) => new.clone(),
        // It stays as it is, but for the type.
        None if is_cast => {
            let column = wanted
                .iter()
                .find(|other| other.name == *table)
                .and_then(|table| table.column(alteration.column.as_str()));
            column.and_then(|column| column.server_default.clone())
        }
        None => return Ok(vec![alteration]),
    };
    let identity = |default: &Option<ServerDefault>| matches!(default, Some(ServerDefault::Identity(_)));
    let is_exchange = old.is_some() && new.is_some() && identity(&old) != identity(&new);
    if !is_exchange && !(is_cast && (old.is_some() || new.is_some())) {
        return Ok(vec![alteration]);
    }
    let of_default = |from: &Option<ServerDefault>, to: &Option<ServerDefault>| {
        let mut part = Alteration::new(alteration.column.clone());
        part.existing_default = Some(from.clone());
        part.default = Some(to.clone());
        part
    };
    let first = old.is_some().then(|| Alteration {
        existing_type: alteration.existing_type.clone(),
        existing_nullable: alteration.existing_nullable,
        ..of_default(&old, &None)
    });
    let last = new.is_some().then(|| Alteration {
        existing_type: alteration.type_.clone().or_else(|| alteration.existing_type.clone()),
        existing_nullable: alteration.nullable.or(alteration.existing_nullable),
        ..of_default(&None, &new)
    });
    alteration.existing_default = None;
    alteration.default = None;
    let rest = alteration.changes().then_some(alteration);
    Ok([first, rest, last].into_iter().flatten().collect())
}

/// Adds the cast to a change of type that needs one.
fn cast(alteration: &mut Alteration, dialect: DialectName) -> Result<bool> {
    let (Some(from), Some(to)) = (&alteration.existing_type, &alteration.type_) else {
        return Ok(false);
    };
    let cast = |type_: &ColumnType| -> Result<String> {
        let sql = type_sql(dialect, type_)?;
        // A cast to a short type cuts without a word what the column's own assignment refuses.
        let sql = if super::values::is_short_text(&sql) { "TEXT".to_owned() } else { sql };
        Ok(format!("{}::{sql}", quote_ident(dialect, &alteration.column)))
    };
    let enums = matches!(from.item, ColumnType::Enum(_)) || matches!(to.item, ColumnType::Enum(_));
    if !enums && same_affinity(&from.item, &to.item) {
        return Ok(false);
    }
    let (there, back) = (cast(&to.item)?, cast(&from.item)?);
    alteration.using = Some(there);
    alteration.using_back = Some(back);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Modify, Sided, reversed};
    use limbeck_schema::TableName;

    #[test]
    fn a_value_that_is_too_long_is_refused_and_not_cut() {
        let mut alteration = Alteration::new("a".into());
        alteration.existing_type = Some(Sided::database(ColumnType::SqlInteger));
        alteration.type_ = Some(Sided::models(ColumnType::SqlVarchar {
            length: Some(2),
            collation: None,
        }));
        cast(&mut alteration, DialectName::Postgresql).unwrap();
        assert_eq!(alteration.using.as_deref(), Some("a::TEXT"));
        assert_eq!(alteration.using_back.as_deref(), Some("a::INTEGER"));
    }

    #[test]
    fn a_default_is_away_while_the_type_changes_in_both_directions() {
        let mut alteration = Alteration::new("a".into());
        alteration.existing_type = Some(Sided::database(ColumnType::SqlText { length: None, collation: None }));
        alteration.type_ = Some(Sided::models(ColumnType::Integer));
        alteration.existing_default = Some(Some(ServerDefault::Reflected("'none'::text".into())));
        alteration.default = Some(Some(ServerDefault::Text("0".into())));
        let mut steps = vec![Step::Modify(Modify {
            table: TableName::new("t"),
            changes: vec![TableChange::AlterColumn(Box::new(alteration))],
        })];
        with_casts(&mut steps, &[], DialectName::Postgresql).unwrap();
        let sql = |steps: &[Step]| crate::statements(DialectName::Postgresql, steps, false).unwrap();
        assert_eq!(
            sql(&steps),
            [
                "ALTER TABLE t ALTER COLUMN a DROP DEFAULT",
                "ALTER TABLE t ALTER COLUMN a TYPE INTEGER USING a::INTEGER",
                "ALTER TABLE t ALTER COLUMN a SET DEFAULT '0'"
            ]
        );
        assert_eq!(
            sql(&reversed(&steps)),
            [
                "ALTER TABLE t ALTER COLUMN a DROP DEFAULT",
                "ALTER TABLE t ALTER COLUMN a TYPE TEXT USING a::TEXT",
                "ALTER TABLE t ALTER COLUMN a SET DEFAULT 'none'::text"
            ]
        );
    }
}
