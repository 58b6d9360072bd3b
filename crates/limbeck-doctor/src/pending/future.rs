//! The tables as they will be when a pending statement runs, made of the ones that are there.
//!
//! What earlier pending statements do to columns and rows becomes a chain of `WITH` queries over the live tables: an `UPDATE` is a `CASE` around its columns, a `DELETE` a
//! condition, a new column a constant. A probe asked through that chain sees the rows as the real statement will, although nothing is written. What cannot be put
//! so (rows that are inserted, triggers, `UPDATE … FROM`) blurs the table: nobody can say then what its rows will be.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, NewColumn, ObjectKind, Plain, RowChange};

use super::ask::{Ask, NotTold, constant, quoted, quoted_name};

/// A column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub name: String,
    pub type_: String,
    /// Its number in the live table; none if it is new.
    pub number: Option<String>,
    pub not_null: bool,
    /// Whether its values can be told.
    pub known: bool,
}

/// A table that is there now, under whatever name.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub oid: String,
    /// Its schema and name now.
    pub name: Name,
}

/// A table as it will be.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// None if a pending statement makes it.
    pub live: Option<Live>,
    pub columns: Vec<Column>,
    /// Why its rows cannot be told.
    pub blurred: Option<String>,
    /// Whether the chain of queries has it.
    stepped: bool,
}

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// What became of another object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Made,
    Gone,
}

#[derive(Debug, Clone)]
struct Step {
    table: String,
    select: String,
    reads: Vec<Name>,
}

/// Everything pending so far.
#[derive(Debug, Default)]
pub(super) struct Future {
    default_schema: String,
    tables: BTreeMap<Name, Table>,
    gone: BTreeSet<Name>,
    steps: Vec<Step>,
    objects: BTreeMap<(ObjectKind, Name), Fate>,
    /// The tables of new indexes: they go with them.
    indexes: BTreeMap<Name, Name>,
    /// Whether types are there now.
    types: BTreeMap<String, bool>,
    /// Constraints by table and name.
    constraints: BTreeMap<(Name, String), Fate>,
    /// Unique keys that pending statements make, by table.
    pub unique: Vec<(Name, Vec<String>)>,
    /// Tables with pending constraints whose names the server will choose.
    pub unnamed: BTreeSet<Name>,
    /// The labels of new enums.
    enums: BTreeMap<Name, Vec<String>>,
    /// New tables with rows of their scripts' own.
    filled: BTreeSet<Name>,
    /// Columns whose default or the like changed.
    altered: BTreeSet<(Name, String)>,
    /// A statement of which nobody knows what it does.
    pub opaque: Option<String>,
}

impl Future {
    pub(super) fn new(ask: &mut Ask<'_>) -> Result<Self, NotTold> {
        Ok(Future {
            default_schema: ask.value("SELECT current_schema()::text")?.unwrap_or_else(|| "public".into()),
            ..Future::default()
        })
    }

    /// A name in the default schema has none.
    pub(super) fn key(&self, name: &Name) -> Name {
        Name {
            schema: name.schema.clone().filter(|schema| *schema != self.default_schema),
            name: name.name.clone(),
        }
    }

    pub(super) fn schema_of(&self, name: &Name) -> String {
        name.schema.clone().unwrap_or_else(|| self.default_schema.clone())
    }

    /// The table of that name as it will be; none if it will not be there.
    pub(super) fn table(&mut self, ask: &mut Ask<'_>, name: &Name) -> Result<Option<&Table>, NotTold> {
        let key = self.key(name);
        if self.gone.contains(&key) {
            return Ok(None);
        }
        if !self.tables.contains_key(&key) {
            let Some(table) = load(ask, &key)? else { return Ok(None) };
            self.tables.insert(key.clone(), table);
        }
        Ok(self.tables.get(&key))
    }

    /// The table of that name, where it was looked up before.
    pub(super) fn known(&self, name: &Name) -> Option<&Table> {
        self.tables.get(&self.key(name))
    }

    /// Whether a pending statement drops the table that is there now.
    pub(super) fn is_gone(&self, live: &Name) -> bool {
        let key = self.key(live);
        self.gone.contains(&key)
    }

    /// The labels of an enum that a pending statement makes.
    pub(super) fn labels(&self, name: &Name) -> Option<&Vec<String>> {
        self.enums.get(&self.key(name))
    }

    /// Whether a column's default or the like is changed by an earlier statement.
    pub(super) fn is_altered(&self, table: &Name, column: &str) -> bool {
        self.altered.contains(&(self.key(table), column.to_owned()))
    }

    pub(super) fn object(&self, kind: ObjectKind, name: &Name) -> Option<Fate> {
        self.objects.get(&(kind, self.key(name))).copied()
    }

    pub(super) fn constraint(&self, table: &Name, name: &str) -> Option<Fate> {
        self.constraints.get(&(self.key(table), name.to_owned())).copied()
    }

    /// Where the rows of a table come from, to stand after FROM.
    pub(super) fn source(&self, name: &Name) -> String {
        let key = self.key(name);
        let from = match self.tables.get(&key) {
            Some(table) if table.stepped => quoted(&key.name),
            Some(Table { live: Some(live), .. }) => quoted_name(&live.name),
            Some(table) => format!("({})", nothing(&table.columns)),
            None => quoted_name(&key),
        };
        format!("{from} AS {}", quoted(&key.name))
    }

    /// Puts the chain of queries that some tables need before a query.
    pub(super) fn query(&self, tables: &[&Name], query: &str) -> String {
        let mut wanted: BTreeSet<Name> = tables.iter().map(|name| self.key(name)).collect();
        let mut chosen = Vec::new();
        for step in self.steps.iter().rev() {
            let own = Name {
                schema: None,
                name: step.table.clone(),
            };
            if wanted.contains(&own) {
                wanted.extend(step.reads.iter().map(|name| self.key(name)));
                chosen.push(step);
            }
        }
        let mut sql = query.to_owned();
        for step in chosen {
            sql = format!("WITH {} AS ({}) SELECT * FROM ({sql}) AS limbeck_next", quoted(&step.table), step.select);
        }
        sql
    }

    /// Whether a table is new, with nothing in it but what its scripts put there themselves.
    pub(super) fn is_new(&self, name: &Name) -> bool {
        self.known(name).is_some_and(|table| table.live.is_none() && table.blurred.is_none())
    }

    /// Whether a new table has rows of its scripts' own.
    pub(super) fn is_filled(&self, name: &Name) -> bool {
        self.filled.contains(&self.key(name))
    }

    /// Why nobody can tell what the rows of these tables will be.
    pub(super) fn blurred(&self, tables: &[&Name]) -> Option<String> {
        tables.iter().find_map(|name| self.known(name)?.blurred.clone())
    }

    /// Marks a table whose rows cannot be told from now on.
    fn blur(&mut self, name: &Name, why: &str) {
        let key = self.key(name);
        if let Some(table) = self.tables.get_mut(&key) {
            table.blurred.get_or_insert_with(|| why.to_owned());
        }
    }

    fn step(&mut self, name: &Name, select: String, reads: Vec<Name>) {
        let key = self.key(name);
        if key.schema.is_some() {
            // The chain knows names without a schema only.
            self.blur(name, &format!("an earlier pending statement changes {name}"));
            return;
        }
        self.steps.push(Step {
            table: key.name.clone(),
            select,
            reads: reads.into_iter().chain([key.clone()]).collect(),
        });
        if let Some(table) = self.tables.get_mut(&key) {
            table.stepped = true;
        }
    }

    /// A step that shows the columns of a table otherwise.
    fn select(&mut self, name: &Name, show: impl Fn(&Column) -> Option<String>, more: Option<String>) {
        let Some(table) = self.known(name) else { return };
        let shown: Vec<String> = table.columns.iter().filter_map(show).chain(more).collect();
        let list = if shown.is_empty() {
            "1 AS limbeck_nothing".to_owned()
        } else {
            shown.join(", ")
        };
        let select = format!("SELECT {list} FROM {}", self.source(name));
        self.step(name, select, Vec::new());
    }

    /// Notes a change after it was looked at. `by` says who makes it: `revision a1b2`.
    pub(super) fn apply(&mut self, ask: &mut Ask<'_>, change: &Change, others: &[Change], by: &str) -> Result<(), NotTold> {
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

    fn rows(&mut self, ask: &mut Ask<'_>, name: &Name, how: RowChange, plain: Option<&Plain>, others: &[Change], by: &str) -> Result<(), NotTold> {
        let Some(table) = self.table(ask, name)? else { return Ok(()) };
        let oid = table.live.as_ref().map(|live| live.oid.clone());
        if let Some(oid) = &oid {
            let triggers = format!("SELECT count(*)::text FROM pg_trigger WHERE tgrelid = {oid} AND NOT tgisinternal");
            if ask.value(&triggers)?.as_deref() != Some("0") {
                self.opaque.get_or_insert_with(|| format!("{by} writes to {name}, which has triggers"));
            }
            if matches!(how, RowChange::Delete | RowChange::Any) {
                self.blur_referring(ask, oid, "confdeltype", &[], by)?;
            }
            if matches!(how, RowChange::Update | RowChange::Any) {
                let set: Vec<&str> = plain.iter().flat_map(|plain| &plain.set).map(|(column, _)| column.as_str()).collect();
                self.blur_referring(ask, oid, "confupdtype", &set, by)?;
            }
        }
        let reads: Vec<Name> = others
            .iter()
            .filter_map(|change| match change {
                Change::Reads { table } => Some(table.clone()),
                _ => None,
            })
            .collect();
        for other in &reads {
            self.table(ask, other)?;
        }
        // A name with a schema in an expression goes past the chain of queries.
        let simple = reads.iter().all(|other| other.schema.is_none() && self.blurred(&[other]).is_none());
        let Some(table) = self.known(name) else { return Ok(()) };
        match (how, plain) {
            (RowChange::Truncate, _) => {
                let select = nothing(&table.columns);
                self.step(name, select, Vec::new());
            }
            (RowChange::Update, Some(plain)) if simple && plain.set.iter().all(|(column, _)| table.column(column).is_some_and(|column| column.known)) => {
                let condition = plain.where_.clone().unwrap_or_else(|| "true".into());
                let shown: Vec<String> = table
                    .columns
                    .iter()
                    .map(|column| match plain.set.iter().find(|(set, _)| *set == column.name) {
                        Some((_, value)) => format!(
                            "CASE WHEN ({condition}) THEN CAST(({value}) AS {}) ELSE {} END AS {}",
                            column.type_,
                            self.own_column(name, plain, &column.name),
                            quoted(&column.name)
                        ),
                        None => self.own_column(name, plain, &column.name),
                    })
                    .collect();
                let select = format!("SELECT {} FROM {}", shown.join(", "), self.source_as(name, plain));
                self.step(name, select, reads);
            }
            (RowChange::Delete, Some(plain)) if simple => {
                let condition = plain.where_.clone().unwrap_or_else(|| "true".into());
                let alias = quoted(plain.alias.as_ref().unwrap_or(&name.name));
                let select = format!("SELECT {alias}.* FROM {} WHERE ({condition}) IS NOT TRUE", self.source_as(name, plain));
                self.step(name, select, reads);
            }
            // What a script puts itself into a table that it makes is the same everywhere.
            (RowChange::Insert, _) if oid.is_none() && reads.is_empty() => {
                let key = self.key(name);
                self.filled.insert(key);
            }
            (RowChange::Insert, _) => self.blur(name, &format!("{by} inserts rows into {name} first")),
            _ => self.blur(name, &format!("{by} changes rows of {name} first")),
        }
        Ok(())
    }

    /// Tables whose rows change together with those of this one: if `set` names columns, only through these.
    fn blur_referring(&mut self, ask: &mut Ask<'_>, oid: &str, action: &str, set: &[&str], by: &str) -> Result<(), NotTold> {
        let names: Vec<String> = set.iter().map(|column| constant(column)).collect();
        let through = if names.is_empty() {
            String::new()
        } else {
            format!(
                "AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey) AND a.attname IN ({}))",
                names.join(", ")
            )
        };
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE k.contype = 'f' AND k.confrelid = {oid} AND k.{action} IN ('c', 'n', 'd') {through}"
        );
        for row in ask.rows(&sql)? {
            let [Some(schema), Some(table)] = row.as_slice() else { continue };
            let name = Name {
                schema: Some(schema.clone()),
                name: table.clone(),
            };
            self.table(ask, &name)?;
            self.blur(&name, &format!("{by} changes rows that {table} refers to"));
        }
        Ok(())
    }

    fn own_column(&self, name: &Name, plain: &Plain, column: &str) -> String {
        format!("{}.{}", quoted(plain.alias.as_ref().unwrap_or(&name.name)), quoted(column))
    }

    fn source_as(&self, name: &Name, plain: &Plain) -> String {
        let source = self.source(name);
        match &plain.alias {
            Some(alias) => {
                let from = source.rsplit_once(" AS ").map_or(source.as_str(), |(from, _)| from).to_owned();
                format!("{from} AS {}", quoted(alias))
            }
            None => source,
        }
    }
}

/// A query of no rows with these columns.
fn nothing(columns: &[Column]) -> String {
    let shown: Vec<String> = columns
        .iter()
        .map(|column| {
            format!(
                "CAST(NULL AS {}) AS {}",
                if column.known { column.type_.as_str() } else { "text" },
                quoted(&column.name)
            )
        })
        .collect();
    let list = if shown.is_empty() {
        "1 AS limbeck_nothing".to_owned()
    } else {
        shown.join(", ")
    };
    format!("SELECT {list} WHERE false")
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

/// A type without its numbers: `to_regtype` takes them only since PostgreSQL 16.
pub(super) fn bare_type(type_: &str) -> &str {
    type_.split('(').next().unwrap_or(type_).trim()
}

fn load(ask: &mut Ask<'_>, name: &Name) -> Result<Option<Table>, NotTold> {
    let found = ask.row(&format!(
        "SELECT c.oid::text, n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid = to_regclass({}) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')",
        constant(&quoted_name(name))
    ))?;
    let Some([Some(oid), Some(schema), Some(table)]) = found.as_deref() else {
        return Ok(None);
    };
    let rows = ask.rows(&format!(
        "SELECT attname::text, format_type(atttypid, atttypmod), attnum::text, attnotnull::text FROM pg_attribute \
         WHERE attrelid = {oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    ))?;
    let columns = rows
        .into_iter()
        .filter_map(|row| match row.as_slice() {
            [Some(name), Some(type_), number, not_null] => Some(Column {
                name: name.clone(),
                type_: type_.clone(),
                number: number.clone(),
                not_null: not_null.as_deref() == Some("true"),
                known: true,
            }),
            _ => None,
        })
        .collect();
    Ok(Some(Table {
        live: Some(Live {
            oid: oid.clone(),
            name: Name {
                schema: Some(schema.clone()),
                name: table.clone(),
            },
        }),
        columns,
        blurred: None,
        stepped: false,
    }))
}
