//! PostgreSQL's names of types.

use crate::DialectName;
use crate::error::{Result, compile_error};
use crate::ident::Quoter;
use crate::spell;
use crate::types::enum_length;
use limbeck_expr::{ColumnType, EnumType};

const QUOTER: Quoter = Quoter {
    dialect: DialectName::Postgresql,
    double_percents: false,
};

/// Spells a type.
///
/// # Errors
/// The type has no name on PostgreSQL.
pub(crate) fn sql(type_: &ColumnType) -> Result<String> {
    use ColumnType as T;
    if let Some(common) = spell::common(QUOTER, type_) {
        return Ok(common);
    }
    Ok(match type_ {
        T::Null => return Err(spell::no_type()),
        T::DateTime { timezone } => timestamp("TIMESTAMP", None, *timezone),
        T::SqlTimestamp { timezone, precision } => timestamp("TIMESTAMP", *precision, *timezone),
        T::Time { timezone } => timestamp("TIME", None, *timezone),
        T::SqlTime { timezone, precision } => timestamp("TIME", *precision, *timezone),
        T::Interval {
            native: true,
            second_precision,
            ..
        } => interval(None, *second_precision),
        // The emulation stores a moment.
        T::Interval { native: false, .. } => timestamp("TIMESTAMP", None, false),
        T::PgInterval { fields, precision } => interval(fields.as_deref(), *precision),
        T::Float { precision, .. } | T::SqlFloat { precision, .. } => spell::sized("FLOAT", *precision),
        T::Double { .. } => "DOUBLE PRECISION".to_string(),
        T::LargeBinary { .. } => "BYTEA".to_string(),
        T::UuidGeneric { .. } => "UUID".to_string(),
        T::Enum(enum_) => enum_sql(enum_)?,
        T::Array { item, dimensions } => array(&sql(item)?, dimensions.unwrap_or(1)),
        T::Pg(name) => name.clone(),
        T::PgBit { length, varying: true } => match length {
            Some(length) => format!("BIT VARYING({length})"),
            None => "BIT VARYING".to_string(),
        },
        T::PgBit { length, varying: false } => format!("BIT({})", length.unwrap_or(1)),
        T::PgDomain(domain) => QUOTER.table(&spell::type_name(domain.schema.as_ref(), &domain.name)),
        T::Mysql(own) => match spell::standard(type_) {
            Some(standard) => sql(&standard)?,
            None => return Err(unsupported(&own.name)),
        },
        other => return Err(unsupported(&format!("{other:?}"))),
    })
}

/// The name of an enum's native type.
///
/// # Errors
/// It has none.
pub(crate) fn enum_name(enum_: &EnumType) -> Result<String> {
    match &enum_.name {
        Some(name) if !name.text.is_empty() => Ok(QUOTER.table(&spell::type_name(enum_.schema.as_ref(), name))),
        _ => Err(compile_error("PostgreSQL ENUM type requires a name.")),
    }
}

/// Whether the enum is a type of its own here.
pub(crate) fn is_native(enum_: &EnumType) -> bool {
    enum_.native || enum_.postgresql
}

fn enum_sql(enum_: &EnumType) -> Result<String> {
    if is_native(enum_) {
        return enum_name(enum_);
    }
    Ok(spell::string(QUOTER, "VARCHAR", enum_length(enum_), enum_.collation.as_deref()))
}

fn timestamp(name: &str, precision: Option<u32>, timezone: bool) -> String {
    let precision = precision.map(|digits| format!("({digits})")).unwrap_or_default();
    format!("{name}{precision} {} TIME ZONE", if timezone { "WITH" } else { "WITHOUT" })
}

fn interval(fields: Option<&str>, precision: Option<u32>) -> String {
    let mut out = "INTERVAL".to_string();
    if let Some(fields) = fields {
        out += &format!(" {fields}");
    }
    if let Some(precision) = precision {
        out += &format!(" ({precision})");
    }
    out
}

/// The brackets stand before a collation.
fn array(item: &str, dimensions: u32) -> String {
    let brackets = "[]".repeat(dimensions as usize);
    match item.find(" COLLATE") {
        Some(at) => format!("{}{brackets}{}", &item[..at], &item[at..]),
        None => format!("{item}{brackets}"),
    }
}

fn unsupported(name: &str) -> limbeck_ops::HostError {
    crate::error::unsupported_type(DialectName::Postgresql, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_sqlalchemy_writes_them() {
        use ColumnType as T;
        for (type_, expected) in [
            (T::DateTime { timezone: true }, "TIMESTAMP WITH TIME ZONE"),
            (
                T::SqlTimestamp {
                    timezone: false,
                    precision: Some(0),
                },
                "TIMESTAMP(0) WITHOUT TIME ZONE",
            ),
            (
                T::Array {
                    item: Box::new(T::String {
                        length: Some(5),
                        collation: Some("C".into()),
                    }),
                    dimensions: None,
                },
                "VARCHAR(5)[] COLLATE \"C\"",
            ),
            (T::PgBit { length: None, varying: false }, "BIT(1)"),
            (T::Pg("JSONB".into()), "JSONB"),
            (
                T::PgInterval {
                    fields: Some("YEAR TO MONTH".into()),
                    precision: None,
                },
                "INTERVAL YEAR TO MONTH",
            ),
        ] {
            assert_eq!(sql(&type_).unwrap(), expected);
        }
    }
}
