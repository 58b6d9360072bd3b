//! Tables, views, and what belongs to them.

use super::super::name::quote_name;
use super::super::object::{Reference, View};
use super::super::table::{Column, Constraint, ConstraintKind, Index, Rule, Table, TableKind, Trigger};
use super::super::{Catalogue, Name};
use super::Script;
use std::collections::BTreeSet;

/// A table with its columns; its constraints come later.
pub(super) fn table(catalogue: &Catalogue, table: &Table, without_defaults: bool, script: &mut Script, deferred: &mut Script) {
    let name = table.name.quoted();
    let word = match table.kind {
        TableKind::Foreign => "FOREIGN TABLE",
        _ if table.unlogged => "UNLOGGED TABLE",
        _ => "TABLE",
    };
    let is_partition = table.bound.is_some();
    let attached = is_partition && is_shaped_otherwise(catalogue, table);
    let alone = attached || joins_late(catalogue, table);
    let own = |column: &&Column| table.of_type.is_none() && (!column.inherited || attached);
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(own)
        .map(|column| {
            let brought = column.not_null_inherited && !alone && !table.inherits.is_empty();
            let column = Column {
                not_null: column.not_null && !brought,
                ..column.clone()
            };
            format!("    {}", definition(table, &column, without_defaults))
        })
        .collect();
    let list = if columns.is_empty() {
        "()".to_owned()
    } else {
        format!("(\n{}\n)", columns.join(",\n"))
    };
    let mut sql = match (&table.of_type, &table.bound, table.inherits.first()) {
        (Some(of_type), _, _) => format!("CREATE {word} {name} OF {of_type}"),
        (None, Some(bound), Some(parent)) if !attached => format!("CREATE {word} {name} PARTITION OF {} {bound}", parent.quoted()),
        _ => format!("CREATE {word} {name} {list}"),
    };
    if !is_partition && !alone && !table.inherits.is_empty() {
        let parents: Vec<String> = table.inherits.iter().map(Name::quoted).collect();
        sql.push_str(&format!(" INHERITS ({})", parents.join(", ")));
    }
    if let Some(key) = &table.partition_key {
        sql.push_str(&format!(" PARTITION BY {key}"));
    }
    if let Some(foreign) = &table.foreign {
        sql.push_str(&format!(" {foreign}"));
    }
    if let Some(method) = &table.method {
        sql.push_str(&format!(" USING {}", quote_name(method)));
    }
    if !table.options.is_empty() {
        sql.push_str(&format!(" WITH ({})", table.options.join(", ")));
    }
    if let Some(tablespace) = &table.tablespace {
        sql.push_str(&format!(" TABLESPACE {}", quote_name(tablespace)));
    }
    script.push(sql);
    if attached && let (Some(bound), Some(parent)) = (&table.bound, table.inherits.first()) {
        script.push(format!("ALTER TABLE ONLY {} ATTACH PARTITION {name} {bound}", parent.quoted()));
    }
    let mut alter = |wait: bool, change: String| {
        let word = if table.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
        let sql = format!("ALTER {word} ONLY {name} {change}");
        if wait { deferred.push(sql) } else { script.push(sql) }
    };
    for column in &table.columns {
        let quoted = quote_name(&column.name);
        let inherited = parents_column(catalogue, table, column).filter(|_| !alone);
        let brought = inherited.and_then(|parent| parent.default.as_ref());
        // What a column of a parent or of a type does not bring along.
        if (column.inherited || table.of_type.is_some()) && !alone {
            match (&column.default, brought) {
                (Some(default), other) if Some(default) != other => alter(without_defaults, format!("ALTER COLUMN {quoted} SET DEFAULT {default}")),
                (None, Some(_)) => alter(false, format!("ALTER COLUMN {quoted} DROP DEFAULT")),
                _ => {}
            }
            if column.not_null && !inherited.is_some_and(|parent| parent.not_null) {
                alter(false, format!("ALTER COLUMN {quoted} SET NOT NULL"));
            }
            if let Some(compression) = column
                .compression
                .as_ref()
                .filter(|mine| inherited.and_then(|parent| parent.compression.as_ref()) != Some(*mine))
            {
                alter(false, format!("ALTER COLUMN {quoted} SET COMPRESSION {compression}"));
            }
        } else if without_defaults && let Some(default) = &column.default {
            alter(true, format!("ALTER COLUMN {quoted} SET DEFAULT {default}"));
        } else if column.default.is_none() && column.generated.is_none() && brought.is_some() {
            alter(false, format!("ALTER COLUMN {quoted} DROP DEFAULT"));
        }
        if let Some(constraint) = &column.not_null_constraint {
            alter(false, format!("ADD CONSTRAINT {constraint}"));
        }
        if let Some(storage) = &column.storage {
            alter(false, format!("ALTER COLUMN {quoted} SET STORAGE {storage}"));
        }
        if let Some(target) = column.statistics {
            alter(false, format!("ALTER COLUMN {quoted} SET STATISTICS {target}"));
        }
        if !column.options.is_empty() && table.kind != TableKind::Foreign {
            alter(false, format!("ALTER COLUMN {quoted} SET ({})", column.options.join(", ")));
        }
    }
}

/// The column of the first parent that has it.
fn parents_column<'a>(catalogue: &'a Catalogue, table: &Table, column: &Column) -> Option<&'a Column> {
    table
        .inherits
        .iter()
        .filter_map(|parent| catalogue.tables.iter().find(|known| known.name == *parent))
        .find_map(|parent| parent.columns.iter().find(|known| known.name == column.name))
}

/// Whether a partition has its columns in another order than its parent, or computes one otherwise: then it is made by itself and attached.
fn is_shaped_otherwise(catalogue: &Catalogue, table: &Table) -> bool {
    let parent = |name: &Name| catalogue.tables.iter().find(|known| known.name == *name);
    let Some(parent) = table.inherits.first().and_then(parent) else {
        return false;
    };
    let names = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let computed = |column: &Column| parents_column(catalogue, table, column).is_some_and(|other| other.generated != column.generated);
    names(parent) != names(table) || table.columns.iter().any(computed)
}

/// Whether a table was made before it began to inherit: all of it is its own, and its columns are not in the order that inheriting from the start gives.
fn joins_late(catalogue: &Catalogue, table: &Table) -> bool {
    if table.inherits.is_empty() || table.bound.is_some() || table.of_type.is_some() {
        return false;
    }
    let is_own = table.columns.iter().all(|column| !column.inherited) && table.constraints.iter().all(|constraint| !constraint.inherited);
    let parents = table
        .inherits
        .iter()
        .filter_map(|parent| catalogue.tables.iter().find(|known| known.name == *parent));
    let mut order: Vec<&str> = Vec::new();
    for column in parents.flat_map(|parent| &parent.columns).chain(&table.columns) {
        if !order.contains(&column.name.as_str()) {
            order.push(&column.name);
        }
    }
    is_own && order != table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>()
}

pub(super) fn definition(table: &Table, column: &Column, without_defaults: bool) -> String {
    let mut sql = format!("{} {}", quote_name(&column.name), column.type_);
    if !column.options.is_empty() && table.kind == TableKind::Foreign {
        sql.push_str(&format!(" OPTIONS ({})", column.options.join(", ")));
    }
    if let Some(compression) = &column.compression {
        sql.push_str(&format!(" COMPRESSION {compression}"));
    }
    if let Some(collation) = &column.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(identity) = &column.identity {
        let how = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
        sql.push_str(&format!(
            " GENERATED {how} AS IDENTITY (SEQUENCE NAME {} {})",
            identity.sequence.quoted(),
            identity.numbers.options()
        ));
    }
    if let Some(generated) = &column.generated {
        let kept = if generated.stored { "STORED" } else { "VIRTUAL" };
        sql.push_str(&format!(" GENERATED ALWAYS AS ({}) {kept}", generated.expression));
    }
    if let Some(default) = column.default.as_ref().filter(|_| !without_defaults) {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if column.not_null && column.not_null_constraint.is_none() {
        sql.push_str(" NOT NULL");
    }
    sql
}

pub(super) fn view(view: &View) -> String {
    let word = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let mut sql = format!("CREATE {word} {}", view.name.quoted());
    if let Some(method) = &view.method {
        sql.push_str(&format!(" USING {}", quote_name(method)));
    }
    if !view.options.is_empty() {
        sql.push_str(&format!(" WITH ({})", view.options.join(", ")));
    }
    if let Some(tablespace) = &view.tablespace {
        sql.push_str(&format!(" TABLESPACE {}", quote_name(tablespace)));
    }
    sql.push_str(&format!(" AS\n{}", view.definition.trim_end().trim_end_matches(';')));
    if view.materialized && !view.populated {
        sql.push_str("\nWITH NO DATA");
    }
    sql
}

/// What tables need before views can be made of them: owned sequences, checks, keys, indexes.
pub(super) fn keys(catalogue: &Catalogue, script: &mut Script, late: &BTreeSet<Reference>) {
    for sequence in &catalogue.sequences {
        if let Some((table, column)) = &sequence.owned_by {
            script.push(format!(
                "ALTER SEQUENCE {} OWNED BY {}.{}",
                sequence.name.quoted(),
                table.quoted(),
                quote_name(column)
            ));
        }
    }
    let early: Vec<&Table> = catalogue.tables.iter().filter(|table| !late.contains(&table.reference())).collect();
    all_keys(catalogue, &early, script);
}

/// Checks, keys and indexes of tables; then what joins a parent that has to have them first.
fn all_keys(catalogue: &Catalogue, tables: &[&Table], script: &mut Script) {
    let parts = Parts::new(catalogue);
    let mut joining = Script::new();
    for table in tables {
        own_keys(table, &parts, script, &mut joining);
    }
    script.append(&mut joining);
    for table in tables.iter().filter(|table| joins_late(catalogue, table)) {
        let name = table.name.quoted();
        script.extend(table.inherits.iter().map(|parent| format!("ALTER TABLE {name} INHERIT {}", parent.quoted())));
    }
}

/// The indexes of partitioned tables that are made here. Each is made alone, and those of the partitions by their own names before they become part of it:
/// left to the server, they would be made with it, under names of its choice, also those that are not there.
#[derive(Default)]
struct Parts(BTreeSet<Name>);

impl Parts {
    fn new(catalogue: &Catalogue) -> Self {
        let partitioned = catalogue.tables.iter().filter(|table| table.kind == TableKind::Partitioned);
        let of = |table: &Table| -> Vec<Name> {
            let indexes = table.indexes.iter().map(|index| Some(index.name.clone()));
            let constraints = table.constraints.iter().map(|constraint| constraint.name.clone());
            let named = |name| Name { name, ..table.name.clone() };
            indexes.chain(constraints).flatten().map(named).collect()
        };
        Parts(partitioned.flat_map(of).collect())
    }

    /// The statement that makes an index part of another, where both are made here.
    fn join(&self, table: &Name, index: &str, part_of: Option<&Name>) -> Option<String> {
        let whole = part_of.filter(|whole| self.0.contains(whole))?;
        let own = Name {
            name: index.to_owned(),
            ..table.clone()
        };
        Some(format!("ALTER INDEX {} ATTACH PARTITION {}", whole.quoted(), own.quoted()))
    }
}

fn own_keys(table: &Table, parts: &Parts, script: &mut Script, joining: &mut Script) {
    let name = table.name.quoted();
    let word = if table.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
    let mut constraints: Vec<&Constraint> = table
        .constraints
        .iter()
        .filter(|constraint| constraint.kind != ConstraintKind::ForeignKey)
        .collect();
    constraints.sort_by_key(|constraint| constraint.kind);
    for constraint in constraints {
        let Some(own) = &constraint.name else { continue };
        let join = parts.join(&table.name, own, constraint.part_of.as_ref());
        if constraint.inherited && join.is_none() {
            continue;
        }
        let is_index = matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclude);
        let only = if is_index && (table.kind == TableKind::Partitioned || join.is_some()) {
            "ONLY "
        } else {
            ""
        };
        script.push(format!(
            "ALTER {word} {only}{name} ADD CONSTRAINT {} {}",
            quote_name(own),
            constraint.definition
        ));
        further(&table.name, own, &constraint.extras, script);
        joining.extend(join);
    }
    indexes(&table.name, &table.indexes, parts, script, joining);
    if let Some(identity) = &table.replica_identity {
        script.push(format!("ALTER TABLE ONLY {name} REPLICA IDENTITY {identity}"));
    }
}

/// What is said of an index beside its definition.
pub(super) fn further(table: &Name, index: &str, extras: &[String], script: &mut Script) {
    let own = Name {
        name: index.to_owned(),
        ..table.clone()
    };
    for extra in extras {
        script.extend(match extra.split_once(' ') {
            None if extra == "clustered" => Some(format!("ALTER TABLE {} CLUSTER ON {}", table.quoted(), quote_name(index))),
            Some(("tablespace", tablespace)) => Some(format!("ALTER INDEX {} SET TABLESPACE {}", own.quoted(), quote_name(tablespace))),
            Some(("options", options)) => Some(format!("ALTER INDEX {} SET ({options})", own.quoted())),
            Some(("statistics", target)) => target
                .split_once(" = ")
                .map(|(column, target)| format!("ALTER INDEX {} ALTER COLUMN {column} SET STATISTICS {target}", own.quoted())),
            _ => None,
        });
    }
}

fn indexes(table: &Name, indexes: &[Index], parts: &Parts, script: &mut Script, joining: &mut Script) {
    for index in indexes {
        let join = parts.join(table, &index.name, index.part_of.as_ref());
        if index.inherited && join.is_none() {
            continue;
        }
        script.push(index.definition.clone());
        further(table, &index.name, &index.extras, script);
        joining.extend(join);
    }
}

/// What comes when every relation is there.
pub(super) fn rest(catalogue: &Catalogue, script: &mut Script, late: &BTreeSet<Reference>) {
    let later: Vec<&Table> = catalogue.tables.iter().filter(|table| late.contains(&table.reference())).collect();
    all_keys(catalogue, &later, script);
    let parts = Parts::default();
    for view in &catalogue.views {
        indexes(&view.name, &view.indexes, &parts, script, &mut Script::new());
        let word = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let settings = view.settings.iter();
        script.extend(settings.map(|setting| format!("ALTER {word} {} ALTER COLUMN {setting}", view.name.quoted())));
    }
    partitions_keys(catalogue, script);
    for table in &catalogue.tables {
        let name = table.name.quoted();
        for constraint in table
            .constraints
            .iter()
            .filter(|constraint| !constraint.inherited && constraint.kind == ConstraintKind::ForeignKey)
        {
            if let Some(own) = &constraint.name {
                script.push(format!("ALTER TABLE {name} ADD CONSTRAINT {} {}", quote_name(own), constraint.definition));
            }
        }
    }
    for table in &catalogue.tables {
        let name = table.name.quoted();
        actions(&name, &table.triggers, &table.rules, script);
        for policy in &table.policies {
            script.push(format!("CREATE POLICY {} ON {name} {}", quote_name(&policy.name), policy.definition));
        }
        if table.row_security {
            script.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        }
        if table.force_row_security {
            script.push(format!("ALTER TABLE ONLY {name} FORCE ROW LEVEL SECURITY"));
        }
    }
    for view in &catalogue.views {
        actions(&view.name.quoted(), &view.triggers, &view.rules, script);
    }
}

/// Foreign keys of partitions that go by another name than the parent's: they are made first, and become part of it when it comes.
fn partitions_keys(catalogue: &Catalogue, script: &mut Script) {
    let is_key = |constraint: &&Constraint| constraint.kind == ConstraintKind::ForeignKey;
    for table in &catalogue.tables {
        let parent = table.inherits.first().filter(|_| table.bound.is_some());
        let Some(parent) = parent.and_then(|name| catalogue.tables.iter().find(|known| known.name == *name)) else {
            continue;
        };
        let stranger = |key: &&Constraint| key.inherited && !parent.constraints.iter().any(|other| other.name == key.name);
        for key in table.constraints.iter().filter(is_key).filter(stranger) {
            if let Some(own) = &key.name {
                script.push(format!(
                    "ALTER TABLE {} ADD CONSTRAINT {} {}",
                    table.name.quoted(),
                    quote_name(own),
                    key.definition
                ));
            }
        }
    }
}

fn actions(table: &str, triggers: &[Trigger], rules: &[Rule], script: &mut Script) {
    for trigger in triggers {
        script.push(trigger.definition.clone());
        if let Some(enabled) = &trigger.enabled {
            script.push(format!("ALTER TABLE {table} {enabled} TRIGGER {}", quote_name(&trigger.name)));
        }
    }
    for rule in rules {
        script.push(rule.definition.trim_end().trim_end_matches(';').to_owned());
        if let Some(enabled) = &rule.enabled {
            script.push(format!("ALTER TABLE {table} {enabled} RULE {}", quote_name(&rule.name)));
        }
    }
}
