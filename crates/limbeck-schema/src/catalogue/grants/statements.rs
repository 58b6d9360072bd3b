//! The statements that make the owners and privileges of one side those of another.

use super::{Access, Grantee, Right, Rights, Subject};
use crate::catalogue::quote_name;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the statements that give the objects of `have` the owners and privileges they have in `to`; what only one side has is left alone.
pub fn alter_access(have: &Access, to: &Access) -> Vec<String> {
    let mut script = Script::default();
    let mut subjects: Vec<(&Subject, &Subject)> = to.subjects.iter().filter_map(|new| have.same(new).map(|old| (old, new))).collect();
    // A new owner must be allowed to make things in the schema; what follows a table comes after it.
    subjects.sort_by_key(|(_, new)| (new.word != "schema", new.follows));
    for (old, new) in subjects {
        let mut rights = old.rights.clone();
        if old.owner != new.owner {
            if !new.follows {
                let owner = new.owner.as_deref().map_or_else(|| "CURRENT_USER".to_owned(), quote_name);
                script.middle.push(format!("ALTER {} OWNER TO {owner}", new.altered));
            }
            rights = given_to(rights, new.owner.as_ref().unwrap_or(&have.role));
        }
        let way = Way {
            before: "",
            on: &new.granted,
            owner: new.owner.as_deref(),
            role: &have.role,
            moved: old.owner != new.owner,
        };
        way.make(rights, &new.rights, &mut script);
    }
    let mut theirs = to.defaults_with(have);
    theirs.sort_by_key(|item| (item.schema.clone(), item.role.clone(), item.kind.clone()));
    let ours = have.defaults_with(to);
    for new in &theirs {
        let Some(old) = ours.iter().find(|old| old.is_for(new)) else { continue };
        let role = new.role.as_ref().map_or_else(String::new, |role| format!("FOR ROLE {} ", quote_name(role)));
        let place = new
            .schema
            .as_ref()
            .map_or_else(String::new, |schema| format!("IN SCHEMA {} ", quote_name(schema)));
        let way = Way {
            before: &format!("ALTER DEFAULT PRIVILEGES {role}{place}"),
            on: &new.kind,
            owner: new.role.as_deref(),
            role: &have.role,
            moved: false,
        };
        way.make(old.rights.clone(), &new.rights, &mut script);
    }
    let mut statements = script.first;
    statements.extend(script.middle);
    statements.extend(script.last);
    statements
}

/// A role that passes privileges on must still, or already, have what it needs for that.
#[derive(Default)]
struct Script {
    /// What others than owners gave is taken.
    first: Vec<String>,
    middle: Vec<String>,
    /// What others than owners give.
    last: Vec<String>,
}

/// What a new owner had before is the owner's now, and what it gave was given by the owner.
fn given_to(rights: Rights, owner: &str) -> Rights {
    let mut all = Rights::new();
    for (mut right, mut option) in rights {
        if right.by.as_deref() == Some(owner) {
            right.by = None;
        }
        if right.to == Grantee::Role(owner.to_owned()) {
            right.to = Grantee::Owner;
        }
        option &= right.to != Grantee::Owner;
        *all.entry(right).or_default() |= option;
    }
    all
}

/// How privileges on one thing are written.
struct Way<'a> {
    before: &'a str,
    on: &'a str,
    /// None: the role that runs the statements.
    owner: Option<&'a str>,
    /// That role's name.
    role: &'a str,
    /// Whether it is the owner only from these statements on; what is taken then names the new one.
    moved: bool,
}

impl Way<'_> {
    fn make(&self, mut rights: Rights, wanted: &Rights, script: &mut Script) {
        // What was granted on must go before what it was granted from, and come after it.
        let depths = hands(&rights);
        let lost = |(right, option): &(&Right, &bool)| wanted.get(right).is_none_or(|stays| **option && !stays);
        let mut revoked: Vec<(usize, bool, Right, bool)> = rights
            .iter()
            .filter(lost)
            .map(|(right, _)| (depths[right], right.column.is_some(), right.clone(), wanted.contains_key(right)))
            .collect();
        revoked.sort_by(|one, other| other.cmp(one));
        let mut cascading = BTreeSet::new();
        for (_, _, right, only_option) in &revoked {
            // A privilege on a table takes those on its columns along.
            let goes = |other: &&Right| right.column.is_none() && (&other.to, &other.by, &other.privilege) == (&right.to, &right.by, &right.privilege);
            let also: Vec<Right> = rights.keys().filter(goes).cloned().collect();
            for lost in also.iter().chain([right]) {
                if lose(&mut rights, lost, *only_option) {
                    cascading.insert(right.clone());
                }
            }
        }
        let revoked = revoked
            .into_iter()
            .map(|(depth, column, right, only)| (usize::MAX - depth, !column, right, only));
        let (cascade, plain): (Vec<_>, Vec<_>) = revoked.partition(|(_, _, right, _)| cascading.contains(right));
        let revokes = grouped(plain.into_iter()).into_iter().map(|group| (group, ""));
        let revokes = revokes.chain(grouped(cascade.into_iter()).into_iter().map(|group| (group, " CASCADE")));
        for ((key, list), cascade) in revokes {
            let option = if key.option { "GRANT OPTION FOR " } else { "" };
            let statement = format!("{}REVOKE {option}{list} ON {} FROM {}{cascade}", self.before, self.on, self.whom(&key));
            match &key.by {
                None => script.middle.push(statement),
                Some(by) if self.moved => script.middle.extend(as_role(by, statement)),
                Some(by) => script.first.extend(as_role(by, statement)),
            }
        }
        let depths = hands(wanted);
        let missing = |(right, option): &(&Right, &bool)| rights.get(right).is_none_or(|has| **option && !has);
        let granted = wanted
            .iter()
            .filter(missing)
            .map(|(right, option)| (depths[right], right.column.is_some(), right.clone(), *option));
        for (key, list) in grouped(granted) {
            let option = if key.option { " WITH GRANT OPTION" } else { "" };
            let statement = format!("{}GRANT {list} ON {} TO {}{option}", self.before, self.on, self.whom(&key));
            match &key.by {
                None => script.middle.push(statement),
                Some(by) => script.last.extend(as_role(by, statement)),
            }
        }
    }

    fn whom(&self, key: &Group) -> String {
        match &key.to {
            Grantee::Public => "PUBLIC".to_owned(),
            Grantee::Role(role) => quote_name(role),
            Grantee::Owner => match self.owner {
                Some(owner) => quote_name(owner),
                None if key.by.is_some() => quote_name(self.role),
                None => "CURRENT_USER".to_owned(),
            },
        }
    }
}

/// A privilege that somebody else than the owner gave is given and taken by that role.
fn as_role(by: &str, statement: String) -> [String; 3] {
    [format!("SET LOCAL ROLE {}", quote_name(by)), statement, "RESET ROLE".to_owned()]
}

/// What one statement gives or takes, in the order of the statements.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    depth: usize,
    columns: bool,
    by: Option<String>,
    to: Grantee,
    option: bool,
}

fn grouped(rights: impl Iterator<Item = (usize, bool, Right, bool)>) -> BTreeMap<Group, String> {
    let mut groups: BTreeMap<Group, String> = BTreeMap::new();
    for (depth, columns, right, option) in rights {
        let written = right.written();
        let (to, by) = (right.to, right.by);
        let list = groups
            .entry(Group {
                depth,
                columns,
                by,
                to,
                option,
            })
            .or_default();
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&written);
    }
    groups
}

/// Takes a privilege, or only that it may be granted on, with all that hangs on it; returns whether anything did.
fn lose(rights: &mut Rights, right: &Right, only_option: bool) -> bool {
    let Some(had) = rights.remove(right) else { return false };
    if only_option {
        rights.insert(right.clone(), false);
    }
    let Grantee::Role(role) = &right.to else { return false };
    let about = |other: &Right| (&other.privilege, &other.column) == (&right.privilege, &right.column);
    let may_still = rights.iter().any(|(other, option)| *option && other.to == right.to && about(other));
    if !had || may_still {
        return false;
    }
    let given: Vec<Right> = rights.keys().filter(|other| other.by.as_ref() == Some(role) && about(other)).cloned().collect();
    for other in &given {
        lose(rights, other, false);
    }
    !given.is_empty()
}

/// How many hands each privilege went through.
fn hands(rights: &Rights) -> BTreeMap<Right, usize> {
    let mut depths: BTreeMap<Right, usize> = rights.keys().filter(|right| right.by.is_none()).map(|right| (right.clone(), 0)).collect();
    for depth in 1..=rights.len() {
        let reached: Vec<Right> = rights
            .keys()
            .filter(|right| !depths.contains_key(right))
            .filter(|right| {
                let gives = |from: &Right| {
                    let is_grantors = matches!(&from.to, Grantee::Role(role) if Some(role) == right.by.as_ref());
                    is_grantors && from.privilege == right.privilege && (from.column.is_none() || from.column == right.column)
                };
                rights.iter().any(|(from, option)| *option && gives(from) && depths.contains_key(from))
            })
            .cloned()
            .collect();
        if reached.is_empty() {
            break;
        }
        depths.extend(reached.into_iter().map(|right| (right, depth)));
    }
    // Given by a role that has the right to give it from elsewhere.
    for right in rights.keys() {
        depths.entry(right.clone()).or_insert(1);
    }
    depths
}
