//! What the tests share: a table, blocks to alter it with, and a plan in words.

use crate::batch::{BatchPlan, plan};
use crate::{Catalog, Context, DialectName, Memo, Result};
use limbeck_expr::{ColumnType, Expr, Ident, TableName};
use limbeck_ops::{AlterColumn, Batch, BatchStep, Change, ConstraintKind, HostError, Operation, Recreate};
use limbeck_schema::{CheckConstraint, Column, Constraint, ConstraintName, ForeignKey, Index, KeyConstraint, NamingConvention, Options, ServerDefault, Table};

/// A database with one table.
pub struct Database(Option<Table>);

impl Catalog for Database {
    fn table(&mut self, _: &TableName) -> Result<Option<Table>> {
        Ok(self.0.clone())
    }
    fn has_table(&mut self, _: &TableName) -> Result<bool> {
        Ok(self.0.is_some())
    }
    fn has_type(&mut self, _: &TableName) -> Result<bool> {
        Ok(false)
    }
    fn has_sequence(&mut self, _: &TableName) -> Result<bool> {
        Ok(false)
    }
}

pub struct Case {
    pub dialect: DialectName,
    pub database: Option<Table>,
    pub naming: NamingConvention,
    pub batch: Batch,
}

pub fn sqlite(steps: Vec<BatchStep>) -> Case {
    Case {
        dialect: DialectName::Sqlite,
        database: Some(person()),
        naming: NamingConvention::default(),
        batch: Batch {
            table: TableName::new("person"),
            recreate: Recreate::Auto,
            copy_from: None,
            extra_constraints: Vec::new(),
            extra_indexes: Vec::new(),
            table_options: Options::new(),
            reflect_columns: Vec::new(),
            naming_convention: None,
            partial_reordering: Vec::new(),
            steps,
        },
    }
}

impl Case {
    pub fn with(mut self, change: impl FnOnce(&mut Case)) -> Self {
        change(&mut self);
        self
    }

    pub fn plan(self) -> (Result<BatchPlan>, Vec<String>) {
        let mut memo = Memo::default();
        let offline = self.database.is_none();
        let mut database = Database(self.database);
        let mut ctx = if offline {
            Context::offline(&self.naming, &mut memo)
        } else {
            Context::live(&self.naming, &mut memo, &mut database)
        };
        let plan = plan(self.dialect, &self.batch, &mut ctx);
        (plan, ctx.warnings)
    }

    pub fn shown(self) -> String {
        show(&self.plan().0.expect("a plan"))
    }

    pub fn error(self) -> HostError {
        self.plan().0.expect_err("an error")
    }
}

// ---- the table of these tests: id, name, age, boss; a key, a unique name, a check, a reference to itself, an index

pub fn person() -> Table {
    let mut table = Table::new(TableName::new("person"));
    let mut id = Column::new("id", ColumnType::SqlInteger);
    id.nullable = Some(false);
    id.primary_key = true;
    let mut age = Column::new("age", ColumnType::SqlInteger);
    age.server_default = Some(ServerDefault::Reflected("10".into()));
    table.columns = vec![id, Column::new("name", varchar()), age, Column::new("boss", ColumnType::SqlInteger)];
    table.constraints = vec![
        Constraint::PrimaryKey(key(ConstraintName::Unnamed, &["id"])),
        Constraint::ForeignKey(reference("fk_boss", "boss", "person")),
        Constraint::Unique(key(known("uq_name"), &["name"])),
        Constraint::Check(text_check(known("ck_age"), "age > 0")),
    ];
    table.indexes = vec![index("ix_age", &["age"])];
    table
}

pub fn varchar() -> ColumnType {
    ColumnType::SqlVarchar {
        length: Some(20),
        collation: None,
    }
}

pub fn boolean(name: Option<&str>) -> ColumnType {
    ColumnType::Boolean {
        name: name.map(Ident::from),
        create_constraint: true,
    }
}

pub fn known(name: &str) -> ConstraintName {
    ConstraintName::Final(name.into())
}

pub fn given(name: &str) -> ConstraintName {
    ConstraintName::Given(name.into())
}

pub fn names(names: &[&str]) -> Vec<Ident> {
    names.iter().map(|name| Ident::from(*name)).collect()
}

pub fn key(name: ConstraintName, columns: &[&str]) -> KeyConstraint {
    KeyConstraint {
        name,
        columns: names(columns),
        ..KeyConstraint::default()
    }
}

pub fn text_check(name: ConstraintName, sql: &str) -> CheckConstraint {
    CheckConstraint {
        name,
        condition: Expr::Text {
            sql: sql.into(),
            binds: Vec::new(),
        },
        deferrable: None,
        initially: None,
        options: Options::new(),
    }
}

pub fn reference(name: &str, column: &str, table: &str) -> ForeignKey {
    ForeignKey {
        name: known(name),
        columns: names(&[column]),
        referred_table: TableName::new(table),
        referred_columns: names(&["id"]),
        onupdate: None,
        ondelete: None,
        deferrable: None,
        initially: None,
        match_: None,
        use_alter: false,
        options: Options::new(),
    }
}

pub fn index(name: &str, columns: &[&str]) -> Index {
    Index {
        name: known(name),
        table: TableName::new("person"),
        elements: columns
            .iter()
            .map(|column| Expr::Column {
                table: None,
                name: (*column).into(),
            })
            .collect(),
        unique: false,
        options: Options::new(),
    }
}

pub fn add(column: Column) -> BatchStep {
    BatchStep::AddColumn {
        column,
        insert_before: None,
        insert_after: None,
        if_not_exists: false,
        inline_references: false,
        inline_primary_key: false,
    }
}

pub fn drop_column(name: &str) -> BatchStep {
    BatchStep::DropColumn {
        column: name.into(),
        if_exists: false,
        existing_type: None,
    }
}

pub fn alter(column: &str, change: impl FnOnce(&mut AlterColumn)) -> BatchStep {
    let mut alter = AlterColumn {
        table: TableName::new("person"),
        column: column.into(),
        nullable: None,
        server_default: Change::Keep,
        comment: Change::Keep,
        new_name: None,
        type_: None,
        autoincrement: None,
        existing_type: None,
        existing_server_default: Change::Keep,
        existing_nullable: None,
        existing_autoincrement: None,
        existing_comment: None,
        options: Options::new(),
    };
    change(&mut alter);
    BatchStep::AlterColumn(Box::new(alter))
}

pub fn drop_constraint(name: &str, kind: ConstraintKind) -> BatchStep {
    BatchStep::DropConstraint {
        name: given(name),
        kind: Some(kind),
    }
}

pub fn plain(name: &str) -> Column {
    Column::new(name, ColumnType::Integer)
}

// ---- a plan in words

pub fn show(plan: &BatchPlan) -> String {
    let mut lines = Vec::new();
    match plan {
        BatchPlan::Steps(steps) => lines.extend(steps.iter().map(|step| format!("step {}", word(step)))),
        BatchPlan::Rebuild(rebuild) => {
            lines.extend(rebuild.before.iter().map(|step| format!("before {}", word(step))));
            let table = &rebuild.create.table;
            lines.push(format!("table {}", table.name));
            lines.extend(table.columns.iter().map(show_column));
            lines.extend(table.constraints.iter().map(|constraint| format!("  {}", show_constraint(constraint))));
            lines.extend(table.indexes.iter().map(|index| format!("  {}", show_index(index))));
            let copied = rebuild.copy.columns.iter().map(|(to, from)| format!("{to}={}", show_expr(from)));
            lines.push(format!("copy {}", copied.collect::<Vec<_>>().join(", ")));
            lines.push(format!("drop {}, rename {} to {}", rebuild.drop.table, rebuild.rename.0, rebuild.rename.1));
            lines.extend(rebuild.indexes.iter().map(show_index));
        }
    }
    lines.join("\n")
}

pub fn word(operation: &Operation) -> String {
    match operation {
        Operation::AddColumn(add) => format!("add {}.{}", add.table, add.column.name),
        Operation::DropColumn(drop) => format!("drop {}.{}", drop.table, drop.column),
        Operation::AlterColumn(alter) => format!("alter {}.{}", alter.table, alter.column),
        Operation::CreateIndex(create) => show_index(&create.index),
        Operation::DropIndex(drop) => format!("drop index {}", show_name(&drop.name)),
        Operation::CreateConstraint(create) => show_constraint(&create.constraint),
        Operation::DropConstraint(drop) => format!("drop constraint{}", show_name(&drop.name)),
        Operation::Execute(_) => "execute".into(),
        other => format!("{other:?}"),
    }
}

pub fn show_column(column: &Column) -> String {
    let default = match &column.server_default {
        None => String::new(),
        Some(ServerDefault::Reflected(text)) => format!(" default {text}"),
        Some(ServerDefault::Text(text)) => format!(" default '{text}'"),
        Some(other) => format!(" default {other:?}"),
    };
    let null = if column.is_nullable() { "" } else { " not null" };
    let type_ = match &column.type_ {
        ColumnType::SqlInteger | ColumnType::Integer => "int".to_string(),
        ColumnType::SqlVarchar { .. } => "varchar".to_string(),
        ColumnType::Boolean { create_constraint: false, .. } => "bool".to_string(),
        other => format!("{other:?}"),
    };
    let checks = column
        .checks
        .iter()
        .map(|check| format!(" check{}", show_name(&check.name)))
        .collect::<String>();
    format!("  {} {type_}{default}{null}{checks}", column.name)
}

pub fn show_constraint(constraint: &Constraint) -> String {
    let name = show_name(constraint.name());
    let list = |columns: &[Ident]| columns.iter().map(Ident::as_str).collect::<Vec<_>>().join(",");
    match constraint {
        Constraint::PrimaryKey(key) => format!("pk{name} ({})", list(&key.columns)),
        Constraint::Unique(key) => format!("unique{name} ({})", list(&key.columns)),
        Constraint::Check(check) => format!("check{name} ({})", show_expr(&check.condition)),
        Constraint::ForeignKey(key) => format!("fk{name} ({}) to {}({})", list(&key.columns), key.referred_table, list(&key.referred_columns)),
        Constraint::Exclude(_) => format!("exclude{name}"),
    }
}

pub fn show_index(index: &Index) -> String {
    let elements = index.elements.iter().map(show_expr).collect::<Vec<_>>().join(",");
    format!(
        "{}index{} on {}({elements})",
        if index.unique { "unique " } else { "" },
        show_name(&index.name),
        index.table
    )
}

pub fn show_name(name: &ConstraintName) -> String {
    name.ident().map_or_else(String::new, |name| format!(" {name}"))
}

pub fn show_expr(expr: &Expr) -> String {
    match expr {
        Expr::Column { name, .. } => name.text.clone(),
        Expr::Text { sql, .. } => sql.clone(),
        Expr::Cast { expr, .. } => format!("cast({})", show_expr(expr)),
        Expr::Label { expr, name } => format!("{} as {name}", show_expr(expr)),
        Expr::Binary { op, left, right, .. } => format!("{} {op} {}", show_expr(left), show_expr(right)),
        Expr::Tuple(items) => format!("{} values", items.len()),
        other => format!("{other:?}"),
    }
}

pub const UNCHANGED: &str = "\
table _alembic_tmp_person
  id int not null
  name varchar
  age int default (10)
  boss int
  pk (id)
  fk fk_boss (boss) to person(id)
  unique uq_name (name)
  check ck_age (age > 0)
copy id=id, name=name, age=age, boss=boss
drop person, rename _alembic_tmp_person to person
index ix_age on person(age)";

/// `UNCHANGED` with some of its text replaced.
pub fn changed(replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(UNCHANGED.to_string(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in the text");
        text.replace(from, to)
    })
}
