//! PostgreSQL's enum types, as objects of their own: created before the first column of theirs, dropped with the last, their values added or, where
//! PostgreSQL has no word for it, the type exchanged.

use crate::{Sided, Step, TableChange};
use limbeck_dialect::{DialectName, expression_sql, quote_ident};
use limbeck_schema::{Column, ColumnType, EnumType, Ident, ServerDefault, Table, TableName};
use std::collections::{BTreeMap, BTreeSet};

/// The enums and tables of both sides.
#[derive(Debug, Clone, Copy)]
pub struct Enums<'a> {
    /// The types of the database, with their schemas.
    pub have: &'a [EnumType],
    /// The tables of the database.
    pub have_tables: &'a [Table],
    /// The tables of the models.
    pub wanted_tables: &'a [Table],
    /// Where a type without a schema lives.
    pub default_schema: Option<&'a str>,
}

/// A type's schema, the default one where none is named, and its name.
type Key = (String, String);

fn enum_of(type_: &ColumnType) -> Option<&EnumType> {
    match type_ {
        ColumnType::Enum(found) if found.native || found.postgresql => Some(found),
        ColumnType::Array { item, .. } => enum_of(item),
        _ => None,
    }
}

fn enum_of_mut(type_: &mut ColumnType) -> Option<&mut EnumType> {
    match type_ {
        ColumnType::Enum(found) if found.native || found.postgresql => Some(found),
        ColumnType::Array { item, .. } => enum_of_mut(item),
        _ => None,
    }
}

impl Enums<'_> {
    fn key(&self, type_: &EnumType, table: Option<&TableName>) -> Option<Key> {
        let own = type_.schema.as_ref().map(|schema| schema.text.clone());
        let of_table = || {
            table
                .filter(|_| type_.inherit_schema)
                .and_then(|table| table.schema.as_ref())
                .map(|schema| schema.text.clone())
        };
        let schema = own.or_else(of_table).or_else(|| self.default_schema.map(str::to_owned)).unwrap_or_default();
        Some((schema, type_.name.as_ref()?.text.clone()))
    }

    /// Each type of the models once.
    fn wanted(&self) -> BTreeMap<Key, Vec<String>> {
        let mut out = BTreeMap::new();
        for table in self.wanted_tables {
            for found in table.columns.iter().filter_map(|column| enum_of(&column.type_)) {
                if let Some(key) = self.key(found, Some(&table.name)).filter(|_| found.create_type) {
                    out.entry(key).or_insert_with(|| found.values.clone());
                }
            }
        }
        out
    }

    /// The columns of the database that have a type.
    fn users(&self, key: &Key) -> Vec<(&TableName, &Column)> {
        self.users_in(self.have_tables, key, false)
    }

    fn users_in<'t>(&self, tables: &'t [Table], key: &Key, models: bool) -> Vec<(&'t TableName, &'t Column)> {
        let mut out = Vec::new();
        for table in tables {
            let of_type = |column: &&Column| enum_of(&column.type_).and_then(|found| self.key(found, models.then_some(&table.name))).as_ref() == Some(key);
            out.extend(table.columns.iter().filter(of_type).map(|column| (&table.name, column)));
        }
        out
    }

    fn sql_name(&self, key: &Key) -> String {
        let name = quote_ident(DialectName::Postgresql, &Ident::new(&key.1));
        if Some(key.0.as_str()) == self.default_schema || key.0.is_empty() {
            name
        } else {
            format!("{}.{name}", quote_ident(DialectName::Postgresql, &Ident::new(&key.0)))
        }
    }
}

/// Adds the steps of types. Columns that come and go no longer bring their types along; their places are returned, since they are written otherwise.
pub fn with_enums(steps: Vec<Step>, enums: Enums<'_>) -> (Vec<Step>, BTreeSet<(TableName, String)>) {
    let wanted = enums.wanted();
    let have: BTreeMap<Key, &EnumType> = enums.have.iter().filter_map(|found| Some((enums.key(found, None)?, found))).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (key, values) in &wanted {
        match have.get(key) {
            None => first.push(created(&enums, key, values)),
            Some(found) if found.values != *values => {
                let (before, after) = changed(&enums, key, &found.values, values);
                first.push(before);
                last.extend(after);
            }
            Some(_) => {}
        }
    }
    let gone = gone(&steps);
    for (key, found) in have.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
        let users = enums.users(key);
        let all_gone = users
            .iter()
            .all(|(table, column)| gone.contains(&((*table).clone(), None)) || gone.contains(&((*table).clone(), Some(column.name.text.clone()))));
        if !users.is_empty() && all_gone {
            last.push(turned(created(&enums, key, &found.values)));
        }
    }
    let mut places = BTreeSet::new();
    let mut steps = steps;
    for step in &mut steps {
        without_types(step, &mut places);
    }
    first.append(&mut steps);
    first.append(&mut last);
    (first, places)
}

/// The tables that are dropped, and the columns that are dropped or get another type.
fn gone(steps: &[Step]) -> BTreeSet<(TableName, Option<String>)> {
    let mut out = BTreeSet::new();
    for step in steps {
        match step {
            Step::DropTable(table) => {
                out.insert((table.item.name.clone(), None));
            }
            Step::Modify(modify) => {
                for change in &modify.changes {
                    let column = match change {
                        TableChange::DropColumn(column) => &column.item.name,
                        TableChange::AlterColumn(alteration) if alteration.type_.is_some() => &alteration.column,
                        _ => continue,
                    };
                    out.insert((modify.table.clone(), Some(column.text.clone())));
                }
            }
            _ => {}
        }
    }
    out
}

fn values_sql(values: &[String]) -> String {
    values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", ")
}

fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn created(enums: &Enums<'_>, key: &Key, values: &[String]) -> Step {
    let name = enums.sql_name(key);
    Step::Sql {
        about: format!("Type {name} is in the model but not in the database"),
        up: vec![format!("CREATE TYPE {name} AS ENUM ({})", values_sql(values))],
        down: vec![format!("DROP TYPE {name}")],
    }
}

/// A created type's step as one that drops it.
fn turned(step: Step) -> Step {
    match step {
        Step::Sql { about, up, down } => Step::Sql {
            about: about.replace("is in the model but not in the database", "exists in the database but its last column goes"),
            up: down,
            down: up,
        },
        other => other,
    }
}

fn about(name: &str, have: &[String], wanted: &[String]) -> String {
    let list = |values: &[String]| values.join(", ");
    format!("Type {name} is ({}) in the database but ({}) in the model", list(have), list(wanted))
}

/// Values that go from a type, and the columns that may still hold them.
pub(super) struct Gone {
    /// The step, in its words.
    pub about: String,
    pub values: Vec<String>,
    /// Table, column, and whether it holds lists.
    pub users: Vec<(TableName, Ident, bool)>,
}

/// The values that types of the database lose.
pub(super) fn values_gone(enums: Enums<'_>) -> Vec<Gone> {
    let wanted = enums.wanted();
    let of_type = |found: &EnumType| {
        let key = enums.key(found, None)?;
        let new = wanted.get(&key)?;
        let values: Vec<String> = found.values.iter().filter(|value| !new.contains(value)).cloned().collect();
        let users = enums.users(&key).into_iter();
        Some(Gone {
            about: about(&enums.sql_name(&key), &found.values, new),
            values,
            users: users
                .map(|(table, column)| (table.clone(), column.name.clone(), matches!(column.type_, ColumnType::Array { .. })))
                .collect(),
        })
    };
    enums.have.iter().filter_map(of_type).filter(|gone| !gone.values.is_empty()).collect()
}

/// What comes before the tables' changes, and what after them. A type is exchanged before they change in either direction, since they count on its new
/// values (in a default, say).
fn changed(enums: &Enums<'_>, key: &Key, have: &[String], wanted: &[String]) -> (Step, Option<Step>) {
    let name = enums.sql_name(key);
    let mut rest = wanted.iter();
    let only_added = have.iter().all(|value| rest.any(|other| other == value));
    let about = about(&name, have, wanted);
    if only_added {
        let (up, down) = (added(&name, have, wanted), exchanged(enums, key, have, &enums.users(key)));
        return (Step::Sql { about, up, down }, None);
    }
    let before = Step::Sql {
        about,
        up: exchanged(enums, key, wanted, &enums.users(key)),
        down: Vec::new(),
    };
    let after = Step::Sql {
        about: String::new(),
        up: Vec::new(),
        down: exchanged(enums, key, have, &enums.users_in(enums.wanted_tables, key, true)),
    };
    (before, Some(after))
}

/// `ALTER TYPE … ADD VALUE` for each new value, in its place.
fn added(name: &str, have: &[String], wanted: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for (at, value) in wanted.iter().enumerate() {
        if have.contains(value) {
            continue;
        }
        // Everything before it is there by now; at the front only what comes after can tell the place.
        let place = match (at, wanted[at + 1..].iter().find(|other| have.contains(other))) {
            (_, None) => String::new(),
            (0, Some(next)) => format!(" BEFORE {}", literal(next)),
            (_, Some(_)) => format!(" AFTER {}", literal(&wanted[at - 1])),
        };
        out.push(format!("ALTER TYPE {name} ADD VALUE {}{place}", literal(value)));
    }
    out
}

/// A type of that name with other values, taken over by every column; a row with a value that is no more stops it. A default that is no more is left to the
/// step that gives the column another.
fn exchanged(enums: &Enums<'_>, key: &Key, values: &[String], users: &[(&TableName, &Column)]) -> Vec<String> {
    let quoted = |name: &str| quote_ident(DialectName::Postgresql, &Ident::new(name));
    let name = enums.sql_name(key);
    let old = (key.0.clone(), format!("{}__old", key.1));
    let mut out = vec![
        format!("ALTER TYPE {name} RENAME TO {}", quoted(&old.1)),
        format!("CREATE TYPE {name} AS ENUM ({})", values_sql(values)),
    ];
    for (table, column) in users {
        let at = match &table.schema {
            Some(schema) => format!(
                "ALTER TABLE {}.{} ALTER COLUMN {}",
                quoted(schema.as_str()),
                quoted(table.name.as_str()),
                quoted(column.name.as_str())
            ),
            None => format!("ALTER TABLE {} ALTER COLUMN {}", quoted(table.name.as_str()), quoted(column.name.as_str())),
        };
        let list = if matches!(column.type_, ColumnType::Array { .. }) { "[]" } else { "" };
        let default = match &column.server_default {
            Some(ServerDefault::Reflected(sql)) => Some(sql.clone()),
            Some(ServerDefault::Text(text)) => Some(format!("{}::{name}{list}", literal(text))),
            Some(ServerDefault::Expr(expr)) => expression_sql(DialectName::Postgresql, expr).ok(),
            _ => None,
        };
        let kept = |default: &String| value_of(default).is_none_or(|value| !list.is_empty() || values.contains(&value));
        if default.is_some() {
            out.push(format!("{at} DROP DEFAULT"));
        }
        out.push(format!(
            "{at} TYPE {name}{list} USING {}::text{list}::{name}{list}",
            quoted(column.name.as_str())
        ));
        if let Some(default) = default.filter(kept) {
            out.push(format!("{at} SET DEFAULT {default}"));
        }
    }
    out.push(format!("DROP TYPE {}", enums.sql_name(&old)));
    out
}

/// The value that a default begins with.
fn value_of(default: &str) -> Option<String> {
    let rest = default.strip_prefix('\'')?;
    let end = rest.rfind('\'')?;
    Some(rest[..end].replace("''", "'"))
}

/// Types are steps of their own: no table or column brings one along.
fn without_types(step: &mut Step, places: &mut BTreeSet<(TableName, String)>) {
    let mut settle = |table: &TableName, column: &mut Column| {
        if let Some(found) = enum_of_mut(&mut column.type_) {
            found.postgresql = true;
            found.create_type = false;
            places.insert((table.clone(), column.name.text.clone()));
        }
    };
    match step {
        Step::CreateTable(Sided { item: table, .. }) | Step::DropTable(Sided { item: table, .. }) => {
            let name = table.name.clone();
            table.columns.iter_mut().for_each(|column| settle(&name, column));
        }
        Step::Modify(modify) => {
            for change in &mut modify.changes {
                match change {
                    TableChange::AddColumn(column) | TableChange::DropColumn(column) => settle(&modify.table, &mut column.item),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &str) -> Vec<String> {
        list.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn values_are_added_in_their_places() {
        assert_eq!(
            added("t", &values("b d"), &values("a b c d e f")),
            [
                "ALTER TYPE t ADD VALUE 'a' BEFORE 'b'",
                "ALTER TYPE t ADD VALUE 'c' AFTER 'b'",
                "ALTER TYPE t ADD VALUE 'e'",
                "ALTER TYPE t ADD VALUE 'f'"
            ]
        );
    }

    #[test]
    fn a_removed_value_exchanges_the_type_under_its_columns() {
        let type_ = EnumType {
            name: Some("mood".into()),
            values: values("sad ok"),
            native: true,
            create_type: true,
            postgresql: true,
            ..EnumType::default()
        };
        let mut have = Table::new(TableName::new("person"));
        let mut column = Column::new("mood", ColumnType::Enum(Box::new(type_.clone())));
        column.server_default = Some(ServerDefault::Reflected("'ok'::mood".into()));
        have.columns.push(column);
        let mut wanted = have.clone();
        wanted.columns[0].type_ = ColumnType::Enum(Box::new(EnumType {
            values: values("ok glad"),
            ..type_.clone()
        }));
        let enums = Enums {
            have: &[type_],
            have_tables: &[have],
            wanted_tables: &[wanted],
            default_schema: Some("public"),
        };
        let (steps, _) = with_enums(Vec::new(), enums);
        let [Step::Sql { up, .. }, Step::Sql { down, .. }] = steps.as_slice() else {
            panic!("{steps:?}")
        };
        assert_eq!(down[1], "CREATE TYPE mood AS ENUM ('sad', 'ok')");
        assert_eq!(
            up,
            &[
                "ALTER TYPE mood RENAME TO mood__old",
                "CREATE TYPE mood AS ENUM ('ok', 'glad')",
                "ALTER TABLE person ALTER COLUMN mood DROP DEFAULT",
                "ALTER TABLE person ALTER COLUMN mood TYPE mood USING mood::text::mood",
                "ALTER TABLE person ALTER COLUMN mood SET DEFAULT 'ok'::mood",
                "DROP TYPE mood__old"
            ]
        );
    }
}
