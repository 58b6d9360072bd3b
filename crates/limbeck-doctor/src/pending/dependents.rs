//! What is dropped, or changes its type, while something else needs it.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, ObjectKind};

use super::ask::{NotTold, constant, quoted_name};
use super::future::Fate;
use super::{Ahead, DEPENDENTS, Site, python};
use crate::Finding;

/// Looks at one change.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, change: &Change, all: &[Change]) -> Result<(), NotTold> {
    match change {
        Change::DropTable { table, cascade, .. } => {
            let Some(oid) = live(ahead, table)? else { return Ok(()) };
            ahead.looked(DEPENDENTS);
            let keys = foreign_keys(ahead, &format!("k.confrelid = {oid} AND k.conrelid <> {oid}"), all)?;
            let views = views(ahead, &format!("d.refobjid = {oid}"), &oid)?;
            let what = format!("dropping {table}");
            if *cascade {
                with_cascade(ahead, site, &what, &keys, &views);
            } else {
                needed(ahead, site, &what, keys, views, true);
            }
        }
        Change::DropColumn { table, column, cascade, .. } => {
            let Some(oid) = live(ahead, table)? else { return Ok(()) };
            let Some(number) = number(ahead, table, column) else { return Ok(()) };
            ahead.looked(DEPENDENTS);
            let keys = foreign_keys(
                ahead,
                &format!("k.confrelid = {oid} AND {number} = ANY (k.confkey) AND NOT (k.conrelid = {oid} AND {number} = ANY (k.conkey))"),
                all,
            )?;
            let views = views(ahead, &format!("d.refobjid = {oid} AND d.refobjsubid = {number}"), &oid)?;
            let what = format!("dropping {table}.{column}");
            if *cascade {
                with_cascade(ahead, site, &what, &keys, &views);
            } else {
                needed(ahead, site, &what, keys, views, true);
            }
        }
        Change::SetType { table, column, .. } => {
            let Some(oid) = live(ahead, table)? else { return Ok(()) };
            let Some(number) = number(ahead, table, column) else { return Ok(()) };
            ahead.looked(DEPENDENTS);
            let views = views(ahead, &format!("d.refobjid = {oid} AND d.refobjsubid = {number}"), &oid)?;
            needed(ahead, site, &format!("changing the type of {table}.{column}"), Vec::new(), views, false);
        }
        Change::DropConstraint { table, name, cascade, .. } => {
            let Some(oid) = live(ahead, table)? else { return Ok(()) };
            ahead.looked(DEPENDENTS);
            let of_index = format!(
                "k.conindid = (SELECT conindid FROM pg_constraint WHERE conrelid = {oid} AND conname = {} AND contype IN ('p', 'u')) AND k.conindid <> 0",
                constant(name)
            );
            let keys = foreign_keys(ahead, &of_index, all)?;
            let what = format!("dropping constraint `{name}` of {table}");
            if *cascade {
                with_cascade(ahead, site, &what, &keys, &[]);
            } else {
                needed(ahead, site, &what, keys, Vec::new(), true);
            }
        }
        Change::Drop {
            kind: ObjectKind::Index,
            name,
            cascade: false,
            ..
        } => index(ahead, site, name)?,
        Change::Drop {
            kind: ObjectKind::Type,
            name,
            cascade: false,
            ..
        } => type_(ahead, site, name)?,
        Change::Drop {
            kind: kind @ (ObjectKind::View | ObjectKind::MaterializedView),
            name,
            cascade: false,
            ..
        } => {
            let found = ahead.ask.value(&format!("SELECT to_regclass({})::oid::text", constant(&quoted_name(name))))?;
            let Some(oid) = found else { return Ok(()) };
            ahead.looked(DEPENDENTS);
            let views = views(ahead, &format!("d.refobjid = {oid}"), &oid)?;
            needed(ahead, site, &format!("dropping {} {name}", kind.word()), Vec::new(), views, true);
        }
        _ => {}
    }
    Ok(())
}

fn live(ahead: &mut Ahead<'_>, table: &Name) -> Result<Option<String>, NotTold> {
    Ok(ahead
        .future
        .table(&mut ahead.ask, table)?
        .and_then(|table| Some(table.live.as_ref()?.oid.clone())))
}

fn number(ahead: &Ahead<'_>, table: &Name, column: &str) -> Option<String> {
    ahead.future.known(table)?.column(column)?.number.clone()
}

/// A foreign key of another table.
struct Key {
    name: String,
    table: Name,
    definition: String,
}

fn foreign_keys(ahead: &mut Ahead<'_>, condition: &str, all: &[Change]) -> Result<Vec<Key>, NotTold> {
    let rows = ahead.ask.rows(&format!(
        "SELECT k.conname::text, n.nspname::text, c.relname::text, pg_get_constraintdef(k.oid) FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE k.contype = 'f' AND k.conparentid = 0 AND {condition} ORDER BY 2, 3, 1"
    ));
    let rows = match rows {
        // Before PostgreSQL 11 partitions had no foreign keys to inherit.
        Err(NotTold::Refused { sqlstate, .. }) if sqlstate == "42703" => ahead.ask.rows(&format!(
            "SELECT k.conname::text, n.nspname::text, c.relname::text, pg_get_constraintdef(k.oid) FROM pg_constraint k \
             JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'f' AND {condition} ORDER BY 2, 3, 1"
        ))?,
        other => other?,
    };
    let mut keys = Vec::new();
    for row in rows {
        let [Some(name), Some(schema), Some(table), Some(definition)] = row.as_slice() else {
            continue;
        };
        let table = Name {
            schema: Some(schema.clone()),
            name: table.clone(),
        };
        let table = ahead.future.key(&table);
        let dropped_with_it = all
            .iter()
            .any(|change| matches!(change, Change::DropTable { table: other, .. } if ahead.future.key(other) == table));
        if dropped_with_it || ahead.future.is_gone(&table) || ahead.future.constraint(&table, name) == Some(Fate::Gone) {
            continue;
        }
        keys.push(Key {
            name: name.clone(),
            table,
            definition: definition.clone(),
        });
    }
    Ok(keys)
}

/// A view that reads.
struct View {
    kind: ObjectKind,
    name: Name,
    definition: String,
}

fn views(ahead: &mut Ahead<'_>, condition: &str, oid: &str) -> Result<Vec<View>, NotTold> {
    let rows = ahead.ask.rows(&format!(
        "SELECT DISTINCT n.nspname::text, v.relname::text, v.relkind::text, pg_get_viewdef(v.oid, true) FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid \
         JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace WHERE d.classid = 'pg_rewrite'::regclass \
         AND d.refclassid = 'pg_class'::regclass AND v.relkind IN ('v', 'm') AND v.oid <> {oid} AND {condition} ORDER BY 1, 2"
    ))?;
    let mut views = Vec::new();
    for row in rows {
        let [Some(schema), Some(name), Some(kind), Some(definition)] = row.as_slice() else {
            continue;
        };
        let name = Name {
            schema: Some(schema.clone()),
            name: name.clone(),
        };
        let name = ahead.future.key(&name);
        let kind = if kind == "m" { ObjectKind::MaterializedView } else { ObjectKind::View };
        if ahead.future.object(kind, &name) != Some(Fate::Gone) {
            views.push(View {
                kind,
                name,
                definition: definition.trim().trim_end_matches(';').to_owned(),
            });
        }
    }
    Ok(views)
}

/// A finding of what stands in the way, with the statements to put before and after.
fn needed(ahead: &mut Ahead<'_>, site: &Site<'_>, what: &str, keys: Vec<Key>, views: Vec<View>, drops: bool) {
    if keys.is_empty() && views.is_empty() {
        return;
    }
    let mut others: Vec<String> = keys.iter().map(|key| format!("foreign key `{}` of {}", key.name, key.table)).collect();
    others.extend(views.iter().map(|view| format!("{} {}", view.kind.word(), view.name)));
    let title = format!(
        "{what} in {} fails: {} {} it",
        site.revision,
        others.join(", "),
        if others.len() == 1 { "needs" } else { "need" }
    );
    let mut finding = Finding::problem(DEPENDENTS, title).evidence(site.statement()).evidence_all(others.clone());
    for view in &views {
        finding = finding.note(format!(
            "before it: {}",
            python::execute(&format!("DROP {} {}", view.kind.word().to_uppercase(), python::table(&view.name)))
        ));
    }
    for key in &keys {
        finding = finding.note(format!(
            "before it: op.drop_constraint({}, {}, type_='foreignkey'{})",
            python::string(&key.name),
            python::string(&key.table.name),
            key.table
                .schema
                .as_ref()
                .map(|schema| format!(", schema={}", python::string(schema)))
                .unwrap_or_default()
        ));
    }
    if drops && views.is_empty() {
        finding = finding.note("what refers to it has to refer to something else afterwards, or be dropped too");
    } else if drops {
        finding = finding.note("after it: make each again without what is gone, if it is still wanted");
    } else {
        for view in views.iter().rev() {
            finding = finding.note(format!(
                "after it: {}",
                python::execute(&format!(
                    "CREATE {} {} AS\n{}",
                    view.kind.word().to_uppercase(),
                    python::table(&view.name),
                    view.definition
                ))
            ));
        }
    }
    for key in &keys {
        finding = finding.note(format!(
            "`{}` as it is now: ALTER TABLE {} ADD CONSTRAINT {} {}",
            key.name,
            python::table(&key.table),
            python::name(&key.name),
            key.definition
        ));
    }
    ahead.found(site, finding);
}

/// CASCADE does not fail, but takes away more than the statement says.
fn with_cascade(ahead: &mut Ahead<'_>, site: &Site<'_>, what: &str, keys: &[Key], views: &[View]) {
    if keys.is_empty() && views.is_empty() {
        return;
    }
    let finding = Finding::warning(DEPENDENTS, format!("{what} in {} with CASCADE takes away more than it says", site.revision))
        .evidence(site.statement())
        .evidence_all(keys.iter().map(|key| format!("drops foreign key `{}` of {}", key.name, key.table)))
        .evidence_all(views.iter().map(|view| format!("drops {} {}", view.kind.word(), view.name)))
        .note("nothing makes them again, and the downgrade will not either");
    ahead.found(site, finding);
}

/// An index that belongs to a constraint is dropped with it only.
fn index(ahead: &mut Ahead<'_>, site: &Site<'_>, name: &Name) -> Result<(), NotTold> {
    let found = ahead.ask.row(&format!(
        "SELECT k.conname::text, n.nspname::text, c.relname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE k.contype IN ('p', 'u', 'x') AND k.conindid = to_regclass({})",
        constant(&quoted_name(name))
    ))?;
    ahead.looked(DEPENDENTS);
    let Some([Some(constraint), Some(schema), Some(table)]) = found.as_deref() else {
        return Ok(());
    };
    let of = Name {
        schema: Some(schema.clone()),
        name: table.clone(),
    };
    if ahead.future.is_gone(&of) || ahead.future.constraint(&of, constraint) == Some(Fate::Gone) {
        return Ok(());
    }
    let finding = Finding::problem(
        DEPENDENTS,
        format!(
            "dropping index `{name}` in {} fails: constraint `{constraint}` of {table} needs it",
            site.revision
        ),
    )
    .evidence(site.statement())
    .note(format!(
        "drop the constraint instead, its index goes with it: op.drop_constraint({}, {})",
        python::string(constraint),
        python::string(table)
    ));
    ahead.found(site, finding);
    Ok(())
}

/// A type that columns have.
fn type_(ahead: &mut Ahead<'_>, site: &Site<'_>, name: &Name) -> Result<(), NotTold> {
    let rows = ahead.ask.rows(&format!(
        "SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = to_regtype({}) \
         WHERE a.atttypid IN (t.oid, t.typarray) AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') ORDER BY 1, 2, 3",
        constant(&quoted_name(name))
    ))?;
    ahead.looked(DEPENDENTS);
    let mut columns = Vec::new();
    for row in rows {
        let [Some(schema), Some(table), Some(column), Some(type_)] = row.as_slice() else {
            continue;
        };
        let table = Name {
            schema: Some(schema.clone()),
            name: table.clone(),
        };
        let table = ahead.future.key(&table);
        let now = ahead.future.known(&table);
        let still = match now {
            _ if ahead.future.is_gone(&table) => false,
            Some(known) => known.column(column).is_some_and(|column| column.type_ == *type_),
            None => true,
        };
        if still {
            columns.push(format!("{table}.{column}"));
        }
    }
    if columns.is_empty() {
        return Ok(());
    }
    let finding = Finding::problem(
        DEPENDENTS,
        format!("dropping type `{name}` in {} fails: {} of that type", site.revision, are(&columns)),
    )
    .evidence(site.statement())
    .evidence_all(columns.clone())
    .note("drop these columns, or change their type, before it");
    ahead.found(site, finding);
    Ok(())
}

fn are(columns: &[String]) -> String {
    match columns {
        [one] => format!("{one} is"),
        many => format!("{} columns are", many.len()),
    }
}
