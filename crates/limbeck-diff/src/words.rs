//! Steps in words: sentences for people.

use crate::render::types;
use crate::{Alteration, Side, Step, TableChange};
use limbeck_dialect::DialectName;
use limbeck_ops::Operation;
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, Ident, ServerDefault, TableName};

/// What differs, one sentence each; the indexes of a table that comes or goes are not worth one.
pub fn differences<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Vec<String> {
    let steps: Vec<&Step> = steps.into_iter().collect();
    let whole: Vec<&TableName> = steps
        .iter()
        .filter_map(|step| match step {
            Step::CreateTable(table) | Step::DropTable(table) => Some(&table.item.name),
            _ => None,
        })
        .collect();
    let is_part = |step: &Step| matches!(step, Step::Modify(modify) if whole.contains(&&modify.table));
    steps.into_iter().filter(|step| !is_part(step)).flat_map(sentences).collect()
}

/// What differs, one sentence each.
pub fn sentences(step: &Step) -> Vec<String> {
    match step {
        Step::CreateTable(table) => vec![format!("Table {} is in the metadata but does not exist", table.item.name)],
        Step::DropTable(table) => vec![format!("Table {} exists but not in metadata", table.item.name)],
        Step::Modify(modify) => of_changes(&modify.table, &modify.changes),
        Step::Other { operation, .. } => vec![match operation {
            Operation::CreateSequence { sequence, .. } => format!("Sequence {} is in the metadata but does not exist", sequence.name),
            Operation::RenameTable { from, to } => format!("Table {from} is called {to} in the model"),
            operation => format!("{} differs", crate::lower::subject(operation)),
        }],
        // What only undoes is told with what it undoes.
        Step::Sql { about, .. } if about.is_empty() => Vec::new(),
        Step::Sql { about, .. } => vec![about.clone()],
        Step::Text(own) if !own.about.is_empty() => vec![own.about.clone()],
        Step::Text(_) | Step::Note(_) => Vec::new(),
    }
}

/// The notes that go with steps: what is lost, what may be a rename.
pub fn notes(step: &Step) -> Vec<String> {
    match step {
        Step::Note(text) => vec![text.clone()],
        Step::Modify(modify) => {
            let texts = modify.changes.iter().filter_map(|change| match change {
                TableChange::Note(text) => Some(text.clone()),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    }
}

/// A column that is dropped and added under its name is one difference, or none where it only makes way.
fn of_changes(table: &TableName, changes: &[TableChange]) -> Vec<String> {
    let added = |name: &Ident| {
        changes.iter().find_map(|change| match change {
            TableChange::AddColumn(column) if column.item.name == *name => Some(&column.item),
            _ => None,
        })
    };
    let dropped = |name: &Ident| {
        changes
            .iter()
            .any(|change| matches!(change, TableChange::DropColumn(column) if column.item.name == *name))
    };
    // What such a column took along comes back with it.
    let again = |columns: Vec<Ident>| columns.iter().any(|name| dropped(name) && added(name).is_some());
    let mut out = Vec::new();
    for change in changes {
        match change {
            TableChange::AddColumn(column) if dropped(&column.item.name) => {}
            TableChange::CreateIndex(index) if again(index.item.elements.iter().flat_map(limbeck_dialect::mentioned_columns).collect()) => {}
            TableChange::AddConstraint(_, constraint) if matches!(&constraint.item, Constraint::Unique(key) if again(key.columns.clone())) => {}
            TableChange::DropColumn(column) if added(&column.item.name).is_some() => {
                out.extend(added(&column.item.name).and_then(|new| of_computed(table, &column.item, new)));
            }
            change => out.extend(of_change(table, change)),
        }
    }
    out
}

/// How a column is computed on both sides, if that differs.
fn of_computed(table: &TableName, have: &Column, wanted: &Column) -> Option<String> {
    let words = |column: &Column| match &column.computed {
        Some(computed) => {
            let sql = limbeck_dialect::expression_sql(limbeck_dialect::DialectName::Postgresql, &computed.expr);
            format!("computed as {}", sql.unwrap_or_else(|_| "an expression".to_owned()))
        }
        None => "not computed".to_owned(),
    };
    let same = crate::alembic::same_expression(limbeck_dialect::DialectName::Postgresql, have, wanted);
    let (have, wanted, name) = (words(have), words(wanted), &wanted.name);
    (!same).then(|| format!("Column {table}.{name} is {have} in the database but {wanted} in the model"))
}

fn of_change(table: &TableName, change: &TableChange) -> Vec<String> {
    let both = |what: String, side: Side, on: &str| match side {
        Side::Models => format!("{what} of {on} is in the model but not in the database"),
        Side::Database => format!("{what} of {on} exists in the database but not in the model"),
    };
    let on = table.to_string();
    vec![match change {
        TableChange::AddColumn(column) => format!("Column {table}.{} is in the model but not in the database", column.item.name),
        TableChange::DropColumn(column) => format!("Column {table}.{} exists in the database but not in the model", column.item.name),
        TableChange::AlterColumn(alteration) => return of_alteration(table, alteration),
        TableChange::RenameColumn { column, to } => format!("Column {table}.{} is called {to} in the model", column.item.name),
        TableChange::CreateIndex(index) | TableChange::DropIndex(index) => both(format!("Index {}", shown(&index.item.name)), index.side, &on),
        TableChange::AddConstraint(_, constraint) | TableChange::DropConstraint(_, constraint) => {
            both(constraint_words(&constraint.item), constraint.side, &on)
        }
        TableChange::SetComment { .. } | TableChange::DropComment { .. } => format!("The comment of table {table} differs"),
        TableChange::Note(_) => return Vec::new(),
    }]
}

fn shown(name: &ConstraintName) -> String {
    name.ident().map_or_else(|| "(unnamed)".to_owned(), |name| name.text.clone())
}

fn constraint_words(constraint: &Constraint) -> String {
    let columns = |columns: &[Ident]| columns.iter().map(Ident::as_str).collect::<Vec<_>>().join(", ");
    let name = constraint.name().ident().map_or_else(String::new, |name| format!(" {name}"));
    match constraint {
        Constraint::PrimaryKey(key) => format!("Primary key{name} ({})", columns(&key.columns)),
        Constraint::Unique(key) => format!("Unique constraint{name} ({})", columns(&key.columns)),
        Constraint::Check(_) => format!("Check constraint{name}"),
        Constraint::ForeignKey(key) => format!("Foreign key{name} ({}) to {}", columns(&key.columns), key.referred_table),
        Constraint::Exclude(_) => format!("Exclude constraint{name}"),
    }
}

fn of_alteration(table: &TableName, alteration: &Alteration) -> Vec<String> {
    let column = format!("Column {table}.{}", alteration.column);
    let mut out = Vec::new();
    if let Some(type_) = &alteration.type_ {
        let existing = alteration
            .existing_type
            .as_ref()
            .map_or_else(|| "another type".to_owned(), |type_| repr_type(&type_.item));
        out.push(format!("{column} is {existing} in the database but {} in the model", repr_type(&type_.item)));
    }
    if let Some(nullable) = alteration.nullable {
        let (have, wanted) = if nullable { ("NOT NULL", "nullable") } else { ("nullable", "NOT NULL") };
        out.push(format!("{column} is {have} in the database but {wanted} in the model"));
    }
    if let Some(default) = &alteration.default {
        let existing = alteration.existing_default.as_ref().and_then(|default| default.as_ref());
        out.push(format!(
            "The default of column {table}.{} is {} in the database but {} in the model",
            alteration.column,
            default_words(existing),
            default_words(default.as_ref())
        ));
    }
    if alteration.comment.is_some() {
        out.push(format!("The comment of column {table}.{} differs", alteration.column));
    }
    out
}

fn default_words(default: Option<&ServerDefault>) -> String {
    match default {
        None => "none".to_owned(),
        Some(ServerDefault::Text(text) | ServerDefault::Reflected(text)) => text.clone(),
        Some(ServerDefault::Expr(expr)) => {
            limbeck_dialect::expression_sql(limbeck_dialect::DialectName::Postgresql, expr).unwrap_or_else(|_| "an expression".to_owned())
        }
        Some(ServerDefault::Fetched) => "set by a trigger".to_owned(),
        Some(ServerDefault::Identity(_)) => "an identity".to_owned(),
        Some(ServerDefault::Computed(_)) => "an expression of other columns".to_owned(),
    }
}

/// Types are told in one dialect's words; they differ in little.
fn repr_type(type_: &ColumnType) -> String {
    types::repr_type(type_, DialectName::Postgresql)
}
