//! What requests that were only written down would have done, as far as later questions depend on it.

use std::collections::BTreeMap;

use super::edit::{self, Edit};
use limbeck_ops::{Inspect, Inspected, Operation, Place};
use limbeck_schema::{Table, TableName};
use limbeck_sql::Name;
use limbeck_sql::changes::{Change, ObjectKind};

/// What became of a table.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    Made {
        by: String,
        /// As the operation describes it, where nothing changed it since.
        table: Option<Box<Table>>,
    },
    Gone,
    /// Its description changed in ways that are known.
    Edited {
        by: String,
        edits: Vec<Edit>,
    },
    /// Its description changed.
    Changed {
        by: String,
    },
    /// Only its rows changed.
    Written {
        by: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    Made,
    Gone,
}

/// The pending changes so far.
#[derive(Debug, Default)]
pub(super) struct Shadow {
    default_schema: Option<String>,
    tables: BTreeMap<Name, Seen>,
    objects: BTreeMap<(ObjectKind, Name), Object>,
    opaque: bool,
    /// The revision whose script runs.
    pub revision: String,
    /// The request at hand.
    pub place: Place,
}

impl Shadow {
    pub(super) fn new(default_schema: Option<String>) -> Self {
        Shadow {
            default_schema,
            ..Shadow::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.objects.is_empty() && !self.opaque
    }

    pub(super) fn is_opaque(&self) -> bool {
        self.opaque
    }

    /// A name in the default schema has none.
    fn key(&self, name: &Name) -> Name {
        let schema = name.schema.clone().filter(|schema| self.default_schema.as_ref() != Some(schema));
        Name {
            schema,
            name: name.name.clone(),
        }
    }

    fn key_of(&self, name: &TableName) -> Name {
        self.key(&Name {
            schema: name.schema.as_ref().map(|schema| schema.text.clone()),
            name: name.name.text.clone(),
        })
    }

    pub(super) fn table(&self, name: &Name) -> Option<&Seen> {
        self.tables.get(&self.key(name))
    }

    fn by(&self) -> String {
        format!("revision {}", self.revision)
    }

    /// Notes a change.
    pub(super) fn apply(&mut self, change: &Change) {
        let by = self.by();
        match change {
            Change::CreateTable { table, .. } => self.set(table, Seen::Made { by, table: None }),
            Change::DropTable { table, .. } => self.set(table, Seen::Gone),
            Change::RenameTable { table, to } => {
                let to = Name {
                    schema: table.schema.clone(),
                    name: to.clone(),
                };
                self.renamed(table, &to);
            }
            Change::MoveTable { table, schema } => {
                let to = Name {
                    schema: Some(schema.clone()),
                    name: table.name.clone(),
                };
                self.renamed(table, &to);
            }
            Change::AddColumn { table, .. }
            | Change::DropColumn { table, .. }
            | Change::RenameColumn { table, .. }
            | Change::SetType { table, .. }
            | Change::SetNotNull { table, .. }
            | Change::AlterColumn { table, .. }
            | Change::AddConstraint { table, .. }
            | Change::ValidateConstraint { table, .. }
            | Change::DropConstraint { table, .. }
            | Change::RenameConstraint { table, .. }
            | Change::AlterTable { table }
            | Change::CreateIndex { table, .. } => self.changed(table),
            Change::Rows { table, .. } => {
                let key = self.key(table);
                self.tables.entry(key).or_insert(Seen::Written { by });
            }
            Change::Create { kind, name, .. } => self.object(*kind, name, Object::Made),
            Change::Drop { kind, name, .. } => self.object(*kind, name, Object::Gone),
            Change::Rename { kind, name, to } => {
                self.object(*kind, name, Object::Gone);
                let to = Name {
                    schema: name.schema.clone(),
                    name: to.clone(),
                };
                self.object(*kind, &to, Object::Made);
            }
            Change::Alter { .. } | Change::Reads { .. } | Change::Calls { .. } | Change::Nothing => {}
            Change::Opaque { .. } => self.opaque = true,
        }
    }

    fn set(&mut self, table: &Name, seen: Seen) {
        let key = self.key(table);
        self.tables.insert(key, seen);
    }

    fn object(&mut self, kind: ObjectKind, name: &Name, object: Object) {
        let key = self.key(name);
        self.objects.insert((kind, key), object);
    }

    fn changed(&mut self, table: &Name) {
        let by = self.by();
        let key = self.key(table);
        match self.tables.get_mut(&key) {
            Some(Seen::Made { table, .. }) => *table = None,
            Some(seen) => *seen = Seen::Changed { by },
            None => {
                self.tables.insert(key, Seen::Changed { by });
            }
        }
    }

    fn renamed(&mut self, from: &Name, to: &Name) {
        let by = self.by();
        // Nothing is known of the columns under the new name.
        self.set(to, Seen::Made { by, table: None });
        self.set(from, Seen::Gone);
    }

    /// Notes edits of a table; true if that is all that has to be known of the operation's changes to its description.
    pub(super) fn edit(&mut self, name: &TableName, edits: Vec<Edit>) -> bool {
        let key = self.key_of(name);
        let by = self.by();
        match self.tables.get_mut(&key) {
            Some(Seen::Made { table: Some(table), .. }) => edit::apply(table, &edits),
            Some(Seen::Made { table: None, .. } | Seen::Gone | Seen::Changed { .. }) => return false,
            Some(Seen::Edited { edits: known, .. }) => known.extend(edits),
            Some(seen @ Seen::Written { .. }) => *seen = Seen::Edited { by, edits },
            None => {
                self.tables.insert(key, Seen::Edited { by, edits });
            }
        }
        true
    }

    /// Whether a change is one of a table's description.
    pub(super) fn is_of_description(change: &Change) -> bool {
        matches!(
            change,
            Change::AddColumn { .. }
                | Change::DropColumn { .. }
                | Change::RenameColumn { .. }
                | Change::SetType { .. }
                | Change::SetNotNull { .. }
                | Change::AlterColumn { .. }
                | Change::AddConstraint { .. }
                | Change::DropConstraint { .. }
                | Change::AlterTable { .. }
                | Change::CreateIndex { .. }
        )
    }

    /// Keeps the description of a table that was just made.
    pub(super) fn describe(&mut self, operation: &Operation) {
        let Operation::CreateTable(create) = operation else { return };
        let key = self.key_of(&create.table.name);
        if let Some(Seen::Made { table, .. }) = self.tables.get_mut(&key) {
            *table = Some(Box::new(create.table.clone()));
        }
    }

    /// The answer to a question about what is pending; an error where there is none yet.
    pub(super) fn answer(&self, what: &Inspect) -> Option<Result<Inspected, String>> {
        match what {
            Inspect::HasTable(name) => match self.tables.get(&self.key_of(name))? {
                Seen::Made { .. } => Some(Ok(Inspected::Flag(true))),
                Seen::Gone => Some(Ok(Inspected::Flag(false))),
                Seen::Changed { .. } | Seen::Edited { .. } | Seen::Written { .. } => None,
            },
            Inspect::Table(name) => match self.tables.get(&self.key_of(name))? {
                Seen::Made { table: Some(table), .. } => Some(Ok(Inspected::Table(Some((**table).clone())))),
                Seen::Gone => Some(Ok(Inspected::Table(None))),
                Seen::Edited { .. } | Seen::Written { .. } => None,
                Seen::Made { by, .. } | Seen::Changed { by } => Some(Err(format!("it looks at table `{name}`, which {by} changes first"))),
            },
            Inspect::HasType(name) => self.made(ObjectKind::Type, name),
            Inspect::HasSequence(name) => self.made(ObjectKind::Sequence, name),
            Inspect::TableNames { .. }
            | Inspect::ViewNames { .. }
            | Inspect::MaterializedViewNames { .. }
            | Inspect::SchemaNames
            | Inspect::SequenceNames { .. }
            | Inspect::Enums { .. }
            | Inspect::DefaultSchemaName
            | Inspect::ServerVersion
            | Inspect::ViewDefinition(_) => None,
        }
    }

    fn made(&self, kind: ObjectKind, name: &TableName) -> Option<Result<Inspected, String>> {
        let object = self.objects.get(&(kind, self.key_of(name)))?;
        Some(Ok(Inspected::Flag(*object == Object::Made)))
    }

    /// Puts what is pending into the names the database gave.
    pub(super) fn amend(&self, what: &Inspect, answer: &mut Inspected) {
        if let (Inspect::Table(name), Inspected::Table(Some(table))) = (what, &mut *answer)
            && let Some(Seen::Edited { edits, .. }) = self.tables.get(&self.key_of(name))
        {
            edit::apply(table, edits);
        }
        let Inspected::Names(names) = answer else { return };
        let (Inspect::TableNames { schema } | Inspect::ViewNames { schema } | Inspect::SequenceNames { schema }) = what else {
            return;
        };
        let schema = schema.clone().filter(|schema| self.default_schema.as_ref() != Some(schema));
        if matches!(what, Inspect::TableNames { .. }) {
            for (name, seen) in self.tables.iter().filter(|(name, _)| name.schema == schema) {
                match seen {
                    Seen::Made { .. } if !names.contains(&name.name) => names.push(name.name.clone()),
                    Seen::Gone => names.retain(|other| *other != name.name),
                    Seen::Made { .. } | Seen::Changed { .. } | Seen::Edited { .. } | Seen::Written { .. } => {}
                }
            }
            return;
        }
        let wanted = if matches!(what, Inspect::ViewNames { .. }) {
            ObjectKind::View
        } else {
            ObjectKind::Sequence
        };
        for ((_, name), object) in self.objects.iter().filter(|((kind, name), _)| *kind == wanted && name.schema == schema) {
            match object {
                Object::Made if !names.contains(&name.name) => names.push(name.name.clone()),
                Object::Gone => names.retain(|other| *other != name.name),
                Object::Made => {}
            }
        }
    }
}
