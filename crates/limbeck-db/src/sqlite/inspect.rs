//! Reading a SQLite schema as SQLAlchemy's inspector reports it.

use limbeck_expr::{Expr, Ident, Literal, TableName};
use limbeck_ops::{Inspect, Inspected, ResultSet};
use limbeck_schema::{
    CheckConstraint, Column, Computed, Constraint, ConstraintName, ForeignKey, Index, KeyConstraint, OptionValue, Options, ServerDefault, Table,
};

use super::create_table::{self, Found};
use super::{Sqlite, types};
use crate::DbError;
use crate::connection::quoted;

/// Answers a question.
pub(super) fn answer(database: &mut Sqlite, what: &Inspect) -> Result<Inspected, DbError> {
    Ok(match what {
        Inspect::TableNames { schema } => Inspected::Names(names(database, "table", schema.as_deref())?),
        Inspect::ViewNames { schema } => Inspected::Names(names(database, "view", schema.as_deref())?),
        Inspect::MaterializedViewNames { .. } | Inspect::SequenceNames { .. } => Inspected::Names(Vec::new()),
        Inspect::SchemaNames => Inspected::Names(schemas(database)?),
        Inspect::Enums { .. } => Inspected::Enums(Vec::new()),
        Inspect::Table(name) => Inspected::Table(table(database, name)?),
        Inspect::HasTable(name) => Inspected::Flag(has_table(database, name)?),
        Inspect::HasSequence(_) | Inspect::HasType(_) => Inspected::Flag(false),
        Inspect::DefaultSchemaName => Inspected::Text(Some("main".to_owned())),
        Inspect::ServerVersion => Inspected::Version(crate::Connection::server_version(database)),
        Inspect::ViewDefinition(name) => Inspected::Text(definition(database, name, &["view"])?),
    })
}

/// Reads all tables of the file, or of an attached one.
pub(super) fn all_tables(database: &mut Sqlite, schema: Option<&str>) -> Result<Vec<Table>, DbError> {
    let mut tables = Vec::new();
    for name in names(database, "table", schema)? {
        tables.extend(table(database, &TableName::in_schema(schema, name))?);
    }
    Ok(tables)
}

fn names(database: &mut Sqlite, kind: &str, schema: Option<&str>) -> Result<Vec<String>, DbError> {
    let schema = schema.map_or_else(String::new, |schema| format!("{}.", quoted(schema)));
    let sql = format!("SELECT name FROM {schema}sqlite_master WHERE type = '{kind}' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name");
    Ok(database.run(&sql, &[])?.rows.into_iter().filter_map(|mut row| text(row.pop())).collect())
}

fn schemas(database: &mut Sqlite) -> Result<Vec<String>, DbError> {
    let rows = database.run("PRAGMA database_list", &[])?.rows;
    Ok(rows
        .into_iter()
        .filter_map(|row| text(row.into_iter().nth(1)))
        .filter(|name| name != "temp")
        .collect())
}

fn has_table(database: &mut Sqlite, name: &TableName) -> Result<bool, DbError> {
    if let Some(schema) = &name.schema
        && !schemas(database)?.iter().any(|known| known == schema.as_str())
    {
        return Ok(false);
    }
    Ok(!pragma(database, "table_info", name.schema.as_ref(), name.name.as_str())?.rows.is_empty())
}

/// Runs a pragma on a table or index; without a schema in the file, and if that is empty among the temporary tables.
fn pragma(database: &mut Sqlite, pragma: &str, schema: Option<&Ident>, name: &str) -> Result<ResultSet, DbError> {
    let ask = |database: &mut Sqlite, schema: &str| database.run(&format!("PRAGMA {}.{pragma}({})", quoted(schema), quoted(name)), &[]);
    if let Some(schema) = schema {
        return ask(database, schema.as_str());
    }
    let main = ask(database, "main")?;
    if main.rows.is_empty() { ask(database, "temp") } else { Ok(main) }
}

fn definition(database: &mut Sqlite, name: &TableName, kinds: &[&str]) -> Result<Option<String>, DbError> {
    let kinds = kinds.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
    let from = match &name.schema {
        Some(schema) => format!("{}.sqlite_master", quoted(schema.as_str())),
        None => "(SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master)".to_owned(),
    };
    let sql = format!("SELECT sql FROM {from} WHERE name = ? AND type IN ({kinds})");
    let result = database.run(&sql, &[Literal::Text(name.name.text.clone())])?;
    Ok(result.rows.into_iter().next().and_then(|mut row| text(row.pop())))
}

fn table(database: &mut Sqlite, name: &TableName) -> Result<Option<Table>, DbError> {
    let rows = pragma(database, "table_xinfo", name.schema.as_ref(), name.name.as_str())?.rows;
    if rows.is_empty() {
        return Ok(None);
    }
    let found = definition(database, name, &["table", "view"])?
        .map(|sql| create_table::parse(&sql))
        .unwrap_or_default();
    let mut table = Table::new(name.clone());
    let mut key: Vec<(i64, Ident)> = Vec::new();
    for row in &rows {
        let Some((column, position)) = column(row, &found) else {
            continue;
        };
        if position > 0 {
            key.push((position, column.name.clone()));
        }
        table.columns.push(column);
    }
    key.sort_by_key(|(position, _)| *position);
    if !key.is_empty() {
        table.constraints.push(Constraint::PrimaryKey(KeyConstraint {
            name: constraint_name(found.primary_key.as_deref()),
            columns: key.into_iter().map(|(_, column)| column).collect(),
            ..KeyConstraint::default()
        }));
    }
    let foreign_keys = foreign_keys(database, name, &found)?;
    table.constraints.extend(foreign_keys.into_iter().map(Constraint::ForeignKey));
    let (indexes, automatic) = indexes(database, name)?;
    table.constraints.extend(uniques(&found, automatic).into_iter().map(Constraint::Unique));
    table.constraints.extend(found.checks.iter().map(|check| {
        Constraint::Check(CheckConstraint {
            name: constraint_name(check.name.as_deref()),
            condition: sql_text(&check.sql),
            deferrable: None,
            initially: None,
            options: Options::new(),
        })
    }));
    table.indexes = indexes;
    if found.without_rowid {
        table.options.insert("sqlite_with_rowid".to_owned(), OptionValue::Bool(false));
    }
    if found.strict {
        table.options.insert("sqlite_strict".to_owned(), OptionValue::Bool(true));
    }
    Ok(Some(table))
}

/// One row of `table_xinfo`: the column and its place in the primary key, 0 for none.
fn column(row: &[Literal], found: &Found) -> Option<(Column, i64)> {
    let [_, Literal::Text(name), declared, not_null, default, position, hidden] = row else {
        return None;
    };
    let hidden = number(hidden);
    // 1 is a hidden column of a virtual table; 2 and 3 are generated, not stored and stored.
    if hidden == 1 {
        return None;
    }
    let mut declared = text(Some(declared.clone())).unwrap_or_default().to_uppercase();
    if hidden > 1 {
        declared = declared.replace("GENERATED", "").replace("ALWAYS", "").trim().to_owned();
    }
    let mut column = Column::new(name.as_str(), types::resolve(&declared));
    column.nullable = Some(number(not_null) == 0);
    column.primary_key = number(position) > 0;
    column.server_default = text(Some(default.clone())).map(ServerDefault::Reflected);
    if hidden > 1 {
        let expression = found
            .generated
            .iter()
            .find(|(of, _)| of == name)
            .map(|(_, sql)| sql.as_str())
            .unwrap_or_default();
        column.computed = Some(Box::new(Computed {
            expr: sql_text(expression),
            persisted: Some(hidden == 3),
        }));
    }
    Some((column, number(position)))
}

fn foreign_keys(database: &mut Sqlite, name: &TableName, found: &Found) -> Result<Vec<ForeignKey>, DbError> {
    // id, seq, table, from, to, on_update, on_delete, match: one row per column.
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    for row in pragma(database, "foreign_key_list", name.schema.as_ref(), name.name.as_str())?.rows {
        let (id, column, referred) = (number(&row[0]), text(row.get(3).cloned()).unwrap_or_default(), text(row.get(4).cloned()));
        if !keys.iter().any(|(known, _)| *known == id) {
            let to = TableName {
                schema: name.schema.clone(),
                name: text(row.get(2).cloned()).unwrap_or_default().into(),
            };
            let referred_columns = if referred.is_none() { primary_key_of(database, &to)? } else { Vec::new() };
            keys.push((id, foreign_key(to, referred_columns)));
        }
        if let Some((_, key)) = keys.iter_mut().find(|(known, _)| *known == id) {
            key.columns.push(column.into());
            key.referred_columns.extend(referred.map(Ident::from));
        }
    }
    let mut distinct: Vec<ForeignKey> = Vec::new();
    for (_, key) in keys {
        // A key that was written twice counts once.
        if !distinct.contains(&key) {
            distinct.push(key);
        }
    }
    let mut keys = distinct;
    let mut ordered = Vec::new();
    for named in &found.foreign_keys {
        let same = |key: &ForeignKey| {
            same_names(&key.columns, &named.columns)
                && key.referred_table.name.as_str() == named.referred_table
                && same_names(&key.referred_columns, &named.referred_columns)
        };
        if let Some(at) = keys.iter().position(same) {
            let mut key = keys.remove(at);
            key.name = constraint_name(named.name.as_deref());
            key.ondelete.clone_from(&named.ondelete);
            key.onupdate.clone_from(&named.onupdate);
            key.deferrable = named.deferrable;
            key.initially.clone_from(&named.initially);
            ordered.push(key);
        }
    }
    // The rest was written inside columns.
    ordered.append(&mut keys);
    Ok(ordered)
}

fn foreign_key(referred_table: TableName, referred_columns: Vec<Ident>) -> ForeignKey {
    ForeignKey {
        name: ConstraintName::Unnamed,
        columns: Vec::new(),
        referred_table,
        referred_columns,
        onupdate: None,
        ondelete: None,
        deferrable: None,
        initially: None,
        match_: None,
        use_alter: false,
        options: Options::new(),
    }
}

fn primary_key_of(database: &mut Sqlite, name: &TableName) -> Result<Vec<Ident>, DbError> {
    let mut key: Vec<(i64, Ident)> = pragma(database, "table_info", name.schema.as_ref(), name.name.as_str())?
        .rows
        .into_iter()
        .filter_map(|row| Some((number(row.get(5)?), text(row.get(1).cloned())?.into())))
        .filter(|(position, _)| *position > 0)
        .collect();
    key.sort_by_key(|(position, _)| *position);
    Ok(key.into_iter().map(|(_, column)| column).collect())
}

/// The table's indexes by name, and the column lists of those that SQLite made for constraints.
fn indexes(database: &mut Sqlite, name: &TableName) -> Result<(Vec<Index>, Vec<Vec<String>>), DbError> {
    let (mut indexes, mut automatic) = (Vec::new(), Vec::new());
    // seq, name, unique, origin, partial.
    for row in pragma(database, "index_list", name.schema.as_ref(), name.name.as_str())?.rows {
        let index = text(row.get(1).cloned()).unwrap_or_default();
        let columns: Vec<Option<String>> = pragma(database, "index_info", name.schema.as_ref(), &index)?
            .rows
            .into_iter()
            .map(|row| text(row.into_iter().nth(2)))
            .collect();
        // An element that is an expression has no column; SQLAlchemy leaves such an index out.
        let Some(columns) = columns.into_iter().collect::<Option<Vec<String>>>() else {
            continue;
        };
        if index.starts_with("sqlite_autoindex") {
            automatic.push(columns);
            continue;
        }
        let mut options = Options::new();
        if row.get(4).is_some_and(|partial| number(partial) != 0)
            && let Some(predicate) = predicate(database, name.schema.as_ref(), &index)?
        {
            options.insert("sqlite_where".to_owned(), OptionValue::Expr(sql_text(&predicate)));
        }
        indexes.push(Index {
            name: ConstraintName::Final(index.into()),
            table: name.clone(),
            elements: columns
                .into_iter()
                .map(|column| Expr::Column {
                    table: None,
                    name: column.into(),
                })
                .collect(),
            unique: row.get(2).is_some_and(|unique| number(unique) != 0),
            options,
        });
    }
    indexes.sort_by(|one, other| one.name.ident().map(Ident::as_str).cmp(&other.name.ident().map(Ident::as_str)));
    Ok((indexes, automatic))
}

/// What stands behind WHERE in a partial index.
fn predicate(database: &mut Sqlite, schema: Option<&Ident>, index: &str) -> Result<Option<String>, DbError> {
    let name = TableName {
        schema: schema.cloned(),
        name: index.into(),
    };
    let Some(sql) = definition(database, &name, &["index"])? else {
        return Ok(None);
    };
    let mut depth = 0usize;
    for token in create_table::tokens(&sql) {
        match &sql[token.start..token.end] {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 && word.eq_ignore_ascii_case("where") => return Ok(Some(sql[token.end..].trim().to_owned())),
            _ => {}
        }
    }
    Ok(None)
}

/// The constraints of the text that SQLite keeps an index for, each index once.
fn uniques(found: &Found, mut automatic: Vec<Vec<String>>) -> Vec<KeyConstraint> {
    let mut constraints = Vec::new();
    for unique in &found.uniques {
        if let Some(at) = automatic.iter().position(|columns| *columns == unique.columns) {
            automatic.remove(at);
            constraints.push(KeyConstraint {
                name: constraint_name(unique.name.as_deref()),
                columns: unique.columns.iter().map(|column| column.as_str().into()).collect(),
                ..KeyConstraint::default()
            });
        }
    }
    constraints
}

fn same_names(identifiers: &[Ident], names: &[String]) -> bool {
    identifiers.iter().map(Ident::as_str).eq(names.iter().map(String::as_str))
}

fn constraint_name(name: Option<&str>) -> ConstraintName {
    name.map_or(ConstraintName::Unnamed, |name| ConstraintName::Final(name.into()))
}

/// Text of the database that goes back as it is: colons in it are no parameters.
fn sql_text(sql: &str) -> Expr {
    Expr::LiteralColumn(sql.to_owned())
}

fn number(value: &Literal) -> i64 {
    match value {
        Literal::Int(number) => *number,
        _ => 0,
    }
}

fn text(value: Option<Literal>) -> Option<String> {
    match value? {
        Literal::Text(text) => Some(text),
        Literal::Int(number) => Some(number.to_string()),
        Literal::Float(number) => Some(number.to_string()),
        _ => None,
    }
}
