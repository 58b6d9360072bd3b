//! What must be there before what, from `pg_depend`.

use super::super::inspect::rows::Row;
use super::{Class, Found};

/// The view of a rule and the table of a default stand for them; arrays for their items, an operator class for its members. That a sequence goes with its
/// table is no need.
pub(super) fn question() -> String {
    let class = |column: &str| {
        format!(
            "CASE {column} WHEN 'pg_class'::regclass THEN 'c' WHEN 'pg_rewrite'::regclass THEN 'c' WHEN 'pg_attrdef'::regclass THEN 'c' \
             WHEN 'pg_type'::regclass THEN 't' WHEN 'pg_constraint'::regclass THEN 't' WHEN 'pg_proc'::regclass THEN 'p' ELSE 'o' END"
        )
    };
    format!(
        "SELECT {}, coalesce(rw.ev_class, ad.adrelid, k.contypid, m.refobjid, d.objid)::int8, {}, \
         CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE d.refobjid END::int8 \
         FROM pg_depend d LEFT JOIN pg_rewrite rw ON d.classid = 'pg_rewrite'::regclass AND rw.oid = d.objid \
         LEFT JOIN pg_attrdef ad ON d.classid = 'pg_attrdef'::regclass AND ad.oid = d.objid \
         LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contypid <> 0 \
         LEFT JOIN pg_depend m ON d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND m.classid = d.classid AND m.objid = d.objid \
           AND m.refclassid = 'pg_opclass'::regclass \
         LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid \
         LEFT JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid \
         WHERE d.deptype IN ('n', 'a') AND d.refobjid >= 16384 AND d.objid >= 16384 \
         AND (d.classid <> 'pg_constraint'::regclass OR k.oid IS NOT NULL) AND s.relkind IS DISTINCT FROM 'i' AND s.relkind IS DISTINCT FROM 'I' \
         AND NOT (d.deptype = 'a' AND s.relkind IS NOT DISTINCT FROM 'S')",
        class("d.classid"),
        class("d.refclassid")
    )
}

pub(super) fn read(found: &mut Found, row: &Row<'_>) {
    let class = |row: &Row<'_>, at: usize| match row.text(at).as_deref() {
        Some("c") => Class::Relation,
        Some("t") => Class::Type,
        Some("p") => Class::Routine,
        _ => Class::Other,
    };
    let one = found.references.get(&(class(row, 0), row.number(1)));
    let other = found.references.get(&(class(row, 2), row.number(3)));
    if let (Some(one), Some(other)) = (one, other)
        && one != other
    {
        let pair = (one.clone(), other.clone());
        found.catalogue.needs.push(pair);
    }
}
