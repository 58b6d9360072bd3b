//! What the rows of a table may refuse: a NOT NULL that finds NULLs, a type that is too narrow, a key that finds values twice. Each is a question to the
//! database, asked while the revision is written, and a note in the revision where the answer is not zero.

use super::enums::{Enums, values_gone};
use super::{Rename, values};
use crate::{Alteration, Modify, Result, Step, TableChange};
use limbeck_dialect::{DialectName, expression_sql, mentioned_columns, quote_ident};
use limbeck_schema::{Column, Constraint, ForeignKey, Ident, Index, ServerDefault, Table, TableName};
use std::collections::BTreeSet;

/// No question looks at more rows than this.
const LOOKED_AT: u64 = 1_000_000;

/// Something that rows may refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    step: usize,
    change: Option<usize>,
    /// What is to become of them.
    what: String,
    kind: Kind,
    /// Selects the rows (or values) that stand in the way.
    pub sql: String,
    /// How many there are; none where that was not found out.
    pub rows: Option<u64>,
    /// Whether there are more than were counted.
    pub more: bool,
}

/// Why they stand in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A new column without a value for the rows there are.
    NoValue { table: String, refused_anyway: bool },
    /// Rows with NULL.
    Null,
    /// Values of a column that a type refuses or changes.
    Values(values::Trouble),
    /// Values that are there more than once.
    Twice,
    /// Rows that point to nothing.
    Orphans,
    /// Rows that a check refuses.
    Check,
    /// Values of an enum type that go.
    Gone,
}

impl Doubt {
    /// The note, or nothing where nothing stands in the way.
    pub fn words(&self) -> Option<String> {
        let rows = self.rows?;
        let more = if self.more { "more than " } else { "" };
        let count = |one: &str, many: &str| if rows == 1 { format!("1 {one}") } else { format!("{more}{rows} {many}") };
        let what = &self.what;
        if let Kind::NoValue { table, refused_anyway } = &self.kind {
            let mend = "give it a server_default, or add it nullable, fill it, and then make it NOT NULL";
            return Some(match (rows, refused_anyway) {
                (0, true) => format!("{what} is NOT NULL without a default, which SQLite adds to no table; {mend}"),
                (0, false) => format!("{what} is NOT NULL without a default, so adding it fails where table {table} has rows; {mend}"),
                _ => format!(
                    "{what} is NOT NULL without a default and table {table} has {}, so adding it will fail; {mend}",
                    count("row", "rows")
                ),
            });
        }
        if rows == 0 {
            return None;
        }
        Some(match &self.kind {
            Kind::NoValue { .. } => return None,
            Kind::Null => format!("{what} becomes NOT NULL, but {} NULL: fill it first", count("row has", "rows have")),
            Kind::Values(trouble) => format!("{what}, but {}", trouble.words(&count("row holds", "rows hold"))),
            Kind::Twice => format!("{what}, but {} more than once", count("value is there", "values are there")),
            Kind::Orphans => format!("{what}, but {} to no row there", count("row points", "rows point")),
            Kind::Check => format!("{what}, but {} it", count("row breaks", "rows break")),
            Kind::Gone => format!("{what}, but {} it: give them another value first", count("row has", "rows have")),
        })
    }
}

/// What is needed to ask the database before the revision has run.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The database's tables, after renames.
    pub have: &'a [Table],
    /// The renames: the database still knows the old names.
    pub renames: &'a [Rename],
    /// Whose words.
    pub dialect: DialectName,
    /// The server's major version.
    pub version: u32,
}

/// Every question that steps raise.
pub fn doubts(steps: &[Step], rows: Rows<'_>) -> Vec<Doubt> {
    let mut out = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let Step::Modify(modify) = step else { continue };
        for (at, change) in modify.changes.iter().enumerate() {
            for (what, kind, sql) in rows.of_change(modify, change) {
                out.push(Doubt {
                    step: number,
                    change: Some(at),
                    what,
                    kind,
                    sql,
                    rows: None,
                    more: false,
                });
            }
        }
    }
    out
}

/// The questions about the values that enum types lose.
pub fn doubts_of_values(steps: &[Step], rows: Rows<'_>, enums: Enums<'_>) -> Vec<Doubt> {
    let mut out = Vec::new();
    for lost in values_gone(enums) {
        let about = |step: &Step| matches!(step, Step::Sql { about, .. } if *about == lost.about);
        let Some(number) = steps.iter().position(about) else { continue };
        for (table, column, is_list) in &lost.users {
            let Some(source) = rows.source(table) else { continue };
            let name = rows.quoted(column);
            for value in &lost.values {
                let literal = format!("'{}'", value.replace('\'', "''"));
                let test = if *is_list {
                    format!("{literal} = ANY ({name}::text[])")
                } else {
                    format!("{name}::text = {literal}")
                };
                out.push(Doubt {
                    step: number,
                    change: None,
                    what: format!("value {value} goes from the type of column {table}.{column}"),
                    kind: Kind::Gone,
                    sql: format!("SELECT 1 FROM {source} WHERE {test}"),
                    rows: None,
                    more: false,
                });
            }
        }
    }
    out
}

/// The steps with a note before each that rows stand in the way of.
pub fn with_doubts(steps: Vec<Step>, doubts: &[Doubt]) -> Vec<Step> {
    let notes = |step: usize, change: Option<usize>| {
        doubts
            .iter()
            .filter(move |doubt| doubt.step == step && doubt.change == change)
            .filter_map(Doubt::words)
    };
    let mut out = Vec::with_capacity(steps.len());
    for (number, step) in steps.into_iter().enumerate() {
        out.extend(notes(number, None).map(Step::Note));
        match step {
            Step::Modify(modify) => {
                let mut changes = Vec::with_capacity(modify.changes.len());
                for (at, change) in modify.changes.into_iter().enumerate() {
                    changes.extend(notes(number, Some(at)).map(TableChange::Note));
                    changes.push(change);
                }
                out.push(Step::Modify(Modify { changes, ..modify }));
            }
            step => out.push(step),
        }
    }
    out
}

/// The way back with a note before each column that cannot come back while there are rows.
pub fn with_doubts_back(steps: Vec<Step>) -> Vec<Step> {
    let note = |table: &TableName, change: &TableChange| match change {
        TableChange::AddColumn(column) if is_without_value(&column.item) => Some(TableChange::Note(format!(
            "column {table}.{} comes back NOT NULL without a default: this fails while the table has rows",
            column.item.name
        ))),
        _ => None,
    };
    let mut steps = steps;
    for step in &mut steps {
        let Step::Modify(modify) = step else { continue };
        let changes = std::mem::take(&mut modify.changes);
        modify.changes = changes
            .into_iter()
            .flat_map(|change| [note(&modify.table, &change), Some(change)])
            .flatten()
            .collect();
    }
    steps
}

fn is_without_value(column: &Column) -> bool {
    !column.is_nullable() && column.server_default.is_none() && column.computed.is_none() && column.identity.is_none()
}

type Question = (String, Kind, String);

impl Rows<'_> {
    fn quoted(&self, name: &Ident) -> String {
        quote_ident(self.dialect, name)
    }

    fn table(&self, name: &TableName) -> Option<&Table> {
        self.have.iter().find(|table| table.name == *name)
    }

    /// Some rows of a table, under the names that its columns will have.
    fn source(&self, name: &TableName) -> Option<String> {
        let table = self.table(name)?;
        let renamed = |column: Option<&str>, to: &str| {
            let is_it = |rename: &&Rename| rename.to == to && rename.column.is_some() == column.is_some() && column.is_none_or(|table| rename.table == table);
            self.renames.iter().find(is_it)
        };
        let mut columns = Vec::new();
        for column in &table.columns {
            let new = self.quoted(&column.name);
            columns.push(
                match renamed(Some(name.name.as_str()), column.name.as_str()).and_then(|rename| rename.column.as_deref()) {
                    Some(old) => format!("{} AS {new}", self.quoted(&Ident::new(old))),
                    None => new,
                },
            );
        }
        let old = renamed(None, name.name.as_str()).map_or_else(|| name.name.clone(), |rename| Ident::new(&rename.table));
        let from = match &name.schema {
            Some(schema) => format!("{}.{}", self.quoted(schema), self.quoted(&old)),
            None => self.quoted(&old),
        };
        Some(format!(
            "(SELECT {} FROM {from} LIMIT {LOOKED_AT}) AS {}",
            columns.join(", "),
            self.quoted(&name.name)
        ))
    }

    fn of_change(&self, modify: &Modify, change: &TableChange) -> Vec<Question> {
        let name = &modify.table;
        let (Some(table), Some(source)) = (self.table(name), self.source(name)) else {
            return Vec::new();
        };
        let known = |columns: &[Ident]| columns.iter().all(|column| table.column(column.as_str()).is_some());
        match change {
            TableChange::AddColumn(column) if is_without_value(&column.item) => {
                let kind = Kind::NoValue {
                    table: name.to_string(),
                    refused_anyway: self.dialect == DialectName::Sqlite && !modify.changes.iter().any(rebuilds),
                };
                vec![(format!("column {name}.{}", column.item.name), kind, format!("SELECT 1 FROM {source}"))]
            }
            TableChange::AlterColumn(alteration) => self.of_alteration(table, &source, alteration),
            TableChange::CreateIndex(index) if index.item.unique => {
                let columns = plain(&index.item);
                let columns = columns.filter(|columns| known(columns) && index.item.options.is_empty());
                columns.map(|columns| self.twice(name, &source, "unique index", &columns)).into_iter().collect()
            }
            TableChange::AddConstraint(_, constraint) => match &constraint.item {
                Constraint::Unique(key) if known(&key.columns) => vec![self.twice(name, &source, "unique constraint", &key.columns)],
                Constraint::PrimaryKey(key) if known(&key.columns) => vec![self.twice(name, &source, "primary key", &key.columns)],
                Constraint::ForeignKey(key) if known(&key.columns) => self.orphans(name, &source, key).into_iter().collect(),
                Constraint::Check(check) => {
                    let added = modify.changes.iter().any(|change| matches!(change, TableChange::AddColumn(_)));
                    let columns: Vec<Ident> = mentioned_columns(&check.condition);
                    let Ok(sql) = expression_sql(self.dialect, &check.condition) else {
                        return Vec::new();
                    };
                    if added || !known(&columns) {
                        return Vec::new();
                    }
                    let shown = check.name.ident().map_or_else(String::new, |name| format!(" {name}"));
                    vec![(
                        format!("check{shown} comes to table {name}"),
                        Kind::Check,
                        format!("SELECT 1 FROM {source} WHERE NOT ({sql})"),
                    )]
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn of_alteration(&self, table: &Table, source: &str, alteration: &Alteration) -> Vec<Question> {
        let Some(column) = table.column(alteration.column.as_str()) else {
            return Vec::new();
        };
        let (name, place) = (self.quoted(&column.name), format!("column {}.{}", table.name, column.name));
        let mut out = Vec::new();
        if alteration.nullable == Some(false) && column.is_nullable() {
            out.push((place.clone(), Kind::Null, format!("SELECT 1 FROM {source} WHERE {name} IS NULL")));
        }
        if let Some(to) = &alteration.type_ {
            let from = alteration.existing_type.as_ref().map_or(&column.type_, |existing| &existing.item);
            let questions = values::questions(self.dialect, self.version, (from, &to.item), &name);
            for (trouble, test, shown) in questions.into_iter().flatten() {
                out.push((
                    format!("{place} becomes {shown}"),
                    Kind::Values(trouble),
                    format!("SELECT 1 FROM {source} WHERE {test}"),
                ));
            }
        }
        out
    }

    fn twice(&self, name: &TableName, source: &str, what: &str, columns: &[Ident]) -> Question {
        let list: Vec<String> = columns.iter().map(|column| self.quoted(column)).collect();
        let set: Vec<String> = list.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let shown: Vec<&str> = columns.iter().map(Ident::as_str).collect();
        let sql = format!(
            "SELECT 1 FROM {source} WHERE {} GROUP BY {} HAVING count(*) > 1",
            set.join(" AND "),
            list.join(", ")
        );
        (format!("{what} ({}) comes to table {name}", shown.join(", ")), Kind::Twice, sql)
    }

    /// Where the other table is only now made, whatever points there points to nothing.
    fn orphans(&self, name: &TableName, source: &str, key: &ForeignKey) -> Option<Question> {
        let own = self.quoted(&name.name);
        let set: Vec<String> = key.columns.iter().map(|column| format!("{own}.{} IS NOT NULL", self.quoted(column))).collect();
        let other = self.table(&key.referred_table);
        let names: BTreeSet<&str> = other.iter().flat_map(|other| &other.columns).map(|column| column.name.as_str()).collect();
        let mut sql = format!("SELECT 1 FROM {source} WHERE {}", set.join(" AND "));
        if other.is_some() {
            if key.referred_columns.len() != key.columns.len() || !key.referred_columns.iter().all(|column| names.contains(column.as_str())) {
                return None;
            }
            let same: Vec<String> = key
                .columns
                .iter()
                .zip(&key.referred_columns)
                .map(|(own_column, other)| format!("limbeck_parent.{} = {own}.{}", self.quoted(other), self.quoted(own_column)))
                .collect();
            let parent = self.whole(&key.referred_table)?;
            sql += &format!(" AND NOT EXISTS (SELECT 1 FROM {parent} AS limbeck_parent WHERE {})", same.join(" AND "));
        }
        let shown: Vec<&str> = key.columns.iter().map(Ident::as_str).collect();
        Some((
            format!("foreign key ({}) comes to table {name} from {}", shown.join(", "), key.referred_table),
            Kind::Orphans,
            sql,
        ))
    }

    /// A whole table under the names that its columns will have.
    fn whole(&self, name: &TableName) -> Option<String> {
        let source = self.source(name)?;
        let (inner, _) = source.rsplit_once(" LIMIT ")?;
        Some(format!("{inner})"))
    }
}

/// Whether SQLite makes the whole table anew for a change.
fn rebuilds(change: &TableChange) -> bool {
    !matches!(
        change,
        TableChange::AddColumn(_) | TableChange::CreateIndex(_) | TableChange::DropIndex(_) | TableChange::Note(_)
    ) || matches!(change, TableChange::AddColumn(column) if matches!(column.item.server_default, Some(ServerDefault::Expr(_))))
}

/// The columns of an index on columns alone.
fn plain(index: &Index) -> Option<Vec<Ident>> {
    let column = |element: &limbeck_expr::Expr| match element {
        limbeck_expr::Expr::Column { name, .. } => Some(name.clone()),
        _ => None,
    };
    index.elements.iter().map(column).collect()
}

/// Fills in what the database answers to each question.
///
/// # Errors
/// As `count`.
pub fn answered(doubts: &mut [Doubt], limit: u64, count: &mut dyn FnMut(&str) -> Result<Option<u64>>) -> Result<()> {
    for doubt in doubts {
        let found = count(&format!("SELECT count(*) FROM ({} LIMIT {}) AS limbeck_counted", doubt.sql, limit + 1))?;
        doubt.more = found.is_some_and(|rows| rows > limit);
        doubt.rows = found.map(|rows| rows.min(limit));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sided;
    use limbeck_schema::{ColumnType, ConstraintName, KeyConstraint};

    fn person() -> Table {
        let mut table = Table::new(TableName::new("person"));
        table.columns.push(Column::new("id", ColumnType::SqlInteger));
        table.columns.push(Column::new("mail", ColumnType::SqlText { length: None, collation: None }));
        table
    }

    fn asked(changes: Vec<TableChange>, renames: &[Rename], dialect: DialectName) -> (Vec<Step>, Vec<Doubt>) {
        let steps = vec![Step::Modify(Modify {
            table: TableName::new("person"),
            changes,
        })];
        let have = [person()];
        let rows = Rows {
            have: &have,
            renames,
            dialect,
            version: 15,
        };
        let found = doubts(&steps, rows);
        (steps, found)
    }

    #[test]
    fn a_column_without_a_value_is_told_with_and_without_rows() {
        let mut column = Column::new("age", ColumnType::SqlInteger);
        column.nullable = Some(false);
        let (steps, mut found) = asked(vec![TableChange::AddColumn(Sided::models(column.clone()))], &[], DialectName::Postgresql);
        for (rows, words) in [
            (0, "fails where table person has rows"),
            (1, "table person has 1 row,"),
            (3, "has 3 rows, so adding it will fail"),
        ] {
            answered(&mut found, 100, &mut |_| Ok(Some(rows))).unwrap();
            assert!(found[0].words().unwrap().contains(words), "{:?}", found[0].words());
        }
        let Step::Modify(modify) = &with_doubts(steps, &found)[0] else { panic!() };
        assert!(matches!(modify.changes.as_slice(), [TableChange::Note(_), TableChange::AddColumn(_)]));
        column.server_default = Some(ServerDefault::Text("1".into()));
        assert!(
            asked(vec![TableChange::AddColumn(Sided::models(column))], &[], DialectName::Postgresql)
                .1
                .is_empty()
        );
    }

    #[test]
    fn the_database_is_asked_under_its_old_names() {
        let mut alteration = Alteration::new("mail".into());
        alteration.nullable = Some(false);
        let renames = [Rename::parse("people:person").unwrap(), Rename::parse("person.post:mail").unwrap()];
        let (_, mut found) = asked(vec![TableChange::AlterColumn(Box::new(alteration))], &renames, DialectName::Postgresql);
        assert_eq!(
            found[0].sql,
            "SELECT 1 FROM (SELECT id, post AS mail FROM people LIMIT 1000000) AS person WHERE mail IS NULL"
        );
        assert_eq!(found[0].words(), None);
        answered(&mut found, 5, &mut |_| Ok(Some(6))).unwrap();
        assert_eq!(
            found[0].words().unwrap(),
            "column person.mail becomes NOT NULL, but more than 5 rows have NULL: fill it first"
        );
    }

    #[test]
    fn a_key_asks_for_what_is_there_twice() {
        let key = Constraint::Unique(KeyConstraint {
            columns: vec!["mail".into()],
            name: ConstraintName::Unnamed,
            ..KeyConstraint::default()
        });
        let (_, found) = asked(
            vec![TableChange::AddConstraint(TableName::new("person"), Sided::models(key))],
            &[],
            DialectName::Sqlite,
        );
        assert!(
            found[0].sql.ends_with("WHERE mail IS NOT NULL GROUP BY mail HAVING count(*) > 1"),
            "{}",
            found[0].sql
        );
    }
}
