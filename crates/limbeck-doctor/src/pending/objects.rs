//! Objects that a pending revision makes though they are there, or changes though they are not.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, ObjectKind};

use super::ask::{NotTold, constant, quoted_name};
use super::future::Fate;
use super::{Ahead, OBJECTS, Site};
use crate::Finding;

/// Looks at one change; false if it fails for that, so that nothing more has to be asked of it.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, change: &Change) -> Result<bool, NotTold> {
    match change {
        Change::CreateTable {
            table,
            if_not_exists: false,
            temporary: false,
            ..
        } => {
            if !schema_is_there(ahead, site, table)? {
                return Ok(false);
            }
            if ahead.future.table(&mut ahead.ask, table)?.is_some() {
                return Ok(there(ahead, site, &format!("table `{table}`")));
            }
            relation_is_free(ahead, site, "table", table)
        }
        Change::CreateTable { .. } | Change::Nothing | Change::Opaque { .. } | Change::Calls { .. } => Ok(true),
        Change::DropTable { if_exists: true, .. } => Ok(true),
        Change::DropTable { table, .. }
        | Change::MoveTable { table, .. }
        | Change::AlterTable { table }
        | Change::ValidateConstraint { table, .. }
        | Change::Rows { table, .. }
        | Change::Reads { table } => table_is_there(ahead, site, table),
        Change::RenameTable { table, to } => {
            if !table_is_there(ahead, site, table)? {
                return Ok(false);
            }
            let to = Name {
                schema: table.schema.clone(),
                name: to.clone(),
            };
            if ahead.future.table(&mut ahead.ask, &to)?.is_some() {
                return Ok(there(ahead, site, &format!("table `{to}`")));
            }
            Ok(true)
        }
        Change::AddColumn { table, column, if_not_exists } => {
            if !table_is_there(ahead, site, table)? {
                return Ok(false);
            }
            if !if_not_exists && has_column(ahead, table, &column.name)? == Some(true) {
                return Ok(there(ahead, site, &format!("column `{table}.{}`", column.name)));
            }
            Ok(true)
        }
        Change::DropColumn { if_exists: true, .. } => Ok(true),
        Change::DropColumn { table, column, .. }
        | Change::SetType { table, column, .. }
        | Change::SetNotNull { table, column }
        | Change::AlterColumn { table, column } => column_is_there(ahead, site, table, column),
        Change::RenameColumn { table, column, to } => {
            if !column_is_there(ahead, site, table, column)? {
                return Ok(false);
            }
            if has_column(ahead, table, to)? == Some(true) {
                return Ok(there(ahead, site, &format!("column `{table}.{to}`")));
            }
            Ok(true)
        }
        Change::AddConstraint { table, constraint } => {
            if !table_is_there(ahead, site, table)? {
                return Ok(false);
            }
            if let Some(name) = &constraint.name
                && has_constraint(ahead, table, name)? == Some(true)
            {
                return Ok(there(ahead, site, &format!("constraint `{name}` of {table}")));
            }
            Ok(true)
        }
        Change::DropConstraint { if_exists: true, .. } => Ok(true),
        Change::DropConstraint { table, name, .. } | Change::RenameConstraint { table, name, .. } => {
            if !table_is_there(ahead, site, table)? {
                return Ok(false);
            }
            if has_constraint(ahead, table, name)? == Some(false) {
                let others = names(ahead, table)?;
                return Ok(missing(ahead, site, &format!("constraint `{name}` of {table}"), others));
            }
            Ok(true)
        }
        Change::CreateIndex {
            name,
            table,
            columns,
            if_not_exists,
            ..
        } => {
            if !table_is_there(ahead, site, table)? {
                return Ok(false);
            }
            for column in columns {
                if !column_is_there(ahead, site, table, column)? {
                    return Ok(false);
                }
            }
            let Some(name) = name.as_ref().filter(|_| !if_not_exists) else {
                return Ok(true);
            };
            let schema = match ahead.future.known(table).and_then(|table| table.live.as_ref()) {
                Some(live) => live.name.schema.clone(),
                None => table.schema.clone(),
            };
            let name = Name {
                schema,
                name: name.name.clone(),
            };
            relation_is_free(ahead, site, "index", &name)
        }
        Change::Create {
            kind, name, may_exist: false, ..
        } => create(ahead, site, *kind, name),
        Change::Create { .. } => Ok(true),
        Change::Drop { if_exists: true, .. } => Ok(true),
        Change::Alter { kind, name } | Change::Drop { kind, name, .. } | Change::Rename { kind, name, .. } => {
            if has(ahead, *kind, name)? == Some(false) {
                return Ok(missing(ahead, site, &format!("{} `{name}`", kind.word()), None));
            }
            Ok(true)
        }
    }
}

fn there(ahead: &mut Ahead<'_>, site: &Site<'_>, what: &str) -> bool {
    ahead.looked(OBJECTS);
    let finding = Finding::problem(OBJECTS, format!("{what} is there already: {} fails", site.revision))
        .evidence(site.statement())
        .cause("it was made by hand, by another tool, or by a run of this revision that was not recorded")
        .note(format!(
            "if it is what {0} would make, and {0} does nothing else, record that: `stamp {0}`; otherwise drop or rename what is there",
            site.revision
        ));
    ahead.found(site, finding);
    false
}

fn missing(ahead: &mut Ahead<'_>, site: &Site<'_>, what: &str, others: Option<String>) -> bool {
    ahead.looked(OBJECTS);
    let finding = Finding::problem(OBJECTS, format!("{what} is not there: {} fails", site.revision))
        .evidence(site.statement())
        .evidence_all(others)
        .cause("it was dropped or renamed by hand, or never made in this database");
    ahead.found(site, finding);
    false
}

fn table_is_there(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name) -> Result<bool, NotTold> {
    ahead.looked(OBJECTS);
    if ahead.future.table(&mut ahead.ask, table)?.is_some() {
        return Ok(true);
    }
    // The server's own tables, and temporary ones that the script makes.
    let views = [ObjectKind::View, ObjectKind::MaterializedView];
    if table
        .schema
        .as_deref()
        .is_some_and(|schema| schema.starts_with("pg_") || schema == "information_schema")
        || table.name.starts_with("pg_")
        || views.iter().any(|kind| ahead.future.object(*kind, table) == Some(Fate::Made))
    {
        return Ok(true);
    }
    let other = ahead.ask.value(&format!(
        "SELECT string_agg(n.nspname, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = {} AND c.relkind IN ('r', 'p', 'v', 'm')",
        constant(&table.name)
    ))?;
    let other = other.map(|schemas| format!("there is one in schema {schemas}"));
    Ok(missing(ahead, site, &format!("table `{table}`"), other))
}

fn has_column(ahead: &mut Ahead<'_>, table: &Name, column: &str) -> Result<Option<bool>, NotTold> {
    // Of a table made from a query the columns are not known.
    Ok(ahead
        .future
        .table(&mut ahead.ask, table)?
        .filter(|table| !table.columns.is_empty())
        .map(|table| table.column(column).is_some()))
}

fn column_is_there(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, column: &str) -> Result<bool, NotTold> {
    if !table_is_there(ahead, site, table)? {
        return Ok(false);
    }
    if has_column(ahead, table, column)? == Some(false) {
        let columns: Option<Vec<String>> = ahead
            .future
            .known(table)
            .map(|table| table.columns.iter().map(|column| column.name.clone()).collect());
        let others = columns.map(|columns| format!("its columns: {}", columns.join(", ")));
        return Ok(missing(ahead, site, &format!("column `{table}.{column}`"), others));
    }
    Ok(true)
}

fn has_constraint(ahead: &mut Ahead<'_>, table: &Name, name: &str) -> Result<Option<bool>, NotTold> {
    if let Some(fate) = ahead.future.constraint(table, name) {
        return Ok(Some(fate == Fate::Made));
    }
    let Some(found) = ahead.future.table(&mut ahead.ask, table)? else {
        return Ok(None);
    };
    let Some(live) = found.live.clone() else {
        // The server names what the statement does not.
        return Ok(None);
    };
    ahead
        .ask
        .truth(&format!(
            "SELECT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = {} AND conname = {})::text",
            live.oid,
            constant(name)
        ))
        .map(|is_there| {
            // A pending statement may have made one whose name the server chose.
            let unnamed = !is_there && ahead.future.unnamed.contains(&ahead.future.key(table));
            (!unnamed).then_some(is_there)
        })
}

fn names(ahead: &mut Ahead<'_>, table: &Name) -> Result<Option<String>, NotTold> {
    let Some(live) = ahead.future.known(table).and_then(|table| table.live.clone()) else {
        return Ok(None);
    };
    let names = ahead.ask.value(&format!(
        "SELECT string_agg(conname, ', ' ORDER BY conname) FROM pg_constraint WHERE conrelid = {}",
        live.oid
    ))?;
    Ok(names.map(|names| format!("its constraints: {names}")))
}

/// Tables, indexes, views and sequences share their names.
fn relation_is_free(ahead: &mut Ahead<'_>, site: &Site<'_>, kind: &str, name: &Name) -> Result<bool, NotTold> {
    ahead.looked(OBJECTS);
    let kinds = [ObjectKind::Index, ObjectKind::View, ObjectKind::MaterializedView, ObjectKind::Sequence];
    let fates: Vec<Fate> = kinds.iter().filter_map(|kind| ahead.future.object(*kind, name)).collect();
    if fates.contains(&Fate::Made) {
        return Ok(there(ahead, site, &format!("{kind} `{}`", name.name)));
    }
    if fates.contains(&Fate::Gone) || ahead.future.is_gone(name) {
        return Ok(true);
    }
    let found = ahead.ask.row(&format!(
        "SELECT c.relkind::text, t.relname::text, tn.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid \
         LEFT JOIN pg_class t ON t.oid = i.indrelid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE n.nspname = {} AND c.relname = {}",
        constant(&ahead.future.schema_of(name)),
        constant(&name.name)
    ))?;
    let Some(row) = found else { return Ok(true) };
    let of = row.get(1).cloned().flatten();
    if let (Some(table), Some(Some(schema))) = (&of, row.get(2)) {
        let table = Name {
            schema: Some(schema.clone()),
            name: table.clone(),
        };
        // It goes with its table; renamed tables keep it.
        if ahead.future.is_gone(&table) {
            return Ok(true);
        }
    }
    let of = of.map(|table| format!(" (of {table})")).unwrap_or_default();
    Ok(there(ahead, site, &format!("{kind} `{}`{of}", name.name)))
}

fn schema_is_there(ahead: &mut Ahead<'_>, site: &Site<'_>, name: &Name) -> Result<bool, NotTold> {
    let Some(schema) = &name.schema else { return Ok(true) };
    let schema = Name {
        schema: None,
        name: schema.clone(),
    };
    if has(ahead, ObjectKind::Schema, &schema)? == Some(false) {
        return Ok(missing(ahead, site, &format!("schema `{schema}`"), None));
    }
    Ok(true)
}

fn create(ahead: &mut Ahead<'_>, site: &Site<'_>, kind: ObjectKind, name: &Name) -> Result<bool, NotTold> {
    if matches!(kind, ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence) {
        return relation_is_free(ahead, site, kind.word(), name);
    }
    if has(ahead, kind, name)? == Some(true) {
        return Ok(there(ahead, site, &format!("{} `{name}`", kind.word())));
    }
    Ok(true)
}

/// Whether an object is there; none where its name alone does not tell.
fn has(ahead: &mut Ahead<'_>, kind: ObjectKind, name: &Name) -> Result<Option<bool>, NotTold> {
    if let Some(fate) = ahead.future.object(kind, name) {
        return Ok(Some(fate == Fate::Made));
    }
    ahead.looked(OBJECTS);
    let quoted = constant(&quoted_name(name));
    let sql = match kind {
        ObjectKind::Index => format!("SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass({quoted}) AND relkind IN ('i', 'I'))::text"),
        ObjectKind::View => format!("SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass({quoted}) AND relkind IN ('v', 'm'))::text"),
        ObjectKind::MaterializedView => format!("SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass({quoted}) AND relkind IN ('v', 'm'))::text"),
        ObjectKind::Sequence => format!("SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass({quoted}) AND relkind = 'S')::text"),
        ObjectKind::Type => format!("SELECT (to_regtype({quoted}) IS NOT NULL)::text"),
        ObjectKind::Schema => format!("SELECT (to_regnamespace({quoted}) IS NOT NULL)::text"),
        ObjectKind::Extension => format!("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = {})::text", constant(&name.name)),
        ObjectKind::Function | ObjectKind::Trigger => return Ok(None),
    };
    ahead.ask.truth(&sql).map(Some)
}
