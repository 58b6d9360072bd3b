//! Everything a database has, in the server's own words: what drift, verification, adoption and baselines compare.
//!
//! Where `Table` at the root of this crate is what scripts speak of, a [`Catalogue`] is what the server would say of itself: types as it formats them,
//! expressions as it prints them. Two catalogues of the same kind of server can be compared without knowing SQL. Owners and grants are only there
//! where they were asked for. System objects and members of extensions are left out: whoever reads a database leaves them away. Collections are in order of
//! names, columns in the order of the table.

mod alter;
mod ddl;
mod differences;
mod expression;
mod grants;
mod name;
mod object;
mod objects;
mod order;
mod table;

pub use alter::{Alteration, alter, between};
pub use ddl::{Script, create_all};
pub use differences::{Change, Difference, FactChange, Rules, differences};
pub use expression::canonical;
pub use grants::{Access, Defaults, Grantee, Right, Rights, Subject, alter_access};
pub use name::{Name, literal, quote_name};
pub use object::{
    Beyond, Composite, Domain, DomainCheck, EnumType, Extension, Kind, Numbers, Other, Range, Reference, Routine, RoutineKind, Schema, Sequence, View,
};
pub use objects::{Fact, Key, Object};
pub use table::{Column, Constraint, ConstraintKind, Generated, Identity, Index, Policy, Rule, Table, TableKind, Trigger};

use serde::Serialize;

/// Whose words a catalogue is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the servers' names
pub enum Dialect {
    #[default]
    Postgresql,
    Sqlite,
}

/// Everything that was found in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Catalogue {
    /// Whose words these are.
    pub dialect: Dialect,
    /// The schema that names without one mean: `public`, `main`.
    pub default_schema: Option<String>,
    /// Schemas.
    pub schemas: Vec<Schema>,
    /// Extensions; what they own is not in the catalogue.
    pub extensions: Vec<Extension>,
    /// Enums.
    pub enums: Vec<EnumType>,
    /// Domains.
    pub domains: Vec<Domain>,
    /// Composite types.
    pub composites: Vec<Composite>,
    /// Range types.
    pub ranges: Vec<Range>,
    /// Sequences, but for those behind identity columns.
    pub sequences: Vec<Sequence>,
    /// Tables of every kind, with what belongs to them.
    pub tables: Vec<Table>,
    /// Views and materialised views.
    pub views: Vec<View>,
    /// Functions, procedures, aggregates.
    pub routines: Vec<Routine>,
    /// What has no shape of its own here: collations, operators, casts, publications and the like.
    pub others: Vec<Other>,
    /// What is not read, by name: it holds passwords or rows, or is made of C. Not compared.
    pub beyond: Vec<Beyond>,
    /// What must be there before what: the first needs the second.
    pub needs: Vec<(Reference, Reference)>,
    /// Owners and privileges, where they were asked for.
    #[serde(skip)]
    pub access: Option<Access>,
}

impl Catalogue {
    /// Whether there is nothing but empty schemas and extensions.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
            && self.views.is_empty()
            && self.enums.is_empty()
            && self.domains.is_empty()
            && self.composites.is_empty()
            && self.ranges.is_empty()
            && self.sequences.is_empty()
            && self.routines.is_empty()
            && self.others.is_empty()
    }

    /// Keeps only what is in these schemas, and what is in none.
    pub fn retain_schemas(&mut self, keep: &dyn Fn(&str) -> bool) {
        let kept = |name: &Name| name.schema.as_deref().is_none_or(keep);
        self.schemas.retain(|schema| keep(&schema.name));
        self.enums.retain(|item| kept(&item.name));
        self.domains.retain(|item| kept(&item.name));
        self.composites.retain(|item| kept(&item.name));
        self.ranges.retain(|item| kept(&item.name));
        self.sequences.retain(|item| kept(&item.name));
        self.tables.retain(|item| kept(&item.name));
        self.views.retain(|item| kept(&item.name));
        self.routines.retain(|item| kept(&item.name));
        self.others.retain(|item| kept(&item.name));
        self.needs.retain(|(one, other)| kept(&one.name) && kept(&other.name));
        if let Some(access) = &mut self.access {
            access.retain_schemas(keep);
        }
    }

    /// The schemas that hold something.
    pub fn used_schemas(&self) -> std::collections::BTreeSet<String> {
        self.objects()
            .into_iter()
            .filter(|object| object.key.kind != Kind::Schema)
            .filter_map(|object| object.key.name.schema)
            .collect()
    }
}
