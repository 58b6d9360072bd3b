//! Column types as SQLAlchemy's `repr()` shows them, with the prefixes of a script.

use super::python::{boolean, repr};
use super::{PartKind, Renderer, Spelling};
use crate::{Result, Side};
use limbeck_dialect::{DialectName, expression_sql};
use limbeck_schema::{ColumnType, DomainType, EnumType, MysqlType, TableName};

/// Where a class of types lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Sqlalchemy,
    Dialect(&'static str),
}

/// How nested types are written.
struct Prefixes<'a> {
    sqlalchemy: &'a str,
    /// Whether classes of a dialect are named with it.
    dialect: bool,
}

/// The type as Alembic's log shows it: without prefixes.
pub fn repr_type(type_: &ColumnType, dialect: DialectName) -> String {
    let prefixes = Prefixes {
        sqlalchemy: "",
        dialect: false,
    };
    prefixes.class(type_, Side::Database, dialect).1
}

impl Renderer<'_> {
    /// A column's type.
    ///
    /// # Errors
    /// An expression of a domain cannot be written.
    pub(super) fn column_type(&mut self, table: &TableName, column: &str, side: Side, type_: &ColumnType) -> Result<String> {
        if side == Side::Models
            && let Some(Spelling { text, imports }) = self.options.spellings.get(&(table.clone(), column.to_owned()))
        {
            self.imports.extend(imports.iter().cloned());
            return Ok(text.clone());
        }
        match self.own(side, table, PartKind::Type(column.to_owned())) {
            Some(own) => Ok(own),
            None => self.type_(side, type_),
        }
    }

    /// The type of a column that comes with its table or is added to one.
    ///
    /// # Errors
    /// As [`Self::column_type`].
    pub(super) fn new_column_type(&mut self, table: &TableName, column: &str, side: Side, type_: &ColumnType) -> Result<String> {
        let text = self.column_type(table, column, side, type_)?;
        if !self.options.enums_apart {
            return Ok(text);
        }
        let Some(apart) = made_apart(type_) else { return Ok(text) };
        let generic = format!("{}Enum(", self.sa());
        for class in [generic.as_str(), "postgresql.ENUM("] {
            if let Some((before, after)) = call_in(&text, class) {
                let shown = self.type_(side, &apart)?;
                // Whoever makes the type is told last.
                let named = shown.replace(", create_type=False", "").trim_end_matches(')').to_owned();
                return Ok(format!("{before}{named}, create_type=False){after}"));
            }
        }
        Ok(text)
    }

    fn type_(&mut self, side: Side, type_: &ColumnType) -> Result<String> {
        if let ColumnType::PgDomain(domain) = type_ {
            return self.domain(side, domain);
        }
        let prefixes = Prefixes {
            sqlalchemy: &self.options.sqlalchemy_prefix,
            dialect: true,
        };
        let (home, text) = prefixes.class(type_, side, self.options.dialect);
        for dialect in ["postgresql", "sqlite", "mysql"] {
            if home == Home::Dialect(dialect) || text.contains(&format!("{dialect}.")) {
                self.imports.insert(format!("from sqlalchemy.dialects import {dialect}"));
            }
        }
        Ok(match home {
            Home::Sqlalchemy => format!("{}{text}", self.sa()),
            Home::Dialect(dialect) => format!("{dialect}.{text}"),
        })
    }

    fn domain(&mut self, side: Side, domain: &DomainType) -> Result<String> {
        let DomainType {
            name,
            schema,
            data_type,
            collation,
            default,
            constraint_name,
            not_null,
            check,
            create_type,
        } = domain;
        let sql = |expr| expression_sql(DialectName::Postgresql, expr);
        let mut args = vec![repr(name.as_str()), self.type_(side, data_type)?];
        if let Some(collation) = collation {
            args.push(format!("collation={}", repr(collation)));
        }
        if let Some(default) = default {
            args.push(format!("default={}text({})", self.sa(), repr(&sql(default)?)));
        }
        if let Some(name) = constraint_name {
            args.push(format!("constraint_name={}", repr(name.as_str())));
        }
        if *not_null == Some(true) {
            args.push("not_null=True".to_owned());
        }
        if let Some(check) = check {
            args.push(format!("check={}", repr(&sql(check)?)));
        }
        if let Some(schema) = schema {
            args.push(format!("schema={}", repr(schema.as_str())));
        }
        if !create_type {
            args.push("create_type=False".to_owned());
        }
        self.imports.insert("from sqlalchemy.dialects import postgresql".to_owned());
        Ok(format!("postgresql.DOMAIN({})", args.join(", ")))
    }
}

/// The enum type of a column as PostgreSQL's own class has it; nothing if there is none that the server knows.
fn made_apart(type_: &ColumnType) -> Option<ColumnType> {
    match type_ {
        ColumnType::Enum(enum_) if enum_.native => Some(ColumnType::Enum(Box::new(EnumType {
            postgresql: true,
            create_type: false,
            ..(**enum_).clone()
        }))),
        ColumnType::Array { item, .. } => made_apart(item),
        _ => None,
    }
}

/// What stands before the first call of a class, and behind it.
fn call_in<'a>(text: &'a str, class: &str) -> Option<(&'a str, &'a str)> {
    let start = text.find(class)?;
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, sign) in text[start..].char_indices() {
        match (quote, sign) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), sign) if sign == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(sign),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return Some((&text[..start], &text[start + at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

/// Arguments in order, those that are not there left out.
#[derive(Default)]
struct Arguments(Vec<String>);

impl Arguments {
    fn number<N: std::fmt::Display>(mut self, name: &str, value: Option<N>) -> Self {
        self.0.extend(value.map(|value| format!("{name}={value}")));
        self
    }

    fn text(mut self, name: &str, value: Option<&str>) -> Self {
        self.0.extend(value.map(|value| format!("{name}={}", repr(value))));
        self
    }

    fn flag(mut self, name: &str, value: bool, default: bool) -> Self {
        if value != default {
            self.0.push(format!("{name}={}", boolean(value)));
        }
        self
    }

    fn call(self, class: &str) -> String {
        format!("{class}({})", self.0.join(", "))
    }
}

impl Prefixes<'_> {
    fn nested(&self, type_: &ColumnType, side: Side, dialect: DialectName) -> String {
        match self.class(type_, side, dialect) {
            (Home::Sqlalchemy, text) => format!("{}{text}", self.sqlalchemy),
            (Home::Dialect(name), text) if self.dialect => format!("{name}.{text}"),
            (Home::Dialect(_), text) => text,
        }
    }

    fn class(&self, type_: &ColumnType, side: Side, dialect: DialectName) -> (Home, String) {
        use ColumnType as T;
        let args = Arguments::default;
        let string = |class: &str, length: &Option<u32>, collation: &Option<String>| {
            args().number("length", *length).text("collation", collation.as_deref()).call(class)
        };
        let decimal = |class: &str, precision: &Option<u32>, scale: &Option<i32>| args().number("precision", *precision).number("scale", *scale).call(class);
        let zoned = |class: &str, timezone: bool, precision: &Option<u32>| args().flag("timezone", timezone, false).number("precision", *precision).call(class);
        let text = format!("{}Text()", self.sqlalchemy);
        let postgresql = Home::Dialect("postgresql");
        let plain = match type_ {
            T::Null => "NullType()".to_owned(),
            T::Integer => "Integer()".to_owned(),
            T::SmallInteger => "SmallInteger()".to_owned(),
            T::BigInteger => "BigInteger()".to_owned(),
            T::String { length, collation } => string("String", length, collation),
            T::Text { length, collation } => string("Text", length, collation),
            T::Unicode { length, collation } => string("Unicode", length, collation),
            T::UnicodeText { length, collation } => string("UnicodeText", length, collation),
            T::Boolean { name, create_constraint } => args()
                .flag("create_constraint", *create_constraint, false)
                .text("name", name.as_ref().map(|name| name.as_str()))
                .call("Boolean"),
            T::Date => "Date()".to_owned(),
            T::DateTime { timezone } => zoned("DateTime", *timezone, &None),
            T::Time { timezone } => zoned("Time", *timezone, &None),
            T::Interval { .. } => "Interval()".to_owned(),
            T::Float { precision, .. } => args().number("precision", *precision).call("Float"),
            T::Double { precision, .. } => args().number("precision", *precision).call("Double"),
            T::Numeric { precision, scale } => decimal("Numeric", precision, scale),
            T::LargeBinary { length } => args().number("length", *length).call("LargeBinary"),
            T::UuidGeneric { native } => args().flag("native_uuid", *native, true).call("Uuid"),
            T::JsonGeneric => "JSON()".to_owned(),
            T::Enum(enum_) if enum_.postgresql => return (postgresql, enum_text(enum_)),
            T::Enum(enum_) => enum_text(enum_),
            T::SqlInteger => "INTEGER()".to_owned(),
            T::SqlSmallint => "SMALLINT()".to_owned(),
            T::SqlBigint => "BIGINT()".to_owned(),
            T::SqlVarchar { length, collation } => string("VARCHAR", length, collation),
            T::SqlChar { length, collation } => string("CHAR", length, collation),
            T::SqlNvarchar { length, collation } => string("NVARCHAR", length, collation),
            T::SqlNchar { length, collation } => string("NCHAR", length, collation),
            T::SqlText { length, collation } => string("TEXT", length, collation),
            T::SqlClob { length, collation } => string("CLOB", length, collation),
            T::SqlBoolean => "BOOLEAN()".to_owned(),
            T::SqlDate => "DATE()".to_owned(),
            T::SqlDatetime { timezone } => zoned("DATETIME", *timezone, &None),
            T::SqlTimestamp { timezone, precision } => {
                let shown = zoned("TIMESTAMP", *timezone, precision);
                if dialect == DialectName::Postgresql && (side == Side::Database || precision.is_some()) {
                    return (postgresql, shown);
                }
                shown
            }
            T::SqlTime { timezone, precision } => {
                let shown = zoned("TIME", *timezone, precision);
                if dialect == DialectName::Postgresql && (side == Side::Database || precision.is_some()) {
                    return (postgresql, shown);
                }
                shown
            }
            T::SqlFloat { precision, .. } => args().number("precision", *precision).call("FLOAT"),
            T::SqlReal { precision, .. } => args().number("precision", *precision).call("REAL"),
            T::SqlDouble { precision, .. } => args().number("precision", *precision).call("DOUBLE"),
            T::SqlDoublePrecision { precision, .. } => args().number("precision", *precision).call("DOUBLE_PRECISION"),
            T::SqlNumeric { precision, scale } => decimal("NUMERIC", precision, scale),
            T::SqlDecimal { precision, scale } => decimal("DECIMAL", precision, scale),
            T::SqlBlob { length } => args().number("length", *length).call("BLOB"),
            T::SqlBinary { length } => args().number("length", *length).call("BINARY"),
            T::SqlVarbinary { length } => args().number("length", *length).call("VARBINARY"),
            T::SqlJson if dialect == DialectName::Sqlite => return (Home::Dialect("sqlite"), "JSON()".to_owned()),
            T::SqlJson => return (postgresql, format!("JSON(astext_type={text})")),
            T::SqlUuid => "UUID()".to_owned(),
            T::Array { item, dimensions } => {
                let item = self.nested(item, side, dialect);
                let shown = match dimensions {
                    Some(dimensions) => format!("ARRAY({item}, dimensions={dimensions})"),
                    None => format!("ARRAY({item})"),
                };
                if side == Side::Database {
                    return (postgresql, shown);
                }
                shown
            }
            T::Pg(name) => {
                let shown = match name.as_str() {
                    "JSONB" | "JSON" => format!("{name}(astext_type={text})"),
                    "HSTORE" => format!("HSTORE(text_type={text})"),
                    _ => format!("{name}()"),
                };
                return (postgresql, shown);
            }
            T::PgBit { length, varying } => return (postgresql, args().number("length", *length).flag("varying", *varying, false).call("BIT")),
            T::PgInterval { fields, precision } => {
                return (
                    postgresql,
                    args().number("precision", *precision).text("fields", fields.as_deref()).call("INTERVAL"),
                );
            }
            T::PgDomain(domain) => {
                let item = self.nested(&domain.data_type, side, dialect);
                return (postgresql, format!("DOMAIN({}, {item})", repr(domain.name.as_str())));
            }
            T::Mysql(own) => return (Home::Dialect("mysql"), mysql(own)),
            // SQLAlchemy has no class for what it does not know.
            T::Verbatim(_) => "NullType()".to_owned(),
        };
        (Home::Sqlalchemy, plain)
    }
}

fn enum_text(enum_: &EnumType) -> String {
    let mut args = Arguments(enum_.values.iter().map(|value| repr(value)).collect());
    args = args.text("name", enum_.name.as_ref().map(|name| name.as_str()));
    let schema = enum_.schema.as_ref().map(|schema| schema.as_str());
    if enum_.postgresql {
        return args.flag("create_type", enum_.create_type, true).text("schema", schema).call("ENUM");
    }
    let longest = enum_.values.iter().map(|value| value.chars().count()).max().unwrap_or_default();
    let length = enum_.length.filter(|length| usize::try_from(*length).ok() != Some(longest));
    args.text("schema", schema)
        .flag("native_enum", enum_.native, true)
        .flag("create_constraint", enum_.create_constraint, false)
        .number("length", length)
        .flag("create_type", enum_.create_type, true)
        .call("Enum")
}

fn mysql(type_: &MysqlType) -> String {
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
        display_width,
        values,
        ..
    } = type_;
    let mut args = Arguments(values.iter().map(|value| repr(value)).collect());
    args = args
        .number("display_width", *display_width)
        .number("precision", *precision)
        .number("scale", *scale)
        .number("fsp", *fsp)
        .flag("unsigned", *unsigned, false)
        .flag("zerofill", *zerofill, false)
        .text("charset", charset.as_deref())
        .text("collation", collation.as_deref())
        .number("length", *length);
    args.call(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Options;
    use std::collections::BTreeSet;

    fn shown(side: Side, type_: &ColumnType) -> String {
        let options = Options::new(DialectName::Postgresql);
        let mut renderer = Renderer {
            options: &options,
            imports: BTreeSet::new(),
            warnings: Vec::new(),
            in_batch: false,
        };
        renderer.type_(side, type_).unwrap()
    }

    #[test]
    fn types_are_written_as_sqlalchemy_shows_them() {
        use ColumnType as T;
        let enum_ = |values: &[&str]| EnumType {
            name: Some("x".into()),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            native: true,
            create_type: true,
            ..EnumType::default()
        };
        for (side, type_, expected) in [
            (
                Side::Models,
                T::String {
                    length: Some(5),
                    collation: Some("C".into()),
                },
                "sa.String(length=5, collation='C')",
            ),
            (
                Side::Models,
                T::SqlTimestamp {
                    timezone: true,
                    precision: None,
                },
                "sa.TIMESTAMP(timezone=True)",
            ),
            (
                Side::Database,
                T::SqlTimestamp {
                    timezone: true,
                    precision: Some(3),
                },
                "postgresql.TIMESTAMP(timezone=True, precision=3)",
            ),
            (
                Side::Database,
                T::SqlDoublePrecision {
                    precision: Some(53),
                    scale: None,
                },
                "sa.DOUBLE_PRECISION(precision=53)",
            ),
            (Side::Models, T::Enum(Box::new(enum_(&["a", "b"]))), "sa.Enum('a', 'b', name='x')"),
            (
                Side::Models,
                T::Enum(Box::new(EnumType {
                    native: false,
                    create_constraint: true,
                    ..enum_(&["a"])
                })),
                "sa.Enum('a', name='x', native_enum=False, create_constraint=True)",
            ),
            (
                Side::Database,
                T::Enum(Box::new(EnumType {
                    postgresql: true,
                    schema: Some("s".into()),
                    ..enum_(&["a"])
                })),
                "postgresql.ENUM('a', name='x', schema='s')",
            ),
            (
                Side::Database,
                T::Array {
                    item: Box::new(T::SqlInteger),
                    dimensions: None,
                },
                "postgresql.ARRAY(sa.INTEGER())",
            ),
            (Side::Database, T::Pg("JSONB".into()), "postgresql.JSONB(astext_type=sa.Text())"),
            (
                Side::Database,
                T::PgInterval {
                    fields: Some("day".into()),
                    precision: Some(2),
                },
                "postgresql.INTERVAL(precision=2, fields='day')",
            ),
            (
                Side::Models,
                T::Boolean {
                    name: Some("q".into()),
                    create_constraint: true,
                },
                "sa.Boolean(create_constraint=True, name='q')",
            ),
        ] {
            assert_eq!(shown(side, &type_), expected);
        }
    }
}
