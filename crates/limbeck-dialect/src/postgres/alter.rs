//! ALTER COLUMN on PostgreSQL: the type first, then nullability, default, comment, and the name last.

use crate::alter;
use crate::column;
use crate::error::{Result, command_error};
use crate::option;
use crate::render::Render;
use crate::type_sql;
use limbeck_ops::{AlterColumn, Change};
use limbeck_schema::{Identity, ServerDefault};

/// Appends the statements.
///
/// # Errors
/// `postgresql_using` without a type, a computed default, a type without a name.
pub(crate) fn statements(render: &Render, op: &AlterColumn, out: &mut Vec<String>) -> Result<()> {
    let using = option::get(&op.options, "postgresql_using");
    if using.is_some() && op.type_.is_none() {
        return Err(command_error("postgresql_using must be used with the type_ parameter"));
    }
    if let Some(type_) = &op.type_ {
        let mut sql = format!("{} TYPE {} ", alter::column(render, op), type_sql(render.dialect(), type_)?);
        if let Some(using) = using.filter(|using| using.is_truthy()) {
            sql += &format!("USING {}", option::plain(using));
        }
        out.push(sql);
    }
    out.extend(alter::nullable(render, op));
    let default = match &op.server_default {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::Set(default) => Some(Some(default)),
    };
    if let Some(default) = default {
        if alter::is_computed(op) {
            return Err(alter::computed_refused());
        }
        out.push(if alter::is_identity(op) {
            identity(render, op, default)?
        } else {
            alter::default(render, op, default)?
        });
    }
    let comment = match &op.comment {
        Change::Keep => None,
        Change::Clear => Some("NULL".to_string()),
        Change::Set(comment) => Some(render.string(comment)),
    };
    if let Some(comment) = comment {
        out.push(format!(
            "COMMENT ON COLUMN {}.{} IS {comment}",
            render.quoter.altered_table(&op.table),
            render.ident(&op.column)
        ));
    }
    if let Some(name) = &op.new_name {
        out.push(format!(
            "{} RENAME {} TO {}",
            alter::table(render, op),
            render.ident(&op.column),
            render.ident(name)
        ));
    }
    Ok(())
}

fn identity(render: &Render, op: &AlterColumn, default: Option<&ServerDefault>) -> Result<String> {
    let head = alter::column(render, op);
    let Some(default) = default else { return Ok(format!("{head} DROP IDENTITY")) };
    let ServerDefault::Identity(wanted) = default else {
        // From an identity to a plain default: Alembic fails on the missing attributes.
        return Err(alter::identity_refused());
    };
    Ok(match &op.existing_server_default {
        Change::Set(ServerDefault::Identity(existing)) => format!("{head} {}", changed(wanted, existing)),
        Change::Set(_) => format!("{head} {}", changed(wanted, &Identity::default())),
        Change::Keep | Change::Clear => format!("{head} ADD {}", column::identity(wanted)),
    })
}

/// `SET …` for each attribute that differs and is not the default, in alphabetical order.
fn changed(wanted: &Identity, existing: &Identity) -> String {
    let mut out = String::new();
    if wanted.always != existing.always {
        out += &format!("SET GENERATED {} ", if wanted.always { "ALWAYS" } else { "BY DEFAULT" });
    }
    let mut set = |differs: bool, one: Identity| {
        let options = column::sequence_options(&one);
        if differs && !options.is_empty() {
            out += &format!("SET {options} ");
        }
    };
    let none = Identity::default;
    set(wanted.cache != existing.cache, Identity { cache: wanted.cache, ..none() });
    set(wanted.cycle != existing.cycle, Identity { cycle: wanted.cycle, ..none() });
    set(
        wanted.increment != existing.increment,
        Identity {
            increment: wanted.increment,
            ..none()
        },
    );
    set(
        wanted.maxvalue != existing.maxvalue,
        Identity {
            maxvalue: wanted.maxvalue,
            ..none()
        },
    );
    set(
        wanted.minvalue != existing.minvalue,
        Identity {
            minvalue: wanted.minvalue,
            ..none()
        },
    );
    set(
        wanted.nomaxvalue != existing.nomaxvalue,
        Identity {
            nomaxvalue: wanted.nomaxvalue,
            ..none()
        },
    );
    set(
        wanted.nominvalue != existing.nominvalue,
        Identity {
            nominvalue: wanted.nominvalue,
            ..none()
        },
    );
    set(wanted.start != existing.start, Identity { start: wanted.start, ..none() });
    out
}
