//! What autogenerate asks env.py's functions, and what they answer.

use limbeck_ops::Operation;
use limbeck_schema::TableName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which side of the comparison an object is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// `target_metadata`.
    Models,
    /// The database: a table given with [`crate::Engine::reflected`].
    Database,
}

/// What of a table is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// The table itself.
    Table,
    /// A column by its name.
    Column(String),
    /// An index by its settled name.
    Index(String),
    /// A constraint by its settled name, or by its columns.
    Constraint {
        /// The name, if it has one.
        name: Option<String>,
        /// The columns.
        columns: Vec<String>,
    },
}

/// An object that a function of env.py looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// Where it is.
    pub side: Side,
    /// Its table.
    pub table: TableName,
    /// What of the table.
    pub item: Item,
}

/// One question to a function of env.py. `type_` is Alembic's word: `schema`, `table`, `column`, `index`, `unique_constraint`, `foreign_key_constraint`,
/// `check_constraint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Alembic's names
pub enum HookCall {
    /// `include_name(name, type_, parent_names)`, answered by `Bool`.
    Name {
        name: Option<String>,
        type_: String,
        parent_names: BTreeMap<String, Option<String>>,
    },
    /// `include_object(object, name, type_, reflected, compare_to)`, answered by `Bool`.
    Object {
        object: ObjectRef,
        name: Option<String>,
        type_: String,
        reflected: bool,
        compare_to: Option<ObjectRef>,
    },
    /// `compare_type(...)`, answered by `Bool` (whether they differ), or `None` for Alembic's own rule.
    CompareType { table: TableName, column: String },
    /// `compare_server_default(...)`, answered like `CompareType`.
    CompareServerDefault {
        table: TableName,
        column: String,
        inspected_default: Option<String>,
        rendered_metadata_default: Option<String>,
    },
    /// `render_item(type_, object, autogen_context)`, answered by `Text`, or `None` for Alembic's own text.
    RenderItem { type_: String, object: ObjectRef },
}

/// A function's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookAnswer {
    /// No decision.
    None,
    /// A truth value.
    Bool(bool),
    /// A text for the script, with the import lines it asked for.
    Text {
        /// The text.
        text: String,
        /// Import lines.
        imports: Vec<String>,
    },
}

/// A revision that is about to be written, as `process_revision_directives` sees it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // Alembic's names
pub struct Directives {
    pub message: Option<String>,
    pub rev_id: Option<String>,
    pub head: Option<String>,
    pub splice: bool,
    pub branch_label: Vec<String>,
    pub depends_on: Vec<String>,
    pub version_path: Option<String>,
    pub imports: Vec<String>,
    /// Whether the project's own comparisons are still to be made; the answer then has both directions with what they found.
    pub compare: bool,
    /// For each step of `upgrade`, how many of `downgrade`, counted from its end, undo it.
    pub undone: Vec<usize>,
    pub upgrade: Vec<DirectiveStep>,
    pub downgrade: Vec<DirectiveStep>,
}

/// An operation that the project, or a package of it, added to Alembic's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnOperation {
    /// The lines that its renderer wrote.
    pub lines: Vec<String>,
    /// What it changes, for people.
    pub about: String,
    /// Its `to_diff_tuple()`, as Python shows it.
    pub tuple: String,
    /// What it comes to, where that can be told without a database.
    pub operations: Vec<Operation>,
}

/// An operation of a revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // few live at a time
pub enum DirectiveStep {
    /// One of the caller's; it keeps its `id` for as long as nothing about it is changed.
    Operation {
        /// The caller's number for it.
        id: usize,
        /// What it does.
        operation: Operation,
    },
    /// Operations on one table (`ModifyTableOps`).
    Table {
        /// The table.
        table: TableName,
        /// Its operations.
        steps: Vec<DirectiveStep>,
    },
    /// A step without an operation that Python could look at; it stays as it is.
    Opaque(usize),
    /// An answer only: the operation with this `id`, as it was.
    Kept(usize),
    /// An answer only: one of the caller's that is different now.
    Changed {
        /// The caller's number for it.
        id: usize,
        /// What it does now.
        operation: Operation,
    },
    /// An answer only: an operation that the function made.
    Added(Operation),
    /// An answer only: an operation of the project's own.
    Text(OwnOperation),
}
