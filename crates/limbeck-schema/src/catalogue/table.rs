//! Tables and what belongs to them.

use super::name::Name;
use super::object::{Numbers, Reference};
use serde::Serialize;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Table {
    /// Name.
    pub name: Name,
    /// What sort of table.
    pub kind: TableKind,
    /// Not written to the log.
    pub unlogged: bool,
    /// Columns, in order.
    pub columns: Vec<Column>,
    /// Constraints, by name.
    pub constraints: Vec<Constraint>,
    /// Indexes that stand behind no constraint, by name.
    pub indexes: Vec<Index>,
    /// Triggers, by name.
    pub triggers: Vec<Trigger>,
    /// Row security policies, by name.
    pub policies: Vec<Policy>,
    /// Rewrite rules, by name.
    pub rules: Vec<Rule>,
    /// `PARTITION BY` of a partitioned table: `RANGE (at)`.
    pub partition_key: Option<String>,
    /// The parents; of a partition the one table it is part of.
    pub inherits: Vec<Name>,
    /// What a partition holds: `FOR VALUES FROM (1) TO (2)`.
    pub bound: Option<String>,
    /// The composite type of a typed table.
    pub of_type: Option<String>,
    /// Storage parameters: `fillfactor=70`, `toast.autovacuum_enabled=false`.
    pub options: Vec<String>,
    /// Access method, where it is not the server's default.
    pub method: Option<String>,
    /// Tablespace, where it is not the database's.
    pub tablespace: Option<String>,
    /// The server and options of a foreign table, as SQL.
    pub foreign: Option<String>,
    /// Row security is on.
    pub row_security: bool,
    /// Row security holds for the owner too.
    pub force_row_security: bool,
    /// Replica identity, where it is not the primary key: `FULL`, `NOTHING`, `USING INDEX "i"`.
    pub replica_identity: Option<String>,
    /// SQLite: the statement that made it, normalised; `STRICT` and `WITHOUT ROWID` are in it.
    pub sql: Option<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// What sort of table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the servers' words
pub enum TableKind {
    #[default]
    Ordinary,
    Partitioned,
    Foreign,
    Virtual,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type, as the server formats it.
    pub type_: String,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// What the constraint behind `not_null` is, where it is not the one the server makes by itself (PostgreSQL 18).
    pub not_null_constraint: Option<String>,
    /// It refuses NULL only because a parent does (PostgreSQL 18).
    pub not_null_inherited: bool,
    /// Default expression.
    pub default: Option<String>,
    /// Identity.
    pub identity: Option<Identity>,
    /// Computed.
    pub generated: Option<Generated>,
    /// Collation, where it is not the type's.
    pub collation: Option<String>,
    /// Storage, where it is not the type's.
    pub storage: Option<String>,
    /// Compression, where one is set.
    pub compression: Option<String>,
    /// Statistics target, where one is set.
    pub statistics: Option<i64>,
    /// Options, sorted: `n_distinct=5`; a foreign table's are SQL.
    pub options: Vec<String>,
    /// It is there only because a parent has it.
    pub inherited: bool,
    /// Comment.
    pub comment: Option<String>,
}

/// An identity column's sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `GENERATED ALWAYS` rather than `BY DEFAULT`.
    pub always: bool,
    /// The sequence behind it.
    pub sequence: Name,
    /// Its numbers.
    pub numbers: Numbers,
}

/// A computed column's expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generated {
    /// Expression.
    pub expression: String,
    /// Computed on writing rather than on reading.
    pub stored: bool,
}

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constraint {
    /// Name; SQLite's may have none.
    pub name: Option<String>,
    /// Kind.
    pub kind: ConstraintKind,
    /// As `pg_get_constraintdef` writes it, `NOT VALID` included.
    pub definition: String,
    /// A parent's, which this table has because of that.
    pub inherited: bool,
    /// The index of a partitioned table that the index behind it is part of.
    pub part_of: Option<Name>,
    /// Further facts: `clustered`, a tablespace, `options fillfactor=50`.
    pub extras: Vec<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// What a constraint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // SQL's words
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    Check,
    Exclude,
    ForeignKey,
    Trigger,
    NotNull,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Index {
    /// Name.
    pub name: String,
    /// The statement that makes it.
    pub definition: String,
    /// Whether queries may use it.
    pub valid: bool,
    /// Part of a partitioned table's index: it comes and goes with that.
    pub inherited: bool,
    /// The index of the partitioned table that it is part of.
    pub part_of: Option<Name>,
    /// Further facts: `clustered`, a tablespace, `statistics 1 = 500` of an expression.
    pub extras: Vec<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trigger {
    /// Name.
    pub name: String,
    /// The statement that makes it.
    pub definition: String,
    /// When it fires, where that is not the usual: `DISABLE`, `ENABLE REPLICA`, `ENABLE ALWAYS`.
    pub enabled: Option<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// A row security policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Name.
    pub name: String,
    /// What follows `CREATE POLICY name ON table`.
    pub definition: String,
    /// Comment.
    pub comment: Option<String>,
}

/// A rewrite rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// The statement that makes it.
    pub definition: String,
    /// When it is used, where that is not the usual.
    pub enabled: Option<String>,
    /// Comment.
    pub comment: Option<String>,
}

impl Table {
    /// The table as something others need.
    pub fn reference(&self) -> Reference {
        Reference {
            kind: super::Kind::Table,
            name: self.name.clone(),
        }
    }
}
