//! Column types: SQLAlchemy's generic types, its SQL-standard names, and those of the dialects.
//!
//! `TypeDecorator`, `with_variant` and `@compiles` never arrive here: the Python side knows the dialect and resolves them first; what it cannot
//! resolve to a known type becomes `Verbatim`.

use crate::{Expr, Ident};
use serde::{Deserialize, Serialize};

/// An enumeration type, native (`CREATE TYPE`) or a string with a check.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnumType {
    /// The type's name; also the name of the check constraint where the enum is not native.
    pub name: Option<Ident>,
    /// The schema of the native type; `None` inherits the table's when `inherit_schema` is set.
    pub schema: Option<Ident>,
    /// The labels in order.
    pub values: Vec<String>,
    /// Whether a native type is wanted where the database has them.
    pub native: bool,
    /// Whether a CHECK constraint is made where the enum is not native.
    pub create_constraint: bool,
    /// Whether creating a table creates the native type (`create_type=False` turns it off).
    pub create_type: bool,
    /// VARCHAR length when not native (the longest label unless given).
    pub length: Option<u32>,
    /// Whether the type takes the schema of the table it is used in.
    pub inherit_schema: bool,
    /// Whether it was written as `postgresql.ENUM` (which never falls back to VARCHAR on PostgreSQL).
    pub postgresql: bool,
    /// MySQL: character set and collation.
    pub collation: Option<String>,
}

/// A column type. Variants in the first group are SQLAlchemy's generic (CamelCase) types, which each dialect maps to its own; the
/// others are rendered under their own name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each variant and field is the SQLAlchemy class and argument of that name
pub enum ColumnType {
    // ---- generic
    Null,
    Integer,
    SmallInteger,
    BigInteger,
    String {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    Text {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    Unicode {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    UnicodeText {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    Boolean {
        #[serde(default)]
        name: Option<Ident>,
        #[serde(default)]
        create_constraint: bool,
    },
    Date,
    DateTime {
        #[serde(default)]
        timezone: bool,
    },
    Time {
        #[serde(default)]
        timezone: bool,
    },
    Interval {
        native: bool,
        #[serde(default)]
        second_precision: Option<u32>,
        #[serde(default)]
        day_precision: Option<u32>,
    },
    Float {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    Double {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    Numeric {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    LargeBinary {
        #[serde(default)]
        length: Option<u32>,
    },
    /// `sa.Uuid`: native uuid where there is one, else CHAR(32).
    UuidGeneric {
        native: bool,
    },
    /// `sa.JSON`.
    JsonGeneric,
    Enum(Box<EnumType>),
    // ---- SQL-standard names (upper-case classes of `sqlalchemy`)
    #[serde(rename = "INTEGER")]
    SqlInteger,
    #[serde(rename = "SMALLINT")]
    SqlSmallint,
    #[serde(rename = "BIGINT")]
    SqlBigint,
    #[serde(rename = "VARCHAR")]
    SqlVarchar {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    #[serde(rename = "CHAR")]
    SqlChar {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    #[serde(rename = "NVARCHAR")]
    SqlNvarchar {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    #[serde(rename = "NCHAR")]
    SqlNchar {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    #[serde(rename = "TEXT")]
    SqlText {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    #[serde(rename = "CLOB")]
    SqlClob {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        collation: Option<String>,
    },
    #[serde(rename = "BOOLEAN")]
    SqlBoolean,
    #[serde(rename = "DATE")]
    SqlDate,
    #[serde(rename = "DATETIME")]
    SqlDatetime {
        #[serde(default)]
        timezone: bool,
    },
    #[serde(rename = "TIMESTAMP")]
    SqlTimestamp {
        #[serde(default)]
        timezone: bool,
        #[serde(default)]
        precision: Option<u32>,
    },
    #[serde(rename = "TIME")]
    SqlTime {
        #[serde(default)]
        timezone: bool,
        #[serde(default)]
        precision: Option<u32>,
    },
    #[serde(rename = "FLOAT")]
    SqlFloat {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    #[serde(rename = "REAL")]
    SqlReal {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    #[serde(rename = "DOUBLE")]
    SqlDouble {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    #[serde(rename = "DOUBLE_PRECISION")]
    SqlDoublePrecision {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    #[serde(rename = "NUMERIC")]
    SqlNumeric {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    #[serde(rename = "DECIMAL")]
    SqlDecimal {
        #[serde(default)]
        precision: Option<u32>,
        #[serde(default)]
        scale: Option<i32>,
    },
    #[serde(rename = "BLOB")]
    SqlBlob {
        #[serde(default)]
        length: Option<u32>,
    },
    #[serde(rename = "BINARY")]
    SqlBinary {
        #[serde(default)]
        length: Option<u32>,
    },
    #[serde(rename = "VARBINARY")]
    SqlVarbinary {
        #[serde(default)]
        length: Option<u32>,
    },
    #[serde(rename = "JSON")]
    SqlJson,
    #[serde(rename = "UUID")]
    SqlUuid,
    Array {
        item: Box<ColumnType>,
        #[serde(default)]
        dimensions: Option<u32>,
    },
    // ---- PostgreSQL
    /// Types of `sqlalchemy.dialects.postgresql` that take no argument, under the name they render as: JSONB, BYTEA, INET, CIDR, MACADDR,
    /// MACADDR8, MONEY, OID, REGCLASS, REGCONFIG, TSVECTOR, TSQUERY, HSTORE, CITEXT, INT4RANGE, …
    Pg(String),
    PgBit {
        #[serde(default)]
        length: Option<u32>,
        #[serde(default)]
        varying: bool,
    },
    PgInterval {
        #[serde(default)]
        fields: Option<String>,
        #[serde(default)]
        precision: Option<u32>,
    },
    /// In a box, as the next: schemas hold many columns, and few of them have these types.
    PgDomain(Box<DomainType>),
    // ---- MySQL: the class name and its arguments as written
    Mysql(Box<MysqlType>),
    /// Text rendered as it is: `UserDefinedType.get_col_spec()`, or a type the reflection does not know.
    Verbatim(String),
}

/// `postgresql.DOMAIN(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // each field is the argument of that name
pub struct DomainType {
    pub name: Ident,
    #[serde(default)]
    pub schema: Option<Ident>,
    pub data_type: Box<ColumnType>,
    #[serde(default)]
    pub collation: Option<String>,
    #[serde(default)]
    pub default: Option<Box<Expr>>,
    #[serde(default)]
    pub constraint_name: Option<Ident>,
    #[serde(default)]
    pub not_null: Option<bool>,
    #[serde(default)]
    pub check: Option<Box<Expr>>,
    #[serde(default)]
    pub create_type: bool,
}

/// A type of `sqlalchemy.dialects.mysql`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // `name` is the class, each other field the argument of that name
pub struct MysqlType {
    pub name: String,
    #[serde(default)]
    pub length: Option<u32>,
    #[serde(default)]
    pub precision: Option<u32>,
    #[serde(default)]
    pub scale: Option<i32>,
    #[serde(default)]
    pub fsp: Option<u32>,
    #[serde(default)]
    pub unsigned: bool,
    #[serde(default)]
    pub zerofill: bool,
    #[serde(default)]
    pub charset: Option<String>,
    #[serde(default)]
    pub collation: Option<String>,
    #[serde(default)]
    pub national: bool,
    #[serde(default)]
    pub binary: bool,
    #[serde(default)]
    pub ascii: bool,
    #[serde(default)]
    pub unicode: bool,
    #[serde(default)]
    pub display_width: Option<u32>,
    #[serde(default)]
    pub values: Vec<String>,
}
