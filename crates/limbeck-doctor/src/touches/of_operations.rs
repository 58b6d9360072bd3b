//! What operations touch.

use limbeck_ops::{AlterColumn, Batch, BatchStep, CreateIndex, DropIndex, Operation};
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, EnumType, Expr, ForeignKey, Ident, Index, Sequence, TableName};
use limbeck_sql::changes::{RowChange, changes};
use limbeck_sql::{Flavour, Name};

use super::{Object, Touch, Way, of_changes};

/// What an operation touches; of a script's own SQL what `statements`, its text, touch.
pub fn of_operation(flavour: Flavour, operation: &Operation, statements: &[String]) -> Vec<Touch> {
    match operation {
        Operation::CreateTable(create) => {
            let table = &create.table;
            let mut touches = vec![whole(&table.name, Way::Creates)];
            for column in &table.columns {
                touches.extend(column.foreign_keys.iter().flat_map(|key| referred(&table.name, key)));
                touches.extend(type_of(&column.type_));
            }
            for constraint in &table.constraints {
                if let Constraint::ForeignKey(key) = constraint {
                    touches.extend(referred(&table.name, key));
                }
            }
            // Its indexes have names that others may want.
            touches.extend(
                table
                    .indexes
                    .iter()
                    .flat_map(|index| index_name(&index.name, Some(&table.name), None, Way::Creates)),
            );
            touches
        }
        Operation::DropTable(drop) => vec![whole(&drop.table, Way::Drops)],
        Operation::RenameTable { from, to } => renamed(from, to),
        Operation::CreateTableComment { .. } | Operation::DropTableComment { .. } => Vec::new(),
        Operation::AddColumn(add) => add_column(&add.table, &add.column),
        Operation::DropColumn(drop) => vec![column(&drop.table, &drop.column, Way::Drops)],
        Operation::AlterColumn(alter) => alter_column(&alter.table, alter),
        Operation::CreateIndex(create) => create_index(create),
        Operation::DropIndex(drop) => drop_index(drop),
        Operation::CreateConstraint(create) => constraint(&create.table, &create.constraint),
        Operation::DropConstraint(drop) => drop_constraint(&drop.table, &drop.name),
        Operation::CreateSequence { sequence, .. } => vec![Touch::new(Object::Sequence(sequence_name(sequence)), Way::Creates)],
        Operation::DropSequence { name, .. } => vec![Touch::new(Object::Sequence(named(name)), Way::Drops)],
        Operation::CreateEnum { type_, .. } => enum_type(type_, Way::Creates),
        Operation::DropEnum { type_, .. } => enum_type(type_, Way::Drops),
        Operation::CreateSchema { name, .. } => vec![Touch::new(Object::Schema(name.text.clone()), Way::Creates)],
        Operation::DropSchema { name, .. } => vec![Touch::new(Object::Schema(name.text.clone()), Way::Drops)],
        Operation::BulkInsert(insert) => rows_inserted(&insert.table, insert.columns.iter().map(|(name, _)| name)),
        Operation::Execute(_) => own_sql(flavour, statements),
        Operation::Batch(batch) => of_batch(flavour, batch, statements),
    }
}

fn own_sql(flavour: Flavour, statements: &[String]) -> Vec<Touch> {
    if statements.is_empty() {
        return vec![Touch::new(Object::Unknown("SQL that needs a database to be written".into()), Way::Alters)];
    }
    statements.iter().flat_map(|sql| of_changes(&changes(flavour, sql))).collect()
}

/// The steps of a block; that SQLite makes the table anew for them changes nothing of what they are about.
fn of_batch(flavour: Flavour, batch: &Batch, statements: &[String]) -> Vec<Touch> {
    let table = &batch.table;
    let mut touches = Vec::new();
    for step in &batch.steps {
        touches.extend(match step {
            BatchStep::AddColumn { column, .. } => add_column(table, column),
            BatchStep::DropColumn { column: name, .. } => vec![column(table, name, Way::Drops)],
            BatchStep::AlterColumn(alter) => alter_column(table, alter),
            BatchStep::CreateConstraint(new) => constraint(table, new),
            BatchStep::DropConstraint { name, .. } => drop_constraint(table, name),
            BatchStep::CreateIndex(create) => create_index(create),
            BatchStep::DropIndex(drop) => drop_index(drop),
            BatchStep::CreateTableComment { .. } | BatchStep::DropTableComment => Vec::new(),
            BatchStep::RenameTable { to } => renamed(table, to),
            BatchStep::Execute(_) => own_sql(flavour, statements),
        });
    }
    for new in &batch.extra_constraints {
        touches.extend(constraint(table, new));
    }
    touches.extend(batch.extra_indexes.iter().flat_map(index));
    touches
}

fn named(table: &TableName) -> Name {
    Name {
        schema: table.schema.as_ref().map(|schema| schema.text.clone()),
        name: table.name.text.clone(),
    }
}

fn whole(table: &TableName, way: Way) -> Touch {
    Touch::new(Object::Table(named(table)), way)
}

fn column(table: &TableName, name: &Ident, way: Way) -> Touch {
    Touch::new(Object::Column(named(table), name.text.clone()), way)
}

fn renamed(from: &TableName, to: &Ident) -> Vec<Touch> {
    let to = TableName {
        schema: from.schema.clone(),
        name: to.clone(),
    };
    vec![whole(from, Way::Alters), whole(&to, Way::Creates)]
}

fn sequence_name(sequence: &Sequence) -> Name {
    named(&sequence.name)
}

fn enum_type(type_: &EnumType, way: Way) -> Vec<Touch> {
    let Some(name) = &type_.name else { return Vec::new() };
    let name = Name {
        schema: type_.schema.as_ref().map(|schema| schema.text.clone()),
        name: name.text.clone(),
    };
    vec![Touch::new(Object::Type(name), way)]
}

fn type_of(type_: &ColumnType) -> Vec<Touch> {
    match type_ {
        ColumnType::Enum(type_) if type_.native => enum_type(type_, if type_.create_type { Way::Creates } else { Way::Needs }),
        ColumnType::Array { item, .. } => type_of(item),
        _ => Vec::new(),
    }
}

fn add_column(table: &TableName, new: &Column) -> Vec<Touch> {
    let mut touches = vec![column(table, &new.name, Way::Creates)];
    touches.extend(new.foreign_keys.iter().flat_map(|key| referred(table, key)));
    touches.extend(type_of(&new.type_).into_iter().map(|touch| Touch { way: Way::Needs, ..touch }));
    touches
}

fn alter_column(table: &TableName, alter: &AlterColumn) -> Vec<Touch> {
    let mut touches = vec![column(table, &alter.column, Way::Alters)];
    if let Some(to) = &alter.new_name {
        touches.push(column(table, to, Way::Creates));
    }
    touches.extend(alter.type_.iter().flat_map(type_of).map(|touch| Touch { way: Way::Needs, ..touch }));
    touches
}

/// What a foreign key needs on its other side.
fn referred(table: &TableName, key: &ForeignKey) -> Vec<Touch> {
    if key.referred_table == *table {
        return Vec::new();
    }
    let mut touches: Vec<Touch> = key.referred_columns.iter().map(|name| column(&key.referred_table, name, Way::Needs)).collect();
    touches.push(Touch::new(Object::Rows(named(&key.referred_table)), Way::Needs));
    touches
}

fn constraint(table: &TableName, new: &Constraint) -> Vec<Touch> {
    let mut touches: Vec<Touch> = new
        .name()
        .ident()
        .map(|name| Touch::new(Object::Constraint(named(table), name.text.clone()), Way::Creates))
        .into_iter()
        .collect();
    match new {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => touches.extend(key.columns.iter().map(|name| column(table, name, Way::Needs))),
        Constraint::ForeignKey(key) => {
            touches.extend(key.columns.iter().map(|name| column(table, name, Way::Needs)));
            touches.extend(referred(table, key));
        }
        Constraint::Check(_) | Constraint::Exclude(_) => {}
    }
    touches.push(Touch::new(Object::Rows(named(table)), Way::Needs));
    touches
}

fn drop_constraint(table: &TableName, name: &ConstraintName) -> Vec<Touch> {
    match name.ident() {
        Some(name) => vec![Touch::new(Object::Constraint(named(table), name.text.clone()), Way::Drops)],
        None => vec![Touch::new(Object::Rows(named(table)), Way::Needs)],
    }
}

fn index_name(name: &ConstraintName, table: Option<&TableName>, schema: Option<&Ident>, way: Way) -> Vec<Touch> {
    let Some(name) = name.ident() else { return Vec::new() };
    let schema = schema.or(table.and_then(|table| table.schema.as_ref()));
    let name = Name {
        schema: schema.map(|schema| schema.text.clone()),
        name: name.text.clone(),
    };
    vec![Touch::new(Object::Index(name), way)]
}

fn index(index: &Index) -> Vec<Touch> {
    let mut touches = index_name(&index.name, Some(&index.table), None, Way::Creates);
    for element in &index.elements {
        if let Expr::Column { name, .. } = element {
            touches.push(column(&index.table, name, Way::Needs));
        }
    }
    if index.unique {
        touches.push(Touch::new(Object::Rows(named(&index.table)), Way::Needs));
    }
    touches
}

fn create_index(create: &CreateIndex) -> Vec<Touch> {
    index(&create.index)
}

fn drop_index(drop: &DropIndex) -> Vec<Touch> {
    index_name(&drop.name, drop.table.as_ref(), drop.schema.as_ref(), Way::Drops)
}

fn rows_inserted<'a>(table: &TableName, columns: impl Iterator<Item = &'a Ident>) -> Vec<Touch> {
    let how = Way::Writes(RowChange::Insert);
    let mut touches: Vec<Touch> = columns.map(|name| column(table, name, how)).collect();
    touches.push(Touch::new(Object::Rows(named(table)), how));
    touches
}
