//! What is not a table: schemas, types, sequences, views, routines.

use super::name::Name;
use super::table::{Index, Rule, Trigger};
use serde::Serialize;
use std::fmt;

/// What sort of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the servers' words
pub enum Kind {
    Schema,
    Extension,
    Enum,
    Domain,
    Composite,
    Range,
    Sequence,
    Table,
    Column,
    Constraint,
    Index,
    View,
    MaterializedView,
    Routine,
    Trigger,
    Policy,
    Rule,
    Other,
    Access,
}

impl Kind {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Schema => "schema",
            Kind::Extension => "extension",
            Kind::Enum => "enum",
            Kind::Domain => "domain",
            Kind::Composite => "composite type",
            Kind::Range => "range type",
            Kind::Sequence => "sequence",
            Kind::Table => "table",
            Kind::Column => "column",
            Kind::Constraint => "constraint",
            Kind::Index => "index",
            Kind::View => "view",
            Kind::MaterializedView => "materialized view",
            Kind::Routine => "function",
            Kind::Trigger => "trigger",
            Kind::Policy => "policy",
            Kind::Rule => "rule",
            Kind::Other => "object",
            Kind::Access => "access",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An object by kind and name. What belongs to a table is told by the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Reference {
    /// Kind.
    pub kind: Kind,
    /// Name.
    pub name: Name,
}

/// A schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// Name.
    pub name: String,
    /// Comment.
    pub comment: Option<String>,
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// The schema it was put into.
    pub schema: String,
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnumType {
    /// Name.
    pub name: Name,
    /// Values, in order.
    pub values: Vec<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// Name.
    pub name: Name,
    /// The type below.
    pub type_: String,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Default expression.
    pub default: Option<String>,
    /// Collation, where it is not the type's.
    pub collation: Option<String>,
    /// Checks, by name.
    pub checks: Vec<DomainCheck>,
    /// Comment.
    pub comment: Option<String>,
}

/// A check of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainCheck {
    /// Name.
    pub name: String,
    /// As `pg_get_constraintdef` writes it, `NOT VALID` included.
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
}

/// A composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Composite {
    /// Name.
    pub name: Name,
    /// Attributes as SQL, in order: `"a" integer`.
    pub attributes: Vec<String>,
    /// Comments of attributes.
    pub attribute_comments: Vec<(String, String)>,
    /// Comment.
    pub comment: Option<String>,
}

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Name.
    pub name: Name,
    /// What stands between the parentheses of `CREATE TYPE … AS RANGE`.
    pub definition: Vec<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// The numbers of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[allow(missing_docs)] // SQL's words
pub struct Numbers {
    pub type_: String,
    pub start: i64,
    pub increment: i64,
    pub minimum: i64,
    pub maximum: i64,
    pub cache: i64,
    pub cycle: bool,
}

impl Numbers {
    /// The options of `CREATE SEQUENCE`, the type left out.
    pub fn options(&self) -> String {
        format!(
            "START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{}",
            self.start,
            self.increment,
            self.minimum,
            self.maximum,
            self.cache,
            if self.cycle { " CYCLE" } else { "" }
        )
    }
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sequence {
    /// Name.
    pub name: Name,
    /// Its numbers.
    pub numbers: Numbers,
    /// Not written to the log.
    pub unlogged: bool,
    /// The table and column with which it goes away.
    pub owned_by: Option<(Name, String)>,
    /// Comment.
    pub comment: Option<String>,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Name.
    pub name: Name,
    /// It holds rows.
    pub materialized: bool,
    /// The query.
    pub definition: String,
    /// Options, sorted.
    pub options: Vec<String>,
    /// A materialised view's access method and tablespace, where they are not the default.
    pub method: Option<String>,
    /// See `method`.
    pub tablespace: Option<String>,
    /// Whether a materialised view was filled.
    pub populated: bool,
    /// What is set for columns, as SQL: `"a" SET DEFAULT 1`, `"a" SET STATISTICS 50`.
    pub settings: Vec<String>,
    /// Indexes of a materialised view.
    pub indexes: Vec<Index>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// Rewrite rules but for the view's own.
    pub rules: Vec<Rule>,
    /// Comments of columns.
    pub column_comments: Vec<(String, String)>,
    /// Comment.
    pub comment: Option<String>,
}

impl View {
    /// A plain view with nothing else said.
    pub fn new(name: Name, definition: &str) -> Self {
        View {
            name,
            materialized: false,
            definition: definition.to_owned(),
            options: Vec::new(),
            method: None,
            tablespace: None,
            populated: true,
            settings: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            rules: Vec::new(),
            column_comments: Vec::new(),
            comment: None,
        }
    }
}

/// What sort of routine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // SQL's words
pub enum RoutineKind {
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// A function, procedure or aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Routine {
    /// Name with the types of its arguments: `f(integer, text)`.
    pub name: Name,
    /// How a statement names it: `"public"."f"(a integer, b text)`.
    pub signature: String,
    /// Kind.
    pub kind: RoutineKind,
    /// The statement that makes it.
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
}

/// Something that a database has and a catalogue does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// SQL's words for its kind: `subscription`, `user mapping`.
    pub what: String,
    /// Name, as a statement would have it.
    pub name: String,
}

/// An object that has no shape of its own here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Other {
    /// SQL's words for its kind: `collation`, `text search configuration`.
    pub what: String,
    /// Name.
    pub name: Name,
    /// The statement that makes it.
    pub definition: String,
    /// How `COMMENT ON` names it.
    pub subject: String,
    /// Comment.
    pub comment: Option<String>,
}
