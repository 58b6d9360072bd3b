//! Type changes that need to be told how: PostgreSQL casts from one kind of type to another only when asked, and no default along with its column.

use crate::{Alteration, Result, Step, TableChange};
use limbeck_dialect::{DialectName, quote_ident, same_affinity, type_sql};
use limbeck_schema::{ColumnType, ServerDefault};

/// Adds `postgresql_using` to changes of a column's type to one of another kind, in both directions; a default is away meanwhile.
///
/// # Errors
/// A type has no name in the dialect.
pub fn with_casts(steps: &mut [Step], dialect: DialectName) -> Result<()> {
    if dialect != DialectName::Postgresql {
        return Ok(());
    }
    for step in steps {
        let Step::Modify(modify) = step else { continue };
        let mut changes = Vec::with_capacity(modify.changes.len());
        for mut change in std::mem::take(&mut modify.changes) {
            if let TableChange::AlterColumn(alteration) = &mut change
                && cast(alteration, dialect)?
                && let Some(parts) = around_default(alteration)
            {
                changes.extend(parts.into_iter().map(|part| TableChange::AlterColumn(Box::new(part))));
            } else {
                changes.push(change);
            }
        }
        modify.changes = changes;
    }
    Ok(())
}

/// Says how the values are taken over; returns whether that has to be said.
fn cast(alteration: &mut Alteration, dialect: DialectName) -> Result<bool> {
    let (Some(from), Some(to)) = (&alteration.existing_type, &alteration.type_) else {
        return Ok(false);
    };
    let cast = |type_: &ColumnType| -> Result<String> { Ok(format!("{}::{}", quote_ident(dialect, &alteration.column), type_sql(dialect, type_)?)) };
    let enums = matches!(from.item, ColumnType::Enum(_)) || matches!(to.item, ColumnType::Enum(_));
    if !enums && same_affinity(&from.item, &to.item) {
        return Ok(false);
    }
    let (there, back) = (cast(&to.item)?, cast(&from.item)?);
    alteration.using = Some(there);
    alteration.using_back = Some(back);
    Ok(true)
}

/// The default away, the type, the default that is wanted; nothing where no default is in the way, in either direction.
fn around_default(alteration: &Alteration) -> Option<Vec<Alteration>> {
    let plain = |default: &ServerDefault| matches!(default, ServerDefault::Text(_) | ServerDefault::Reflected(_) | ServerDefault::Expr(_));
    let have = alteration.existing_default.clone().flatten();
    let wanted = match &alteration.default {
        Some(default) => default.clone(),
        None => have.clone(),
    };
    if have.is_none() && wanted.is_none() || !have.iter().chain(&wanted).all(plain) {
        return None;
    }
    let state = |type_: &Option<crate::Sided<ColumnType>>| Alteration {
        existing_type: type_.clone(),
        existing_nullable: alteration.existing_nullable,
        ..Alteration::new(alteration.column.clone())
    };
    let mut parts = Vec::new();
    if have.is_some() {
        parts.push(Alteration {
            existing_default: Some(have),
            default: Some(None),
            ..state(&alteration.existing_type)
        });
    }
    parts.push(Alteration {
        existing_default: None,
        default: None,
        ..alteration.clone()
    });
    if wanted.is_some() {
        parts.push(Alteration {
            existing_default: Some(None),
            default: Some(wanted),
            existing_nullable: alteration.nullable.or(alteration.existing_nullable),
            ..state(&alteration.type_)
        });
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Modify, Sided, reversed};
    use limbeck_schema::TableName;

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
        with_casts(&mut steps, DialectName::Postgresql).unwrap();
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
