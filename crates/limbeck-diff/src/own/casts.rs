//! Type changes that need to be told how: PostgreSQL casts from one kind of type to another only when asked.

use crate::{Result, Step, TableChange};
use limbeck_dialect::{DialectName, quote_ident, same_affinity, type_sql};
use limbeck_schema::ColumnType;

/// Adds `postgresql_using` to changes of a column's type to one of another kind, in both directions.
///
/// # Errors
/// A type has no name in the dialect.
pub fn with_casts(steps: &mut [Step], dialect: DialectName) -> Result<()> {
    if dialect != DialectName::Postgresql {
        return Ok(());
    }
    for step in steps {
        let Step::Modify(modify) = step else { continue };
        for change in &mut modify.changes {
            let TableChange::AlterColumn(alteration) = change else { continue };
            let (Some(from), Some(to)) = (&alteration.existing_type, &alteration.type_) else {
                continue;
            };
            let cast = |type_: &ColumnType| -> Result<String> { Ok(format!("{}::{}", quote_ident(dialect, &alteration.column), type_sql(dialect, type_)?)) };
            let enums = matches!(from.item, ColumnType::Enum(_)) || matches!(to.item, ColumnType::Enum(_));
            if enums || !same_affinity(&from.item, &to.item) {
                let (there, back) = (cast(&to.item)?, cast(&from.item)?);
                alteration.using = Some(there);
                alteration.using_back = Some(back);
            }
        }
    }
    Ok(())
}
