//! A catalogue as a flat list of objects with facts: its readable form, and what is compared.

use super::name::Name;
use super::object::{Kind, Numbers, RoutineKind};
use super::table::{Column, Index, Rule, Table, TableKind, Trigger};
use super::{Catalogue, Dialect, expression};
use serde::Serialize;
use std::fmt;

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Key {
    /// The name; of what belongs to a table, the table's.
    pub name: Name,
    /// Kind.
    pub kind: Kind,
    /// The name of a table's column, index, trigger and the like.
    pub part: Option<String>,
    /// SQL's words for an object of [`Kind::Other`], a procedure, an aggregate.
    pub what: Option<String>,
}

impl Key {
    fn new(kind: Kind, name: &Name) -> Self {
        Key {
            name: name.clone(),
            kind,
            part: None,
            what: None,
        }
    }

    fn part(kind: Kind, table: &Name, part: &str) -> Self {
        Key {
            part: Some(part.to_owned()),
            ..Key::new(kind, table)
        }
    }

    /// The word for people.
    pub fn word(&self) -> &str {
        self.what.as_deref().unwrap_or(self.kind.word())
    }

    /// The name for people: `public.t.a` for a column, `i on public.t` for an index.
    pub fn title(&self) -> String {
        match &self.part {
            None => self.name.to_string(),
            Some(part) if self.kind == Kind::Column => format!("{}.{part}", self.name),
            Some(part) => format!("{part} on {}", self.name),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.word(), self.title())
    }
}

/// One thing that is so of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What is told: `type`, `default`, `definition`.
    pub what: &'static str,
    /// How it is, as the server words it.
    pub value: String,
    /// The value in the form that is compared, where that is another one.
    #[serde(skip)]
    pub compared: Option<String>,
}

impl Fact {
    /// What counts when two facts are compared.
    pub fn essence(&self) -> &str {
        self.compared.as_deref().unwrap_or(&self.value)
    }
}

/// An object with its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    /// Which.
    pub key: Key,
    /// What is so of it.
    pub facts: Vec<Fact>,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.key)?;
        for fact in &self.facts {
            writeln!(f, "    {}: {}", fact.what, fact.value.trim_end().replace('\n', "\n        "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects().iter().try_for_each(|object| object.fmt(f))
    }
}

/// Collects facts.
struct Facts(Vec<Fact>, Dialect);

impl Facts {
    fn say(mut self, what: &'static str, value: impl Into<String>) -> Self {
        self.0.push(Fact {
            what,
            value: value.into(),
            compared: None,
        });
        self
    }

    /// An expression or a definition that holds some.
    fn sql(mut self, what: &'static str, value: &str) -> Self {
        self.0.push(Fact {
            what,
            value: value.to_owned(),
            compared: expression::canonical(self.1, value),
        });
        self
    }

    fn some(self, what: &'static str, value: Option<&String>) -> Self {
        match value {
            Some(value) => self.say(what, value.as_str()),
            None => self,
        }
    }

    fn some_sql(self, what: &'static str, value: Option<&String>) -> Self {
        match value {
            Some(value) => self.sql(what, value),
            None => self,
        }
    }

    fn when(self, what: &'static str, is: bool) -> Self {
        if is { self.say(what, "yes") } else { self }
    }

    fn list(self, what: &'static str, values: &[String]) -> Self {
        if values.is_empty() { self } else { self.say(what, values.join(", ")) }
    }
}

impl Catalogue {
    /// Every object with its facts, in order of kinds and names, a table's parts right behind it.
    pub fn objects(&self) -> Vec<Object> {
        let mut all = Vec::new();
        let none = || Facts(Vec::new(), self.dialect);
        let mut add = |key: Key, facts: Facts| all.push(Object { key, facts: facts.0 });
        for schema in &self.schemas {
            // The server puts a comment of its own on `public`; versions differ in it.
            let comment = schema.comment.as_ref().filter(|comment| *comment != "standard public schema");
            add(
                Key::new(
                    Kind::Schema,
                    &Name {
                        schema: Some(schema.name.clone()),
                        name: schema.name.clone(),
                    },
                ),
                none().some("comment", comment),
            );
        }
        for extension in &self.extensions {
            let facts = none().say("version", &extension.version).say("schema", &extension.schema);
            add(Key::new(Kind::Extension, &Name::bare(&extension.name)), facts);
        }
        for item in &self.enums {
            let values: Vec<String> = item.values.iter().map(|value| super::literal(value)).collect();
            add(
                Key::new(Kind::Enum, &item.name),
                none().say("values", values.join(", ")).some("comment", item.comment.as_ref()),
            );
        }
        for item in &self.domains {
            let mut facts = none().say("type", &item.type_).when("not null", item.not_null);
            facts = facts.some_sql("default", item.default.as_ref()).some("collation", item.collation.as_ref());
            for check in &item.checks {
                facts = facts.sql("check", &format!("{} {}", check.name, check.definition));
                let comment = check.comment.as_ref().map(|comment| format!("{}: {comment}", check.name));
                facts = facts.some("comment of a check", comment.as_ref());
            }
            add(Key::new(Kind::Domain, &item.name), facts.some("comment", item.comment.as_ref()));
        }
        for item in &self.composites {
            let mut facts = none().list("attributes", &item.attributes);
            for (attribute, comment) in &item.attribute_comments {
                facts = facts.say("comment of an attribute", format!("{attribute}: {comment}"));
            }
            add(Key::new(Kind::Composite, &item.name), facts.some("comment", item.comment.as_ref()));
        }
        for item in &self.ranges {
            add(
                Key::new(Kind::Range, &item.name),
                none().list("definition", &item.definition).some("comment", item.comment.as_ref()),
            );
        }
        for item in &self.sequences {
            let owner = item.owned_by.as_ref().map(|(table, column)| format!("{table}.{column}"));
            let facts = numbers(none(), &item.numbers).when("unlogged", item.unlogged);
            add(
                Key::new(Kind::Sequence, &item.name),
                facts.some("owned by", owner.as_ref()).some("comment", item.comment.as_ref()),
            );
        }
        for item in &self.tables {
            table(item, &none, &mut add);
        }
        for item in &self.views {
            let kind = if item.materialized { Kind::MaterializedView } else { Kind::View };
            let mut facts = none().sql("definition", &item.definition).list("options", &item.options);
            facts = facts
                .some("access method", item.method.as_ref())
                .some("tablespace", item.tablespace.as_ref())
                .list("columns", &item.settings);
            for (column, comment) in &item.column_comments {
                facts = facts.say("comment of a column", format!("{column}: {comment}"));
            }
            add(Key::new(kind, &item.name), facts.some("comment", item.comment.as_ref()));
            parts(&item.name, &item.indexes, &item.triggers, &item.rules, &none, &mut add);
        }
        for item in &self.routines {
            let what = match item.kind {
                RoutineKind::Function => "function",
                RoutineKind::Procedure => "procedure",
                RoutineKind::Aggregate => "aggregate",
                RoutineKind::Window => "window function",
            };
            let key = Key {
                what: Some(what.to_owned()),
                ..Key::new(Kind::Routine, &item.name)
            };
            // Not canonical: the texts of functions are the user's own.
            add(key, none().say("definition", &item.definition).some("comment", item.comment.as_ref()));
        }
        for item in &self.others {
            let key = Key {
                what: Some(item.what.clone()),
                ..Key::new(Kind::Other, &item.name)
            };
            add(key, none().sql("definition", &item.definition).some("comment", item.comment.as_ref()));
        }
        all
    }
}

/// Options in an order of their own: what they say does not hang on it.
fn sorted(options: &[String]) -> Vec<String> {
    let mut options = options.to_vec();
    options.sort();
    options
}

fn numbers(facts: Facts, numbers: &Numbers) -> Facts {
    facts.say("type", &numbers.type_).say("numbers", numbers.options())
}

fn table(item: &Table, none: &dyn Fn() -> Facts, add: &mut dyn FnMut(Key, Facts)) {
    let kind = match item.kind {
        TableKind::Ordinary => None,
        TableKind::Partitioned => Some("partitioned".to_owned()),
        TableKind::Foreign => Some("foreign".to_owned()),
        TableKind::Virtual => Some("virtual".to_owned()),
    };
    let parents: Vec<String> = item.inherits.iter().map(Name::to_string).collect();
    let facts = none()
        .some("kind", kind.as_ref())
        .when("unlogged", item.unlogged)
        .some_sql("partition by", item.partition_key.as_ref())
        .list(if item.bound.is_some() { "partition of" } else { "inherits" }, &parents)
        .some_sql("partition bound", item.bound.as_ref())
        .some("of type", item.of_type.as_ref())
        .list("options", &sorted(&item.options))
        .some("access method", item.method.as_ref())
        .some("tablespace", item.tablespace.as_ref())
        .some("foreign", item.foreign.as_ref())
        .when("row security", item.row_security)
        .when("row security for the owner", item.force_row_security)
        .some("replica identity", item.replica_identity.as_ref())
        // SQLite: what the statement says is in the columns and constraints, but for a virtual table's.
        .some("definition", item.sql.as_ref().filter(|_| item.kind == TableKind::Virtual))
        .some("comment", item.comment.as_ref());
    add(Key::new(Kind::Table, &item.name), facts);
    for column in &item.columns {
        add(Key::part(Kind::Column, &item.name, &column.name), column_facts(column, none()));
    }
    for constraint in &item.constraints {
        let name = constraint.name.clone().unwrap_or_else(|| constraint.definition.clone());
        let facts = none()
            .sql("definition", &constraint.definition)
            .when("inherited", constraint.inherited)
            .list("further", &constraint.extras)
            .some("comment", constraint.comment.as_ref());
        add(Key::part(Kind::Constraint, &item.name, &name), facts);
    }
    parts(&item.name, &item.indexes, &item.triggers, &item.rules, none, add);
    for policy in &item.policies {
        let facts = none().sql("definition", &policy.definition).some("comment", policy.comment.as_ref());
        add(Key::part(Kind::Policy, &item.name, &policy.name), facts);
    }
}

fn column_facts(column: &Column, none: Facts) -> Facts {
    let mut facts = none
        .say("type", &column.type_)
        .when("not null", column.not_null)
        .some("not null constraint", column.not_null_constraint.as_ref())
        .some_sql("default", column.default.as_ref());
    if let Some(identity) = &column.identity {
        facts = facts
            .say("identity", if identity.always { "always" } else { "by default" })
            .say("identity sequence", identity.sequence.to_string());
        facts = facts.say("identity numbers", format!("{} {}", identity.numbers.type_, identity.numbers.options()));
    }
    if let Some(generated) = &column.generated {
        facts = facts.sql(if generated.stored { "generated, stored" } else { "generated, virtual" }, &generated.expression);
    }
    facts
        .some("collation", column.collation.as_ref())
        .some("storage", column.storage.as_ref())
        .some("compression", column.compression.as_ref())
        .some("statistics", column.statistics.map(|target| target.to_string()).as_ref())
        .list("options", &column.options)
        .when("inherited", column.inherited)
        .some("comment", column.comment.as_ref())
}

fn parts(table: &Name, indexes: &[Index], triggers: &[Trigger], rules: &[Rule], none: &dyn Fn() -> Facts, add: &mut dyn FnMut(Key, Facts)) {
    for index in indexes {
        let facts = none().sql("definition", &index.definition).when("invalid", !index.valid);
        let facts = facts
            .when("inherited", index.inherited)
            .list("further", &index.extras)
            .some("comment", index.comment.as_ref());
        add(Key::part(Kind::Index, table, &index.name), facts);
    }
    for trigger in triggers {
        let facts = none().sql("definition", &trigger.definition).some("fires", trigger.enabled.as_ref());
        add(Key::part(Kind::Trigger, table, &trigger.name), facts.some("comment", trigger.comment.as_ref()));
    }
    for rule in rules {
        let facts = none().sql("definition", &rule.definition).some("used", rule.enabled.as_ref());
        add(Key::part(Kind::Rule, table, &rule.name), facts.some("comment", rule.comment.as_ref()));
    }
}
