//! Constraints, as they stand in CREATE TABLE and after ALTER TABLE … ADD.

use crate::error::{Result, compile_error};
use crate::option;
use crate::render::Render;
use crate::{DialectName, postgres, sqlite};
use limbeck_expr::Ident;
use limbeck_schema::{CheckConstraint, Constraint, ConstraintName, ForeignKey, KeyConstraint};

/// Renders a constraint whose name is settled; nothing where it has no form.
///
/// # Errors
/// A phrase in it is not one, or an expression cannot be rendered.
pub(crate) fn sql(render: &Render, table_schema: Option<&Ident>, constraint: &Constraint) -> Result<Option<String>> {
    match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) if key.columns.is_empty() => Ok(None),
        Constraint::PrimaryKey(key) => primary_key(render, key).map(Some),
        Constraint::Unique(key) => unique(render, key).map(Some),
        Constraint::Check(check) => self::check(render, check).map(Some),
        Constraint::ForeignKey(key) => {
            // SQLite cannot refer to a table of another schema.
            if render.dialect() == DialectName::Sqlite && table_schema != key.referred_table.schema.as_ref() {
                return Ok(None);
            }
            foreign_key(render, key).map(Some)
        }
        Constraint::Exclude(exclude) => match render.dialect() {
            DialectName::Postgresql => postgres::constraint::exclude(render, exclude).map(Some),
            dialect => Err(crate::error::unsupported_construct(
                dialect,
                "<class 'sqlalchemy.dialects.postgresql.ext.ExcludeConstraint'>",
            )),
        },
    }
}

/// `CONSTRAINT name `, or nothing.
///
/// # Errors
/// The name is too long.
pub(crate) fn preamble(render: &Render, name: &ConstraintName) -> Result<String> {
    Ok(match render.quoter.constraint(name)? {
        Some(name) => format!("CONSTRAINT {name} "),
        None => String::new(),
    })
}

/// Renders a CHECK.
///
/// # Errors
/// As [`sql`].
pub(crate) fn check(render: &Render, check: &CheckConstraint) -> Result<String> {
    let mut out = format!("{}CHECK ({})", preamble(render, &check.name)?, render.expr(&check.condition)?);
    out += &deferrability(check.deferrable, check.initially.as_deref())?;
    match render.dialect() {
        DialectName::Postgresql => out += postgres::constraint::validity(&check.options),
        DialectName::Sqlite => out += &sqlite::constraint::on_conflict(&check.options),
        DialectName::Mysql => {}
    }
    Ok(out)
}

/// What follows REFERENCES: `t (a) MATCH … ON DELETE … DEFERRABLE`.
///
/// # Errors
/// As [`sql`].
pub(crate) fn references(render: &Render, key: &ForeignKey, with_schema: bool) -> Result<String> {
    let columns = if key.referred_columns.is_empty() {
        &key.columns
    } else {
        &key.referred_columns
    };
    let table = if with_schema {
        render.table(&key.referred_table)
    } else {
        render.ident(&key.referred_table.name)
    };
    let mut out = format!("{table} ({})", render.quoter.list(columns));
    if let Some(match_) = &key.match_ {
        if render.dialect() == DialectName::Mysql {
            return Err(compile_error(
                "MySQL ignores the 'MATCH' keyword while at the same time causes ON UPDATE/ON DELETE clauses to be ignored.",
            ));
        }
        out += &format!(" MATCH {}", option::phrase(match_)?);
    }
    if let Some(ondelete) = &key.ondelete {
        let phrase = match render.dialect() {
            DialectName::Postgresql => option::phrase_with_columns(ondelete)?,
            DialectName::Sqlite | DialectName::Mysql => option::phrase(ondelete)?,
        };
        out += &format!(" ON DELETE {phrase}");
    }
    if let Some(onupdate) = &key.onupdate {
        out += &format!(" ON UPDATE {}", option::phrase(onupdate)?);
    }
    out += &deferrability(key.deferrable, key.initially.as_deref())?;
    Ok(out)
}

/// `DEFERRABLE INITIALLY …`.
///
/// # Errors
/// The phrase after INITIALLY is not one.
pub(crate) fn deferrability(deferrable: Option<bool>, initially: Option<&str>) -> Result<String> {
    let mut out = match deferrable {
        Some(true) => " DEFERRABLE".to_string(),
        Some(false) => " NOT DEFERRABLE".to_string(),
        None => String::new(),
    };
    if let Some(initially) = initially {
        out += &format!(" INITIALLY {}", option::phrase(initially)?);
    }
    Ok(out)
}

fn primary_key(render: &Render, key: &KeyConstraint) -> Result<String> {
    let mut out = format!("{}PRIMARY KEY ({})", preamble(render, &key.name)?, render.quoter.list(&key.columns));
    key_tail(render, key, &mut out)?;
    if render.dialect() == DialectName::Mysql
        && let Some(using) = option::text(&key.options, "mysql_using")
    {
        out += &format!(" USING {}", render.quoter.name(using));
    }
    Ok(out)
}

fn unique(render: &Render, key: &KeyConstraint) -> Result<String> {
    let distinct = match render.dialect() {
        DialectName::Postgresql => postgres::constraint::nulls_distinct(render, &key.options),
        DialectName::Sqlite | DialectName::Mysql => None,
    };
    let distinct = distinct.map(|words| format!("{words} ")).unwrap_or_default();
    let mut out = format!("{}UNIQUE {distinct}({})", preamble(render, &key.name)?, render.quoter.list(&key.columns));
    key_tail(render, key, &mut out)?;
    Ok(out)
}

fn key_tail(render: &Render, key: &KeyConstraint, out: &mut String) -> Result<()> {
    if render.dialect() == DialectName::Postgresql {
        *out += &postgres::constraint::include(render, &key.options);
    }
    *out += &deferrability(key.deferrable, key.initially.as_deref())?;
    if render.dialect() == DialectName::Sqlite {
        *out += &sqlite::constraint::on_conflict(&key.options);
    }
    Ok(())
}

fn foreign_key(render: &Render, key: &ForeignKey) -> Result<String> {
    let mut out = preamble(render, &key.name)?;
    let with_schema = render.dialect() != DialectName::Sqlite;
    out += &format!(
        "FOREIGN KEY({}) REFERENCES {}",
        render.quoter.list(&key.columns),
        references(render, key, with_schema)?
    );
    if render.dialect() == DialectName::Postgresql {
        out += postgres::constraint::validity(&key.options);
    }
    Ok(out)
}
