//! Renames: asked for (`--rename old:new`), they are made on the database's side before the comparison; not asked for, what looks like one is told.

use crate::{Modify, Result, Sided, Step, TableChange};
use limbeck_dialect::{DialectName, quote_ident, type_sql};
use limbeck_expr::{Expr, FromName};
use limbeck_ops::{DatabaseErrorKind, HostError, Operation};
use limbeck_schema::{Column, Constraint, Ident, OptionValue, Table, TableName};

/// A rename that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The table; for a column its table's new name.
    pub table: String,
    /// The column, if not the table itself.
    pub column: Option<String>,
    /// The new name.
    pub to: String,
}

impl Rename {
    /// Reads `old:new` (a table), `table.old:new` or `table.old:table.new` (a column).
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is not a rename; write `table.old:new` for a column, `old:new` for a table");
        let (from, to) = text.split_once(':').filter(|(from, to)| !from.is_empty() && !to.is_empty()).ok_or_else(wrong)?;
        match from.split_once('.') {
            None => Ok(Rename {
                table: from.to_owned(),
                column: None,
                to: to.to_owned(),
            }),
            Some((table, column)) => {
                let to = match to.split_once('.') {
                    Some((again, name)) if again == table => name,
                    Some(_) => return Err(wrong()),
                    None => to,
                };
                Ok(Rename {
                    table: table.to_owned(),
                    column: Some(column.to_owned()),
                    to: to.to_owned(),
                })
            }
        }
    }
}

/// Renames on the database's side; returns the steps that do the same in the database.
///
/// # Errors
/// There is nothing of that name, or the new name is taken.
pub fn rename(have: &mut [Table], renames: &[Rename], dialect: DialectName) -> Result<Vec<Step>> {
    let wrong = |text: String| HostError::new(DatabaseErrorKind::CommandError, text);
    let mut steps = Vec::new();
    // Tables first: columns are named by their table's new name.
    for rename in renames.iter().filter(|rename| rename.column.is_none()) {
        if have.iter().any(|table| table.name.name.text == rename.to) {
            return Err(wrong(format!("there is a table {} already", rename.to)));
        }
        let Some(table) = have.iter_mut().find(|table| table.name.name.text == rename.table) else {
            return Err(wrong(format!("the database has no table {} to rename", rename.table)));
        };
        let from = table.name.clone();
        let to = TableName {
            schema: from.schema.clone(),
            name: rename.to.as_str().into(),
        };
        steps.push(Step::Other {
            operation: Operation::RenameTable {
                from: from.clone(),
                to: to.name.clone(),
            },
            undo: Some(Operation::RenameTable {
                from: to.clone(),
                to: from.name.clone(),
            }),
        });
        for table in have.iter_mut() {
            table_renamed(table, &from, &to);
        }
    }
    for rename in renames {
        let Some(old) = &rename.column else { continue };
        let Some(table) = have.iter_mut().find(|table| table.name.name.text == rename.table) else {
            return Err(wrong(format!("the database has no table {} with a column to rename", rename.table)));
        };
        if table.column(&rename.to).is_some() {
            return Err(wrong(format!("table {} has a column {} already", rename.table, rename.to)));
        }
        let Some(column) = table.column(old).cloned() else {
            return Err(wrong(format!("table {} has no column {old} to rename", rename.table)));
        };
        let name = table.name.clone();
        steps.push(column_step(&name, column, &rename.to, dialect));
        for table in have.iter_mut() {
            column_renamed(table, &name, old, &rename.to);
        }
    }
    Ok(steps)
}

/// Refuses renames to what is not wanted: what they made would be dropped at once.
///
/// # Errors
/// The wanted side has no table or column of the new name.
pub fn check_renames(renames: &[Rename], wanted: &[Table]) -> Result<()> {
    for rename in renames {
        let name = if rename.column.is_some() { &rename.table } else { &rename.to };
        let mut tables = wanted.iter().filter(|table| table.name.name.text == *name);
        let missing = match &rename.column {
            None => tables.next().is_none().then(|| format!("table {}", rename.to)),
            Some(_) => (!tables.any(|table| table.column(&rename.to).is_some())).then(|| format!("column {}.{}", rename.table, rename.to)),
        };
        if let Some(missing) = missing {
            let text = format!("nothing can be renamed to {missing}, since there is none in the models or wanted schema");
            return Err(HostError::new(DatabaseErrorKind::CommandError, text));
        }
    }
    Ok(())
}

/// SQLite's own statement takes checks, expressions, indexes, views and the keys of other tables along, which a table made anew would lose.
fn column_step(table: &TableName, column: Column, to: &str, dialect: DialectName) -> Step {
    if dialect != DialectName::Sqlite {
        return Step::Modify(Modify {
            table: table.clone(),
            changes: vec![TableChange::RenameColumn {
                column: Sided::database(column),
                to: to.into(),
            }],
        });
    }
    let quoted = |name: &Ident| quote_ident(dialect, name);
    let sql = |from: &Ident, to: &Ident| format!("ALTER TABLE {} RENAME COLUMN {} TO {}", quoted(&table.name), quoted(from), quoted(to));
    let (from, to) = (column.name, Ident::from(to));
    Step::Sql {
        about: format!("Column {table}.{from} is called {to} in the model"),
        up: vec![sql(&from, &to)],
        down: vec![sql(&to, &from)],
    }
}

fn table_renamed(table: &mut Table, from: &TableName, to: &TableName) {
    if table.name == *from {
        table.name = to.clone();
    }
    for index in &mut table.indexes {
        if index.table == *from {
            index.table = to.clone();
        }
    }
    for constraint in &mut table.constraints {
        if let Constraint::ForeignKey(key) = constraint
            && key.referred_table == *from
        {
            key.referred_table = to.clone();
        }
    }
}

fn column_renamed(table: &mut Table, of: &TableName, old: &str, new: &str) {
    let swap = |names: &mut Vec<Ident>| names.iter_mut().filter(|name| name.text == old).for_each(|name| *name = new.into());
    let own = table.name == *of;
    for constraint in &mut table.constraints {
        match constraint {
            Constraint::PrimaryKey(key) | Constraint::Unique(key) if own => swap(&mut key.columns),
            Constraint::ForeignKey(key) => {
                if own {
                    swap(&mut key.columns);
                }
                if key.referred_table == *of {
                    swap(&mut key.referred_columns);
                }
            }
            Constraint::Check(check) if own => element_renamed(&mut check.condition, old, new),
            _ => {}
        }
    }
    if own {
        table
            .columns
            .iter_mut()
            .filter(|column| column.name.text == old)
            .for_each(|column| column.name = new.into());
        for computed in table.columns.iter_mut().filter_map(|column| column.computed.as_deref_mut()) {
            element_renamed(&mut computed.expr, old, new);
        }
        for index in &mut table.indexes {
            index.elements.iter_mut().for_each(|element| element_renamed(element, old, new));
            for value in index.options.values_mut() {
                if let OptionValue::Expr(expr) = value {
                    element_renamed(expr, old, new);
                }
            }
        }
    }
}

fn element_renamed(element: &mut Expr, old: &str, new: &str) {
    match element {
        Expr::Column {
            name,
            table: None | Some(FromName { .. }),
        } if name.text == old => *name = new.into(),
        Expr::LiteralColumn(sql) | Expr::Text { sql, .. } => *sql = text_renamed(sql, old, new),
        Expr::Postfix { expr, .. } | Expr::Prefix { expr, .. } => element_renamed(expr, old, new),
        _ => {}
    }
}

/// SQL as the server tells it after a column got another name: it renames the column in checks, indexes and expressions too.
fn text_renamed(sql: &str, old: &str, new: &str) -> String {
    let to = quote_ident(DialectName::Postgresql, &Ident::new(new));
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' => rest[1..].find(c).map_or(rest.len(), |at| at + 2),
            c if c.is_alphanumeric() || c == '_' => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let is_call = after.starts_with('(') || out.ends_with("::") || out.ends_with('.');
        let is_it = token == old && !is_call || token.strip_prefix('"').and_then(|token| token.strip_suffix('"')) == Some(old);
        out += if is_it { &to } else { token };
        rest = after;
    }
    out
}

/// What looks like a rename.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The table; for a table that may have been renamed, its old name.
    pub table: TableName,
    /// The column that is dropped, if not the table itself.
    pub column: Option<String>,
    /// The name of what is added.
    pub to: String,
}

impl Candidate {
    /// The hint beside what is dropped.
    pub fn words(&self) -> String {
        let option = self.option();
        match &self.column {
            Some(column) => format!("perhaps {}.{column} was renamed to {}; if so, use `--rename {option}`", self.table, self.to),
            None => format!("perhaps table {} was renamed to {}; if so, use `--rename {option}`", self.table, self.to),
        }
    }

    /// The question to somebody at a terminal.
    pub fn question(&self) -> String {
        match &self.column {
            Some(column) => format!("renamed {0}.{column} to {0}.{1}?", self.table, self.to),
            None => format!("renamed table {} to {}?", self.table, self.to),
        }
    }

    /// How `--rename` says it.
    pub fn option(&self) -> String {
        match &self.column {
            Some(column) => format!("{}.{column}:{}", self.table.name, self.to),
            None => format!("{}:{}", self.table.name, self.to),
        }
    }

    /// Whether only one of two can be so.
    pub fn excludes(&self, other: &Candidate) -> bool {
        let of_one_kind = self.column.is_some() == other.column.is_some();
        let same_table = self.table == other.table;
        of_one_kind && (same_table && self.column == other.column || self.to == other.to && (same_table || self.column.is_none()))
    }
}

/// Everything that looks like a rename.
pub fn candidates(steps: &[Step], dialect: DialectName) -> Vec<Candidate> {
    let mut out = Vec::new();
    let sql = |type_| type_sql(dialect, type_).unwrap_or_default();
    for step in steps {
        match step {
            Step::Modify(modify) => {
                let added = modify.changes.iter().filter_map(|change| match change {
                    TableChange::AddColumn(column) => Some(&column.item),
                    _ => None,
                });
                let added: Vec<&Column> = added.collect();
                for change in &modify.changes {
                    let TableChange::DropColumn(dropped) = change else { continue };
                    let same = added
                        .iter()
                        .filter(|column| column.name != dropped.item.name && sql(&column.type_) == sql(&dropped.item.type_));
                    out.extend(same.map(|column| Candidate {
                        table: modify.table.clone(),
                        column: Some(dropped.item.name.text.clone()),
                        to: column.name.text.clone(),
                    }));
                }
            }
            Step::DropTable(dropped) => {
                let created = steps.iter().filter_map(|step| match step {
                    Step::CreateTable(created) if alike(&dropped.item, &created.item) => Some(&created.item.name),
                    _ => None,
                });
                out.extend(created.map(|created| Candidate {
                    table: dropped.item.name.clone(),
                    column: None,
                    to: created.name.text.clone(),
                }));
            }
            _ => {}
        }
    }
    out
}

/// Whether two tables have most of their columns in common.
fn alike(one: &Table, other: &Table) -> bool {
    let common = one.columns.iter().filter(|column| other.column(column.name.as_str()).is_some()).count();
    let most = one.columns.len().max(other.columns.len());
    most > 1 && common * 10 >= most * 7
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_schema::ColumnType;

    #[test]
    fn renames_are_read() {
        let column = |table: &str, from: &str, to: &str| Rename {
            table: table.into(),
            column: Some(from.into()),
            to: to.into(),
        };
        assert_eq!(Rename::parse("t.a:b"), Ok(column("t", "a", "b")));
        assert_eq!(Rename::parse("t.a:t.b"), Ok(column("t", "a", "b")));
        assert_eq!(Rename::parse("t:u").map(|rename| rename.column), Ok(None));
        for wrong in ["t.a", ":b", "t.a:u.b", "a:"] {
            assert!(Rename::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_renamed_column_takes_its_index_along() {
        let mut table = Table::new(TableName::new("t"));
        table.columns.push(Column::new("a", ColumnType::SqlInteger));
        table.indexes.push(limbeck_schema::Index {
            name: limbeck_schema::ConstraintName::Final("ix".into()),
            table: table.name.clone(),
            elements: vec![Expr::Column { table: None, name: "a".into() }],
            unique: false,
            options: limbeck_schema::Options::new(),
        });
        let mut have = vec![table];
        let steps = rename(&mut have, &[Rename::parse("t.a:b").unwrap()], DialectName::Sqlite).unwrap();
        assert_eq!(steps.len(), 1);
        assert!(have[0].column("b").is_some());
        assert_eq!(have[0].indexes[0].elements, [Expr::Column { table: None, name: "b".into() }]);
        assert!(rename(&mut have, &[Rename::parse("t.x:y").unwrap()], DialectName::Sqlite).is_err());
    }

    #[test]
    fn a_rename_leads_to_something_that_is_wanted() {
        let mut table = Table::new(TableName::new("people"));
        table.columns.push(Column::new("mail", ColumnType::SqlInteger));
        let wanted = [table];
        let check = |text: &str| check_renames(&[Rename::parse(text).unwrap()], &wanted);
        assert!(check("person:people").is_ok() && check("people.post:mail").is_ok());
        assert!(check("person:persons").unwrap_err().message.contains("table persons"));
        assert!(check("people.post:email").unwrap_err().message.contains("column people.email"));
        assert!(check("person.post:mail").is_err());
    }

    #[test]
    fn a_renamed_column_is_renamed_in_expressions() {
        assert_eq!(
            text_renamed("a > 0 AND \"a\" <> 'a' AND aa < a(a)", "a", "b c"),
            "\"b c\" > 0 AND \"b c\" <> 'a' AND aa < a(\"b c\")"
        );
        assert_eq!(
            text_renamed("(mail)::text ~ 'it''s mail'::text", "mail", "email"),
            "(email)::text ~ 'it''s mail'::text"
        );
        assert_eq!(text_renamed("x = 'a'::text", "text", "b"), "x = 'a'::text");
    }

    #[test]
    fn a_column_was_renamed_to_one_other_at_most() {
        let candidate = |column: &str, to: &str| Candidate {
            table: TableName::new("users"),
            column: Some(column.into()),
            to: to.into(),
        };
        let one = candidate("mail", "email");
        assert_eq!(one.question(), "renamed users.mail to users.email?");
        assert_eq!(Rename::parse(&one.option()).map(|rename| rename.to), Ok("email".into()));
        assert!(one.excludes(&candidate("mail", "name")));
        assert!(one.excludes(&candidate("post", "email")));
        assert!(!one.excludes(&candidate("post", "letter")));
    }
}
