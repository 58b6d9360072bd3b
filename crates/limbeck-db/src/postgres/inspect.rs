//! Reading a PostgreSQL schema as SQLAlchemy's inspector reports it.
//!
//! One table or all of a schema take the same four questions to the catalogue, sent as one message. Names come from the catalogue's columns,
//! never from parsing definitions, except where a definition is the answer (checks).

mod columns;
mod constraints;
mod indexes;
pub(super) mod rows;
mod types;

use limbeck_expr::{EnumType, Ident, TableName};
use limbeck_ops::{Inspect, Inspected};
use limbeck_schema::{Identity, OptionValue, Options, Sequence, Table};

use super::Postgres;
use crate::{Connection, DbError};
use limbeck_schema::catalogue::literal;
use rows::Row;

/// Kinds of relations that count as a table when one is named.
const TABLE_LIKE: &str = "'r', 'p', 'f', 'v', 'm'";

/// Answers a question.
pub(super) fn answer(database: &mut Postgres, what: &Inspect) -> Result<Inspected, DbError> {
    Ok(match what {
        Inspect::TableNames { schema } => Inspected::Names(relations(database, "'r', 'p'", schema.as_deref(), true)?),
        Inspect::ViewNames { schema } => Inspected::Names(relations(database, "'v'", schema.as_deref(), true)?),
        Inspect::MaterializedViewNames { schema } => Inspected::Names(relations(database, "'m'", schema.as_deref(), true)?),
        Inspect::SequenceNames { schema } => Inspected::Names(relations(database, "'S'", schema.as_deref(), false)?),
        Inspect::SchemaNames => Inspected::Names(names(
            database,
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY nspname",
        )?),
        Inspect::Enums { schema } => Inspected::Enums(enums(database, schema.as_deref())?),
        Inspect::Table(name) => {
            let filter = format!(
                "c.relkind IN ({TABLE_LIKE}) AND c.relname = {} AND {}",
                literal(name.name.as_str()),
                within(schema_of(name), "c")
            );
            Inspected::Table(tables(database, schema_of(name), &filter)?.into_iter().next())
        }
        Inspect::HasTable(name) => Inspected::Flag(has_relation(database, name, TABLE_LIKE)?),
        Inspect::HasSequence(name) => Inspected::Flag(has_relation(database, name, "'S'")?),
        Inspect::HasType(name) => Inspected::Flag(has_type(database, name)?),
        Inspect::DefaultSchemaName => Inspected::Text(names(database, "SELECT current_schema()")?.pop()),
        Inspect::ServerVersion => Inspected::Version(database.server_version()),
        Inspect::ViewDefinition(name) => Inspected::Text(view_definition(database, name)?),
    })
}

/// Reads all tables of a schema, or of those on the search path, in five questions and one round trip.
pub(super) fn all_tables(database: &mut Postgres, schema: Option<&str>) -> Result<Vec<Table>, DbError> {
    let filter = format!("c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {}", within(schema, "c"));
    tables(database, schema, &filter)
}

fn schema_of(name: &TableName) -> Option<&str> {
    name.schema.as_ref().map(Ident::as_str)
}

/// The condition that a relation is in a schema, or visible without naming one.
fn within(schema: Option<&str>, class: &str) -> String {
    match schema {
        Some(schema) => format!("n.nspname = {}", literal(schema)),
        None => format!("pg_catalog.pg_table_is_visible({class}.oid) AND n.nspname <> 'pg_catalog'"),
    }
}

const CLASS: &str = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace";

fn names(database: &mut Postgres, sql: &str) -> Result<Vec<String>, DbError> {
    Ok(rows::ask(database, sql)?.iter().filter_map(|row| row.text(0)).collect())
}

fn relations(database: &mut Postgres, kinds: &str, schema: Option<&str>, permanent: bool) -> Result<Vec<String>, DbError> {
    let permanent = if permanent { "AND c.relpersistence <> 't'" } else { "" };
    let within = within(schema, "c");
    names(
        database,
        &format!("SELECT c.relname FROM {CLASS} WHERE c.relkind IN ({kinds}) {permanent} AND {within} ORDER BY c.relname"),
    )
}

fn has_relation(database: &mut Postgres, name: &TableName, kinds: &str) -> Result<bool, DbError> {
    let within = within(schema_of(name), "c");
    let sql = format!(
        "SELECT 1 FROM {CLASS} WHERE c.relkind IN ({kinds}) AND c.relname = {} AND {within}",
        literal(name.name.as_str())
    );
    Ok(!rows::ask(database, &sql)?.is_empty())
}

/// The condition that a type is in a schema; `*` is any.
fn type_within(schema: Option<&str>) -> String {
    match schema {
        Some("*") => "true".to_owned(),
        Some(schema) => format!("n.nspname = {}", literal(schema)),
        None => "pg_catalog.pg_type_is_visible(t.oid) AND n.nspname <> 'pg_catalog'".to_owned(),
    }
}

fn has_type(database: &mut Postgres, name: &TableName) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT 1 FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = {} AND {}",
        literal(name.name.as_str()),
        type_within(schema_of(name))
    );
    Ok(!rows::ask(database, &sql)?.is_empty())
}

fn enums(database: &mut Postgres, schema: Option<&str>) -> Result<Vec<EnumType>, DbError> {
    let sql = format!(
        "SELECT t.typname, n.nspname, ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
         WHERE t.typtype = 'e' AND {} ORDER BY n.nspname, t.typname",
        type_within(schema)
    );
    Ok(rows::ask(database, &sql)?
        .iter()
        .map(|row| types::enum_type(row.text(0), row.text(1), row.texts(2)))
        .collect())
}

fn view_definition(database: &mut Postgres, name: &TableName) -> Result<Option<String>, DbError> {
    let within = within(schema_of(name), "c");
    let sql = format!(
        "SELECT pg_catalog.pg_get_viewdef(c.oid) FROM {CLASS} WHERE c.relkind IN ('v', 'm') AND c.relname = {} AND {within}",
        literal(name.name.as_str())
    );
    Ok(names(database, &sql)?.pop())
}

/// Reads the tables that a condition on `c` and `n` selects. `schema` is what the question named, and what the answer's names carry.
fn tables(database: &mut Postgres, schema: Option<&str>, filter: &str) -> Result<Vec<Table>, DbError> {
    let version = database.server_version().first().copied().unwrap_or_default();
    let oids = format!("SELECT c.oid FROM {CLASS} WHERE {filter}");
    let method = if version >= 12 {
        "NULLIF(am.amname, current_setting('default_table_access_method'))"
    } else {
        "NULL"
    };
    let questions = [
        format!(
            "SELECT c.oid, c.relname, pg_catalog.obj_description(c.oid, 'pg_class'), c.reloptions, {method}, ts.spcname,
                    ARRAY(SELECT p.relname::text FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
                          WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
             FROM {CLASS}
             LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
             WHERE {filter} ORDER BY c.relname"
        ),
        types::question(&oids),
        columns::question(&oids, version),
        constraints::question(&oids, version),
        indexes::question(&oids, version),
    ];
    let answers = rows::ask_all(database, &questions)?;
    let [heads, named_types, columns, constraints, indexes] = answers.as_slice() else {
        return Err(DbError::operational(
            "E0617",
            "the catalogue gave another number of answers than there were questions",
        ));
    };
    let named_types = types::Named::read(named_types);
    let mut tables: Vec<(i64, Table)> = heads.iter().map(|row| (row.number(0), head(row, schema))).collect();
    // Answers are ordered by name, so a map from the number to the place is needed, not a search per row.
    let places: std::collections::HashMap<i64, usize> = tables.iter().enumerate().map(|(place, (oid, _))| (*oid, place)).collect();
    let place = |row: &Row| places.get(&row.number(0)).copied();
    for row in columns {
        if let Some(at) = place(row) {
            tables[at].1.columns.push(columns::read(row, &named_types, schema));
        }
    }
    for row in constraints {
        if let Some(at) = place(row) {
            let table = &mut tables[at].1;
            constraints::read(row, table, schema);
        }
    }
    for row in indexes {
        if let Some(at) = place(row) {
            let table = &mut tables[at].1;
            let index = indexes::read(row, &table.name);
            table.indexes.push(index);
        }
    }
    Ok(tables.into_iter().map(|(_, table)| table).collect())
}

fn head(row: &Row, schema: Option<&str>) -> Table {
    let mut table = Table::new(TableName::in_schema(schema, row.text(1).unwrap_or_default()));
    table.comment = row.text(2);
    let mut set = |key: &str, value: Option<OptionValue>| {
        if let Some(value) = value {
            table.options.insert(key.to_owned(), value);
        }
    };
    let list = |texts: Vec<String>| (!texts.is_empty()).then(|| OptionValue::List(texts.into_iter().map(OptionValue::Text).collect()));
    set("postgresql_using", row.text(4).map(OptionValue::Text));
    set("postgresql_inherits", list(row.texts(6)));
    set("postgresql_with", storage(&row.texts(3)));
    set("postgresql_tablespace", row.text(5).map(OptionValue::Text));
    table
}

/// `reloptions` as the mapping of `postgresql_with`.
fn storage(reloptions: &[String]) -> Option<OptionValue> {
    let pairs: indexmap::IndexMap<String, OptionValue> = reloptions
        .iter()
        .filter_map(|option| option.split_once('='))
        .map(|(key, value)| (key.to_owned(), OptionValue::Text(value.to_owned())))
        .collect();
    (!pairs.is_empty()).then_some(OptionValue::Map(pairs))
}

/// A table option, given only where it says something.
fn option(options: &mut Options, key: &str, value: Option<OptionValue>) {
    if let Some(value) = value {
        options.insert(key.to_owned(), value);
    }
}

/// Reads the sequences of a schema with their numbers.
pub(super) fn sequences(database: &mut Postgres, schema: Option<&str>) -> Result<Vec<Sequence>, DbError> {
    let sql = format!(
        "SELECT c.relname, ARRAY[s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN 1 ELSE 0 END]
         FROM {CLASS} JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid WHERE {} ORDER BY c.relname",
        within(schema, "c")
    );
    let sequence = |row: &Row| Sequence {
        name: TableName::in_schema(schema, row.text(0).unwrap_or_default()),
        options: identity(&row.numbers(1), false),
        data_type: None,
        optional: false,
    };
    Ok(rows::ask(database, &sql)?.iter().map(sequence).collect())
}

/// Start, increment, least, greatest, cache and cycle as a sequence has them.
fn identity(numbers: &[i64], always: bool) -> Identity {
    let number = |at: usize| numbers.get(at).copied();
    Identity {
        always,
        start: number(0),
        increment: number(1),
        minvalue: number(2),
        maxvalue: number(3),
        cache: number(4),
        cycle: number(5).map(|cycle| cycle != 0),
        ..Identity::default()
    }
}
