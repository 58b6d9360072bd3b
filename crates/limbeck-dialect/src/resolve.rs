//! From a table as a script describes it to one whose every flag is settled: `index=True` is an index, `primary_key=True` a constraint, each name is
//! known as far as it will be. The order of constraints is SQLAlchemy's creation order: those written in the table first, then per column.

use crate::error::{Result, argument_error};
pub(crate) use crate::mentions::expression_columns;
use crate::naming::{self, Kind, Subject};
use crate::types::inner_enum;
use crate::{DialectName, autoincrement};
use limbeck_expr::{BindParam, ColumnType, Expr, FromName, Ident, Literal, TableName};
use limbeck_ops::HostError;
use limbeck_schema::{
    CheckConstraint, Column, Constraint, ConstraintName, ForeignKey, Index, KeyConstraint, NamingConvention, Options, Sequence, ServerDefault, Table,
};

/// A column with its flags settled.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedColumn {
    /// `nullable` and `primary_key` are settled, `identity`/`computed` moved out of the default, checks named.
    pub column: Column,
    /// Whether it is the table's automatically counting column.
    pub autoincrement: bool,
    /// Whether any foreign key has it.
    pub has_foreign_key: bool,
}

impl ResolvedColumn {
    pub fn nullable(&self) -> bool {
        self.column.is_nullable()
    }

    /// The sequence, unless the database has no need of it.
    pub fn required_sequence(&self) -> Option<&Sequence> {
        self.column.sequence.as_deref().filter(|sequence| !sequence.optional)
    }
}

/// A table constraint; one that comes with a type (Boolean, Enum) is made only where the database lacks the type.
#[derive(Debug, Clone)]
pub(crate) struct TableConstraint {
    pub constraint: Constraint,
    pub type_bound: bool,
    /// Why the convention gives a check that comes with a type no name: it matters only where the check is written.
    unnameable: Option<HostError>,
}

impl TableConstraint {
    /// A constraint of the table's own, its name settled.
    pub fn new(constraint: Constraint) -> Self {
        TableConstraint {
            constraint,
            type_bound: false,
            unnameable: None,
        }
    }

    /// The constraint to write.
    ///
    /// # Errors
    /// The naming convention asks for a name that the type does not have.
    pub fn written(&self) -> Result<&Constraint> {
        match &self.unnameable {
            Some(error) => Err(error.clone()),
            None => Ok(&self.constraint),
        }
    }
}

/// A table with every flag settled.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub name: TableName,
    pub columns: Vec<ResolvedColumn>,
    pub primary_key: Option<KeyConstraint>,
    pub constraints: Vec<TableConstraint>,
    pub indexes: Vec<Index>,
    pub comment: Option<String>,
    pub prefixes: Vec<String>,
    pub options: Options,
}

/// Settles every flag of a table.
///
/// # Errors
/// A column is there twice, a constraint names a column that is not there, or a naming convention cannot be followed.
pub(crate) fn resolve(table: &Table, naming: &NamingConvention, dialect: DialectName) -> Result<Resolved> {
    let name = &table.name;
    let mut columns: Vec<Column> = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        if columns.iter().any(|other| other.name.text == column.name.text) {
            return Err(argument_error(format!(
                "A column with name '{}' is already present in table '{}'.",
                column.name, name.name
            )));
        }
        columns.push(settled_column(column, name, naming)?);
    }

    let explicit_key = table.constraints.iter().find_map(|constraint| match constraint {
        Constraint::PrimaryKey(key) => Some(key),
        _ => None,
    });
    let key = settled_key(explicit_key, &mut columns, name)?;
    let autoincrement = autoincrement::column(&key.columns, &columns, table)?;
    let primary_key = settled_primary_key(key, explicit_key, autoincrement.as_deref(), name, naming)?;

    let mut constraints = Vec::new();
    for constraint in &table.constraints {
        if !matches!(constraint, Constraint::PrimaryKey(_)) {
            check_columns(constraint, &columns, name)?;
            constraints.push(TableConstraint::new(settle_constraint(constraint, name, naming)?));
        }
    }
    let mut indexes = Vec::new();
    for column in &columns {
        column_constraints(column, name, naming, dialect, &mut constraints)?;
        if column.index {
            indexes.push(settle_index(&flag_index(column, name), naming)?);
        }
    }
    for index in &table.indexes {
        let mut index = index.clone();
        index.table = name.clone();
        indexes.push(settle_index(&index, naming)?);
    }

    let foreign: Vec<&Ident> = constraints
        .iter()
        .filter_map(|item| match &item.constraint {
            Constraint::ForeignKey(key) => Some(&key.columns),
            _ => None,
        })
        .flatten()
        .collect();
    let columns = columns
        .into_iter()
        .map(|mut column| {
            borrow_type(&mut column, table);
            ResolvedColumn {
                autoincrement: autoincrement.as_deref() == Some(column.name.as_str()),
                has_foreign_key: foreign.iter().any(|name| name.text == column.name.text),
                column,
            }
        })
        .collect();
    Ok(Resolved {
        name: name.clone(),
        columns,
        primary_key,
        constraints,
        indexes,
        comment: table.comment.clone(),
        prefixes: table.prefixes.clone(),
        options: table.options.clone(),
    })
}

/// Settles a constraint's name.
///
/// # Errors
/// The naming convention cannot be followed.
pub(crate) fn settle_constraint(constraint: &Constraint, table: &TableName, naming: &NamingConvention) -> Result<Constraint> {
    let mut out = constraint.clone();
    match &mut out {
        Constraint::PrimaryKey(key) => key.name = naming::settle(naming, Kind::PrimaryKey, &key.name, of(table, &key.columns))?,
        Constraint::Unique(key) => key.name = naming::settle(naming, Kind::Unique, &key.name, of(table, &key.columns))?,
        Constraint::Check(check) => check.name = naming::settle(naming, Kind::Check, &check.name, of(table, &expression_columns(&check.condition)))?,
        Constraint::ForeignKey(key) => key.name = settle_foreign_key(key, table, naming)?,
        // ExcludeConstraint derives from ColumnCollectionConstraint only: no convention speaks of it.
        Constraint::Exclude(_) => {}
    }
    Ok(out)
}

/// Settles an index's name.
///
/// # Errors
/// The naming convention cannot be followed.
pub(crate) fn settle_index(index: &Index, naming: &NamingConvention) -> Result<Index> {
    let mut out = index.clone();
    let columns: Vec<Ident> = index.elements.iter().flat_map(expression_columns).collect();
    out.name = naming::settle(naming, Kind::Index, &index.name, of(&index.table, &columns))?;
    Ok(out)
}

/// The CHECK that comes with a type where the database lacks it: Boolean on SQLite, an Enum that is not native.
pub(crate) fn type_check(column: &Ident, type_: &ColumnType, dialect: DialectName) -> Option<CheckConstraint> {
    let (name, values) = match type_ {
        ColumnType::Boolean { name, create_constraint: true } if !dialect.has_native_boolean() => (name, vec![Literal::Int(0), Literal::Int(1)]),
        _ => {
            let enum_ = inner_enum(type_)?;
            if !enum_.create_constraint || (enum_.native || enum_.postgresql) && dialect.has_enum() {
                return None;
            }
            (&enum_.name, enum_.values.iter().cloned().map(Literal::Text).collect())
        }
    };
    let values = values.into_iter().map(|value| Expr::Bind(Box::new(literal_bind(value)))).collect();
    Some(CheckConstraint {
        name: name.clone().map_or(ConstraintName::Unnamed, ConstraintName::Given),
        condition: Expr::Binary {
            op: "IN".to_string(),
            left: Box::new(Expr::Column {
                table: None,
                name: column.clone(),
            }),
            right: Box::new(Expr::Tuple(values)),
            escape: None,
        },
        deferrable: None,
        initially: None,
        options: Options::new(),
    })
}

fn literal_bind(value: Literal) -> BindParam {
    BindParam {
        name: "param".to_string(),
        value: Some(value),
        type_: None,
        inline: true,
        expanding: false,
    }
}

fn of<'a>(table: &'a TableName, columns: &'a [Ident]) -> Subject<'a> {
    Subject {
        table,
        columns,
        referred: None,
    }
}

fn settle_foreign_key(key: &ForeignKey, table: &TableName, naming: &NamingConvention) -> Result<ConstraintName> {
    let referred: &[Ident] = if key.referred_columns.is_empty() {
        &key.columns
    } else {
        &key.referred_columns
    };
    naming::settle(
        naming,
        Kind::ForeignKey,
        &key.name,
        Subject {
            table,
            columns: &key.columns,
            referred: Some((&key.referred_table, referred)),
        },
    )
}

fn settled_column(column: &Column, table: &TableName, naming: &NamingConvention) -> Result<Column> {
    let mut out = column.clone();
    match out.server_default.take() {
        Some(ServerDefault::Identity(identity)) => out.identity = Some(Box::new(identity)),
        Some(ServerDefault::Computed(computed)) => out.computed = Some(Box::new(computed)),
        other => out.server_default = other,
    }
    inherit_schema(&mut out.type_, table.schema.as_ref());
    for check in &mut out.checks {
        check.name = naming::settle(naming, Kind::Check, &check.name, of(table, &expression_columns(&check.condition)))?;
    }
    Ok(out)
}

/// An enum with `inherit_schema=True` lives where its table does.
fn inherit_schema(type_: &mut ColumnType, schema: Option<&Ident>) {
    match type_ {
        ColumnType::Enum(enum_) if enum_.inherit_schema && enum_.schema.is_none() => enum_.schema = schema.cloned(),
        ColumnType::Array { item, .. } => inherit_schema(item, schema),
        _ => {}
    }
}

/// The primary key's columns: those of an explicit constraint, then those flagged and not in it.
fn settled_key(explicit: Option<&KeyConstraint>, columns: &mut [Column], table: &TableName) -> Result<KeyConstraint> {
    let mut key = explicit.cloned().unwrap_or_default();
    for name in &key.columns {
        if !columns.iter().any(|column| column.name.text == name.text) {
            return Err(missing_column("PrimaryKeyConstraint", table, name));
        }
    }
    if key.columns.is_empty() {
        key.columns = columns.iter().filter(|column| column.primary_key).map(|column| column.name.clone()).collect();
    }
    for column in columns {
        column.primary_key = key.columns.iter().any(|name| name.text == column.name.text);
        column.nullable = Some(column.is_nullable());
    }
    Ok(key)
}

fn settled_primary_key(
    mut key: KeyConstraint,
    explicit: Option<&KeyConstraint>,
    autoincrement: Option<&str>,
    table: &TableName,
    naming: &NamingConvention,
) -> Result<Option<KeyConstraint>> {
    if key.columns.is_empty() {
        return Ok(None);
    }
    key.name = naming::settle(naming, Kind::PrimaryKey, &key.name, of(table, &key.columns))?;
    if explicit.is_none()
        && let Some(position) = key.columns.iter().position(|name| Some(name.as_str()) == autoincrement)
    {
        let first = key.columns.remove(position);
        key.columns.insert(0, first);
    }
    Ok(Some(key))
}

/// What a column brings to its table: `unique=True`, the check of its type, its foreign keys.
fn column_constraints(column: &Column, table: &TableName, naming: &NamingConvention, dialect: DialectName, out: &mut Vec<TableConstraint>) -> Result<()> {
    if column.unique && !column.index {
        let unique = Constraint::Unique(KeyConstraint {
            columns: vec![column.name.clone()],
            ..KeyConstraint::default()
        });
        out.push(TableConstraint::new(settle_constraint(&unique, table, naming)?));
    }
    if let Some(check) = type_check(&column.name, &column.type_, dialect) {
        let check = Constraint::Check(check);
        let (constraint, unnameable) = match settle_constraint(&check, table, naming) {
            Ok(settled) => (settled, None),
            Err(error) => (check, Some(error)),
        };
        out.push(TableConstraint {
            constraint,
            type_bound: true,
            unnameable,
        });
    }
    for key in &column.foreign_keys {
        let mut key = key.clone();
        key.columns = vec![column.name.clone()];
        out.push(TableConstraint::new(settle_constraint(&Constraint::ForeignKey(key), table, naming)?));
    }
    Ok(())
}

/// The index of `index=True`.
pub(crate) fn flag_index(column: &Column, table: &TableName) -> Index {
    Index {
        name: ConstraintName::Unnamed,
        table: table.clone(),
        elements: vec![Expr::Column {
            table: Some(FromName {
                schema: table.schema.clone(),
                name: table.name.clone(),
            }),
            name: column.name.clone(),
        }],
        unique: column.unique,
        options: Options::new(),
    }
}

fn check_columns(constraint: &Constraint, columns: &[Column], table: &TableName) -> Result<()> {
    let (class, names) = match constraint {
        Constraint::Unique(key) => ("UniqueConstraint", &key.columns),
        Constraint::ForeignKey(key) => ("ForeignKeyConstraint", &key.columns),
        _ => return Ok(()),
    };
    match names.iter().find(|name| !columns.iter().any(|column| column.name.text == name.text)) {
        Some(name) => Err(missing_column(class, table, name)),
        None => Ok(()),
    }
}

fn missing_column(class: &str, table: &TableName, column: &Ident) -> limbeck_ops::HostError {
    argument_error(format!(
        "Can't create {class} on table '{}': no column named '{column}' is present.",
        table.name
    ))
}

/// A column without a type takes that of the column of its own table which it refers to.
fn borrow_type(column: &mut Column, table: &Table) {
    if column.type_ != ColumnType::Null {
        return;
    }
    let own = column.foreign_keys.iter().find(|key| key.referred_table == table.name);
    let referred = own.and_then(|key| key.referred_columns.first()).and_then(|name| table.column(name.as_str()));
    if let Some(referred) = referred {
        column.type_ = referred.type_.clone();
    }
}
