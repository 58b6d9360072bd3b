//! Types as `format_type` writes them, and the named ones (enums, domains) behind them.

use std::collections::HashMap;

use limbeck_expr::{ColumnType, DomainType, EnumType, Expr};

use super::Reading;
use super::rows::Row;

/// Enums and domains by number.
#[derive(Default)]
pub(super) struct Named(HashMap<i64, NamedType>);

#[derive(Clone)]
enum NamedType {
    Enum(EnumType),
    Domain(Domain),
}

#[derive(Clone)]
struct Domain {
    name: String,
    schema: Option<String>,
    base: String,
    not_null: bool,
    default: Option<String>,
    collation: Option<String>,
    check: Option<(String, String)>,
}

/// Asks for enums and domains: all, or those that the columns of some tables have, alone or as array elements.
pub(super) fn question(of_columns: Option<&String>) -> String {
    let only = of_columns.map_or_else(String::new, |oids| {
        format!(
            " AND t.oid IN (SELECT CASE WHEN at.typelem <> 0 AND at.typlen = -1 THEN at.typelem ELSE at.oid END
              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type at ON at.oid = a.atttypid WHERE a.attnum > 0 AND a.attrelid IN ({oids}))"
        )
    });
    format!(
        "SELECT t.oid, t.typtype::text, t.typname, CASE WHEN pg_catalog.pg_type_is_visible(t.oid) THEN NULL ELSE n.nspname END,
                ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
                pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault, co.collname,
                ck.conname, pg_catalog.pg_get_constraintdef(ck.oid, true)
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
         LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
         LEFT JOIN pg_catalog.pg_constraint ck ON ck.contypid = t.oid AND ck.contype = 'c'
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c' AND o.conname < ck.conname)
         WHERE t.typtype IN ('e', 'd'){only}"
    )
}

/// Makes an enum as `postgresql.ENUM` describes it.
pub(super) fn enum_type(name: Option<String>, schema: Option<String>, values: Vec<String>) -> EnumType {
    EnumType {
        name: name.map(Into::into),
        schema: schema.map(Into::into),
        values,
        native: true,
        create_type: true,
        postgresql: true,
        ..EnumType::default()
    }
}

pub(super) fn add(reading: &mut Reading<'_>, row: &Row<'_>) {
    let named = if row.as_str(1).as_deref() == Some("e") {
        NamedType::Enum(enum_type(row.text(2), row.text(3), row.texts(4)))
    } else {
        let check = row.text(9).zip(row.as_str(10).and_then(|definition| {
            let definition = definition.strip_prefix("CHECK (")?.strip_suffix(')')?.to_owned();
            Some(definition)
        }));
        NamedType::Domain(Domain {
            name: row.text(2).unwrap_or_default(),
            schema: row.text(3),
            // SQLAlchemy leaves the length of the underlying type out.
            base: row.text(5).unwrap_or_default().split('(').next().unwrap_or_default().to_owned(),
            not_null: row.flag(6),
            default: row.text(7),
            collation: row.text(8),
            check,
        })
    };
    reading.types.0.insert(row.number(0), named);
}

impl Named {
    /// What a domain adds to a column: its default, and whether it takes NULL.
    pub(super) fn domain(&self, oid: i64) -> Option<(Option<&str>, bool)> {
        match self.0.get(&oid)? {
            NamedType::Domain(domain) => Some((domain.default.as_deref(), domain.not_null)),
            NamedType::Enum(_) => None,
        }
    }

    fn column_type(&self, oid: i64) -> Option<ColumnType> {
        match self.0.get(&oid)? {
            NamedType::Enum(named) => Some(ColumnType::Enum(Box::new(named.clone()))),
            NamedType::Domain(domain) => Some(ColumnType::PgDomain(Box::new(DomainType {
                name: domain.name.as_str().into(),
                schema: domain.schema.as_deref().map(Into::into),
                data_type: Box::new(scalar(&domain.base, domain.collation.as_deref())?),
                collation: domain.collation.clone(),
                default: domain.default.clone().map(|default| Box::new(Expr::LiteralColumn(default))),
                constraint_name: domain.check.as_ref().map(|(name, _)| name.as_str().into()),
                not_null: Some(domain.not_null),
                check: domain.check.as_ref().map(|(_, check)| Box::new(Expr::LiteralColumn(check.clone()))),
                create_type: false,
            }))),
        }
    }
}

/// The type of a column from its text, the number of its type (of the element's for an array), and its collation where that is not the type's own.
pub(super) fn column_type(format: &str, oid: i64, collation: Option<&str>, named: &Named) -> ColumnType {
    let element = format.trim_end_matches("[]");
    let known = named.column_type(oid).or_else(|| scalar(element, collation));
    match known {
        Some(item) if element.len() < format.len() => ColumnType::Array {
            item: Box::new(item),
            dimensions: None,
        },
        Some(known) => known,
        None => ColumnType::Verbatim(format.to_owned()),
    }
}

/// A type that is neither an array nor made by a user.
fn scalar(format: &str, collation: Option<&str>) -> Option<ColumnType> {
    // `timestamp(3) with time zone`: the arguments stand in the middle.
    let (name, args) = match (format.find('('), format.rfind(')')) {
        (Some(open), Some(close)) if open < close => (format!("{}{}", &format[..open], &format[close + 1..]), &format[open + 1..close]),
        _ => (format.to_owned(), ""),
    };
    let numbers: Vec<i64> = args.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    let first = numbers.first().and_then(|number| u32::try_from(*number).ok());
    let collation = collation.map(str::to_owned);
    let name = name.to_lowercase();
    Some(match name.as_str() {
        "integer" => ColumnType::SqlInteger,
        "bigint" => ColumnType::SqlBigint,
        "smallint" => ColumnType::SqlSmallint,
        "character varying" => ColumnType::SqlVarchar { length: first, collation },
        "character" => ColumnType::SqlChar { length: first, collation },
        "\"char\"" | "name" => ColumnType::String { length: first, collation },
        "text" => ColumnType::SqlText { length: first, collation },
        "numeric" => ColumnType::SqlNumeric {
            precision: first,
            scale: numbers.get(1).and_then(|scale| i32::try_from(*scale).ok()),
        },
        "real" => ColumnType::SqlReal { precision: None, scale: None },
        "double precision" => ColumnType::SqlDoublePrecision {
            precision: Some(53),
            scale: None,
        },
        "boolean" => ColumnType::SqlBoolean,
        "date" => ColumnType::SqlDate,
        "timestamp with time zone" | "timestamp without time zone" => ColumnType::SqlTimestamp {
            timezone: name.ends_with("with time zone"),
            precision: first,
        },
        "time with time zone" | "time without time zone" => ColumnType::SqlTime {
            timezone: name.ends_with("with time zone"),
            precision: first,
        },
        "json" => ColumnType::SqlJson,
        "uuid" => ColumnType::SqlUuid,
        "bit" | "bit varying" => ColumnType::PgBit {
            length: first,
            varying: name == "bit varying",
        },
        "bytea" | "cidr" | "citext" | "hstore" | "inet" | "jsonb" | "macaddr" | "macaddr8" | "money" | "oid" | "regclass" | "regconfig" | "tsquery"
        | "tsvector" | "int4range" | "int8range" | "numrange" | "daterange" | "tsrange" | "tstzrange" | "int4multirange" | "int8multirange"
        | "nummultirange" | "datemultirange" | "tsmultirange" | "tstzmultirange" => ColumnType::Pg(name.to_uppercase()),
        _ => {
            let fields = name.strip_prefix("interval")?;
            if !fields.is_empty() && !fields.starts_with(' ') {
                return None;
            }
            ColumnType::PgInterval {
                fields: Some(fields.trim().to_owned()).filter(|fields| !fields.is_empty()),
                precision: first,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(format: &str) -> ColumnType {
        column_type(format, 0, None, &Named(HashMap::new()))
    }

    #[test]
    fn formatted_types() {
        for (format, expected) in [
            (
                "character varying(20)",
                ColumnType::SqlVarchar {
                    length: Some(20),
                    collation: None,
                },
            ),
            (
                "timestamp(3) with time zone",
                ColumnType::SqlTimestamp {
                    timezone: true,
                    precision: Some(3),
                },
            ),
            (
                "numeric(10,2)",
                ColumnType::SqlNumeric {
                    precision: Some(10),
                    scale: Some(2),
                },
            ),
            (
                "interval day to second(3)",
                ColumnType::PgInterval {
                    fields: Some("day to second".into()),
                    precision: Some(3),
                },
            ),
            (
                "bit varying(8)",
                ColumnType::PgBit {
                    length: Some(8),
                    varying: true,
                },
            ),
            (
                "integer[]",
                ColumnType::Array {
                    item: Box::new(ColumnType::SqlInteger),
                    dimensions: None,
                },
            ),
            ("jsonb", ColumnType::Pg("JSONB".into())),
            ("geometry(Point,4326)", ColumnType::Verbatim("geometry(Point,4326)".into())),
            ("vector(3)[]", ColumnType::Verbatim("vector(3)[]".into())),
            ("intervals", ColumnType::Verbatim("intervals".into())),
        ] {
            assert_eq!(of(format), expected, "{format}");
        }
    }
}
