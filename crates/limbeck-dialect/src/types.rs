//! What types mean, apart from how a dialect spells them: SQLAlchemy's type affinities, and the questions asked of enums.

use limbeck_expr::{ColumnType, EnumType};

/// SQLAlchemy's `_type_affinity`: types of one affinity need no cast between them, and share a way to write literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Affinity {
    Null,
    String,
    Integer,
    Numeric,
    Float,
    Boolean,
    Date,
    DateTime,
    Time,
    Interval,
    Binary,
    Json,
    Uuid,
    Array,
    Named,
    Other,
}

/// The affinity of a type.
pub(crate) fn affinity(type_: &ColumnType) -> Affinity {
    use ColumnType as T;
    match type_ {
        T::Null => Affinity::Null,
        T::Integer | T::SmallInteger | T::BigInteger | T::SqlInteger | T::SqlSmallint | T::SqlBigint => Affinity::Integer,
        T::String { .. }
        | T::Text { .. }
        | T::Unicode { .. }
        | T::UnicodeText { .. }
        | T::SqlVarchar { .. }
        | T::SqlChar { .. }
        | T::SqlNvarchar { .. }
        | T::SqlNchar { .. }
        | T::SqlText { .. }
        | T::SqlClob { .. } => Affinity::String,
        T::Enum(enum_) if enum_.postgresql => Affinity::Named,
        T::Enum(_) => Affinity::String,
        T::Boolean { .. } | T::SqlBoolean => Affinity::Boolean,
        T::Date | T::SqlDate => Affinity::Date,
        T::DateTime { .. } | T::SqlDatetime { .. } | T::SqlTimestamp { .. } => Affinity::DateTime,
        T::Time { .. } | T::SqlTime { .. } => Affinity::Time,
        T::Interval { .. } | T::PgInterval { .. } => Affinity::Interval,
        T::Float { .. } | T::Double { .. } | T::SqlFloat { .. } | T::SqlReal { .. } | T::SqlDouble { .. } | T::SqlDoublePrecision { .. } => Affinity::Float,
        T::Numeric { .. } | T::SqlNumeric { .. } | T::SqlDecimal { .. } => Affinity::Numeric,
        T::LargeBinary { .. } | T::SqlBlob { .. } | T::SqlBinary { .. } | T::SqlVarbinary { .. } => Affinity::Binary,
        T::UuidGeneric { .. } | T::SqlUuid => Affinity::Uuid,
        T::JsonGeneric | T::SqlJson => Affinity::Json,
        T::Array { .. } => Affinity::Array,
        T::Pg(name) => match name.to_ascii_uppercase().as_str() {
            "JSON" | "JSONB" => Affinity::Json,
            "UUID" => Affinity::Uuid,
            "BYTEA" => Affinity::Binary,
            "CITEXT" => Affinity::String,
            _ => Affinity::Other,
        },
        T::PgBit { .. } => Affinity::Other,
        T::PgDomain(_) => Affinity::Named,
        T::Mysql(own) => match own.name.to_ascii_uppercase().as_str() {
            "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INTEGER" | "INT" | "BIGINT" => Affinity::Integer,
            "NUMERIC" | "DECIMAL" => Affinity::Numeric,
            "FLOAT" | "DOUBLE" | "REAL" => Affinity::Float,
            "DATETIME" | "TIMESTAMP" => Affinity::DateTime,
            "TIME" => Affinity::Time,
            "DATE" => Affinity::Date,
            "JSON" => Affinity::Json,
            "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "BINARY" | "VARBINARY" => Affinity::Binary,
            "BOOLEAN" | "BOOL" => Affinity::Boolean,
            "YEAR" | "BIT" => Affinity::Other,
            _ => Affinity::String,
        },
        T::Verbatim(_) => Affinity::Other,
    }
}

/// Whether two types are of one affinity; unlike ones need a CAST when rows are copied.
pub(crate) fn same_affinity(left: &ColumnType, right: &ColumnType) -> bool {
    let (a, b) = (affinity(left), affinity(right));
    if a == Affinity::Other && b == Affinity::Other {
        return std::mem::discriminant(left) == std::mem::discriminant(right) && left == right;
    }
    a == b
}

/// The number of characters of the longest label, or the length given.
pub(crate) fn enum_length(enum_: &EnumType) -> Option<u32> {
    enum_
        .length
        .or_else(|| enum_.values.iter().map(|value| value.chars().count()).max().and_then(|n| u32::try_from(n).ok()))
}

/// The enum of a column, or of the items of its array.
pub(crate) fn inner_enum(type_: &ColumnType) -> Option<&EnumType> {
    match type_ {
        ColumnType::Enum(enum_) => Some(enum_),
        ColumnType::Array { item, .. } => inner_enum(item),
        _ => None,
    }
}
