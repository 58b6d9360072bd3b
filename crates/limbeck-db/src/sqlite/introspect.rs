//! Reading a SQLite file whole, from `sqlite_schema` and the text of its statements.
//!
//! Unlike `inspect`, which sees what SQLAlchemy sees, this sees everything: names of all constraints, constraints inside of columns, conflict clauses,
//! collations. A constraint inside of a column reads as the same constraint behind the columns.

mod definition;

use limbeck_expr::Literal;
use limbeck_schema::catalogue::{Catalogue, Dialect, Index, Name, Schema, Table, TableKind, Trigger, View};

use super::Sqlite;
use crate::{DbError, Filter};

/// SQLite's own objects and Limbeck's have names of their own.
const QUESTION: &str = "SELECT s.type, s.name, s.tbl_name, s.sql, l.type FROM main.sqlite_schema s \
     LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND s.type IN ('table', 'view') \
     WHERE s.name NOT LIKE 'sqlite~_%' ESCAPE '~' AND s.tbl_name <> 'limbeck_journal' AND s.sql IS NOT NULL ORDER BY s.name";

/// Reads everything.
pub(super) fn catalogue(database: &mut Sqlite, filter: &Filter) -> Result<Catalogue, DbError> {
    let mut catalogue = Catalogue {
        dialect: Dialect::Sqlite,
        default_schema: Some("main".to_owned()),
        schemas: vec![Schema {
            name: "main".to_owned(),
            comment: None,
        }],
        ..Catalogue::default()
    };
    let rows = database.run(QUESTION, &[])?.rows;
    let texts: Vec<[String; 5]> = rows.into_iter().map(texts).collect();
    let ours = |table: &str| !filter.leaves_out("main", table);
    for [kind, name, _, sql, sort] in texts.iter().filter(|[_, _, table, ..]| ours(table)) {
        match kind.as_str() {
            // The tables that hold a virtual table's rows come and go with it.
            "table" if sort != "shadow" => catalogue.tables.push(table(name, sql, sort == "virtual")),
            "view" => catalogue.views.push(View::new(Name::new("main", name), sql)),
            _ => {}
        }
    }
    for [kind, name, of, sql, _] in texts.iter().filter(|[_, _, table, ..]| ours(table)) {
        match kind.as_str() {
            "index" => {
                if let Some(table) = catalogue.tables.iter_mut().find(|table| table.name.name.eq_ignore_ascii_case(of)) {
                    table.indexes.push(Index {
                        name: name.clone(),
                        definition: sql.clone(),
                        valid: true,
                        inherited: false,
                        part_of: None,
                        extras: Vec::new(),
                        comment: None,
                    });
                }
            }
            "trigger" => {
                let trigger = Trigger {
                    name: name.clone(),
                    definition: sql.clone(),
                    enabled: None,
                    comment: None,
                };
                if let Some(table) = catalogue.tables.iter_mut().find(|table| table.name.name.eq_ignore_ascii_case(of)) {
                    table.triggers.push(trigger);
                } else if let Some(view) = catalogue.views.iter_mut().find(|view| view.name.name.eq_ignore_ascii_case(of)) {
                    view.triggers.push(trigger);
                }
            }
            _ => {}
        }
    }
    Ok(catalogue)
}

fn texts(row: Vec<Literal>) -> [String; 5] {
    let mut texts = <[String; 5]>::default();
    for (text, value) in texts.iter_mut().zip(row) {
        if let Literal::Text(value) = value {
            *text = value;
        }
    }
    texts
}

fn table(name: &str, sql: &str, is_virtual: bool) -> Table {
    let mut table = Table {
        name: Name::new("main", name),
        kind: if is_virtual { TableKind::Virtual } else { TableKind::Ordinary },
        sql: Some(sql.to_owned()),
        ..Table::default()
    };
    if !is_virtual {
        definition::read(sql, &mut table);
    }
    table
}
