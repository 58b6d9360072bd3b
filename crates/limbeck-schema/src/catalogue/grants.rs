//! Who owns what and who may do what with it: read only where it was asked for, told beside the objects, made after them.
//!
//! The role that is connected and the owner of an object are not told by name: a history that runs elsewhere runs as another role, and what it makes is that
//! role's. A role that connected as somebody else has other owners then, and is told so.

mod statements;

pub use statements::alter_access;

use super::differences::{Change, Difference, FactChange};
use super::name::quote_name;
use super::{Key, Kind, Name};
use std::collections::{BTreeMap, BTreeSet};

/// Owners, privileges and default privileges of a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// The role that was connected.
    pub role: String,
    /// Every role of the server.
    pub roles: BTreeSet<String>,
    /// What the server gives by itself, by the kind of object in `ALTER DEFAULT PRIVILEGES`: `TABLES`, `FUNCTIONS`.
    pub usual: BTreeMap<String, Rights>,
    /// What has an owner.
    pub subjects: Vec<Subject>,
    /// What objects get that are yet to be made.
    pub defaults: Vec<Defaults>,
}

/// An object that somebody owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The kind for people: `table`.
    pub word: String,
    /// The name, as the catalogue has it.
    pub name: Name,
    /// The schema it is in, or is.
    pub schema: String,
    /// How `ALTER` speaks of it: `VIEW public.v`.
    pub altered: String,
    /// How `GRANT` speaks of it: `TABLE public.v`.
    pub granted: String,
    /// None: the role that was connected.
    pub owner: Option<String>,
    /// Whether its owner is the owner of its table.
    pub follows: bool,
    /// Whether anything was ever granted or revoked.
    pub given: bool,
    /// The privileges.
    pub rights: Rights,
}

/// Privileges, and whether they may be granted on.
pub type Rights = BTreeMap<Right, bool>;

/// One privilege of somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Who has it.
    pub to: Grantee,
    /// Who gave it; none for the owner.
    pub by: Option<String>,
    /// The server's word: `SELECT`.
    pub privilege: String,
    /// The column it is for.
    pub column: Option<String>,
}

/// Who has a privilege.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    /// The owner, whoever that is.
    Owner,
    /// Everybody.
    Public,
    /// A role.
    Role(String),
}

/// What objects of a kind get when a role makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// Who makes them; none for the role that was connected.
    pub role: Option<String>,
    /// In this schema; none for everywhere.
    pub schema: Option<String>,
    /// `TABLES`, `SEQUENCES` and the like.
    pub kind: String,
    /// The privileges.
    pub rights: Rights,
}

impl Access {
    /// Keeps only what is in these schemas, and what is in none.
    pub(super) fn retain_schemas(&mut self, keep: &dyn Fn(&str) -> bool) {
        self.subjects.retain(|subject| keep(&subject.schema));
        self.defaults.retain(|item| item.schema.as_deref().is_none_or(keep));
    }

    /// The same object on this side.
    fn same(&self, subject: &Subject) -> Option<&Subject> {
        self.subjects.iter().find(|other| other.word == subject.word && other.name == subject.name)
    }

    /// The default privileges that were set, and those that the other side has set.
    fn defaults_with(&self, other: &Access) -> Vec<Defaults> {
        let mut all = self.defaults.clone();
        for item in &other.defaults {
            if !all.iter().any(|mine| mine.is_for(item)) {
                // Where nothing was set, there is what the server gives by itself.
                let rights = match item.schema {
                    None => self.usual.get(&item.kind).cloned().unwrap_or_default(),
                    Some(_) => Rights::new(),
                };
                all.push(Defaults { rights, ..item.clone() });
            }
        }
        all
    }

    /// The roles that are named.
    fn named(&self) -> BTreeSet<&str> {
        let mut all = BTreeSet::new();
        let subjects = self.subjects.iter().map(|subject| (subject.owner.as_deref(), &subject.rights));
        let defaults = self.defaults.iter().map(|item| (item.role.as_deref(), &item.rights));
        for (owner, rights) in subjects.chain(defaults) {
            all.extend(owner);
            for right in rights.keys() {
                all.extend(right.by.as_deref());
                if let Grantee::Role(role) = &right.to {
                    all.insert(role);
                }
            }
        }
        all
    }

    /// The roles this names that the server of another side has not.
    pub fn lacking_on(&self, other: &Access) -> Vec<String> {
        let named = self.named();
        named.into_iter().filter(|role| !other.roles.contains(*role)).map(str::to_owned).collect()
    }

    /// How many objects are not as the connected role would have made them, and for how many default privileges were set. The schema `public`, which every
    /// database begins with, does not count.
    pub fn beyond_usual(&self) -> usize {
        let is_own = |subject: &&Subject| subject.word != "schema" || subject.schema != "public";
        let told = |subject: &&Subject| subject.given || subject.owner.is_some();
        self.subjects.iter().filter(is_own).filter(told).count() + self.defaults.len()
    }
}

impl Defaults {
    fn is_for(&self, other: &Defaults) -> bool {
        (&self.role, &self.schema, &self.kind) == (&other.role, &other.schema, &other.kind)
    }
}

/// What two sides differ in; of objects that only one side has nothing is told.
pub(super) fn differences(have: &Access, wanted: &Access) -> Vec<Change> {
    let mut changes = Vec::new();
    for subject in &have.subjects {
        let Some(other) = wanted.same(subject) else { continue };
        let mut facts = Vec::new();
        if subject.owner != other.owner && !subject.follows {
            facts.push(FactChange {
                what: "owner",
                have: Some(subject.owner.as_ref().unwrap_or(&have.role).clone()),
                wanted: Some(other.owner.as_ref().unwrap_or(&wanted.role).clone()),
            });
        }
        facts.extend(rights_changed(&subject.rights, &other.rights));
        changes.extend(changed(format!("access to {}", subject.word), subject.name.clone(), facts));
    }
    let theirs = wanted.defaults_with(have);
    for item in have.defaults_with(wanted) {
        let Some(other) = theirs.iter().find(|other| other.is_for(&item)) else {
            continue;
        };
        let place = item.schema.as_ref().map_or_else(String::new, |schema| format!(" in schema {schema}"));
        let role = item.role.as_ref().unwrap_or(&have.role);
        let name = Name::bare(format!("{} of {role}{place}", item.kind.to_lowercase()));
        changes.extend(changed("default privileges on".to_owned(), name, rights_changed(&item.rights, &other.rights)));
    }
    changes
}

fn changed(what: String, name: Name, facts: Vec<FactChange>) -> Option<Change> {
    let object = Key {
        name,
        kind: Kind::Access,
        part: None,
        what: Some(what),
    };
    (!facts.is_empty()).then_some(Change {
        object,
        difference: Difference::Changed { facts },
    })
}

/// One fact for everybody who has something else than wanted.
fn rights_changed(have: &Rights, wanted: &Rights) -> Vec<FactChange> {
    let (have, wanted) = (told(have), told(wanted));
    let all: BTreeSet<_> = have.keys().chain(wanted.keys()).collect();
    all.into_iter()
        .filter(|key| have.get(key) != wanted.get(key))
        .map(|key| FactChange {
            what: "grant",
            have: have.get(key).cloned(),
            wanted: wanted.get(key).cloned(),
        })
        .collect()
}

/// By who has them, who gave them and whether they may be granted on.
fn told(rights: &Rights) -> BTreeMap<(&Grantee, &Option<String>, bool), String> {
    let mut lists: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (right, option) in rights {
        lists.entry((&right.to, &right.by, *option)).or_default().push(right.written());
    }
    let text = |(to, by, option): (&Grantee, &Option<String>, bool), list: Vec<String>| {
        let to = match to {
            Grantee::Owner => "the owner",
            Grantee::Public => "PUBLIC",
            Grantee::Role(role) => role,
        };
        let with = if option { " with grant option" } else { "" };
        let by = by.as_ref().map_or_else(String::new, |by| format!(", granted by {by}"));
        format!("{} to {to}{with}{by}", list.join(", "))
    };
    lists.into_iter().map(|(key, list)| (key, text(key, list))).collect()
}

impl Right {
    /// As `GRANT` writes it.
    fn written(&self) -> String {
        match &self.column {
            Some(column) => format!("{} ({})", self.privilege, quote_name(column)),
            None => self.privilege.clone(),
        }
    }
}
