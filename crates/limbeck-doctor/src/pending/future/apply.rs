//! What one change makes of the tables.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, NewColumn, ObjectKind};

use super::super::ask::{Ask, NotTold, constant, quoted};
use super::{Column, Fate, Future, Table, bare_type};

impl Future {
    /// Notes a change after it was looked at. `by` says who makes it: `revision a1b2`.
    pub(in crate::pending) fn apply(&mut self, ask: &mut Ask<'_>, change: &Change, others: &[Change], by: &str) -> Result<(), NotTold> {
        match change {
            Change::CreateTable {
                table,
                columns,
                if_not_exists,
                constraints,
                ..
            } => {
                if *if_not_exists && self.table(ask, table)?.is_some() {
                    return Ok(());
                }
                self.create(ask, table, columns, by)?;
                for constraint in constraints {
                    self.constraint_made(table, constraint);
                }
            }
            Change::DropTable { table, .. } => {
                let key = self.key(table);
                self.tables.remove(&key);
                self.constraints.retain(|(of, _), _| *of != key);
                self.unique.retain(|(of, _)| *of != key);
                let indexes: Vec<Name> = self.indexes.iter().filter(|(_, of)| **of == key).map(|(index, _)| index.clone()).collect();
                for index in indexes {
                    self.indexes.remove(&index);
                    self.objects.remove(&(ObjectKind::Index, index));
                }
                self.gone.insert(key);
            }
            Change::RenameTable { table, to } => {
                let to = Name {
                    schema: table.schema.clone(),
                    name: to.clone(),
                };
                self.rename(ask, table, &to)?;
            }
            Change::MoveTable { table, schema } => {
                let to = Name {
                    schema: Some(schema.clone()),
                    name: table.name.clone(),
                };
                self.rename(ask, table, &to)?;
            }
            Change::AddColumn { table, column, if_not_exists } => {
                if *if_not_exists && self.table(ask, table)?.is_some_and(|table| table.column(&column.name).is_some()) {
                    return Ok(());
                }
                self.add_column(ask, table, column)?;
            }
            Change::DropColumn { table, column, .. } => {
                if self.table(ask, table)?.is_some() {
                    self.select(table, |other| (other.name != *column).then(|| quoted(&other.name)), None);
                    self.edit(table, |columns| columns.retain(|other| other.name != *column));
                }
            }
            Change::RenameColumn { table, column, to } => {
                if self.table(ask, table)?.is_some() {
                    let show = |other: &Column| {
                        Some(if other.name == *column {
                            format!("{} AS {}", quoted(column), quoted(to))
                        } else {
                            quoted(&other.name)
                        })
                    };
                    self.select(table, show, None);
                    self.edit(table, |columns| {
                        for other in columns.iter_mut().filter(|other| other.name == *column) {
                            other.name.clone_from(to);
                        }
                    });
                }
            }
            Change::SetType { table, column, type_, using } => {
                if self.table(ask, table)?.is_some() {
                    let (type_, known) = self.type_now(ask, type_)?;
                    let value = using.clone().filter(|_| known).unwrap_or_else(|| quoted(column));
                    let show = |other: &Column| {
                        Some(if other.name == *column {
                            format!("CAST(({value}) AS {type_}) AS {}", quoted(column))
                        } else {
                            quoted(&other.name)
                        })
                    };
                    self.select(table, show, None);
                    self.edit(table, |columns| {
                        for other in columns.iter_mut().filter(|other| other.name == *column) {
                            other.type_.clone_from(&type_);
                            other.known = known;
                        }
                    });
                }
            }
            Change::SetNotNull { table, column } => self.edit(table, |columns| {
                for other in columns.iter_mut().filter(|other| other.name == *column) {
                    other.not_null = true;
                }
            }),
            Change::AddConstraint { table, constraint } => self.constraint_made(table, constraint),
            Change::DropConstraint { table, name, .. } => self.constraint_is(table, name, Fate::Gone),
            Change::RenameConstraint { table, name, to } => {
                self.constraint_is(table, name, Fate::Gone);
                self.constraint_is(table, to, Fate::Made);
            }
            Change::CreateIndex {
                name, table, unique, columns, ..
            } => {
                if let Some(name) = name {
                    let name = Name {
                        schema: table.schema.clone(),
                        name: name.name.clone(),
                    };
                    self.object_is(ObjectKind::Index, &name, Fate::Made);
                    let (index, of) = (self.key(&name), self.key(table));
                    self.indexes.insert(index, of);
                }
                if unique.as_ref().is_some_and(|key| key.where_.is_none() && key.elements.len() == columns.len()) {
                    let key = self.key(table);
                    self.unique.push((key, columns.clone()));
                }
            }
            Change::Create { kind, name, labels, .. } => {
                self.object_is(*kind, name, Fate::Made);
                if !labels.is_empty() {
                    let key = self.key(name);
                    self.enums.insert(key, labels.clone());
                }
            }
            Change::Drop { kind, name, cascade, .. } => {
                self.object_is(*kind, name, Fate::Gone);
                if *cascade {
                    self.opaque.get_or_insert_with(|| format!("{by} drops {} {name} with CASCADE", kind.word()));
                }
            }
            Change::Rename { kind, name, to } => {
                self.object_is(*kind, name, Fate::Gone);
                let to = Name {
                    schema: name.schema.clone(),
                    name: to.clone(),
                };
                self.object_is(*kind, &to, Fate::Made);
            }
            Change::Rows { table, how, plain, .. } => self.rows(ask, table, *how, plain.as_deref(), others, by)?,
            Change::Calls { function } => {
                let name = function.name.as_str();
                let known = crate::touches::is_harmless(function) || matches!(name, "setval" | "nextval" | "currval") || name.starts_with("pg_");
                if !known {
                    self.opaque.get_or_insert_with(|| format!("{by} calls {function}()"));
                }
            }
            Change::Opaque { headline } => {
                self.opaque.get_or_insert_with(|| format!("{by} runs `{headline}`"));
            }
            Change::AlterColumn { table, column } => {
                let key = self.key(table);
                self.altered.insert((key, column.clone()));
            }
            Change::ValidateConstraint { .. } | Change::AlterTable { .. } | Change::Alter { .. } | Change::Reads { .. } | Change::Nothing => {}
        }
        Ok(())
    }

    fn edit(&mut self, name: &Name, work: impl FnOnce(&mut Vec<Column>)) {
        let key = self.key(name);
        if let Some(table) = self.tables.get_mut(&key) {
            work(&mut table.columns);
        }
    }

    fn object_is(&mut self, kind: ObjectKind, name: &Name, fate: Fate) {
        let key = self.key(name);
        self.objects.insert((kind, key), fate);
    }

    fn constraint_is(&mut self, table: &Name, name: &str, fate: Fate) {
        let key = self.key(table);
        self.constraints.insert((key, name.to_owned()), fate);
    }

    fn constraint_made(&mut self, table: &Name, constraint: &limbeck_sql::changes::NewConstraint) {
        use limbeck_sql::changes::NewConstraintKind as Kind;
        match &constraint.name {
            Some(name) => self.constraint_is(table, name, Fate::Made),
            None => {
                let key = self.key(table);
                self.unnamed.insert(key);
            }
        }
        if let Kind::Unique(key) | Kind::PrimaryKey(key) = &constraint.kind {
            let columns = key
                .elements
                .iter()
                .map(|element| match element.strip_prefix('"') {
                    Some(inner) => inner.trim_end_matches('"').replace("\"\"", "\""),
                    None => element.to_ascii_lowercase(),
                })
                .collect();
            let table = self.key(table);
            self.unique.push((table, columns));
        }
    }

    /// A type that can be named now; text stands for one that a pending statement makes.
    fn type_now(&mut self, ask: &mut Ask<'_>, type_: &str) -> Result<(String, bool), NotTold> {
        let type_ = plain_type(type_);
        let bare = bare_type(&type_).to_owned();
        let is_there = match self.types.get(&bare) {
            Some(is_there) => *is_there,
            None => {
                let is_there = ask.value(&format!("SELECT to_regtype({})::text", constant(&bare)))?.is_some();
                self.types.insert(bare, is_there);
                is_there
            }
        };
        Ok(if is_there { (type_, true) } else { ("text".to_owned(), false) })
    }

    fn create(&mut self, ask: &mut Ask<'_>, name: &Name, new: &[NewColumn], by: &str) -> Result<(), NotTold> {
        let key = self.key(name);
        let mut columns = Vec::with_capacity(new.len());
        for column in new {
            let (type_, known) = self.type_now(ask, &column.type_)?;
            columns.push(Column {
                name: column.name.clone(),
                type_,
                number: None,
                not_null: column.not_null,
                known,
            });
        }
        let table = Table {
            live: None,
            // What `CREATE TABLE … AS` puts into it is not looked at.
            blurred: columns.is_empty().then(|| format!("{by} fills {name}")),
            columns,
            stepped: false,
        };
        self.gone.remove(&key);
        self.tables.insert(key, table);
        Ok(())
    }

    fn rename(&mut self, ask: &mut Ask<'_>, from: &Name, to: &Name) -> Result<(), NotTold> {
        if self.table(ask, from)?.is_none() {
            return Ok(());
        }
        let select = format!("SELECT * FROM {}", self.source(from));
        let (from, to) = (self.key(from), self.key(to));
        let Some(mut table) = self.tables.remove(&from) else { return Ok(()) };
        let stepped = std::mem::take(&mut table.stepped);
        self.gone.insert(from.clone());
        self.gone.remove(&to);
        for of in self.indexes.values_mut().filter(|of| **of == from) {
            of.clone_from(&to);
        }
        self.tables.insert(to.clone(), table);
        let names: Vec<String> = self
            .constraints
            .keys()
            .filter(|(table, _)| *table == from)
            .map(|(_, name)| name.clone())
            .collect();
        for name in names {
            if let Some(fate) = self.constraints.get(&(from.clone(), name.clone())).copied() {
                self.constraints.insert((to.clone(), name), fate);
            }
        }
        // Without a chain the live table is found under its own name; later conditions may use the new one.
        if stepped || to.schema.is_none() {
            self.step(&to, select, vec![from]);
        }
        Ok(())
    }

    fn add_column(&mut self, ask: &mut Ask<'_>, name: &Name, column: &NewColumn) -> Result<(), NotTold> {
        if self.table(ask, name)?.is_none() {
            return Ok(());
        }
        let (type_, is_there) = self.type_now(ask, &column.type_)?;
        let value = column.default.clone().unwrap_or_else(|| "NULL".to_owned());
        let known = is_there && (column.default.is_some() || !column.filled);
        let value = if known { value } else { "NULL".to_owned() };
        self.select(
            name,
            |other| Some(quoted(&other.name)),
            Some(format!("CAST(({value}) AS {type_}) AS {}", quoted(&column.name))),
        );
        let new = Column {
            name: column.name.clone(),
            type_,
            number: None,
            not_null: column.not_null,
            known,
        };
        self.edit(name, |columns| columns.push(new));
        Ok(())
    }
}

/// A type without what only a column can have.
fn plain_type(type_: &str) -> String {
    match type_.to_ascii_lowercase().as_str() {
        "serial" | "serial4" => "integer".into(),
        "bigserial" | "serial8" => "bigint".into(),
        "smallserial" | "serial2" => "smallint".into(),
        _ => type_.to_owned(),
    }
}
