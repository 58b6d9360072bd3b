//! MySQL's names of types.

use crate::DialectName;
use crate::error::{Result, argument_error, compile_error};
use crate::ident::Quoter;
use crate::spell;
use crate::types::{Affinity, affinity, enum_length};
use limbeck_expr::{ColumnType, MysqlType};

const QUOTER: Quoter = Quoter {
    dialect: DialectName::Mysql,
    double_percents: false,
};

/// Spells a type.
///
/// # Errors
/// The type has no name on MySQL, or needs a length.
pub(crate) fn sql(type_: &ColumnType) -> Result<String> {
    use ColumnType as T;
    Ok(match type_ {
        T::Null => return Err(spell::no_type()),
        T::String { length, collation } | T::Unicode { length, collation } | T::SqlVarchar { length, collation } => {
            collated(&varchar("VARCHAR", *length)?, collation.as_deref())
        }
        T::SqlNvarchar { length, collation } => collated(&format!("NATIONAL {}", varchar("VARCHAR", *length)?), collation.as_deref()),
        T::Text { length, collation } | T::UnicodeText { length, collation } | T::SqlText { length, collation } => {
            collated(&spell::sized("TEXT", *length), collation.as_deref())
        }
        T::SqlChar { length, collation } => collated(&spell::sized("CHAR", *length), collation.as_deref()),
        T::SqlNchar { length, collation } => collated(&format!("NATIONAL {}", spell::sized("CHAR", *length)), collation.as_deref()),
        T::Boolean { .. } | T::SqlBoolean => "BOOL".to_string(),
        T::DateTime { .. } | T::Interval { .. } => "DATETIME".to_string(),
        T::SqlTimestamp { .. } => "TIMESTAMP".to_string(),
        T::Time { .. } | T::SqlTime { .. } => "TIME".to_string(),
        T::Float { precision, .. } | T::SqlFloat { precision, .. } => spell::sized("FLOAT", *precision),
        T::Double { precision, scale } | T::SqlDouble { precision, scale } => both("DOUBLE", *precision, *scale)?,
        T::SqlReal { precision, scale } => both("REAL", *precision, *scale)?,
        T::LargeBinary { length } | T::SqlBlob { length } => spell::sized("BLOB", *length),
        T::UuidGeneric { .. } => "CHAR(32)".to_string(),
        T::Enum(enum_) if enum_.native || enum_.postgresql => collated(&listed("ENUM", &enum_.values), enum_.collation.as_deref()),
        T::Enum(enum_) => collated(&varchar("VARCHAR", enum_length(enum_))?, enum_.collation.as_deref()),
        T::Mysql(type_) => own(type_)?,
        T::Pg(name) => return Err(unsupported(name)),
        T::Array { .. } => return Err(unsupported("ARRAY")),
        T::PgBit { length, .. } => match length {
            Some(length) => format!("BIT({length})"),
            None => "BIT".to_string(),
        },
        T::PgInterval { .. } => return Err(unsupported("INTERVAL")),
        T::PgDomain(_) => return Err(unsupported("DOMAIN")),
        other => spell::common(QUOTER, other).ok_or_else(|| unsupported(&format!("{other:?}")))?,
    })
}

/// What CAST accepts, or nothing where the cast is left out.
///
/// # Errors
/// As [`sql`].
pub(crate) fn cast(type_: &ColumnType) -> Result<Option<String>> {
    Ok(Some(match (affinity(type_), type_) {
        (_, ColumnType::Mysql(own)) if own.unsigned && own.name.contains("INT") => "UNSIGNED INTEGER".to_string(),
        (Affinity::Integer, _) => "SIGNED INTEGER".to_string(),
        (Affinity::DateTime, _) => "DATETIME".to_string(),
        (Affinity::String, _) => {
            let length = match type_ {
                ColumnType::String { length, .. }
                | ColumnType::Unicode { length, .. }
                | ColumnType::SqlVarchar { length, .. }
                | ColumnType::SqlChar { length, .. } => *length,
                _ => None,
            };
            spell::sized("CHAR", length)
        }
        (Affinity::Binary, _) => "BINARY".to_string(),
        (Affinity::Json, _) => "JSON".to_string(),
        (Affinity::Numeric, _) => sql(type_)?.replacen("NUMERIC", "DECIMAL", 1),
        (Affinity::Date | Affinity::Time | Affinity::Float, _) => sql(type_)?,
        _ => return Ok(None),
    }))
}

fn own(type_: &MysqlType) -> Result<String> {
    let MysqlType {
        name,
        length,
        precision,
        scale,
        fsp,
        unsigned,
        zerofill,
        charset,
        collation,
        national,
        binary,
        ascii,
        unicode,
        display_width,
        values,
    } = type_;
    let upper = name.to_ascii_uppercase();
    let numeric = |base: String| {
        let unsigned = if *unsigned { " UNSIGNED" } else { "" };
        let zerofill = if *zerofill { " ZEROFILL" } else { "" };
        format!("{base}{unsigned}{zerofill}")
    };
    let text = |base: String, national: bool| {
        let charset = match charset {
            Some(charset) => Some(format!("CHARACTER SET {charset}")),
            None if *ascii => Some("ASCII".to_string()),
            None if *unicode => Some("UNICODE".to_string()),
            None => None,
        };
        let collation = match collation {
            Some(collation) => Some(format!("COLLATE {collation}")),
            None if *binary => Some("BINARY".to_string()),
            None => None,
        };
        let parts: Vec<String> = if national {
            [Some("NATIONAL".to_string()), Some(base), collation].into_iter().flatten().collect()
        } else {
            [Some(base), charset, collation].into_iter().flatten().collect()
        };
        parts.join(" ")
    };
    Ok(match upper.as_str() {
        "INTEGER" | "INT" | "BIGINT" | "SMALLINT" | "MEDIUMINT" | "TINYINT" => {
            let base = if upper == "INT" { "INTEGER" } else { upper.as_str() };
            numeric(match display_width {
                Some(width) => format!("{base}({width})"),
                None => base.to_string(),
            })
        }
        "NUMERIC" | "DECIMAL" => numeric(spell::numeric(&upper, *precision, *scale)),
        "DOUBLE" | "REAL" => numeric(both(&upper, *precision, *scale)?),
        "FLOAT" => numeric(match (precision, scale) {
            (Some(precision), Some(scale)) => format!("FLOAT({precision}, {scale})"),
            (Some(precision), None) => format!("FLOAT({precision})"),
            _ => "FLOAT".to_string(),
        }),
        "BIT" => match length {
            Some(length) => format!("BIT({length})"),
            None => "BIT".to_string(),
        },
        "DATETIME" | "TIME" | "TIMESTAMP" => spell::sized(&upper, *fsp),
        "YEAR" => match display_width {
            Some(width) => format!("YEAR({width})"),
            None => "YEAR".to_string(),
        },
        "ENUM" | "SET" => text(listed(&upper, values), *national),
        "VARCHAR" => text(varchar("VARCHAR", *length)?, *national),
        "NVARCHAR" => text(varchar("VARCHAR", *length)?, true),
        "NCHAR" => text(spell::sized("CHAR", *length), true),
        "CHAR" => text(spell::sized("CHAR", *length), *national),
        "TEXT" => text(spell::sized("TEXT", *length), *national),
        "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" => text(upper, *national),
        "BLOB" | "BINARY" | "VARBINARY" => spell::sized(&upper, *length),
        "BOOLEAN" => "BOOL".to_string(),
        _ => upper,
    })
}

fn both(name: &str, precision: Option<u32>, scale: Option<i32>) -> Result<String> {
    match (precision, scale) {
        (Some(precision), Some(scale)) => Ok(format!("{name}({precision}, {scale})")),
        (None, None) => Ok(name.to_string()),
        _ => Err(argument_error("You must specify both precision and scale or omit both altogether.")),
    }
}

fn varchar(name: &str, length: Option<u32>) -> Result<String> {
    match length {
        Some(length) => Ok(format!("{name}({length})")),
        None => Err(compile_error(format!("{name} requires a length on dialect mysql"))),
    }
}

fn collated(base: &str, collation: Option<&str>) -> String {
    match collation {
        Some(collation) => format!("{base} COLLATE {collation}"),
        None => base.to_string(),
    }
}

fn listed(name: &str, values: &[String]) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|value| format!("'{}'", value.replace('\'', "''").replace('\\', "\\\\")))
        .collect();
    format!("{name}({})", values.join(","))
}

fn unsupported(name: &str) -> limbeck_ops::HostError {
    crate::error::unsupported_type(DialectName::Mysql, name)
}
