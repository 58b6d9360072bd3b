//! Columns with their defaults, identities and comments.

use limbeck_expr::{ColumnType, Expr};
use limbeck_schema::{Autoincrement, Column, Computed, ServerDefault};

use super::rows::Row;
use super::types::{self, Named};
use super::{Reading, identity};

pub(super) fn question(oids: &str, version: u32) -> String {
    let generated = if version >= 12 { "a.attgenerated::text" } else { "''" };
    let expression = expression(version);
    // OFFSET keeps the planner from joining first: it would join the columns of all that is not a table, too.
    format!(
        "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN t.typelem ELSE t.oid END,
                {expression}, a.attnotnull, ds.description, {generated}, a.attidentity::text,
                CASE WHEN s.seqrelid IS NOT NULL
                     THEN ARRAY[s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN 1 ELSE 0 END] END,
                co.collname, a.attnum
         FROM (SELECT a.* FROM pg_catalog.pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN ({oids}) OFFSET 0) a
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef
         LEFT JOIN pg_catalog.pg_description ds ON ds.objoid = a.attrelid AND ds.classoid = 'pg_catalog.pg_class'::regclass AND ds.objsubid = a.attnum
         LEFT JOIN pg_catalog.pg_depend dep ON a.attidentity <> '' AND dep.refobjid = a.attrelid AND dep.refobjsubid = a.attnum AND dep.deptype = 'i'
              AND dep.classid = 'pg_catalog.pg_class'::regclass AND dep.refclassid = 'pg_catalog.pg_class'::regclass
         LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = dep.objid
         LEFT JOIN pg_catalog.pg_collation co ON a.attcollation <> t.typcollation AND co.oid = a.attcollation"
    )
}

/// The text of a default `d` of a column `a`. Only a generated column mentions others, and only for those the server has to open the table.
pub(in crate::postgres) fn expression(version: u32) -> &'static str {
    if version >= 12 {
        "pg_catalog.pg_get_expr(d.adbin, CASE WHEN a.attgenerated <> '' THEN d.adrelid ELSE 0 END)"
    } else {
        "pg_catalog.pg_get_expr(d.adbin, 0)"
    }
}

pub(super) fn add(reading: &mut Reading<'_>, row: &Row<'_>) {
    if let Some(at) = reading.place(row.number(0)) {
        let column = read(row, &reading.types, reading.schema);
        reading.tables[at].add(row.number(11), column);
    }
}

fn read(row: &Row<'_>, named: &Named, schema: Option<&str>) -> Column {
    let format = row.as_str(2).unwrap_or_default();
    let collation = row.as_str(10);
    let mut column = Column::new(
        row.text(1).unwrap_or_default(),
        types::column_type(&format, row.number(3), collation.as_deref(), named),
    );
    let mut default = row.text(4);
    let mut nullable = !row.flag(5);
    if let (Some((of_domain, not_null)), ColumnType::PgDomain(_)) = (named.domain(row.number(3)), &column.type_) {
        default = default.or_else(|| of_domain.map(str::to_owned));
        nullable &= !not_null;
    }
    column.nullable = Some(nullable);
    column.comment = row.text(6);
    column.autoincrement = Autoincrement::False;
    let generated = row.as_str(7).unwrap_or_default();
    if !generated.is_empty() {
        column.computed = Some(Box::new(Computed {
            expr: Expr::LiteralColumn(default.take().unwrap_or_default()),
            persisted: Some(generated == "s"),
        }));
    }
    let always = row.as_str(8).unwrap_or_default();
    if !always.is_empty() {
        column.identity = Some(Box::new(identity(&row.numbers(9), always == "a")));
        column.autoincrement = Autoincrement::True;
    }
    if let Some(default) = default {
        let integer = matches!(column.type_, ColumnType::SqlInteger | ColumnType::SqlBigint | ColumnType::SqlSmallint);
        if integer && sequence_of(&default).is_some() {
            column.autoincrement = Autoincrement::True;
        }
        column.server_default = Some(ServerDefault::Reflected(qualified(&default, schema)));
    }
    column
}

/// The sequence in `nextval('sequence'::regclass)`, as the place of its name in the text.
fn sequence_of(default: &str) -> Option<std::ops::Range<usize>> {
    let start = default.find("nextval('")? + "nextval('".len();
    let length = default[start..].find('\'')?;
    (length > 0).then_some(start..start + length)
}

/// SQLAlchemy names the schema of a default's sequence when the table's was named.
fn qualified(default: &str, schema: Option<&str>) -> String {
    match (sequence_of(default), schema) {
        (Some(name), Some(schema)) if !default[name.clone()].contains('.') => format!("{}\"{schema}\".{}", &default[..name.start], &default[name.start..]),
        _ => default.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_gets_the_schema_that_was_named() {
        let serial = "nextval('t_id_seq'::regclass)";
        assert_eq!(qualified(serial, None), serial);
        assert_eq!(qualified(serial, Some("s")), "nextval('\"s\".t_id_seq'::regclass)");
        assert_eq!(qualified("nextval('x.t_id_seq'::regclass)", Some("s")), "nextval('x.t_id_seq'::regclass)");
        assert_eq!(qualified("5", Some("s")), "5");
    }
}
