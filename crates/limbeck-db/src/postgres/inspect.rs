//! Reading a PostgreSQL schema as SQLAlchemy's inspector reports it.
//!
//! One table or all of a schema take the same questions to the catalogue, sent as one message, and tables grow while the answers come. Names come from the
//! catalogue's columns, never from parsing definitions, except where a definition is the answer (checks). The questions are plain joins: what would be asked
//! row by row (the names behind a key's numbers, the order of things) is done here, since thousands of tables make it dear for the server.

pub(super) mod columns;
mod constraints;
mod indexes;
pub(super) mod rows;
mod types;

use limbeck_expr::{EnumType, Ident, TableName};
use limbeck_ops::{Inspect, Inspected};
use limbeck_schema::{Column, Constraint, ConstraintName, Identity, OptionValue, Options, Sequence, Table};
use std::collections::HashMap;

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
            Inspected::Table(tables(database, schema_of(name), &filter, Types::OfColumns)?.into_iter().next())
        }
        Inspect::HasTable(name) => Inspected::Flag(has_relation(database, name, TABLE_LIKE)?),
        Inspect::HasSequence(name) => Inspected::Flag(has_relation(database, name, "'S'")?),
        Inspect::HasType(name) => Inspected::Flag(has_type(database, name)?),
        Inspect::DefaultSchemaName => Inspected::Text(names(database, "SELECT current_schema()")?.pop()),
        Inspect::ServerVersion => Inspected::Version(database.server_version()),
        Inspect::ViewDefinition(name) => Inspected::Text(view_definition(database, name)?),
    })
}

/// Reads all tables of a schema, or of those on the search path, in one round trip.
pub(super) fn all_tables(database: &mut Postgres, schema: Option<&str>) -> Result<Vec<Table>, DbError> {
    let filter = format!("c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {}", within(schema, "c"));
    tables(database, schema, &filter, Types::All)
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
    Ok(rows::ask(database, sql, |row| row.text(0))?.into_iter().flatten().collect())
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
    Ok(!rows::ask(database, &sql, |_| ())?.is_empty())
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
    Ok(!rows::ask(database, &sql, |_| ())?.is_empty())
}

fn enums(database: &mut Postgres, schema: Option<&str>) -> Result<Vec<EnumType>, DbError> {
    let sql = format!(
        "SELECT t.typname, n.nspname, ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
         WHERE t.typtype = 'e' AND {} ORDER BY n.nspname, t.typname",
        type_within(schema)
    );
    rows::ask(database, &sql, |row| types::enum_type(row.text(0), row.text(1), row.texts(2)))
}

fn view_definition(database: &mut Postgres, name: &TableName) -> Result<Option<String>, DbError> {
    let within = within(schema_of(name), "c");
    let sql = format!(
        "SELECT pg_catalog.pg_get_viewdef(c.oid) FROM {CLASS} WHERE c.relkind IN ('v', 'm') AND c.relname = {} AND {within}",
        literal(name.name.as_str())
    );
    Ok(names(database, &sql)?.pop())
}

/// Which enums and domains are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Types {
    /// Every one: few in number, and quicker found than those of thousands of columns.
    All,
    /// Those that columns have.
    OfColumns,
}

/// A question, and what is done with each row of its answer.
type Question = (String, fn(&mut Reading<'_>, &Row<'_>));

/// What the answers have given so far.
#[derive(Default)]
struct Reading<'a> {
    /// What the question named, and what the names of the answer carry.
    schema: Option<&'a str>,
    tables: Vec<Numbered>,
    /// Where the table with a number is.
    places: HashMap<i64, usize>,
    types: types::Named,
    /// Columns of tables that are not read themselves but referred to, by their numbers.
    elsewhere: HashMap<(i64, i64), Ident>,
    /// Operator classes that an index has to name.
    classes: HashMap<i64, String>,
    /// Expressions by index and place in it.
    expressions: HashMap<(i64, i64), String>,
}

/// A table, and the numbers of its columns, both in the order of the numbers.
struct Numbered {
    oid: i64,
    table: Table,
    numbers: Vec<i64>,
}

impl Numbered {
    fn add(&mut self, number: i64, column: Column) {
        let at = self.numbers.partition_point(|known| *known < number);
        self.numbers.insert(at, number);
        self.table.columns.insert(at, column);
    }

    fn column(&self, number: i64) -> Option<&Ident> {
        let at = self.numbers.binary_search(&number).ok()?;
        self.table.columns.get(at).map(|column| &column.name)
    }
}

impl Reading<'_> {
    fn place(&self, oid: i64) -> Option<usize> {
        self.places.get(&oid).copied()
    }

    /// The names of columns of a table by their numbers.
    fn columns(&self, oid: i64, numbers: &[i64]) -> Vec<Ident> {
        let table = self.place(oid).and_then(|at| self.tables.get(at));
        let name = |number: &i64| match table {
            // Tables had it until PostgreSQL 11, and an index may.
            Some(_) if *number == -2 => Some(Ident::from("oid")),
            Some(table) => table.column(*number).cloned(),
            None => self.elsewhere.get(&(oid, *number)).cloned(),
        };
        numbers.iter().filter_map(name).collect()
    }
}

/// Reads the tables that a condition on `c` and `n` selects. `schema` is what the question named, and what the answer's names carry.
fn tables(database: &mut Postgres, schema: Option<&str>, filter: &str, types: Types) -> Result<Vec<Table>, DbError> {
    let version = database.server_version().first().copied().unwrap_or_default();
    let oids = format!("SELECT c.oid FROM {CLASS} WHERE {filter}");
    let mut questions: Vec<Question> = vec![
        (heads_question(filter, version), heads),
        (types::question((types == Types::OfColumns).then_some(&oids)), types::add),
        (columns::question(&oids, version), columns::add),
        (constraints::elsewhere_question(&oids), constraints::elsewhere),
        (constraints::question(&oids, version), constraints::add),
        (indexes::classes_question(), indexes::classes),
        (indexes::expressions_question(&oids), indexes::expressions),
        (indexes::question(&oids, version), indexes::add),
    ];
    // The planner guesses what thousands of tables cost, and compiling a question takes longer than answering it.
    if version >= 11 && !database.in_transaction() {
        let for_this_message = "SELECT pg_catalog.set_config('jit', 'off', true)".to_owned();
        questions.insert(0, (for_this_message, |_, _| ()));
    }
    let (texts, readers): (Vec<String>, Vec<_>) = questions.into_iter().unzip();
    let mut reading = Reading { schema, ..Reading::default() };
    rows::ask_all(database, &texts, |question, row| {
        if let Some(read) = readers.get(question) {
            read(&mut reading, row);
        }
    })?;
    Ok(reading.tables.into_iter().map(|numbered| in_order(numbered.table)).collect())
}

/// Constraints by their kind and name and indexes by their name, as the server would sort them: by bytes.
fn in_order(mut table: Table) -> Table {
    let name = |name: &ConstraintName| name.ident().map(|ident| ident.text.clone());
    let kind = |constraint: &Constraint| match constraint {
        Constraint::PrimaryKey(_) => 0,
        Constraint::ForeignKey(_) => 1,
        Constraint::Unique(_) => 2,
        _ => 3,
    };
    table.constraints.sort_by_cached_key(|constraint| (kind(constraint), name(constraint.name())));
    table.indexes.sort_by_cached_key(|index| name(&index.name));
    table
}

fn heads_question(filter: &str, version: u32) -> String {
    let method = if version >= 12 {
        "NULLIF(am.amname, pg_catalog.current_setting('default_table_access_method'))"
    } else {
        "NULL"
    };
    format!(
        "SELECT c.oid, c.relname, ds.description, c.reloptions, {method}, ts.spcname, parents.names
         FROM {CLASS} LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
         LEFT JOIN pg_catalog.pg_description ds ON ds.objoid = c.oid AND ds.classoid = 'pg_catalog.pg_class'::regclass AND ds.objsubid = 0
         LEFT JOIN (SELECT i.inhrelid, pg_catalog.array_agg(p.relname::text ORDER BY i.inhseqno) AS names
                    FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent GROUP BY i.inhrelid) parents ON parents.inhrelid = c.oid
         WHERE {filter} ORDER BY c.relname"
    )
}

fn heads(reading: &mut Reading<'_>, row: &Row<'_>) {
    let oid = row.number(0);
    reading.places.insert(oid, reading.tables.len());
    let table = head(row, reading.schema);
    let numbers = Vec::new();
    reading.tables.push(Numbered { oid, table, numbers });
}

fn head(row: &Row<'_>, schema: Option<&str>) -> Table {
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
    rows::ask(database, &sql, |row| Sequence {
        name: TableName::in_schema(schema, row.text(0).unwrap_or_default()),
        options: identity(&row.numbers(1), false),
        data_type: None,
        optional: false,
    })
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
