//! The tables as they will be when a pending statement runs, made of the ones that are there.
//!
//! What earlier pending statements do to columns and rows becomes a chain of `WITH` queries over the live tables: an `UPDATE` is a `CASE` around its columns, a `DELETE` a
//! condition, a new column a constant. A probe asked through that chain sees the rows as the real statement will, although nothing is written. What cannot be put
//! so (rows that are inserted, triggers, `UPDATE … FROM`) blurs the table: nobody can say then what its rows will be.

mod apply;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use limbeck_sql::Name;
use limbeck_sql::changes::ObjectKind;

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
