//! The database as the comparison takes it: the schemas that take part, SERIAL columns without their sequences, and nothing that belongs to
//! somebody else: extensions, partitioned tables (their partitions), Limbeck itself.

use limbeck_db::{Connection, DbError};
use limbeck_dialect::DialectName;
use limbeck_diff::alembic::LogLine;
use limbeck_diff::{Hooks, NameCall, ObjectKind};
use limbeck_expr::Literal;
use limbeck_ops::{HostError, Inspect, Inspected};
use limbeck_schema::{ColumnType, ServerDefault, Table, TableName};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    pub tables: Vec<Table>,
    /// What Alembic logs while it reads.
    pub log: Vec<LogLine>,
    /// What Alembic warns of while it reads.
    pub warnings: Vec<String>,
    pub default_schema: Option<String>,
}

/// Where Limbeck keeps its own records.
const OWN_SCHEMA: &str = "limbeck";
const OWN_SQLITE_TABLE: &str = "limbeck_journal";

/// Reads the tables of the default schema, or of every schema.
///
/// # Errors
/// What the database answered, or a hook raised.
pub fn read(
    connection: &RefCell<Box<dyn Connection>>,
    dialect: DialectName,
    every_schema: bool,
    wanted: &[Table],
    hooks: &mut dyn Hooks,
) -> Result<Read, HostError> {
    let default_schema = match connection.borrow_mut().inspect(&Inspect::DefaultSchemaName).map_err(HostError::from)? {
        Inspected::Text(schema) => schema,
        _ => None,
    };
    let mut schemas: Vec<Option<String>> = vec![None];
    let names = connection.borrow_mut().inspect(&Inspect::SchemaNames).map_err(HostError::from)?;
    if every_schema && let Inspected::Names(names) = names {
        let others = names
            .into_iter()
            .filter(|name| name != "information_schema" && name != OWN_SCHEMA && Some(name) != default_schema.as_ref());
        schemas.extend(others.map(Some));
    }
    let mut out = Read {
        default_schema,
        ..Read::default()
    };
    for schema in schemas {
        let call = NameCall {
            kind: ObjectKind::Schema,
            name: schema.as_deref(),
            schema: None,
            table: None,
        };
        if hooks.include_name(call)? {
            out.tables.extend(connection.borrow_mut().tables(schema.as_deref()).map_err(HostError::from)?);
        }
    }
    let mut connection = connection.borrow_mut();
    let connection = connection.as_mut();
    if dialect == DialectName::Postgresql {
        leave_to_owners(connection, wanted, &mut out)?;
        take_serials(connection, &mut out)?;
    } else {
        out.tables.retain(|table| table.name.name.as_str() != OWN_SQLITE_TABLE);
    }
    let default_schema = out.default_schema.clone();
    let modelled: HashSet<(String, String)> = wanted.iter().map(|table| place(&table.name, default_schema.as_deref())).collect();
    out.tables
        .retain(|table| !is_version_table(table) || modelled.contains(&place(&table.name, default_schema.as_deref())));
    for column in out.tables.iter().flat_map(|table| &table.columns) {
        if let ColumnType::Verbatim(type_) = &column.type_ {
            out.warnings.push(format!("Did not recognize type '{type_}' of column '{}'", column.name));
        }
    }
    Ok(out)
}

/// Whether a table holds the version rows of some history, another project's too.
fn is_version_table(table: &Table) -> bool {
    matches!(table.columns.as_slice(), [only] if only.name.as_str() == "version_num" && matches!(only.type_, ColumnType::SqlVarchar { .. }))
}

/// The place of a table: its schema, the default one where none is named, and its name.
fn place(name: &TableName, default_schema: Option<&str>) -> (String, String) {
    let schema = name.schema.as_ref().map(|schema| schema.as_str()).or(default_schema);
    (schema.unwrap_or_default().to_owned(), name.name.text.clone())
}

/// Takes out what extensions brought and partitions, unless the models have them.
fn leave_to_owners(connection: &mut dyn Connection, wanted: &[Table], out: &mut Read) -> Result<(), HostError> {
    let sql = "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND (c.relispartition OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";
    let owned: HashSet<(String, String)> = texts(connection, sql)?
        .into_iter()
        .filter_map(|row| <[String; 2]>::try_from(row).ok())
        .map(|[schema, name]| (schema, name))
        .collect();
    let default_schema = out.default_schema.as_deref();
    let modelled: HashSet<(String, String)> = wanted.iter().map(|table| place(&table.name, default_schema)).collect();
    out.tables.retain(|table| {
        let place = place(&table.name, default_schema);
        place.0 != OWN_SCHEMA && (!owned.contains(&place) || modelled.contains(&place))
    });
    Ok(())
}

/// A default that only asks the column's own sequence is no default: the column is a SERIAL.
fn take_serials(connection: &mut dyn Connection, out: &mut Read) -> Result<(), HostError> {
    let sql = "SELECT tn.nspname::text, t.relname::text, a.attname::text, s.relname::text
        FROM pg_catalog.pg_class s JOIN pg_catalog.pg_depend d ON d.objid = s.oid AND d.classid = 'pg_catalog.pg_class'::regclass
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a'
        JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid WHERE s.relkind = 'S'";
    let mut owned: HashMap<(String, String, String), String> = HashMap::new();
    for row in texts(connection, sql)? {
        if let Ok([schema, table, column, sequence]) = <[String; 4]>::try_from(row) {
            owned.insert((schema, table, column), sequence);
        }
    }
    for table in &mut out.tables {
        let (schema, name) = place(&table.name, out.default_schema.as_deref());
        for column in &mut table.columns {
            let Some(ServerDefault::Reflected(default)) = &column.server_default else {
                continue;
            };
            let counts = matches!(column.type_, ColumnType::SqlInteger | ColumnType::SqlBigint) && default.starts_with("nextval('");
            let key = (schema.clone(), name.clone(), column.name.text.clone());
            if let Some(sequence) = owned.get(&key).filter(|_| counts)
                && named_in(default, sequence)
            {
                out.log.push(LogLine {
                    logger: "alembic.ddl.postgresql",
                    text: format!(
                        "Detected sequence named '{sequence}' as owned by integer column '{name}({})', assuming SERIAL and omitting",
                        column.name
                    ),
                });
                column.server_default = None;
            }
        }
    }
    Ok(())
}

/// Whether `nextval('…'::regclass)` names the sequence, with or without a schema and quotes.
fn named_in(default: &str, sequence: &str) -> bool {
    let inner = default
        .strip_prefix("nextval('")
        .and_then(|rest| rest.split_once("'::regclass)"))
        .map_or("", |(name, _)| name);
    let quoted = format!("\"{}\"", sequence.replace('"', "\"\"").replace('\'', "''"));
    inner == sequence || inner.ends_with(&format!(".{sequence}")) || inner.ends_with(&quoted)
}

fn texts(connection: &mut dyn Connection, sql: &str) -> Result<Vec<Vec<String>>, HostError> {
    let result = connection.query(sql, &[]).map_err(|error: DbError| HostError::from(error))?;
    let text = |value: Literal| match value {
        Literal::Text(text) => text,
        _ => String::new(),
    };
    Ok(result.rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_asks_its_own_sequence() {
        for (default, sequence, is) in [
            ("nextval('t_id_seq'::regclass)", "t_id_seq", true),
            ("nextval('s.t_id_seq'::regclass)", "t_id_seq", true),
            ("nextval('\"T_id_seq\"'::regclass)", "T_id_seq", true),
            ("nextval('other'::regclass)", "t_id_seq", false),
            ("(nextval('t_id_seq'::regclass) + 1)", "t_id_seq", false),
        ] {
            assert_eq!(named_in(default, sequence), is, "{default}");
        }
    }
}
