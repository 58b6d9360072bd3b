//! Tables and their columns.

use limbeck_schema::catalogue::{Column, Generated, Identity, Kind, Name, Reference, Table, TableKind};

use super::super::inspect::rows::Row;
use super::types::{NUMBERS, numbers};
use super::{Asking, Class, Found, Question, described, name};

pub(super) fn questions(asking: &Asking<'_>, questions: &mut Vec<Question>) {
    questions.push((tables_question(asking), tables));
    questions.push((columns_question(asking), columns));
    questions.push((identities_question(asking), identities));
}

fn tables_question(asking: &Asking<'_>) -> String {
    let method = if asking.version >= 12 {
        "NULLIF(am.amname, current_setting('default_table_access_method'))::text"
    } else {
        "NULL::text"
    };
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.relname::text, ds.description, c.relkind::text, c.relpersistence = 'u', \
         c.reloptions || ARRAY(SELECT 'toast.' || o FROM pg_class tc, unnest(tc.reloptions) o WHERE tc.oid = c.reltoastrelid), {method}, ts.spcname::text, \
         c.relrowsecurity, c.relforcerowsecurity, \
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid), \
         CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END, c.reltype::int8, \
         CASE WHEN c.relkind <> 'f' THEN CASE c.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL' \
           WHEN 'i' THEN 'USING INDEX ' || (SELECT quote_ident(ic.relname) FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid \
                                           WHERE i.indrelid = c.oid AND i.indisreplident) END END, \
         CASE WHEN ft.ftrelid IS NOT NULL THEN 'SERVER ' || quote_ident(fs.srvname) \
           || coalesce(' OPTIONS (' || (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ' ORDER BY o.option_name) \
                                        FROM pg_options_to_table(ft.ftoptions) o) || ')', '') END, \
         ARRAY(SELECT pn.nspname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace \
               WHERE i.inhrelid = c.oid ORDER BY i.inhseqno), \
         ARRAY(SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace \
         LEFT JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver \
         {} WHERE c.oid IN ({})",
        described("pg_class", "c.oid"),
        asking.tables()
    )
}

fn tables(found: &mut Found, row: &Row<'_>) {
    let name = name(row, 1);
    let oid = row.number(0);
    let reference = Reference {
        kind: Kind::Table,
        name: name.clone(),
    };
    found.tables.insert(oid, found.catalogue.tables.len());
    found.refer(Class::Type, row.number(14), reference.clone());
    found.refer(Class::Relation, oid, reference);
    let options = row.texts(6);
    found.catalogue.tables.push(Table {
        name,
        kind: match row.text(4).as_deref() {
            Some("p") => TableKind::Partitioned,
            Some("f") => TableKind::Foreign,
            _ => TableKind::Ordinary,
        },
        unlogged: row.flag(5),
        partition_key: row.text(11),
        inherits: row
            .texts(17)
            .into_iter()
            .zip(row.texts(18))
            .map(|(schema, name)| Name::new(schema, name))
            .collect(),
        bound: row.text(12),
        of_type: row.text(13),
        options,
        method: row.text(7),
        tablespace: row.text(8),
        foreign: row.text(16),
        row_security: row.flag(9),
        force_row_security: row.flag(10),
        replica_identity: row.text(15),
        comment: row.text(3),
        ..Table::default()
    });
}

/// The storage of a column `a` of a type `t`, where it is not the type's.
pub(super) const STORAGE: &str = "CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' \
     WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END";

/// The compression of a column `a`, where one is set.
pub(super) fn compression(version: u32) -> &'static str {
    if version >= 14 {
        "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END"
    } else {
        "NULL::text"
    }
}

fn columns_question(asking: &Asking<'_>) -> String {
    let generated = if asking.version >= 12 {
        "NULLIF(a.attgenerated, '')::text"
    } else {
        "NULL::text"
    };
    let compression = compression(asking.version);
    let expression = super::super::inspect::columns::expression(asking.version);
    format!(
        "SELECT a.attrelid::int8, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, {expression}, \
         {generated}, {compression}, NULLIF(a.attstattarget, -1)::int8, a.attoptions, NOT a.attislocal, ds.description, \
         {STORAGE}, \
         CASE WHEN co.oid IS NOT NULL THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END, \
         CASE WHEN a.attfdwoptions IS NOT NULL THEN ARRAY(SELECT quote_ident(o.option_name) || ' ' || quote_literal(o.option_value) \
                                                       FROM pg_options_to_table(a.attfdwoptions) o ORDER BY 1) END \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum \
         LEFT JOIN pg_collation co ON a.attcollation <> t.typcollation AND co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace \
         LEFT JOIN pg_description ds ON ds.objoid = a.attrelid AND ds.classoid = 'pg_class'::regclass AND ds.objsubid = a.attnum \
         WHERE a.attrelid IN ({}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum",
        asking.tables()
    )
}

fn columns(found: &mut Found, row: &Row<'_>) {
    let Some(table) = found.table(row.number(0)) else { return };
    let expression = row.text(4);
    let (default, generated) = match row.text(5) {
        Some(how) => {
            let expression = expression.unwrap_or_default();
            (
                None,
                Some(Generated {
                    expression,
                    stored: how == "s",
                }),
            )
        }
        None => (expression, None),
    };
    let mut options = row.texts(8);
    options.extend(row.texts(13));
    options.sort();
    table.columns.push(Column {
        name: row.text(1).unwrap_or_default(),
        type_: row.text(2).unwrap_or_default(),
        not_null: row.flag(3),
        default,
        generated,
        collation: row.text(12),
        storage: row.text(11),
        compression: row.text(6),
        statistics: row.optional_number(7),
        options,
        inherited: row.flag(9),
        comment: row.text(10),
        ..Column::default()
    });
}

fn identities_question(asking: &Asking<'_>) -> String {
    format!(
        "SELECT a.attrelid::int8, a.attname::text, a.attidentity = 'a', n.nspname::text, c.relname::text, {NUMBERS} \
         FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid JOIN pg_class c ON c.oid = d.objid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i' AND d.refobjid IN ({})",
        asking.tables()
    )
}

fn identities(found: &mut Found, row: &Row<'_>) {
    let Some(table) = found.table(row.number(0)) else { return };
    let column = row.text(1).unwrap_or_default();
    if let Some(column) = table.columns.iter_mut().find(|known| known.name == column) {
        column.identity = Some(Identity {
            always: row.flag(2),
            sequence: name(row, 3),
            numbers: numbers(row, 5),
        });
    }
}
