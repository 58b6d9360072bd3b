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
    let own = |column: &&Column| table.of_type.is_none() && !column.inherited;
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(own)
        .map(|column| format!("    {}", definition(table, column, without_defaults)))
        .collect();
    let list = if columns.is_empty() {
        "()".to_owned()
    } else {
        format!("(\n{}\n)", columns.join(",\n"))
    };
    let mut sql = match (&table.of_type, &table.bound, table.inherits.first()) {
        (Some(of_type), _, _) => format!("CREATE {word} {name} OF {of_type}"),
        (None, Some(bound), Some(parent)) => format!("CREATE {word} {name} PARTITION OF {} {bound}", parent.quoted()),
        _ => format!("CREATE {word} {name} {list}"),
    };
    if !is_partition && !table.inherits.is_empty() {
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
    let mut alter = |wait: bool, change: String| {
        let word = if table.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
        let sql = format!("ALTER {word} ONLY {name} {change}");
        if wait { deferred.push(sql) } else { script.push(sql) }
    };
    for column in &table.columns {
        let quoted = quote_name(&column.name);
        let inherited = parents_column(catalogue, table, column);
        // What a column of a parent or of a type does not bring along.
        if column.inherited || table.of_type.is_some() {
            match (&column.default, inherited.and_then(|parent| parent.default.as_ref())) {
                (Some(default), other) if Some(default) != other => alter(without_defaults, format!("ALTER COLUMN {quoted} SET DEFAULT {default}")),
                (None, Some(_)) => alter(false, format!("ALTER COLUMN {quoted} DROP DEFAULT")),
                _ => {}
            }
            if column.not_null && !inherited.is_some_and(|parent| parent.not_null) {
                alter(false, format!("ALTER COLUMN {quoted} SET NOT NULL"));
            }
        } else if without_defaults && let Some(default) = &column.default {
            alter(true, format!("ALTER COLUMN {quoted} SET DEFAULT {default}"));
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
    for table in catalogue.tables.iter().filter(|table| !late.contains(&table.reference())) {
        own_keys(table, script);
    }
}

fn own_keys(table: &Table, script: &mut Script) {
    let name = table.name.quoted();
    let word = if table.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
    let mut constraints: Vec<&Constraint> = table
        .constraints
        .iter()
        .filter(|constraint| !constraint.inherited && constraint.kind != ConstraintKind::ForeignKey)
        .collect();
    constraints.sort_by_key(|constraint| constraint.kind);
    for constraint in constraints {
        if let Some(own) = &constraint.name {
            script.push(format!("ALTER {word} {name} ADD CONSTRAINT {} {}", quote_name(own), constraint.definition));
            further(&name, own, &constraint.extras, script);
        }
    }
    indexes(&name, &table.indexes, script);
    if let Some(identity) = &table.replica_identity {
        script.push(format!("ALTER TABLE ONLY {name} REPLICA IDENTITY {identity}"));
    }
}

fn further(table: &str, index: &str, extras: &[String], script: &mut Script) {
    if extras.iter().any(|extra| extra == "clustered") {
        script.push(format!("ALTER TABLE {table} CLUSTER ON {}", quote_name(index)));
    }
}

fn indexes(table: &str, indexes: &[Index], script: &mut Script) {
    for index in indexes.iter().filter(|index| !index.inherited) {
        // With ONLY the index of a partitioned table would wait for those of its partitions.
        script.push(index.definition.replacen(" ON ONLY ", " ON ", 1));
        further(table, &index.name, &index.extras, script);
    }
}

/// What comes when every relation is there.
pub(super) fn rest(catalogue: &Catalogue, script: &mut Script, late: &BTreeSet<Reference>) {
    for table in catalogue.tables.iter().filter(|table| late.contains(&table.reference())) {
        own_keys(table, script);
    }
    for view in &catalogue.views {
        indexes(&view.name.quoted(), &view.indexes, script);
        let word = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        script.extend(
            view.defaults
                .iter()
                .map(|default| format!("ALTER {word} {} ALTER COLUMN {default}", view.name.quoted())),
        );
    }
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
