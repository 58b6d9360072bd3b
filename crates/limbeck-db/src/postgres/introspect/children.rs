//! What belongs to tables and views: constraints, indexes, triggers, policies, rules.

use limbeck_schema::catalogue::{Constraint, ConstraintKind, Index, Name, Policy, Rule, Trigger};

use super::super::inspect::rows::Row;
use super::{Asking, Found, Question, described};

pub(super) fn questions(asking: &Asking<'_>, questions: &mut Vec<Question>) {
    questions.push((constraints_question(asking), constraints));
    questions.push((indexes_question(asking), indexes));
    questions.push((triggers_question(asking), triggers));
    questions.push((policies_question(asking), policies));
    questions.push((rules_question(asking), rules));
}

fn constraints_question(asking: &Asking<'_>) -> String {
    let parent = if asking.version >= 11 { " OR k.conparentid <> 0" } else { "" };
    let part_of = part_of(asking.version, "k.conindid");
    // A key that refers to a partitioned table has one below it for each of its partitions, under numbers of the server's choice.
    let own = if asking.version >= 11 {
        " AND NOT EXISTS (SELECT FROM pg_constraint kp WHERE k.contype = 'f' AND kp.oid = k.conparentid AND kp.confrelid <> k.confrelid)"
    } else {
        ""
    };
    format!(
        "SELECT k.conrelid::int8, k.conname::text, k.contype::text, pg_get_constraintdef(k.oid), NOT k.conislocal{parent}, ds.description, \
         i.indisclustered, ts.spcname::text, a.attname::text, k.conname = left(c.relname || '_' || a.attname || '_not_null', 63), quote_ident(k.conname), \
         {part_of}, CASE WHEN ic.reloptions <> '{{}}' THEN 'options ' || array_to_string(ic.reloptions, ', ') END \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_index i ON k.contype IN ('p', 'u', 'x') AND i.indexrelid = k.conindid \
         LEFT JOIN pg_class ic ON ic.oid = i.indexrelid LEFT JOIN pg_tablespace ts ON ts.oid = ic.reltablespace \
         LEFT JOIN pg_attribute a ON k.contype = 'n' AND a.attrelid = k.conrelid AND a.attnum = k.conkey[1] {} \
         WHERE k.contype <> 't' AND k.conrelid IN ({}){own}",
        described("pg_constraint", "k.oid"),
        asking.tables()
    )
}

fn constraints(found: &mut Found, row: &Row<'_>) {
    let Some(table) = found.table(row.number(0)) else { return };
    let name = row.text(1).unwrap_or_default();
    let definition = row.text(3).unwrap_or_default();
    let kind = match row.text(2).as_deref() {
        Some("p") => ConstraintKind::PrimaryKey,
        Some("u") => ConstraintKind::Unique,
        Some("x") => ConstraintKind::Exclude,
        Some("f") => ConstraintKind::ForeignKey,
        Some("n") => ConstraintKind::NotNull,
        _ => ConstraintKind::Check,
    };
    if kind == ConstraintKind::NotNull {
        let column = row.text(8).unwrap_or_default();
        let is_plain = row.flag(9) && definition.split_whitespace().count() == 3;
        if let Some(column) = table.columns.iter_mut().find(|known| known.name == column) {
            column.not_null_inherited = row.flag(4);
            if !is_plain && !row.flag(4) {
                column.not_null_constraint = Some(format!("{} {definition}", row.text(10).unwrap_or_default()));
            }
        }
        return;
    }
    table.constraints.push(Constraint {
        name: Some(name),
        kind,
        definition,
        inherited: row.flag(4),
        part_of: row.text(11).map(|schema| Name::new(schema, row.text(12).unwrap_or_default())),
        extras: extras(row.flag(6), row.text(7)).into_iter().chain(row.text(13)).collect(),
        comment: row.text(5),
    });
}

/// Schema and name of the index that an index is part of.
fn part_of(version: u32, index: &str) -> String {
    if version < 11 {
        return "NULL::text, NULL::text".to_owned();
    }
    let parent = |column: &str| {
        format!(
            "(SELECT {column}::text FROM pg_inherits ih JOIN pg_class ip ON ip.oid = ih.inhparent JOIN pg_namespace ipn ON ipn.oid = ip.relnamespace \
             WHERE ih.inhrelid = {index} AND ip.relkind = 'I')"
        )
    };
    format!("{}, {}", parent("ipn.nspname"), parent("ip.relname"))
}

fn extras(clustered: bool, tablespace: Option<String>) -> Vec<String> {
    let mut extras = Vec::new();
    if clustered {
        extras.push("clustered".to_owned());
    }
    extras.extend(tablespace.map(|tablespace| format!("tablespace {tablespace}")));
    extras
}

fn indexes_question(asking: &Asking<'_>) -> String {
    let partition = if asking.version >= 11 { "c.relispartition" } else { "false" };
    format!(
        "SELECT i.indrelid::int8, c.relname::text, pg_get_indexdef(i.indexrelid), i.indisvalid, {partition}, i.indisclustered, ts.spcname::text, ds.description, \
         {}, ARRAY(SELECT 'statistics ' || a.attnum || ' = ' || a.attstattarget FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0 ORDER BY a.attnum) \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace {} \
         WHERE (i.indrelid IN ({}) OR i.indrelid IN ({})) \
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))",
        part_of(asking.version, "i.indexrelid"),
        described("pg_class", "c.oid"),
        asking.tables(),
        asking.relations("'m'")
    )
}

fn indexes(found: &mut Found, row: &Row<'_>) {
    let mut further = extras(row.flag(5), row.text(6));
    further.extend(row.texts(10));
    let index = Index {
        name: row.text(1).unwrap_or_default(),
        definition: row.text(2).unwrap_or_default(),
        valid: row.flag(3),
        inherited: row.flag(4),
        part_of: row.text(8).map(|schema| Name::new(schema, row.text(9).unwrap_or_default())),
        extras: further,
        comment: row.text(7),
    };
    if let Some(table) = found.table(row.number(0)) {
        table.indexes.push(index);
    } else if let Some(view) = found.view(row.number(0)) {
        view.indexes.push(index);
    }
}

fn triggers_question(asking: &Asking<'_>) -> String {
    // A row trigger of a partitioned table is there again for each partition.
    let clone = match asking.version {
        13.. => "t.tgparentid = 0",
        11 | 12 => {
            "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_trigger'::regclass)"
        }
        _ => "true",
    };
    format!(
        "SELECT t.tgrelid::int8, t.tgname::text, pg_get_triggerdef(t.oid), \
         CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END, ds.description \
         FROM pg_trigger t {} WHERE NOT t.tgisinternal AND {clone} AND {} AND (t.tgrelid IN ({}) OR t.tgrelid IN ({}))",
        described("pg_trigger", "t.oid"),
        super::not_a_member("pg_trigger", "t.oid"),
        asking.tables(),
        asking.views()
    )
}

fn triggers(found: &mut Found, row: &Row<'_>) {
    let trigger = Trigger {
        name: row.text(1).unwrap_or_default(),
        definition: row.text(2).unwrap_or_default(),
        enabled: row.text(3),
        comment: row.text(4),
    };
    if let Some(table) = found.table(row.number(0)) {
        table.triggers.push(trigger);
    } else if let Some(view) = found.view(row.number(0)) {
        view.triggers.push(trigger);
    }
}

fn policies_question(asking: &Asking<'_>) -> String {
    format!(
        "SELECT p.polrelid::int8, p.polname::text, p.polpermissive, p.polcmd::text, \
         ARRAY(SELECT CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END FROM unnest(p.polroles) r ORDER BY 1), \
         pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), ds.description \
         FROM pg_policy p {} WHERE p.polrelid IN ({})",
        described("pg_policy", "p.oid"),
        asking.tables()
    )
}

fn policies(found: &mut Found, row: &Row<'_>) {
    let Some(table) = found.table(row.number(0)) else { return };
    let command = match row.text(3).as_deref() {
        Some("r") => "SELECT",
        Some("a") => "INSERT",
        Some("w") => "UPDATE",
        Some("d") => "DELETE",
        _ => "ALL",
    };
    let sort = if row.flag(2) { "PERMISSIVE" } else { "RESTRICTIVE" };
    let mut definition = format!("AS {sort} FOR {command} TO {}", row.texts(4).join(", "));
    if let Some(condition) = row.text(5) {
        definition.push_str(&format!(" USING ({condition})"));
    }
    if let Some(condition) = row.text(6) {
        definition.push_str(&format!(" WITH CHECK ({condition})"));
    }
    table.policies.push(Policy {
        name: row.text(1).unwrap_or_default(),
        definition,
        comment: row.text(7),
    });
}

fn rules_question(asking: &Asking<'_>) -> String {
    format!(
        "SELECT r.ev_class::int8, r.rulename::text, pg_get_ruledef(r.oid), \
         CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END, ds.description \
         FROM pg_rewrite r {} WHERE r.rulename <> '_RETURN' AND (r.ev_class IN ({}) OR r.ev_class IN ({}))",
        described("pg_rewrite", "r.oid"),
        asking.tables(),
        asking.views()
    )
}

fn rules(found: &mut Found, row: &Row<'_>) {
    let rule = Rule {
        name: row.text(1).unwrap_or_default(),
        definition: row.text(2).unwrap_or_default(),
        enabled: row.text(3),
        comment: row.text(4),
    };
    if let Some(table) = found.table(row.number(0)) {
        table.rules.push(rule);
    } else if let Some(view) = found.view(row.number(0)) {
        view.rules.push(rule);
    }
}
