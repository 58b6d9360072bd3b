//! What pending revisions need that the role may not do.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, NewConstraintKind, ObjectKind, RowChange};

use super::ask::{NotTold, constant, quoted_name};
use super::future::Fate;
use super::{Ahead, OBJECTS, PERMISSIONS, Site, python};
use crate::Finding;

/// Looks at one change.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, change: &Change) -> Result<(), NotTold> {
    match change {
        Change::CreateTable {
            table, temporary, constraints, ..
        } => {
            if !temporary {
                in_schema(ahead, site, table)?;
            }
            for constraint in constraints {
                if let NewConstraintKind::ForeignKey { referred, .. } = &constraint.kind {
                    on_table(ahead, site, referred, "REFERENCES")?;
                }
            }
        }
        Change::CreateIndex { table, .. } => {
            owner(ahead, site, table)?;
            if let Some(schema) = live_name(ahead, table)? {
                in_schema(ahead, site, &schema)?;
            }
        }
        Change::AddConstraint { table, constraint } => {
            owner(ahead, site, table)?;
            if let NewConstraintKind::ForeignKey { referred, .. } = &constraint.kind {
                on_table(ahead, site, referred, "REFERENCES")?;
            }
        }
        Change::DropTable { table, .. }
        | Change::RenameTable { table, .. }
        | Change::MoveTable { table, .. }
        | Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::RenameColumn { table, .. }
        | Change::SetType { table, .. }
        | Change::SetNotNull { table, .. }
        | Change::AlterColumn { table, .. }
        | Change::ValidateConstraint { table, .. }
        | Change::DropConstraint { table, .. }
        | Change::RenameConstraint { table, .. } => owner(ahead, site, table)?,
        // Of a trigger or partition; it may be less than ownership.
        Change::AlterTable { .. } => {}
        Change::Create { kind, name, .. } => create(ahead, site, *kind, name)?,
        Change::Alter {
            kind: kind @ (ObjectKind::Type | ObjectKind::Sequence | ObjectKind::View | ObjectKind::MaterializedView),
            name,
        }
        | Change::Drop {
            kind: kind @ (ObjectKind::Type | ObjectKind::Sequence | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Index),
            name,
            ..
        }
        | Change::Rename {
            kind: kind @ (ObjectKind::Type | ObjectKind::Sequence | ObjectKind::Index),
            name,
            ..
        } => owner_of(ahead, site, *kind, name)?,
        Change::Alter { .. } | Change::Drop { .. } | Change::Rename { .. } => {}
        Change::Rows { table, how, .. } => {
            let wanted: &[&'static str] = match how {
                RowChange::Insert => &["INSERT"],
                RowChange::Update => &["UPDATE"],
                RowChange::Delete => &["DELETE"],
                RowChange::Truncate => &["TRUNCATE"],
                RowChange::Any => &["INSERT", "UPDATE"],
            };
            for privilege in wanted {
                on_table(ahead, site, table, privilege)?;
            }
        }
        Change::Reads { table } => on_table(ahead, site, table, "SELECT")?,
        Change::Calls { .. } | Change::Nothing | Change::Opaque { .. } => {}
    }
    Ok(())
}

/// Asks once for each thing; the first place that needs it is told.
fn may(ahead: &mut Ahead<'_>, thing: String, question: &str) -> Result<bool, NotTold> {
    if !ahead.asked.insert(thing) {
        return Ok(true);
    }
    ahead.looked(PERMISSIONS);
    match ahead.ask.value(question)?.as_deref() {
        Some("false") => Ok(false),
        _ => Ok(true),
    }
}

fn refused(ahead: &mut Ahead<'_>, site: &Site<'_>, what: &str, grant: String) -> Result<(), NotTold> {
    let role = ahead.ask.value("SELECT current_user::text")?.unwrap_or_default();
    let mut finding = Finding::problem(PERMISSIONS, format!("role `{role}` may not {what}: {} fails", site.revision))
        .evidence(site.statement())
        .cause("another role made it, or the right was never granted");
    finding = finding.command(format!(
        "psql -c '{}'   # as the owner or a superuser",
        grant.replace("{role}", &python::name(&role))
    ));
    ahead.found(site, finding);
    Ok(())
}

/// The table's schema and name as they are now.
fn live_name(ahead: &mut Ahead<'_>, table: &Name) -> Result<Option<Name>, NotTold> {
    Ok(ahead
        .future
        .table(&mut ahead.ask, table)?
        .and_then(|table| Some(table.live.as_ref()?.name.clone())))
}

fn in_schema(ahead: &mut Ahead<'_>, site: &Site<'_>, name: &Name) -> Result<(), NotTold> {
    let schema = ahead.future.schema_of(name);
    let as_name = Name {
        schema: None,
        name: schema.clone(),
    };
    if ahead.future.object(ObjectKind::Schema, &as_name) == Some(Fate::Made) {
        return Ok(());
    }
    let question = format!(
        "SELECT has_schema_privilege(oid, 'CREATE')::text FROM pg_namespace WHERE nspname = {}",
        constant(&schema)
    );
    if may(ahead, format!("schema {schema}"), &question)? {
        return Ok(());
    }
    let grant = format!("GRANT CREATE ON SCHEMA {} TO {{role}}", python::name(&schema));
    refused(ahead, site, &format!("create anything in schema `{schema}`"), grant)
}

fn owner(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name) -> Result<(), NotTold> {
    let Some(live) = ahead.future.table(&mut ahead.ask, table)?.and_then(|table| table.live.clone()) else {
        return Ok(());
    };
    let question = format!(
        "SELECT (pg_has_role(relowner, 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))::text FROM pg_class WHERE oid = {}",
        live.oid
    );
    if may(ahead, format!("owner {}", live.oid), &question)? {
        return Ok(());
    }
    let owner = ahead
        .ask
        .value(&format!("SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = {}", live.oid))?
        .unwrap_or_default();
    let grant = format!("ALTER TABLE {} OWNER TO {{role}}", python::table(&live.name));
    refused(ahead, site, &format!("alter or drop table `{table}`, which belongs to `{owner}`"), grant)
}

fn owner_of(ahead: &mut Ahead<'_>, site: &Site<'_>, kind: ObjectKind, name: &Name) -> Result<(), NotTold> {
    if ahead.future.object(kind, name).is_some() {
        return Ok(());
    }
    let quoted = constant(&quoted_name(name));
    let superuser = "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
    let question = if kind == ObjectKind::Type {
        format!("SELECT (pg_has_role(typowner, 'USAGE') OR {superuser})::text FROM pg_type WHERE oid = to_regtype({quoted})")
    } else {
        format!("SELECT (pg_has_role(relowner, 'USAGE') OR {superuser})::text FROM pg_class WHERE oid = to_regclass({quoted})")
    };
    if may(ahead, format!("{} {name}", kind.word()), &question)? {
        return Ok(());
    }
    // An index belongs to whoever has its table.
    let grant = if kind == ObjectKind::Index {
        "ALTER TABLE … OWNER TO {role}".to_owned()
    } else {
        format!("ALTER {} {} OWNER TO {{role}}", kind.word().to_uppercase(), python::table(name))
    };
    refused(ahead, site, &format!("alter or drop {} `{name}`", kind.word()), grant)
}

fn on_table(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, privilege: &'static str) -> Result<(), NotTold> {
    let Some(live) = ahead.future.table(&mut ahead.ask, table)?.and_then(|table| table.live.clone()) else {
        return Ok(());
    };
    let question = if matches!(privilege, "DELETE" | "TRUNCATE") {
        format!("SELECT has_table_privilege({}, '{privilege}')::text", live.oid)
    } else {
        // A right on columns is enough for those columns; which ones is left to the server.
        format!("SELECT has_any_column_privilege({}, '{privilege}')::text", live.oid)
    };
    if may(ahead, format!("{privilege} {}", live.oid), &question)? {
        return Ok(());
    }
    let what = match privilege {
        "SELECT" => format!("read `{table}`"),
        "INSERT" => format!("insert into `{table}`"),
        "UPDATE" => format!("update `{table}`"),
        "DELETE" => format!("delete from `{table}`"),
        "TRUNCATE" => format!("truncate `{table}`"),
        _ => format!("make a foreign key to `{table}`"),
    };
    let grant = format!("GRANT {privilege} ON {} TO {{role}}", python::table(&live.name));
    refused(ahead, site, &what, grant)
}

fn create(ahead: &mut Ahead<'_>, site: &Site<'_>, kind: ObjectKind, name: &Name) -> Result<(), NotTold> {
    match kind {
        ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence | ObjectKind::Type | ObjectKind::Function => in_schema(ahead, site, name),
        ObjectKind::Schema => {
            let question = "SELECT has_database_privilege(current_database(), 'CREATE')::text";
            if may(ahead, "database".into(), question)? {
                return Ok(());
            }
            on_database(ahead, site, "create a schema")
        }
        ObjectKind::Extension => extension(ahead, site, name),
        ObjectKind::Index | ObjectKind::Trigger => Ok(()),
    }
}

fn on_database(ahead: &mut Ahead<'_>, site: &Site<'_>, what: &str) -> Result<(), NotTold> {
    let database = ahead.ask.value("SELECT current_database()::text")?.unwrap_or_default();
    refused(ahead, site, what, format!("GRANT CREATE ON DATABASE {} TO {{role}}", python::name(&database)))
}

fn extension(ahead: &mut Ahead<'_>, site: &Site<'_>, name: &Name) -> Result<(), NotTold> {
    let literal = constant(&name.name);
    if ahead
        .ask
        .truth(&format!("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = {literal})::text"))?
    {
        return Ok(());
    }
    ahead.looked(PERMISSIONS);
    let available = ahead
        .ask
        .truth(&format!("SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = {literal})::text"));
    // A control file of another version makes the whole list unreadable.
    if available.is_err() {
        return Ok(());
    }
    if available == Ok(false) {
        ahead.looked(OBJECTS);
        let finding = Finding::problem(
            OBJECTS,
            format!("extension `{}` is not installed on the server: {} fails", name.name, site.revision),
        )
        .evidence(site.statement())
        .note("install its package on the server (on Debian postgresql-contrib has the usual ones)");
        ahead.found(site, finding);
        return Ok(());
    }
    // Trusted extensions came with PostgreSQL 13.
    let trusted = match ahead.ask.truth(&format!(
        "SELECT bool_or(trusted)::text FROM pg_available_extension_versions WHERE name = {literal}"
    )) {
        Err(NotTold::Refused { sqlstate, .. }) if sqlstate == "42703" => false,
        other => other?,
    };
    let allowed = ahead
        .ask
        .row("SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)::text, has_database_privilege(current_database(), 'CREATE')::text")?;
    let yes = |at: usize| allowed.as_ref().and_then(|row| row.get(at)?.as_deref()) == Some("true");
    if yes(0) || (trusted && yes(1)) {
        return Ok(());
    }
    if trusted {
        return on_database(ahead, site, &format!("create extension `{}`", name.name));
    }
    let create = format!("CREATE EXTENSION {}", python::name(&name.name));
    refused(ahead, site, &format!("create extension `{}`, which only a superuser may", name.name), create)
}
