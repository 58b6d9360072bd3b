//! Model files: tables in order, their columns, types as scripts write them, and the DDL that they come to.

use crate::support::{Project, wanted};
use limbeck_dialect::{Context, DialectName, Memo, compile};
use limbeck_ops::{CreateTable, Operation};
use limbeck_python::{MetadataData, TargetMetadata};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Recorded {
    tables: Vec<String>,
    columns: BTreeMap<String, Vec<String>>,
    types: BTreeMap<String, String>,
    #[serde(default)]
    shown: BTreeMap<String, String>,
    #[serde(default)]
    info: BTreeMap<String, String>,
    postgresql: Vec<String>,
    sqlite: Vec<String>,
}

fn key(name: &limbeck_schema::TableName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), name.name.as_str()),
        None => name.name.as_str().to_owned(),
    }
}

fn ddl(metadata: &MetadataData, dialect: DialectName) -> Vec<String> {
    let mut memo = Memo::default();
    let mut statements = Vec::new();
    for table in &metadata.tables {
        let operation = Operation::CreateTable(CreateTable {
            table: table.clone(),
            if_not_exists: false,
            check_first: false,
            naming_convention: Some(metadata.naming.clone()),
        });
        let mut context = Context::offline(&metadata.naming, &mut memo);
        let mut made = Vec::new();
        compile(dialect, &operation, &mut context, &mut made).unwrap_or_else(|error| panic!("{}: {error:?}", key(&table.name)));
        statements.extend(made.into_iter().map(|statement| statement.sql.trim().to_owned()));
    }
    for statement in &mut statements {
        *statement = one_line(statement);
    }
    statements.sort();
    statements.dedup();
    statements
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Compares line by line, so that a failure shows the statement.
fn same(what: &str, ours: &[String], theirs: &[String]) -> Vec<String> {
    let mut found: Vec<String> = theirs
        .iter()
        .filter(|line| !ours.contains(line))
        .map(|line| format!("{what} wanted: {line}"))
        .collect();
    found.extend(ours.iter().filter(|line| !theirs.contains(line)).map(|line| format!("{what}   made: {line}")));
    found
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metadata/models");
    let source = std::fs::read_to_string(folder.join(format!("{name}.py"))).expect("models");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("recorded answers");
    let recorded: Vec<Recorded> = serde_json::from_str(&text).expect("JSON");
    let mut found = Vec::new();
    for (url, dialect) in [("postgresql://u@h/d", DialectName::Postgresql), ("sqlite:///x.db", DialectName::Sqlite)] {
        let project = Project::new(&source);
        project.env(url, "", "");
        let wanted = wanted(&project);
        let target = &wanted.targets[0];
        assert_eq!(target.metadata.len(), recorded.len());
        for (metadata, recorded) in target.metadata.iter().zip(&recorded) {
            let tables: Vec<String> = metadata.tables.iter().map(|table| key(&table.name)).collect();
            if tables != recorded.tables {
                found.push(format!("tables: {tables:?}\n wanted {:?}", recorded.tables));
            }
            for table in &metadata.tables {
                let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                if recorded.columns.get(&key(&table.name)).is_none_or(|recorded| *recorded != columns) {
                    found.push(format!(
                        "columns of {}: {columns:?}\n wanted {:?}",
                        key(&table.name),
                        recorded.columns.get(&key(&table.name))
                    ));
                }
            }
            found.extend(types(target, recorded));
            let info = metadata.tables.iter().filter_map(|table| Some((key(&table.name), table.info.clone()?)));
            assert_eq!(info.collect::<BTreeMap<_, _>>(), recorded.info);
            let theirs = match dialect {
                DialectName::Sqlite => &recorded.sqlite,
                _ => &recorded.postgresql,
            };
            // Like Alembic, creating one table creates no sequence.
            let theirs: Vec<String> = theirs
                .iter()
                .map(|text| one_line(text))
                .filter(|text| !text.starts_with("CREATE SEQUENCE"))
                .collect();
            found.extend(same(dialect.name(), &ddl(metadata, dialect), &theirs));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Types whose spelling is told must be told as Alembic writes them.
fn types(target: &TargetMetadata, recorded: &Recorded) -> Vec<String> {
    let spelt: BTreeMap<String, &str> = target
        .spellings
        .iter()
        .map(|spelling| (format!("{}.{}", key(&spelling.table), spelling.column), spelling.text.as_str()))
        .collect();
    let shown = target.spellings.iter().filter_map(|spelling| {
        let column = format!("{}.{}", key(&spelling.table), spelling.column);
        let wanted = recorded.shown.get(&column).filter(|wanted| **wanted != spelling.shown)?;
        Some(format!("{column} is shown as {} wanted {wanted}", spelling.shown))
    });
    let plain = [
        "sa.Integer()",
        "sa.BigInteger()",
        "sa.Text()",
        "sa.Boolean()",
        "sa.Date()",
        "sa.LargeBinary()",
        "sa.DateTime()",
        "sa.Time()",
    ];
    recorded
        .types
        .iter()
        .filter(|(column, text)| match spelt.get(*column) {
            Some(ours) => ours != text,
            None => {
                !plain.contains(&text.as_str())
                    && !text.starts_with("sa.String(")
                    && !text.starts_with("sa.Unicode(")
                    && *text != "sa.DateTime(timezone=True)"
                    && !text.starts_with("sa.Boolean(")
            }
        })
        .map(|(column, text)| format!("type of {column}: {:?} wanted {text}", spelt.get(column)))
        .chain(shown)
        .collect()
}

#[test]
fn mapped_annotations_and_a_naming_convention() {
    check("mapped");
}

#[test]
fn mixins_abstract_bases_and_inheritance() {
    check("mixins");
}

#[test]
fn tables_without_classes() {
    check("tables");
}

#[test]
fn dataclasses_and_a_convention_with_a_function() {
    check("as_dataclasses");
}

#[test]
fn sqlmodel_fields() {
    check("sqlmodels");
}

#[test]
fn variants_for_other_databases() {
    check("variants");
}

#[test]
fn openstacks_mixins_and_types() {
    check("openstack");
}
