//! Spellings of types that dialects share.

use crate::ident::Quoter;
use limbeck_expr::{ColumnType, Ident, TableName};

/// `NAME`, `NAME(p)` or `NAME(p, s)`.
pub(crate) fn numeric(name: &str, precision: Option<u32>, scale: Option<i32>) -> String {
    match (precision, scale) {
        (None, _) => name.to_string(),
        (Some(precision), None) => format!("{name}({precision})"),
        (Some(precision), Some(scale)) => format!("{name}({precision}, {scale})"),
    }
}

/// `NAME(n) COLLATE "c"`.
pub(crate) fn string(quoter: Quoter, name: &str, length: Option<u32>, collation: Option<&str>) -> String {
    let mut out = sized(name, length);
    if let Some(collation) = collation.filter(|collation| !collation.is_empty()) {
        out += &format!(" COLLATE {}", quoter.name(collation));
    }
    out
}

/// `NAME` or `NAME(n)`.
pub(crate) fn sized(name: &str, length: Option<u32>) -> String {
    match length {
        Some(length) if length > 0 => format!("{name}({length})"),
        _ => name.to_string(),
    }
}

/// The types whose words every dialect shares, or nothing.
pub(crate) fn common(quoter: Quoter, type_: &ColumnType) -> Option<String> {
    use ColumnType as T;
    Some(match type_ {
        T::Integer | T::SqlInteger => "INTEGER".to_string(),
        T::SmallInteger | T::SqlSmallint => "SMALLINT".to_string(),
        T::BigInteger | T::SqlBigint => "BIGINT".to_string(),
        T::String { length, collation } | T::Unicode { length, collation } | T::SqlVarchar { length, collation } => {
            string(quoter, "VARCHAR", *length, collation.as_deref())
        }
        T::Text { length, collation } | T::UnicodeText { length, collation } | T::SqlText { length, collation } => {
            string(quoter, "TEXT", *length, collation.as_deref())
        }
        T::SqlChar { length, collation } => string(quoter, "CHAR", *length, collation.as_deref()),
        T::SqlNvarchar { length, collation } => string(quoter, "NVARCHAR", *length, collation.as_deref()),
        T::SqlNchar { length, collation } => string(quoter, "NCHAR", *length, collation.as_deref()),
        // visit_CLOB takes neither length nor collation.
        T::SqlClob { .. } => "CLOB".to_string(),
        T::Boolean { .. } | T::SqlBoolean => "BOOLEAN".to_string(),
        T::Date | T::SqlDate => "DATE".to_string(),
        T::SqlDatetime { .. } => "DATETIME".to_string(),
        T::Numeric { precision, scale } | T::SqlNumeric { precision, scale } => numeric("NUMERIC", *precision, *scale),
        T::SqlDecimal { precision, scale } => numeric("DECIMAL", *precision, *scale),
        T::SqlReal { .. } => "REAL".to_string(),
        T::SqlDouble { .. } => "DOUBLE".to_string(),
        T::SqlDoublePrecision { .. } => "DOUBLE PRECISION".to_string(),
        T::SqlBlob { .. } => "BLOB".to_string(),
        T::SqlBinary { length } => sized("BINARY", *length),
        T::SqlVarbinary { length } => sized("VARBINARY", *length),
        T::SqlJson | T::JsonGeneric => "JSON".to_string(),
        T::SqlUuid => "UUID".to_string(),
        T::UuidGeneric { native: false } => "CHAR(32)".to_string(),
        T::Verbatim(sql) => sql.clone(),
        _ => return None,
    })
}

/// A MySQL type as the SQL-standard type of that name, for the other databases; those of MySQL alone are nothing.
pub(crate) fn standard(type_: &ColumnType) -> Option<ColumnType> {
    use ColumnType as T;
    let T::Mysql(own) = type_ else {
        return None;
    };
    let (length, precision, scale, collation) = (own.length, own.precision, own.scale, own.collation.clone());
    Some(match own.name.to_ascii_uppercase().as_str() {
        "INTEGER" => T::SqlInteger,
        "BIGINT" => T::SqlBigint,
        "SMALLINT" => T::SqlSmallint,
        "NUMERIC" => T::SqlNumeric { precision, scale },
        "DECIMAL" => T::SqlDecimal { precision, scale },
        "FLOAT" => T::SqlFloat { precision, scale },
        "DOUBLE" => T::SqlDouble { precision, scale },
        "REAL" => T::SqlReal { precision, scale },
        "VARCHAR" => T::SqlVarchar { length, collation },
        "NVARCHAR" => T::SqlNvarchar { length, collation },
        "CHAR" => T::SqlChar { length, collation },
        "NCHAR" => T::SqlNchar { length, collation },
        "TEXT" => T::SqlText { length, collation },
        "DATETIME" => T::SqlDatetime { timezone: false },
        "TIMESTAMP" => T::SqlTimestamp {
            timezone: false,
            precision: None,
        },
        "TIME" => T::SqlTime {
            timezone: false,
            precision: None,
        },
        "DATE" => T::SqlDate,
        "BOOLEAN" => T::SqlBoolean,
        "BLOB" => T::SqlBlob { length },
        "BINARY" => T::SqlBinary { length },
        "VARBINARY" => T::SqlVarbinary { length },
        "JSON" => T::SqlJson,
        _ => return None,
    })
}

/// A type's own name as a table-like name.
pub(crate) fn type_name(schema: Option<&Ident>, name: &Ident) -> TableName {
    TableName {
        schema: schema.cloned(),
        name: name.clone(),
    }
}

/// SQLAlchemy's complaint about a column without a type.
pub(crate) fn no_type() -> limbeck_ops::HostError {
    crate::error::compile_error("Can't generate DDL for NullType(); did you forget to specify a type on this Column?")
}
