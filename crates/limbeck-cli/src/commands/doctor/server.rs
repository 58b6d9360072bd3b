//! Questions to a database that only `doctor` asks.

use crate::context::Failure;
use limbeck_db::Connection;
use limbeck_dialect::DialectName;
use limbeck_doctor::checks::missing_permission;
use limbeck_expr::Literal;
use limbeck_ops::{Inspect, Inspected};
use limbeck_run::Settings;
use limbeck_source::{Diagnose, Diagnostic};
use rustix::fs::{Access, access};

/// SQLite's journal of half-done revisions: no table of the user's.
const OWN_TABLE: &str = "limbeck_journal";

/// The role, the schema that new tables go to, and what may be done there.
const ROLE: &str = "SELECT current_user, pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only') = 'on', \
     pg_catalog.quote_ident(pg_catalog.current_schema()), coalesce(pg_catalog.has_schema_privilege(pg_catalog.current_schema(), 'CREATE'), false), \
     pg_catalog.quote_ident(current_user)";

/// Tables, views and sequences of the search path that the role may not alter, but for those of extensions.
const FOREIGN: &str = "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(r.rolname), r.rolsuper, \
     CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_roles r ON r.oid = c.relowner \
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = ANY (pg_catalog.current_schemas(false)) AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') \
     AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1";

/// Tables that look like Alembic's version table, wherever they are.
const VERSION_TABLES: &str = "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), n.nspname, c.relname \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
     WHERE c.relkind = 'r' AND c.relnatts <= 2 AND a.attname = 'version_num' AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
     AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1 LIMIT 5";

fn query(connection: &mut dyn Connection, sql: &str) -> Result<Vec<Vec<Literal>>, Failure> {
    let rows = connection.query(sql, &[]).map_err(|error| Failure::new(error.diagnose()))?.rows;
    Ok(rows)
}

fn text(value: Option<&Literal>) -> Option<String> {
    match value {
        Some(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

fn flag(value: Option<&Literal>) -> bool {
    matches!(value, Some(Literal::Bool(true)))
}

/// The tables of the default schema beside the version table.
///
/// # Errors
/// What the database answered.
pub fn tables(connection: &mut dyn Connection, settings: &Settings) -> Result<Vec<String>, Failure> {
    let names = connection
        .inspect(&Inspect::TableNames { schema: None })
        .map_err(|error| Failure::new(error.diagnose()))?;
    let Inspected::Names(names) = names else { return Ok(Vec::new()) };
    let version = settings.version_table.name.name.as_str();
    Ok(names.into_iter().filter(|name| name != version && name != OWN_TABLE).collect())
}

/// Version tables in other places, with their rows.
///
/// # Errors
/// What the database answered.
pub fn other_version_tables(connection: &mut dyn Connection, settings: &Settings) -> Result<Vec<(String, Vec<String>)>, Failure> {
    if settings.dialect != DialectName::Postgresql {
        return Ok(Vec::new());
    }
    let default = match connection.inspect(&Inspect::DefaultSchemaName) {
        Ok(Inspected::Text(schema)) => schema,
        _ => None,
    };
    let ours = &settings.version_table.name;
    let schema = ours.schema.as_ref().map(|schema| schema.as_str().to_owned()).or(default);
    let mut found = Vec::new();
    for row in query(connection, VERSION_TABLES)? {
        if text(row.get(1)) == schema && text(row.get(2)).as_deref() == Some(ours.name.as_str()) {
            continue;
        }
        let Some(table) = text(row.first()) else { continue };
        let rows = query(connection, &format!("SELECT version_num::text FROM {table} LIMIT 5"))?;
        found.push((table, rows.iter().filter_map(|row| text(row.first())).collect()));
    }
    Ok(found)
}

/// The size of the database.
pub fn bytes(connection: &mut dyn Connection, settings: &Settings) -> Option<u64> {
    match settings.dialect {
        DialectName::Postgresql => {
            let rows = query(connection, "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())").ok()?;
            match rows.first()?.first()? {
                Literal::Int(bytes) => u64::try_from(*bytes).ok(),
                _ => None,
            }
        }
        DialectName::Sqlite => std::fs::metadata(limbeck_db::sqlite_file(settings.url.as_ref()?)?).ok().map(|file| file.len()),
        DialectName::Mysql => None,
    }
}

/// What the role may do.
///
/// # Errors
/// What the database answered.
pub fn permissions(connection: &mut dyn Connection, settings: &Settings) -> Result<missing_permission::Facts, Failure> {
    if settings.dialect != DialectName::Postgresql {
        return Ok(of_file(settings));
    }
    let rows = query(connection, ROLE)?;
    let row = rows.first().map(Vec::as_slice).unwrap_or_default();
    let mut facts = missing_permission::Facts {
        role: text(row.get(5)).unwrap_or_default(),
        schema: text(row.get(3)),
        may_create: flag(row.get(4)),
        ..missing_permission::Facts::default()
    };
    if flag(row.get(1)) {
        facts.read_only = Some("the server is a standby, it only follows another one".into());
        return Ok(facts);
    }
    if flag(row.get(2)) {
        facts.read_only = Some(format!("transactions of {} are read-only here", facts.role));
        return Ok(facts);
    }
    facts.foreign = query(connection, FOREIGN)?.iter().filter_map(|row| foreign(row)).collect();
    facts.version_table = version_table(connection, settings)?;
    // Nobody alters that one; what is lacking there is told by itself.
    let name = settings.version_table.name.name.as_str();
    facts
        .foreign
        .retain(|table| table.name.rsplit('.').next().map(|last| last.trim_matches('"')) != Some(name));
    Ok(facts)
}

fn foreign(row: &[Literal]) -> Option<missing_permission::Foreign> {
    Some(missing_permission::Foreign {
        name: text(row.first())?,
        owner: text(row.get(1))?,
        is_superuser: flag(row.get(2)),
        kind: text(row.get(3))?,
    })
}

/// The version table, and what the role may not do with it; nothing where there is none.
fn version_table(connection: &mut dyn Connection, settings: &Settings) -> Result<Option<(String, Vec<String>)>, Failure> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let table = &settings.version_table.name;
    let name = match &table.schema {
        Some(schema) => format!("{}.{}", quoted(schema.as_str()), quoted(table.name.as_str())),
        None => quoted(table.name.as_str()),
    };
    let literal = limbeck_dialect::literal(DialectName::Postgresql, &Literal::Text(name), None)
        .map_err(|error| Failure::new(Diagnostic::error("E0401", error.message)))?;
    let mut lacking = Vec::new();
    for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        let sql = format!("SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass({literal}), '{privilege}')");
        match query(connection, &sql)?.first().and_then(|row| row.first()) {
            Some(Literal::Bool(true)) => {}
            Some(Literal::Bool(false)) => lacking.push(privilege.to_owned()),
            _ => return Ok(None),
        }
    }
    Ok(Some((table.to_string(), lacking)))
}

/// Of a file of SQLite: it and its folder have to take writes.
fn of_file(settings: &Settings) -> missing_permission::Facts {
    let mut facts = missing_permission::Facts {
        role: limbeck_db::Environment::of_process().user.unwrap_or_else(|| "this user".into()),
        is_file: true,
        ..missing_permission::Facts::default()
    };
    let Some(path) = settings.url.as_ref().and_then(limbeck_db::sqlite_file) else {
        return facts;
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(std::path::Path::new("."))
        .to_owned();
    for place in [path, folder] {
        if let Err(error) = access(&place, Access::WRITE_OK) {
            facts.read_only = Some(format!("{}: {}", place.display(), std::io::Error::from(error)));
            return facts;
        }
    }
    facts
}
