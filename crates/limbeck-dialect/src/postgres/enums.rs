//! Types of their own on PostgreSQL: enums and domains, and which of them a table brings.

use super::types;
use crate::column;
use crate::error::{Result, compile_error};
use crate::ident::shortened;
use crate::render::Render;
use crate::spell::type_name;
use limbeck_expr::{ColumnType, DomainType, EnumType, TableName};
use limbeck_schema::ServerDefault;

/// `CREATE TYPE … AS ENUM (…)`.
///
/// # Errors
/// The enum has no name.
pub(crate) fn create(render: &Render, enum_: &EnumType) -> Result<String> {
    let values: Vec<String> = enum_.values.iter().map(|value| render.string(value)).collect();
    Ok(format!("CREATE TYPE {} AS ENUM ({})", types::enum_name(enum_)?, values.join(", ")))
}

/// `DROP TYPE …`.
///
/// # Errors
/// The enum has no name.
pub(crate) fn drop(enum_: &EnumType) -> Result<String> {
    Ok(format!("DROP TYPE {}", types::enum_name(enum_)?))
}

/// A type that CREATE TABLE needs first.
#[derive(Debug)]
pub(crate) struct Needed {
    pub name: TableName,
    pub sql: String,
}

/// The type a column brings, if it is made with the table.
///
/// # Errors
/// The type has no name.
pub(crate) fn needed(render: &Render, type_: &ColumnType) -> Result<Option<Needed>> {
    match type_ {
        ColumnType::Array { item, .. } => needed(render, item),
        ColumnType::Enum(enum_) if types::is_native(enum_) && enum_.create_type => {
            let name = enum_.name.clone().filter(|name| !name.text.is_empty());
            let name = name.ok_or_else(|| compile_error("PostgreSQL ENUM type requires a name."))?;
            Ok(Some(Needed {
                sql: create(render, enum_)?,
                name: type_name(enum_.schema.as_ref(), &name),
            }))
        }
        ColumnType::PgDomain(made) if made.create_type => Ok(Some(Needed {
            name: type_name(made.schema.as_ref(), &made.name),
            sql: domain(render, type_, made)?,
        })),
        _ => Ok(None),
    }
}

fn domain(render: &Render, type_: &ColumnType, domain: &DomainType) -> Result<String> {
    let DomainType {
        data_type,
        collation,
        default,
        constraint_name,
        not_null,
        check,
        ..
    } = domain;
    let mut options = Vec::new();
    if let Some(collation) = collation {
        options.push(format!("COLLATE {}", render.quoter.name(collation)));
    }
    if let Some(default) = default
        && let Some(default) = column::default(render, Some(&ServerDefault::Expr((**default).clone())))?
    {
        options.push(format!("DEFAULT {default}"));
    }
    if let Some(name) = constraint_name {
        options.push(format!("CONSTRAINT {}", render.quoter.name(&shortened(&name.text, 63))));
    }
    if *not_null == Some(true) {
        options.push("NOT NULL".to_string());
    }
    if let Some(check) = check {
        options.push(format!("CHECK ({})", render.expr(check)?));
    }
    Ok(
        format!("CREATE DOMAIN {} AS {} {}", types::sql(type_)?, types::sql(data_type)?, options.join(" "))
            .trim_end()
            .to_string(),
    )
}
