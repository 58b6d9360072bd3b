//! Constraints, indexes, triggers, policies and rules of tables that both have, and objects without a shape of their own.

use super::super::ddl::further;
use super::super::differences::{Change, Difference};
use super::super::name::{Name, quote_name};
use super::super::object::Kind;
use super::super::table::{ConstraintKind, Index, Policy, Rule, Trigger};
use super::{Way, comes_last, comment_or_none, is_replaced, routine};

/// Takes away what goes or is made anew.
pub(super) fn all(way: &mut Way<'_>) {
    for kind in [Kind::Trigger, Kind::Policy, Kind::Rule] {
        let word = kind.word().to_uppercase();
        for change in way.of(kind).filter(|change| goes(change)) {
            if way.stays(&change.object.name) {
                way.first.push(format!("DROP {word} {} ON {}", part(change), change.object.name.quoted()));
            }
        }
    }
    let other_goes = |change: &&Change| matches!(change.difference, Difference::Missing { .. }) && comes_last(change) || is_replaced(change);
    for change in way.of(Kind::Other).filter(other_goes) {
        let gone = way
            .from
            .others
            .iter()
            .filter(|other| other.name == change.object.name && Some(&other.what) == change.object.what.as_ref());
        way.first.extend(gone.map(|other| format!("DROP {}", other.subject)));
    }
    routine::drop_replaced(way);
    keys_in_the_way(way);
    let is_key = |way: &Way<'_>, change: &Change| constraint_kind(way, change) == Some(ConstraintKind::ForeignKey);
    let mut constraints: Vec<&Change> = way.of(Kind::Constraint).filter(|change| goes(change) && !is_inherited(way, change)).collect();
    // What refers to a key goes before the key.
    constraints.sort_by_key(|change| !is_key(way, change));
    for change in constraints {
        way.first
            .push(format!("ALTER TABLE {} DROP CONSTRAINT {}", change.object.name.quoted(), part(change)));
    }
    for change in way.of(Kind::Index).filter(|change| goes(change)) {
        if way.stays(&change.object.name) && !is_inherited(way, change) {
            way.first.push(format!("DROP INDEX {}", in_schema(&change.object.name, change).quoted()));
        }
    }
}

/// Foreign keys that stay, or go with their table, but refer to a key that is taken away first; and those of tables that go together.
fn keys_in_the_way(way: &mut Way<'_>) {
    let is_target = |change: &&Change| {
        goes(change) && matches!(constraint_kind(way, change), Some(ConstraintKind::PrimaryKey | ConstraintKind::Unique))
            || change.object.kind == Kind::Index && goes(change)
    };
    let mut targets: Vec<Name> = way.changes.iter().filter(is_target).map(|change| change.object.name.clone()).collect();
    let (from, to) = (way.from, way.to);
    let gone = from.tables.iter().filter(|table| !to.tables.iter().any(|other| other.name == table.name));
    targets.extend(gone.map(|table| table.name.clone()));
    for table in &from.tables {
        let after = to.tables.iter().find(|other| other.name == table.name);
        for key in table.constraints.iter().filter(|key| key.kind == ConstraintKind::ForeignKey && !key.inherited) {
            let refers = targets
                .iter()
                .any(|target| *target != table.name && key.definition.contains(&format!("REFERENCES {}(", target.quoted())));
            let name = key.name.clone().unwrap_or_default();
            let is_it = |change: &&Change| change.object.name == table.name && change.object.kind == Kind::Constraint && change.object.part == key.name;
            if !refers || way.changes.iter().any(|change| is_it(&change)) {
                continue;
            }
            let at = format!("ALTER TABLE {}", table.name.quoted());
            way.first.push(format!("{at} DROP CONSTRAINT {}", quote_name(&name)));
            if after.is_some() {
                way.keys.push(format!("{at} ADD CONSTRAINT {} {}", quote_name(&name), key.definition));
                way.keys.extend(
                    key.comment
                        .as_ref()
                        .map(|comment| comment_or_none(&format!("CONSTRAINT {} ON {}", quote_name(&name), table.name.quoted()), Some(comment))),
                );
            }
        }
    }
}

/// Makes what comes or was taken away to be made anew.
pub(super) fn late(way: &mut Way<'_>) {
    let mut constraints: Vec<&Change> = way.of(Kind::Constraint).collect();
    constraints.sort_by_key(|change| new_constraint(way, change).map(|constraint| constraint.kind));
    for change in constraints {
        let table = change.object.name.quoted();
        if let Difference::Changed { facts } = &change.difference
            && let Some(fact) = facts.iter().find(|fact| fact.what == "name")
        {
            let old = quote_name(fact.wanted.as_deref().unwrap_or_default());
            way.middle.push(format!("ALTER TABLE {table} RENAME CONSTRAINT {old} TO {}", part(change)));
            continue;
        }
        let Some(constraint) = new_constraint(way, change) else { continue };
        let (definition, comment) = (constraint.definition.clone(), constraint.comment.clone());
        if comes(change) && !constraint.inherited && !is_inherited(way, change) {
            way.middle.push(format!("ALTER TABLE {table} ADD CONSTRAINT {} {definition}", part(change)));
            let extras = constraint.extras.clone();
            further(&change.object.name, change.object.part.as_deref().unwrap_or_default(), &extras, &mut way.middle);
        }
        commented(way, change, &format!("CONSTRAINT {} ON {table}", part(change)), comment.as_deref());
    }
    let mut comments = Vec::new();
    for change in way.of(Kind::Index) {
        let Some(owner) = Owner::of(way, &change.object.name) else { continue };
        let Some(index) = owner.indexes.iter().find(|index| Some(&index.name) == change.object.part.as_ref()) else {
            continue;
        };
        if comes(change) && !index.inherited && !is_inherited(way, change) {
            way.middle.push(index.definition.replacen(" ON ONLY ", " ON ", 1));
            further(&change.object.name, &index.name, &index.extras, &mut way.middle);
        }
        if index.comment.is_some() || only_comment(change) {
            let subject = format!("INDEX {}", in_schema(&change.object.name, change).quoted());
            comments.push(comment_or_none(&subject, index.comment.as_deref()));
        }
    }
    // An index of a partition may only come with its parent's.
    way.middle.extend(comments);
    for change in way
        .of(Kind::Trigger)
        .chain(way.of(Kind::Policy))
        .chain(way.of(Kind::Rule))
        .filter(|change| comes(change))
    {
        let Some(owner) = Owner::of(way, &change.object.name) else { continue };
        let name = change.object.name.quoted();
        let own = |candidate: &str| Some(candidate) == change.object.part.as_deref();
        for trigger in owner
            .triggers
            .iter()
            .filter(|trigger| change.object.kind == Kind::Trigger && own(&trigger.name))
        {
            way.middle.push(trigger.definition.clone());
            way.middle.extend(
                trigger
                    .enabled
                    .as_ref()
                    .map(|enabled| format!("ALTER TABLE {name} {enabled} TRIGGER {}", part(change))),
            );
            commented(way, change, &format!("TRIGGER {} ON {name}", part(change)), trigger.comment.as_deref());
        }
        for policy in owner.policies.iter().filter(|policy| change.object.kind == Kind::Policy && own(&policy.name)) {
            way.middle.push(format!("CREATE POLICY {} ON {name} {}", part(change), policy.definition));
            commented(way, change, &format!("POLICY {} ON {name}", part(change)), policy.comment.as_deref());
        }
        for rule in owner.rules.iter().filter(|rule| change.object.kind == Kind::Rule && own(&rule.name)) {
            way.middle.push(rule.definition.trim_end().trim_end_matches(';').to_owned());
            way.middle.extend(
                rule.enabled
                    .as_ref()
                    .map(|enabled| format!("ALTER TABLE {name} {enabled} RULE {}", part(change))),
            );
            commented(way, change, &format!("RULE {} ON {name}", part(change)), rule.comment.as_deref());
        }
    }
}

/// What belongs to a table or view that both have.
struct Owner<'a> {
    indexes: &'a [Index],
    triggers: &'a [Trigger],
    policies: &'a [Policy],
    rules: &'a [Rule],
}

impl<'a> Owner<'a> {
    /// Nothing for a view that is made anew, with all that is its own.
    fn of(way: &Way<'a>, name: &Name) -> Option<Self> {
        if let Some(table) = way.table(name) {
            return Some(Owner {
                indexes: &table.indexes,
                triggers: &table.triggers,
                policies: &table.policies,
                rules: &table.rules,
            });
        }
        let view = way.to.views.iter().find(|view| view.name == *name && !way.views.contains(name))?;
        Some(Owner {
            indexes: &view.indexes,
            triggers: &view.triggers,
            policies: &[],
            rules: &view.rules,
        })
    }
}

impl Way<'_> {
    /// Whether a table or view is there and not made anew.
    fn stays(&self, name: &Name) -> bool {
        let view = || self.from.views.iter().any(|view| view.name == *name) && !self.views.contains(name);
        self.from.tables.iter().any(|table| table.name == *name) || view()
    }
}

/// Whether a constraint or index was there because of a parent, and comes and goes with that; or only became or ceased to be a parent's.
fn is_inherited(way: &Way<'_>, change: &Change) -> bool {
    if let Difference::Changed { facts } = &change.difference
        && facts.iter().all(|fact| fact.what == "inherited")
    {
        return way.has_other_parents(&change.object.name) || change.object.kind == Kind::Index;
    }
    let Some(table) = way.from.tables.iter().find(|table| table.name == change.object.name) else {
        return false;
    };
    let part = change.object.part.as_ref();
    let mut constraints = table.constraints.iter().filter(|item| item.name.as_ref() == part);
    let mut indexes = table.indexes.iter().filter(|item| Some(&item.name) == part);
    match change.object.kind {
        Kind::Index => indexes.any(|item| item.inherited),
        _ => constraints.any(|item| item.inherited),
    }
}

/// Only a comment changed.
fn only_comment(change: &Change) -> bool {
    matches!(&change.difference, Difference::Changed { facts } if facts.iter().all(|fact| fact.what == "comment"))
}

fn goes(change: &Change) -> bool {
    match &change.difference {
        Difference::Missing { .. } => true,
        Difference::Extra { .. } => false,
        Difference::Changed { facts } => !only_comment(change) && facts.iter().all(|fact| fact.what != "name"),
    }
}

fn comes(change: &Change) -> bool {
    match &change.difference {
        Difference::Missing { .. } => false,
        Difference::Extra { .. } => true,
        Difference::Changed { .. } => goes(change),
    }
}

fn commented(way: &mut Way<'_>, change: &Change, subject: &str, comment: Option<&str>) {
    if comment.is_some() || only_comment(change) {
        way.middle.push(comment_or_none(subject, comment));
    }
}

fn part(change: &Change) -> String {
    quote_name(change.object.part.as_deref().unwrap_or_default())
}

fn in_schema(table: &Name, change: &Change) -> Name {
    Name {
        schema: table.schema.clone(),
        name: change.object.part.clone().unwrap_or_default(),
    }
}

fn new_constraint<'a>(way: &Way<'a>, change: &Change) -> Option<&'a super::super::Constraint> {
    way.table(&change.object.name)?
        .constraints
        .iter()
        .find(|constraint| constraint.name == change.object.part)
}

fn constraint_kind(way: &Way<'_>, change: &Change) -> Option<ConstraintKind> {
    let table = way.from.tables.iter().find(|table| table.name == change.object.name)?;
    table
        .constraints
        .iter()
        .find(|constraint| constraint.name == change.object.part)
        .map(|constraint| constraint.kind)
}
