//! The statements that make one catalogue of another. What they cannot do is named; whoever runs them proves the rest on a scratch database.
//!
//! PostgreSQL has words for nearly everything; on SQLite a table that changes is made anew (`sqlite.rs`).

mod between;
mod column;
mod enums;
mod parts;
mod renamed;
mod routine;
mod sqlite;
mod types;

pub use between::between;

use super::ddl::{LAST, comment_on, create_all, routine_word};
use super::differences::{Change, Difference, FactChange, Rules, differences};
use super::name::{Name, quote_name};
use super::object::{Kind, Reference, View};
use super::order::ordered;
use super::table::{Table, TableKind};
use super::{Catalogue, Dialect};
use std::collections::BTreeSet;

/// The way from one catalogue to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alteration {
    /// In the order they run, in one transaction.
    pub statements: Vec<String>,
    /// What has to be done by hand.
    pub by_hand: Vec<String>,
}

/// Returns the statements that make `to` of `from`.
pub fn alter(from: &Catalogue, to: &Catalogue) -> Alteration {
    if from.dialect == Dialect::Sqlite {
        return sqlite::alter(from, to, &differences(to, from, Rules::default()));
    }
    let (renames, from) = renamed::tables(from, to);
    let mut way = altered(&from, to);
    way.statements.splice(0..0, renames);
    way
}

fn altered(from: &Catalogue, to: &Catalogue) -> Alteration {
    let changes = differences(to, from, Rules::default());
    let mut way = Way {
        from,
        to,
        changes: &changes,
        first: Vec::new(),
        middle: Vec::new(),
        keys: Vec::new(),
        last: Vec::new(),
        by_hand: Vec::new(),
        views: views_in_the_way(from, &changes),
    };
    let views = way.views.clone();
    way.drop_views(&views);
    parts::all(&mut way);
    // New tables and columns take an exchanged type as it is then.
    way.enums();
    way.create_new();
    way.existing();
    let keys = std::mem::take(&mut way.keys);
    way.middle.extend(keys);
    way.create_views(&views);
    way.create_others();
    way.drop_old();
    let mut statements = way.first;
    statements.extend(way.middle);
    statements.extend(way.last);
    Alteration {
        statements,
        by_hand: way.by_hand,
    }
}

/// Statements in three heaps: what is in the way goes first, what nobody needs any more last.
struct Way<'a> {
    from: &'a Catalogue,
    to: &'a Catalogue,
    changes: &'a [Change],
    first: Vec<String>,
    middle: Vec<String>,
    /// Foreign keys of new tables.
    keys: Vec<String>,
    last: Vec<String>,
    by_hand: Vec<String>,
    /// Views that are made anew, with all that is theirs.
    views: BTreeSet<Name>,
}

impl<'a> Way<'a> {
    fn of(&self, kind: Kind) -> impl Iterator<Item = &'a Change> + use<'a> {
        self.changes.iter().filter(move |change| change.object.kind == kind)
    }

    fn cannot(&mut self, change: &Change, what: &str) {
        self.by_hand.push(format!("{}: {what}", change.object));
    }

    fn table(&self, name: &Name) -> Option<&'a Table> {
        self.to.tables.iter().find(|table| table.name == *name)
    }

    fn drop_views(&mut self, views: &BTreeSet<Name>) {
        let word = |view: &View| if view.materialized { Kind::MaterializedView } else { Kind::View };
        let all: BTreeSet<Reference> = self
            .from
            .views
            .iter()
            .filter(|view| views.contains(&view.name))
            .map(|view| Reference {
                kind: word(view),
                name: view.name.clone(),
            })
            .collect();
        for placed in ordered(&all, &self.from.needs, &|_| 0).into_iter().rev() {
            let word = if placed.reference.kind == Kind::View { "VIEW" } else { "MATERIALIZED VIEW" };
            self.first.push(format!("DROP {word} {}", placed.reference.name.quoted()));
        }
    }

    fn create_views(&mut self, views: &BTreeSet<Name>) {
        let is_new = |view: &&View| views.contains(&view.name) || !self.from.views.iter().any(|known| known.name == view.name);
        let new = Catalogue {
            views: self.to.views.iter().filter(is_new).cloned().collect(),
            needs: self.to.needs.clone(),
            ..Catalogue::default()
        };
        self.middle.extend(create_all(&new));
    }

    /// Whole objects that were not there, and routines and others with another definition.
    fn new_keys(&self) -> BTreeSet<(Kind, Name)> {
        let is_new = |change: &&Change| {
            let replaced = change.object.kind == Kind::Routine && matches!(change.difference, Difference::Changed { .. }) || is_replaced(change);
            change.object.part.is_none() && (matches!(change.difference, Difference::Extra { .. }) || replaced)
        };
        self.changes
            .iter()
            .filter(is_new)
            .map(|change| (change.object.kind, change.object.name.clone()))
            .collect()
    }

    /// What lists or watches other objects comes when these are there.
    fn create_others(&mut self) {
        let keys = self.new_keys();
        let is_new = |name: &Name| keys.contains(&(Kind::Other, name.clone()));
        let new = Catalogue {
            others: self
                .to
                .others
                .iter()
                .filter(|item| is_new(&item.name) && LAST.contains(&item.what.as_str()))
                .cloned()
                .collect(),
            ..Catalogue::default()
        };
        self.middle.extend(create_all(&new));
    }

    /// Everything whole that was not there, but for views and what lists others.
    fn create_new(&mut self) {
        let keys = self.new_keys();
        let is_new = |kind: Kind, name: &Name| keys.contains(&(kind, name.clone()));
        let new = Catalogue {
            schemas: self
                .to
                .schemas
                .iter()
                .filter(|item| is_new(Kind::Schema, &Name::new(&item.name, &item.name)))
                .cloned()
                .collect(),
            extensions: self
                .to
                .extensions
                .iter()
                .filter(|item| is_new(Kind::Extension, &Name::bare(&item.name)))
                .cloned()
                .collect(),
            enums: self.to.enums.iter().filter(|item| is_new(Kind::Enum, &item.name)).cloned().collect(),
            domains: self.to.domains.iter().filter(|item| is_new(Kind::Domain, &item.name)).cloned().collect(),
            composites: self.to.composites.iter().filter(|item| is_new(Kind::Composite, &item.name)).cloned().collect(),
            ranges: self.to.ranges.iter().filter(|item| is_new(Kind::Range, &item.name)).cloned().collect(),
            sequences: self.to.sequences.iter().filter(|item| is_new(Kind::Sequence, &item.name)).cloned().collect(),
            tables: self.to.tables.iter().filter(|item| is_new(Kind::Table, &item.name)).cloned().collect(),
            routines: self.to.routines.iter().filter(|item| is_new(Kind::Routine, &item.name)).cloned().collect(),
            others: self
                .to
                .others
                .iter()
                .filter(|item| is_new(Kind::Other, &item.name) && !LAST.contains(&item.what.as_str()))
                .cloned()
                .collect(),
            needs: self.to.needs.clone(),
            ..Catalogue::default()
        };
        // A sequence is owned by its column when that is there.
        let mut owned = Vec::new();
        for statement in create_all(&new) {
            if statement.starts_with("ALTER SEQUENCE") {
                owned.push(statement)
            } else if statement.starts_with("ALTER TABLE ") && statement.contains(" FOREIGN KEY (") {
                // The key they refer to may only come later.
                self.keys.push(statement)
            } else {
                self.middle.push(statement)
            }
        }
        let tables: Vec<String> = new.tables.iter().map(|table| table.name.quoted()).collect();
        let (now, later): (Vec<String>, Vec<String>) = owned
            .into_iter()
            .partition(|sql| tables.iter().any(|table| sql.contains(&format!("OWNED BY {table}."))));
        self.middle.extend(now);
        self.last.extend(later);
    }

    fn enums(&mut self) {
        for change in self.of(Kind::Enum) {
            if let Difference::Changed { facts } = &change.difference {
                enums::an_enum(self, change, facts);
            }
        }
    }

    /// What both have, differently.
    fn existing(&mut self) {
        for change in self.changes {
            let Difference::Changed { facts } = &change.difference else { continue };
            match change.object.kind {
                Kind::Sequence => self.a_sequence(change, facts),
                Kind::Table => self.a_table(change, facts),
                Kind::Schema => {
                    let comment = self
                        .to
                        .schemas
                        .iter()
                        .find(|schema| schema.name == change.object.name.name)
                        .and_then(|schema| schema.comment.as_deref());
                    self.middle
                        .push(comment_or_none(&format!("SCHEMA {}", quote_name(&change.object.name.name)), comment));
                }
                Kind::Domain => types::a_domain(self, change),
                Kind::Composite => types::a_composite(self, change),
                Kind::Range => types::a_range(self, change, facts),
                Kind::Extension => self.cannot(change, "it cannot be altered here"),
                Kind::Other if facts.iter().all(|fact| fact.what == "comment") => {
                    let new = self
                        .to
                        .others
                        .iter()
                        .find(|item| item.name == change.object.name && Some(&item.what) == change.object.what.as_ref());
                    self.middle.extend(new.map(|new| comment_or_none(&new.subject, new.comment.as_deref())));
                }
                // Made anew, or with their table.
                Kind::View
                | Kind::MaterializedView
                | Kind::Routine
                | Kind::Enum
                | Kind::Other
                | Kind::Column
                | Kind::Constraint
                | Kind::Index
                | Kind::Trigger
                | Kind::Policy
                | Kind::Rule
                | Kind::Access => {}
            }
        }
        column::all(self);
        parts::late(self);
    }

    fn a_sequence(&mut self, change: &Change, facts: &[FactChange]) {
        let name = &change.object.name;
        let Some(new) = self.to.sequences.iter().find(|item| item.name == *name) else {
            return;
        };
        let quoted = name.quoted();
        for fact in facts {
            match fact.what {
                "comment" => self.middle.push(comment_or_none(&format!("SEQUENCE {quoted}"), new.comment.as_deref())),
                "owned by" => {
                    let owner = new
                        .owned_by
                        .as_ref()
                        .map_or_else(|| "NONE".to_owned(), |(table, column)| format!("{}.{}", table.quoted(), quote_name(column)));
                    // The column may only come later.
                    self.last.push(format!("ALTER SEQUENCE {quoted} OWNED BY {owner}"));
                }
                "unlogged" => {
                    let how = if new.unlogged { "UNLOGGED" } else { "LOGGED" };
                    self.middle.push(format!("ALTER SEQUENCE {quoted} SET {how}"));
                }
                "type" => self.middle.push(format!("ALTER SEQUENCE {quoted} AS {}", new.numbers.type_)),
                "numbers" => {
                    let cycle = if new.numbers.cycle { "" } else { " NO CYCLE" };
                    self.middle.push(format!("ALTER SEQUENCE {quoted} {}{cycle}", new.numbers.options()));
                }
                what => self.cannot(change, what),
            }
        }
    }

    fn a_table(&mut self, change: &Change, facts: &[FactChange]) {
        let Some(new) = self.table(&change.object.name) else { return };
        let name = new.name.quoted();
        if self.has_other_parents(&new.name) {
            self.parents(&new.name);
        }
        for fact in facts {
            let is = fact.have.is_some();
            match fact.what {
                "inherits" | "partition of" | "partition bound" => {}
                "comment" => {
                    let word = if new.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
                    self.middle.push(comment_or_none(&format!("{word} {name}"), new.comment.as_deref()));
                }
                "unlogged" => self.middle.push(format!("ALTER TABLE {name} SET {}", if is { "UNLOGGED" } else { "LOGGED" })),
                "row security" => self
                    .middle
                    .push(format!("ALTER TABLE {name} {} ROW LEVEL SECURITY", if is { "ENABLE" } else { "DISABLE" })),
                "row security for the owner" => self
                    .middle
                    .push(format!("ALTER TABLE {name} {} ROW LEVEL SECURITY", if is { "FORCE" } else { "NO FORCE" })),
                "replica identity" => {
                    let identity = new.replica_identity.as_deref().unwrap_or("DEFAULT");
                    self.last.push(format!("ALTER TABLE {name} REPLICA IDENTITY {identity}"));
                }
                "options" => {
                    let old = fact
                        .wanted
                        .iter()
                        .flat_map(|options| options.split(", "))
                        .filter_map(|option| option.split('=').next());
                    let old: Vec<&str> = old.collect();
                    if !old.is_empty() {
                        self.middle.push(format!("ALTER TABLE {name} RESET ({})", old.join(", ")));
                    }
                    if !new.options.is_empty() {
                        self.middle.push(format!("ALTER TABLE {name} SET ({})", new.options.join(", ")));
                    }
                }
                what => self.cannot(change, what),
            }
        }
    }

    /// Whether a table that both have begins or ceases to inherit, or to be a partition.
    fn has_other_parents(&self, name: &Name) -> bool {
        let find = |catalogue: &'a Catalogue| catalogue.tables.iter().find(|table| table.name == *name);
        matches!((find(self.from), find(self.to)), (Some(old), Some(new)) if old.inherits != new.inherits || old.bound != new.bound)
    }

    /// It leaves its parents first, and joins others when it has all that they ask for.
    fn parents(&mut self, name: &Name) {
        let find = |catalogue: &'a Catalogue| catalogue.tables.iter().find(|table| table.name == *name);
        let (Some(old), Some(new)) = (find(self.from), find(self.to)) else { return };
        let child = name.quoted();
        for parent in &old.inherits {
            match &old.bound {
                Some(bound) if new.bound.as_ref() != Some(bound) || !new.inherits.contains(parent) => {
                    self.first.push(format!("ALTER TABLE {} DETACH PARTITION {child}", parent.quoted()));
                }
                None if !new.inherits.contains(parent) => self.first.push(format!("ALTER TABLE {child} NO INHERIT {}", parent.quoted())),
                _ => {}
            }
        }
        for parent in &new.inherits {
            match &new.bound {
                Some(bound) if old.bound.as_ref() != Some(bound) || !old.inherits.contains(parent) => {
                    self.keys.push(format!("ALTER TABLE {} ATTACH PARTITION {child} {bound}", parent.quoted()));
                }
                None if !old.inherits.contains(parent) => self.keys.push(format!("ALTER TABLE {child} INHERIT {}", parent.quoted())),
                _ => {}
            }
        }
    }

    /// Drops whole objects that are there no more, those first that need others.
    fn drop_old(&mut self) {
        let gone: BTreeSet<Reference> = self
            .changes
            .iter()
            .filter(|change| change.object.part.is_none() && matches!(change.difference, Difference::Missing { .. }))
            .filter(|change| match change.object.kind {
                Kind::View | Kind::MaterializedView | Kind::Schema | Kind::Extension => false,
                Kind::Other => !comes_last(change),
                _ => true,
            })
            .map(|change| Reference {
                kind: change.object.kind,
                name: change.object.name.clone(),
            })
            .collect();
        let mut last = Vec::new();
        for placed in ordered(&gone, &self.from.needs, &|_| 0).into_iter().rev() {
            let name = &placed.reference.name;
            let dropped = match placed.reference.kind {
                Kind::Table => self.from.tables.iter().find(|table| table.name == *name).map(|table| {
                    if let Some(parent) = table.inherits.first().filter(|parent| table.bound.is_some() && self.table(parent).is_some()) {
                        // What refers to the parent keeps hold of its partitions.
                        last.push(format!("ALTER TABLE {} DETACH PARTITION {}", parent.quoted(), name.quoted()));
                    }
                    let word = if table.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
                    format!("DROP {word} {}", name.quoted())
                }),
                // One that is owned goes with its column.
                Kind::Sequence => Some(format!("DROP SEQUENCE IF EXISTS {}", name.quoted())),
                Kind::Routine => self
                    .from
                    .routines
                    .iter()
                    .find(|item| item.name == *name)
                    .map(|item| format!("DROP {} {}", routine_word(item.kind), item.signature)),
                Kind::Domain => Some(format!("DROP DOMAIN {}", name.quoted())),
                Kind::Enum | Kind::Composite | Kind::Range => Some(format!("DROP TYPE {}", name.quoted())),
                Kind::Other => self
                    .from
                    .others
                    .iter()
                    .find(|item| item.name == *name)
                    .map(|item| format!("DROP {}", item.subject)),
                _ => None,
            };
            last.extend(dropped);
        }
        for change in self.of(Kind::Extension).chain(self.of(Kind::Schema)) {
            if matches!(change.difference, Difference::Missing { .. }) {
                let word = if change.object.kind == Kind::Schema { "SCHEMA" } else { "EXTENSION" };
                last.push(format!("DROP {word} {}", quote_name(&change.object.name.name)));
            }
        }
        // Owners of sequences are set before what they belonged to goes.
        self.last.extend(last);
    }
}

/// Views that change or go, and those that stand on what changes below them.
fn views_in_the_way(from: &Catalogue, changes: &[Change]) -> BTreeSet<Name> {
    let is_view = |kind| matches!(kind, Kind::View | Kind::MaterializedView);
    let whole = |change: &&Change| change.object.part.is_none() && !matches!(change.difference, Difference::Extra { .. });
    let mut disturbed: BTreeSet<Name> = changes
        .iter()
        .filter(whole)
        .filter(|change| is_view(change.object.kind) || change.object.kind == Kind::Routine)
        .map(|change| change.object.name.clone())
        .collect();
    disturbed.extend(
        changes
            .iter()
            .filter(|change| change.object.kind == Kind::Column && column::disturbs(change))
            .map(|change| change.object.name.clone()),
    );
    disturbed.extend(enums::disturbed(from, changes));
    let mut views: BTreeSet<Name> = from
        .views
        .iter()
        .map(|view| &view.name)
        .filter(|name| disturbed.contains(*name))
        .cloned()
        .collect();
    loop {
        let needs = |(one, other): &&(Reference, Reference)| {
            is_view(one.kind) && !views.contains(&one.name) && (disturbed.contains(&other.name) || views.contains(&other.name))
        };
        let more: Vec<Name> = from.needs.iter().filter(needs).map(|(one, _)| one.name.clone()).collect();
        if more.is_empty() {
            return views;
        }
        views.extend(more);
    }
}

fn comment_or_none(what: &str, comment: Option<&str>) -> String {
    match comment {
        Some(comment) => comment_on(what, Some(&comment.to_owned())).unwrap_or_default(),
        None => format!("COMMENT ON {what} IS NULL"),
    }
}

/// Whether an object of [`Kind::Other`] is dropped and made anew. Where something stands on it, the server says so.
fn is_replaced(change: &Change) -> bool {
    matches!(&change.difference, Difference::Changed { facts } if change.object.kind == Kind::Other && facts.iter().any(|fact| fact.what != "comment"))
}

/// Whether an object of [`Kind::Other`] lists or watches others.
fn comes_last(change: &Change) -> bool {
    change.object.what.as_deref().is_some_and(|what| LAST.contains(&what))
}
