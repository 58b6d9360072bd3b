//! SQLite's names of types.

use crate::DialectName;
use crate::error::Result;
use crate::ident::Quoter;
use crate::spell;
use crate::types::enum_length;
use limbeck_expr::ColumnType;

const QUOTER: Quoter = Quoter {
    dialect: DialectName::Sqlite,
    double_percents: false,
};

/// Spells a type.
///
/// # Errors
/// The type has no name on SQLite.
pub(crate) fn sql(type_: &ColumnType) -> Result<String> {
    use ColumnType as T;
    if let Some(common) = spell::common(QUOTER, type_) {
        return Ok(common);
    }
    Ok(match type_ {
        T::Null => return Err(spell::no_type()),
        T::DateTime { .. } | T::Interval { .. } => "DATETIME".to_string(),
        T::SqlTimestamp { .. } => "TIMESTAMP".to_string(),
        T::Time { .. } | T::SqlTime { .. } => "TIME".to_string(),
        T::Float { .. } | T::SqlFloat { .. } => "FLOAT".to_string(),
        T::Double { .. } => "DOUBLE".to_string(),
        T::LargeBinary { .. } => "BLOB".to_string(),
        T::UuidGeneric { .. } => "CHAR(32)".to_string(),
        T::Enum(enum_) => spell::string(QUOTER, "VARCHAR", enum_length(enum_), enum_.collation.as_deref()),
        T::Pg(name) if name == "JSONB" => "JSONB".to_string(),
        T::Pg(name) => return Err(unsupported(name)),
        T::Array { .. } => return Err(unsupported("ARRAY")),
        T::PgBit { .. } => return Err(unsupported("BIT")),
        T::PgInterval { .. } => return Err(unsupported("INTERVAL")),
        T::PgDomain(_) => return Err(unsupported("DOMAIN")),
        T::Mysql(own) => match spell::standard(type_) {
            Some(standard) => sql(&standard)?,
            None => return Err(unsupported(&own.name)),
        },
        other => return Err(unsupported(&format!("{other:?}"))),
    })
}

fn unsupported(name: &str) -> limbeck_ops::HostError {
    crate::error::unsupported_type(DialectName::Sqlite, name)
}
