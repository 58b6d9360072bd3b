//! Steps as the Python tuples that Alembic's `check` prints: `repr()` of what SQLAlchemy's objects say of themselves.
//!
//! Where Python shows the address of an object (texts and functions as defaults, collections of columns), its text stands here.

use crate::render::python::{boolean, repr};
use crate::render::types::repr_type;
use crate::{Alteration, Default, Side, Sided, Step, TableChange};
use limbeck_dialect::{DialectName, expression_sql};
use limbeck_expr::Expr;
use limbeck_schema::{Column, ColumnType, Constraint, ForeignKey, Ident, Index, ServerDefault, Table, TableName};
use std::collections::HashMap;

/// What the objects of steps are parts of.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// Types are told in the words of this dialect.
    dialect: DialectName,
    models: HashMap<TableName, &'a Table>,
    shown: HashMap<(TableName, &'a str), &'a str>,
}

impl<'a> Surroundings<'a> {
    /// The tables of the models, and how their columns' types show themselves where that says more than their encoding: (table, column, text).
    pub fn new(dialect: DialectName, tables: impl IntoIterator<Item = &'a Table>, shown: impl IntoIterator<Item = (&'a TableName, &'a str, &'a str)>) -> Self {
        let (mut models, mut types) = (HashMap::new(), HashMap::new());
        // Changes of a table name it without the default schema.
        for table in tables {
            models.entry(TableName::new(table.name.name.clone())).or_insert(table);
            models.insert(table.name.clone(), table);
        }
        for (table, column, text) in shown {
            types.entry((TableName::new(table.name.clone()), column)).or_insert(text);
            types.insert((table.clone(), column), text);
        }
        Surroundings { dialect, models, shown: types }
    }
}

/// One tuple, or list of tuples, for each difference.
pub fn tuples<'a>(steps: impl IntoIterator<Item = &'a Step>, around: &Surroundings<'a>) -> Vec<String> {
    let steps: Vec<&Step> = steps.into_iter().collect();
    let removed = steps.iter().filter_map(|step| match step {
        Step::DropTable(table) => Some((&table.item.name, &table.item)),
        _ => None,
    });
    let tuples = Tuples {
        around,
        removed: removed.collect(),
    };
    let mut out = Vec::new();
    for step in steps {
        match step {
            Step::CreateTable(table) => out.push(format!("('add_table', {})", tuples.table(table))),
            Step::DropTable(table) => out.push(format!("('remove_table', {})", tuples.table(table))),
            Step::Modify(modify) => {
                let changes = modify.changes.iter().filter(|change| !matches!(change, TableChange::Note(_)));
                out.extend(changes.map(|change| tuples.change(&modify.table, change)));
            }
            Step::Other { operation, .. } => out.push(format!("('other', {})", repr(&crate::lower::subject(operation)))),
            Step::Sql { about, .. } if about.is_empty() => {}
            Step::Sql { about, .. } => out.push(format!("('other', {})", repr(about))),
            Step::Text(own) if !own.tuple.is_empty() => out.push(own.tuple.clone()),
            Step::Text(_) | Step::Note(_) => {}
        }
    }
    out
}

struct Tuples<'s, 'a> {
    around: &'s Surroundings<'a>,
    /// Tables that go, whole.
    removed: HashMap<&'s TableName, &'s Table>,
}

impl Tuples<'_, '_> {
    fn change(&self, table: &TableName, change: &TableChange) -> String {
        let (schema, name) = (optional(table.schema.as_ref()), repr(table.name.as_str()));
        match change {
            TableChange::AddColumn(column) => format!("('add_column', {schema}, {name}, {})", self.column(table, column.side, &column.item)),
            TableChange::DropColumn(column) => format!("('remove_column', {schema}, {name}, {})", self.column(table, column.side, &column.item)),
            TableChange::AlterColumn(alteration) => self.alteration(table, alteration),
            TableChange::RenameColumn { column, to } => format!(
                "('rename_column', {schema}, {name}, {}, {})",
                repr(column.item.name.as_str()),
                repr(to.as_str())
            ),
            TableChange::CreateIndex(index) => format!("('add_index', {})", self.index(index)),
            TableChange::DropIndex(index) => format!("('remove_index', {})", self.index(index)),
            TableChange::AddConstraint(table, constraint) => constraint_tuple("add", table, &constraint.item),
            TableChange::DropConstraint(table, constraint) => constraint_tuple("remove", table, &constraint.item),
            TableChange::SetComment { existing, .. } => {
                format!(
                    "('add_table_comment', Table({name}, MetaData(), schema={schema}), {})",
                    text_or_none(existing.as_ref())
                )
            }
            TableChange::Note(text) => repr(text),
            TableChange::DropComment { .. } => format!("('remove_table_comment', Table({name}, MetaData(), schema={schema}))"),
        }
    }

    fn alteration(&self, table: &TableName, alteration: &Alteration) -> String {
        let column = alteration.column.as_str();
        let place = format!("{}, {}, {}", optional(table.schema.as_ref()), repr(table.name.as_str()), repr(column));
        let type_ = |type_: &Sided<ColumnType>| self.type_(table, column, type_.side, &type_.item);
        let nullable = alteration.existing_nullable.map_or("None", boolean);
        let existing_type = alteration.existing_type.as_ref().map_or_else(|| "None".to_owned(), type_);
        let default = |default: Option<&Default>| match default {
            None => "False".to_owned(),
            Some(None) => "None".to_owned(),
            Some(Some(default)) => server_default(default),
        };
        let existing_default = default(alteration.existing_default.as_ref());
        let existing_comment = text_or_none(alteration.existing_comment.as_ref());
        let mut out = Vec::new();
        if let Some(wanted) = &alteration.type_ {
            out.push(format!(
                "('modify_type', {place}, {{'existing_nullable': {nullable}, 'existing_server_default': {existing_default}, 'existing_comment': {existing_comment}}}, {existing_type}, {})",
                type_(wanted)
            ));
        }
        if let Some(wanted) = alteration.nullable {
            out.push(format!(
                "('modify_nullable', {place}, {{'existing_type': {existing_type}, 'existing_server_default': {existing_default}, 'existing_comment': {existing_comment}}}, {nullable}, {})",
                boolean(wanted)
            ));
        }
        if let Some(wanted) = &alteration.default {
            out.push(format!(
                "('modify_default', {place}, {{'existing_nullable': {nullable}, 'existing_type': {existing_type}, 'existing_comment': {existing_comment}}}, {existing_default}, {})",
                default(Some(wanted))
            ));
        }
        if let Some(wanted) = &alteration.comment {
            out.push(format!(
                "('modify_comment', {place}, {{'existing_nullable': {nullable}, 'existing_type': {existing_type}, 'existing_server_default': {existing_default}}}, {existing_comment}, {})",
                text_or_none(wanted.as_ref())
            ));
        }
        format!("[{}]", out.join(", "))
    }

    fn table(&self, table: &Sided<Table>) -> String {
        let (side, table) = (table.side, &table.item);
        let mut args = vec![repr(table.name.name.as_str()), "MetaData()".to_owned()];
        args.extend(
            table
                .columns
                .iter()
                .map(|column| self.column_of(&table.name, side, column, &keys(Some(table), column))),
        );
        args.push(format!("schema={}", optional(table.name.schema.as_ref())));
        format!("Table({})", args.join(", "))
    }

    /// The table that a column or index is part of, where it is known whole.
    fn parent(&self, table: &TableName, side: Side) -> Option<&Table> {
        match side {
            Side::Models => self.around.models.get(table).copied(),
            Side::Database => self.removed.get(table).copied(),
        }
    }

    fn column(&self, table: &TableName, side: Side, column: &Column) -> String {
        self.column_of(table, side, column, &keys(self.parent(table, side), column))
    }

    /// SQLAlchemy's `Column.__repr__`, without what Python alone does (`default=`, `onupdate=`).
    fn column_of(&self, table: &TableName, side: Side, column: &Column, keys: &[String]) -> String {
        let name = column.name.as_str();
        let mut args = vec![repr(name), self.type_(table, name, side, &column.type_)];
        args.extend_from_slice(keys);
        args.push(format!("table=<{table}>"));
        if column.primary_key {
            args.push("primary_key=True".to_owned());
        }
        if !column.is_nullable() {
            args.push("nullable=False".to_owned());
        }
        let default = match (&column.server_default, &column.identity, &column.computed) {
            (Some(default), ..) => Some(server_default(default)),
            (None, Some(_), _) => Some("Identity()".to_owned()),
            (None, None, Some(computed)) => Some(format!("Computed({})", repr(&expression(&computed.expr)))),
            (None, None, None) => None,
        };
        args.extend(default.map(|default| format!("server_default={default}")));
        args.extend(column.comment.as_ref().map(|comment| format!("comment={}", repr(comment))));
        format!("Column({})", args.join(", "))
    }

    fn type_(&self, table: &TableName, column: &str, side: Side, type_: &ColumnType) -> String {
        match self.around.shown.get(&(table.clone(), column)) {
            Some(shown) if side == Side::Models => (*shown).to_owned(),
            _ => repr_type(type_, self.around.dialect),
        }
    }

    fn index(&self, index: &Sided<Index>) -> String {
        let (side, index) = (index.side, &index.item);
        let parent = self.parent(&index.table, side);
        let mut args = vec![index.name.ident().map_or_else(|| "None".to_owned(), |name| repr(name.as_str()))];
        args.extend(index.elements.iter().map(|element| match element {
            Expr::Column { name, .. } => match parent.and_then(|table| table.column(name.as_str())) {
                // A copy, which leaves the foreign keys behind.
                Some(column) => self.column_of(&index.table, side, column, &[]),
                None => bare(&index.table, name, ""),
            },
            other => expression(other),
        }));
        if index.unique {
            args.push("unique=True".to_owned());
        }
        format!("Index({})", args.join(", "))
    }
}

/// The foreign keys of a column, whether written in it or in its table.
fn keys(table: Option<&Table>, column: &Column) -> Vec<String> {
    let written = table.and_then(|table| table.column(column.name.as_str())).unwrap_or(column);
    let inside = written.foreign_keys.iter().map(|key| foreign_key(key, 0));
    let of_table = table
        .into_iter()
        .flat_map(|table| &table.constraints)
        .filter_map(|constraint| match constraint {
            Constraint::ForeignKey(key) => {
                let at = key.columns.iter().position(|name| name.as_str() == column.name.as_str())?;
                Some(foreign_key(key, at))
            }
            _ => None,
        });
    inside.chain(of_table).collect()
}

fn foreign_key(key: &ForeignKey, at: usize) -> String {
    let column = key.referred_columns.get(at).map(|name| format!(".{}", name.as_str())).unwrap_or_default();
    format!("ForeignKey({})", repr(&format!("{}{column}", key.referred_table)))
}

fn server_default(default: &ServerDefault) -> String {
    match default {
        ServerDefault::Text(text) | ServerDefault::Reflected(text) => format!("DefaultClause({}, for_update=False)", repr(text)),
        ServerDefault::Expr(expr) => format!("DefaultClause({}, for_update=False)", repr(&expression(expr))),
        ServerDefault::Fetched => "FetchedValue()".to_owned(),
        ServerDefault::Identity(_) => "Identity()".to_owned(),
        ServerDefault::Computed(computed) => format!("Computed({})", repr(&expression(&computed.expr))),
    }
}

fn expression(expr: &Expr) -> String {
    expression_sql(DialectName::Postgresql, expr).unwrap_or_default()
}

/// A column that knows of itself only its name.
fn bare(table: &TableName, name: &Ident, key: &str) -> String {
    format!("Column({}, NullType(), {key}table=<{table}>)", repr(name.as_str()))
}

/// A constraint stands for itself here: Alembic makes it anew, of columns without types.
fn constraint_tuple(verb: &str, table: &TableName, constraint: &Constraint) -> String {
    let columns = |names: &[Ident]| names.iter().map(|name| bare(table, name, "")).collect::<Vec<_>>().join(", ");
    match constraint {
        Constraint::PrimaryKey(key) => format!("('{verb}_constraint', PrimaryKeyConstraint({}))", columns(&key.columns)),
        Constraint::Unique(key) => format!("('{verb}_constraint', UniqueConstraint({}))", columns(&key.columns)),
        Constraint::Check(check) => {
            let name = check.name.ident().map(|name| format!(", name={}", repr(name.as_str()))).unwrap_or_default();
            format!("('{verb}_constraint', CheckConstraint({}{name}))", repr(&expression(&check.condition)))
        }
        Constraint::ForeignKey(key) => {
            let names: Vec<String> = key.columns.iter().map(|name| repr(name.as_str())).collect();
            let name = key.name.ident().map(|name| format!("name={}, ", repr(name.as_str()))).unwrap_or_default();
            let parts = key
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| bare(table, column, &format!("{}, ", foreign_key(key, at))));
            let mut args = vec![repr(table.name.as_str()), "MetaData()".to_owned()];
            args.extend(parts);
            args.push(format!("schema={}", optional(table.schema.as_ref())));
            format!(
                "('{verb}_fk', ForeignKeyConstraint([{}], None, {name}table=Table({})))",
                names.join(", "),
                args.join(", ")
            )
        }
        Constraint::Exclude(_) => format!("('{verb}_constraint', ExcludeConstraint())"),
    }
}

fn optional(name: Option<&Ident>) -> String {
    name.map_or_else(|| "None".to_owned(), |name| repr(name.as_str()))
}

fn text_or_none(text: Option<&String>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| repr(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Modify;
    use limbeck_schema::{ConstraintName, KeyConstraint, Options};

    fn column(name: &str, change: impl FnOnce(&mut Column)) -> Column {
        let mut column = Column::new(name, ColumnType::Integer);
        change(&mut column);
        column
    }

    fn index(table: &str, name: &str) -> Index {
        Index {
            name: ConstraintName::Given("ix".into()),
            table: TableName::new(table),
            elements: vec![Expr::Column {
                table: None,
                name: name.into(),
            }],
            unique: true,
            options: Options::new(),
        }
    }

    /// `note` as the models have it: its column `boss` refers to another table.
    fn note() -> Table {
        let boss = column("boss", |column| {
            column.nullable = Some(false);
            column.server_default = Some(ServerDefault::Text("it's".into()));
            column.foreign_keys.push(ForeignKey {
                name: ConstraintName::Unnamed,
                columns: Vec::new(),
                referred_table: TableName::new("person"),
                referred_columns: vec!["id".into()],
                onupdate: None,
                ondelete: None,
                deferrable: None,
                initially: None,
                match_: None,
                use_alter: false,
                options: Options::new(),
            });
        });
        let mut table = Table::new(TableName::new("note"));
        table.columns = vec![column("id", |column| column.primary_key = true), boss];
        table
    }

    fn told(steps: &[Step]) -> Vec<String> {
        let models = note();
        let (table, shown) = (TableName::new("note"), "Shown()");
        let around = Surroundings::new(DialectName::Postgresql, [&models], [(&table, "id", shown)]);
        tuples(steps, &around)
    }

    fn modify(changes: Vec<TableChange>) -> Step {
        Step::Modify(Modify {
            table: TableName::new("note"),
            changes,
        })
    }

    #[test]
    fn tables_show_their_columns_with_keys_and_defaults() {
        assert_eq!(
            told(&[Step::CreateTable(Sided::models(note()))]),
            [
                "('add_table', Table('note', MetaData(), Column('id', Shown(), table=<note>, primary_key=True, nullable=False), \
              Column('boss', Integer(), ForeignKey('person.id'), table=<note>, nullable=False, server_default=DefaultClause(\"it's\", for_update=False)), schema=None))"
            ]
        );
    }

    #[test]
    fn an_index_shows_its_columns_as_the_table_has_them_without_their_keys() {
        let added = modify(vec![TableChange::CreateIndex(Sided::models(index("note", "boss")))]);
        let shown = "Column('boss', Integer(), table=<note>, nullable=False, server_default=DefaultClause(\"it's\", for_update=False))";
        assert_eq!(told(&[added]), [format!("('add_index', Index('ix', {shown}, unique=True))")]);
        let removed = || modify(vec![TableChange::DropIndex(Sided::database(index("note", "boss")))]);
        assert_eq!(
            told(&[removed()]),
            ["('remove_index', Index('ix', Column('boss', NullType(), table=<note>), unique=True))"]
        );
        let with_its_table = told(&[removed(), Step::DropTable(Sided::database(note()))]);
        assert_eq!(with_its_table[0], format!("('remove_index', Index('ix', {shown}, unique=True))"));
    }

    #[test]
    fn constraints_are_made_of_columns_that_know_their_names_only() {
        let unique = Constraint::Unique(KeyConstraint {
            name: ConstraintName::Given("uq".into()),
            columns: vec!["boss".into()],
            deferrable: None,
            initially: None,
            options: Options::new(),
        });
        let changes = vec![
            TableChange::DropConstraint(TableName::new("note"), Sided::database(unique)),
            TableChange::AddColumn(Sided::models(column("boss", |_| ()))),
        ];
        assert_eq!(
            told(&[modify(changes)]),
            [
                "('remove_constraint', UniqueConstraint(Column('boss', NullType(), table=<note>)))",
                "('add_column', None, 'note', Column('boss', Integer(), ForeignKey('person.id'), table=<note>))",
            ]
        );
    }
}
