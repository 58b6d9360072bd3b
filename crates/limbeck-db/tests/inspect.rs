//! Limbeck's reading of a schema against SQLAlchemy's own, recorded by `inspect/record.py`.

use std::path::{Path, PathBuf};

use limbeck_db::{Connection, DatabaseUrl, Environment, connect};
use limbeck_expr::{ColumnType, Expr};
use limbeck_ops::{Inspect, Inspected};
use limbeck_schema::{Autoincrement, Constraint, ConstraintName, KeyConstraint, OptionValue, Options, ServerDefault, Table};
use serde_json::{Map, Value, json};

fn recorded(name: &str) -> (String, Value) {
    // Another directory can be compared by hand: see `record.py`.
    let directory = std::env::var_os("LIMBECK_INSPECT").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inspect"), PathBuf::from);
    let sql = std::fs::read_to_string(directory.join(format!("{name}.sql"))).unwrap();
    let facts = std::fs::read_to_string(directory.join(format!("{name}.json"))).unwrap();
    (sql, serde_json::from_str(&facts).unwrap())
}

fn names(connection: &mut dyn Connection, what: &Inspect) -> Value {
    match connection.inspect(what).unwrap() {
        Inspected::Names(names) => json!(names),
        Inspected::Text(text) => json!(text),
        other => panic!("{other:?}"),
    }
}

fn compare(connection: &mut dyn Connection, expected: &Value) {
    for (name, expected) in expected["tables"].as_object().unwrap() {
        let table = match name.split_once('.') {
            Some((schema, table)) => limbeck_expr::TableName::in_schema(Some(schema), table),
            None => limbeck_expr::TableName::new(name.as_str()),
        };
        let Inspected::Table(Some(found)) = connection.inspect(&Inspect::Table(table)).unwrap() else {
            panic!("{name} was not found");
        };
        let found = table_json(&found, connection.backend() == limbeck_db::Backend::Postgresql);
        for part in expected.as_object().unwrap().keys() {
            same(&format!("{name} {part}"), &found[part], &expected[part]);
        }
    }
    assert_eq!(names(connection, &Inspect::ViewNames { schema: None }), expected["views"]);
    assert_eq!(names(connection, &Inspect::SchemaNames), expected["schemas"]);
    assert_eq!(names(connection, &Inspect::DefaultSchemaName), expected["default_schema"]);
    let all: Vec<String> = connection.tables(None).unwrap().into_iter().map(|table| table.name.name.text).collect();
    let mut wanted: Vec<&String> = expected["tables"].as_object().unwrap().keys().filter(|name| !name.contains('.')).collect();
    wanted.sort();
    assert_eq!(all.iter().collect::<Vec<_>>(), wanted);
    for table in connection.tables(None).unwrap() {
        let Inspected::Table(alone) = connection.inspect(&Inspect::Table(table.name.clone())).unwrap() else {
            panic!("{} was not found", table.name);
        };
        assert_eq!(alone, Some(table));
    }
}

/// Compares item by item, to show only the one that differs.
fn same(what: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                same(&format!("{what}[{at}]"), found, expected);
            }
        }
        _ => assert!(found == expected, "{what}:\n found    {found}\n expected {expected}"),
    }
}

#[test]
fn sqlite_is_read_as_sqlalchemy_reads_it() {
    let (sql, expected) = recorded("sqlite");
    let mut connection = connect(&DatabaseUrl::parse("sqlite://").unwrap(), &Environment::default()).unwrap();
    connection.execute_batch(&sql).unwrap();
    compare(connection.as_mut(), &expected);
}

#[test]
fn sqlite_answers_yes_and_no() {
    let mut connection = connect(&DatabaseUrl::parse("sqlite://").unwrap(), &Environment::default()).unwrap();
    connection.execute_batch("CREATE TABLE region (id INTEGER)").unwrap();
    let missing = limbeck_expr::TableName::new("missing");
    assert_eq!(connection.inspect(&Inspect::Table(missing.clone())).unwrap(), Inspected::Table(None));
    assert_eq!(connection.inspect(&Inspect::HasTable(missing)).unwrap(), Inspected::Flag(false));
    assert_eq!(connection.inspect(&Inspect::HasTable("region".into_table())).unwrap(), Inspected::Flag(true));
}

#[test]
fn postgresql_is_read_as_sqlalchemy_reads_it() {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let (sql, expected) = recorded("postgresql");
    let database = server.create_database();
    let mut connection = connect(&DatabaseUrl::parse(&database.url()).unwrap(), &Environment::default()).unwrap();
    if connection.server_version()[0] < 15 {
        return eprintln!("skipped: the schema needs PostgreSQL 15");
    }
    connection.execute_batch(&sql).unwrap();
    compare(connection.as_mut(), &expected);
    assert_eq!(
        names(connection.as_mut(), &Inspect::MaterializedViewNames { schema: None }),
        expected["materialized_views"]
    );
    assert_eq!(names(connection.as_mut(), &Inspect::SequenceNames { schema: None }), expected["sequences"]);
    let Inspected::Enums(enums) = connection.inspect(&Inspect::Enums { schema: None }).unwrap() else {
        panic!("no enums");
    };
    let enums: Vec<Value> = enums.into_iter().map(|found| json!([found.name.unwrap().text, found.values])).collect();
    assert_eq!(json!(enums), expected["enums"]);
}

#[test]
fn postgresql_answers_yes_and_no() {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    let mut connection = connect(&DatabaseUrl::parse(&database.url()).unwrap(), &Environment::default()).unwrap();
    let sql = "CREATE SCHEMA crm; CREATE TABLE region (id INT); CREATE TABLE crm.owner (id INT); CREATE VIEW seen AS SELECT 1; CREATE SEQUENCE fixture_seq;
               CREATE TYPE order_state AS ENUM ('open'); CREATE TYPE crm.mood AS ENUM ('sad')";
    connection.execute_batch(sql).unwrap();
    for (question, answer) in [
        (Inspect::HasTable("region".into_table()), true),
        (Inspect::HasTable("owner".into_table()), false),
        (Inspect::HasTable(limbeck_expr::TableName::in_schema(Some("crm"), "owner")), true),
        (Inspect::HasTable("seen".into_table()), true),
        (Inspect::HasSequence("fixture_seq".into_table()), true),
        (Inspect::HasType("order_state".into_table()), true),
        (Inspect::HasType("mood".into_table()), false),
    ] {
        assert_eq!(connection.inspect(&question).unwrap(), Inspected::Flag(answer), "{question:?}");
    }
}

#[test]
fn any_version_of_postgresql_can_be_read() {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    let mut connection = connect(&DatabaseUrl::parse(&database.url()).unwrap(), &Environment::default()).unwrap();
    let sql = "CREATE TABLE a (id INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code TEXT NOT NULL UNIQUE);
               CREATE TABLE b (id SERIAL, a_id INT CONSTRAINT fk REFERENCES a ON DELETE SET NULL, CONSTRAINT ck CHECK (id > 0)); CREATE INDEX ix ON b (a_id DESC) WHERE id > 1";
    connection.execute_batch(sql).unwrap();
    let tables = connection.tables(None).unwrap();
    let [a, b] = tables.as_slice() else { panic!("{tables:?}") };
    assert!(a.columns[0].identity.as_ref().unwrap().always && a.columns[0].primary_key);
    assert_eq!((a.constraints.len(), b.constraints.len(), a.indexes.len(), b.indexes.len()), (2, 2, 0, 1));
    assert_eq!(type_text(&a.columns[1].type_), "TEXT");
    assert_eq!(connection.sequences(None).unwrap().len(), 2);
}

trait IntoTable {
    fn into_table(self) -> limbeck_expr::TableName;
}

impl IntoTable for &str {
    fn into_table(self) -> limbeck_expr::TableName {
        limbeck_expr::TableName::new(self)
    }
}

/// A table in the form of `record.py`.
fn table_json(table: &Table, postgresql: bool) -> Value {
    let pick = |wanted: fn(&Constraint) -> Option<Value>| table.constraints.iter().filter_map(wanted).collect::<Vec<Value>>();
    json!({
        "columns": table.columns.iter().map(|column| column_json(column, postgresql)).collect::<Vec<_>>(),
        "primary_key": pick(|constraint| match constraint {
            Constraint::PrimaryKey(key) => Some(key_json(key)),
            _ => None,
        }).pop(),
        "foreign_keys": pick(|constraint| match constraint {
            Constraint::ForeignKey(key) => {
                let mut options = Map::new();
                for (name, value) in [("onupdate", &key.onupdate), ("ondelete", &key.ondelete), ("initially", &key.initially), ("match", &key.match_)] {
                    if let Some(value) = value {
                        options.insert(name.to_owned(), json!(value));
                    }
                }
                // The recording keeps what is true.
                if key.deferrable == Some(true) {
                    options.insert("deferrable".to_owned(), json!("True"));
                }
                let schema = key.referred_table.schema.as_ref().map(|schema| schema.text.clone());
                let columns: Vec<_> = key.columns.iter().map(|column| column.text.clone()).collect();
                let referred: Vec<_> = key.referred_columns.iter().map(|column| column.text.clone()).collect();
                Some(json!([name_json(&key.name), columns, schema, key.referred_table.name.text, referred, options]))
            }
            _ => None,
        }),
        "uniques": pick(|constraint| match constraint {
            Constraint::Unique(key) => Some(key_json(key)),
            _ => None,
        }),
        "checks": pick(|constraint| match constraint {
            Constraint::Check(check) => {
                let options: Map<String, Value> = check.options.keys().map(|key| (key.trim_start_matches("postgresql_").to_owned(), json!("True"))).collect();
                Some(json!([name_json(&check.name), sql(&check.condition), options]))
            }
            _ => None,
        }),
        "indexes": table.indexes.iter().map(|index| {
            let mut sorting = Map::new();
            let elements: Vec<String> = index.elements.iter().map(|element| {
                let (mut element, mut order) = (element, Vec::new());
                while let Expr::Postfix { op, expr } = element {
                    order.insert(0, json!(op.to_lowercase().replace(' ', "_")));
                    element = expr;
                }
                let name = match element {
                    Expr::Column { name, .. } => name.text.clone(),
                    other => sql(other),
                };
                if !order.is_empty() {
                    sorting.insert(name.clone(), json!(order));
                }
                name
            }).collect();
            json!([name_json(&index.name), elements, index.unique, sorting, options_json(&index.options)])
        }).collect::<Vec<_>>(),
        "comment": table.comment,
        "options": options_json(&table.options),
    })
}

fn column_json(column: &limbeck_schema::Column, postgresql: bool) -> Value {
    let mut entry = json!({
        "name": column.name.text,
        "type": type_text(&column.type_),
        "nullable": column.nullable,
        "default": match &column.server_default {
            Some(ServerDefault::Reflected(text)) => json!(text),
            None => Value::Null,
            other => panic!("{other:?}"),
        },
        "comment": column.comment,
    });
    if let Some(computed) = &column.computed {
        entry["computed"] = json!([sql(&computed.expr), computed.persisted]);
    }
    if let Some(identity) = &column.identity {
        entry["identity"] = json!([
            identity.always,
            identity.start,
            identity.increment,
            identity.minvalue,
            identity.maxvalue,
            identity.cache,
            identity.cycle
        ]);
    }
    if postgresql {
        entry["autoincrement"] = json!(column.autoincrement == Autoincrement::True);
    }
    entry
}

fn key_json(key: &KeyConstraint) -> Value {
    let columns: Vec<_> = key.columns.iter().map(|column| column.text.clone()).collect();
    json!([name_json(&key.name), columns, options_json(&key.options)])
}

fn name_json(name: &ConstraintName) -> Value {
    json!(name.ident().map(|name| name.text.clone()))
}

fn options_json(options: &Options) -> Value {
    fn value(option: &OptionValue) -> Value {
        match option {
            OptionValue::Bool(true) => json!("True"),
            OptionValue::Text(text) => json!(text),
            OptionValue::List(items) => items.iter().map(value).collect(),
            OptionValue::Map(items) => items.iter().map(|(key, item)| (key.clone(), value(item))).collect::<Map<_, _>>().into(),
            OptionValue::Expr(expr) => json!(sql(expr)),
            other => panic!("{other:?}"),
        }
    }
    // What is false is not recorded.
    options
        .iter()
        .filter(|(_, option)| option.is_truthy())
        .map(|(key, option)| (key.clone(), value(option)))
        .collect::<Map<_, _>>()
        .into()
}

fn sql(expr: &Expr) -> String {
    match expr {
        Expr::LiteralColumn(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// A type in the form of `record.py`: the class and what is set.
fn type_text(type_: &ColumnType) -> String {
    fn args(name: &str, args: &[(&str, Option<String>)]) -> String {
        let set: Vec<String> = args.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?))).collect();
        if set.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({})", set.join(","))
        }
    }
    fn text<T: ToString>(value: &Option<T>) -> Option<String> {
        value.as_ref().map(ToString::to_string)
    }
    let yes = |flag: bool| flag.then(|| "True".to_owned());
    let string = |name: &str, length: &Option<u32>, collation: &Option<String>| args(name, &[("length", text(length)), ("collation", collation.clone())]);
    let number = |name: &str, precision: &Option<u32>, scale: &Option<i32>| args(name, &[("precision", text(precision)), ("scale", text(scale))]);
    match type_ {
        ColumnType::Null => "NULL".to_owned(),
        ColumnType::SqlInteger => "INTEGER".to_owned(),
        ColumnType::SqlSmallint => "SMALLINT".to_owned(),
        ColumnType::SqlBigint => "BIGINT".to_owned(),
        ColumnType::SqlBoolean => "BOOLEAN".to_owned(),
        ColumnType::SqlDate => "DATE".to_owned(),
        ColumnType::SqlJson => "JSON".to_owned(),
        ColumnType::SqlUuid => "UUID".to_owned(),
        ColumnType::SqlDatetime { timezone } => args("DATETIME", &[("timezone", yes(*timezone))]),
        ColumnType::SqlTimestamp { timezone, precision } => args("TIMESTAMP", &[("precision", text(precision)), ("timezone", yes(*timezone))]),
        ColumnType::SqlTime { timezone, precision } => args("TIME", &[("precision", text(precision)), ("timezone", yes(*timezone))]),
        ColumnType::String { length, collation } => string("String", length, collation),
        ColumnType::SqlVarchar { length, collation } => string("VARCHAR", length, collation),
        ColumnType::SqlChar { length, collation } => string("CHAR", length, collation),
        ColumnType::SqlNvarchar { length, collation } => string("NVARCHAR", length, collation),
        ColumnType::SqlNchar { length, collation } => string("NCHAR", length, collation),
        ColumnType::SqlText { length, collation } => string("TEXT", length, collation),
        ColumnType::SqlBlob { length } => args("BLOB", &[("length", text(length))]),
        ColumnType::SqlFloat { precision, scale } => number("FLOAT", precision, scale),
        ColumnType::SqlReal { precision, scale } => number("REAL", precision, scale),
        ColumnType::SqlDouble { precision, scale } => number("DOUBLE", precision, scale),
        ColumnType::SqlDoublePrecision { precision, scale } => number("DOUBLE_PRECISION", precision, scale),
        ColumnType::SqlNumeric { precision, scale } => number("NUMERIC", precision, scale),
        ColumnType::SqlDecimal { precision, scale } => number("DECIMAL", precision, scale),
        ColumnType::Pg(name) => name.clone(),
        ColumnType::PgBit { length, varying } => args("BIT", &[("length", text(length)), ("varying", yes(*varying))]),
        ColumnType::PgInterval { fields, precision } => args("INTERVAL", &[("precision", text(precision)), ("fields", fields.clone())]),
        ColumnType::Array { item, .. } => args("ARRAY", &[("item_type", Some(type_text(item)))]),
        ColumnType::Enum(named) => args(
            "ENUM",
            &[
                ("name", text(&named.name)),
                ("schema", text(&named.schema)),
                ("enums", Some(named.values.join("|"))),
            ],
        ),
        ColumnType::PgDomain(domain) => args(
            "DOMAIN",
            &[
                ("collation", domain.collation.clone()),
                ("name", Some(domain.name.text.clone())),
                ("schema", text(&domain.schema)),
                ("data_type", Some(type_text(&domain.data_type))),
                ("not_null", yes(domain.not_null == Some(true))),
                ("default", domain.default.as_ref().map(|default| sql(default))),
                ("check", domain.check.as_ref().map(|check| sql(check))),
                ("constraint_name", text(&domain.constraint_name)),
            ],
        ),
        other => panic!("{other:?}"),
    }
}
