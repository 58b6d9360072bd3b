//! Columns with their defaults, identities and comments.

use limbeck_expr::{ColumnType, Expr};
use limbeck_schema::{Autoincrement, Column, Computed, ServerDefault};

use super::identity;
use super::rows::Row;
use super::types::{self, Named};

pub(super) fn question(oids: &str, version: u32) -> String {
    let generated = if version >= 12 { "a.attgenerated::text" } else { "''" };
    format!(
        "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN t.typelem ELSE t.oid END,
                pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attnotnull, pg_catalog.col_description(a.attrelid, a.attnum::int), {generated},
                a.attidentity::text, CASE WHEN a.attidentity <> '' THEN (
                    SELECT ARRAY[s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN 1 ELSE 0 END]
                    FROM pg_catalog.pg_depend dep JOIN pg_catalog.pg_sequence s ON s.seqrelid = dep.objid
                    WHERE dep.classid = 'pg_catalog.pg_class'::regclass AND dep.refclassid = 'pg_catalog.pg_class'::regclass
                      AND dep.refobjid = a.attrelid AND dep.refobjsubid = a.attnum AND dep.deptype = 'i') END,
                CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
                     THEN (SELECT co.collname FROM pg_catalog.pg_collation co WHERE co.oid = a.attcollation) END
         FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef
         WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN ({oids}) ORDER BY a.attrelid, a.attnum"
    )
}

pub(super) fn read(row: &Row, named: &Named, schema: Option<&str>) -> Column {
    let format = row.text(2).unwrap_or_default();
    let collation = row.text(10);
    let mut column = Column::new(
        row.text(1).unwrap_or_default(),
        types::column_type(&format, row.number(3), collation.as_deref(), named),
    );
    let mut default = row.text(4);
    let mut nullable = !row.flag(5);
    if let (Some((of_domain, not_null)), ColumnType::PgDomain { .. }) = (named.domain(row.number(3)), &column.type_) {
        default = default.or_else(|| of_domain.map(str::to_owned));
        nullable &= !not_null;
    }
    column.nullable = Some(nullable);
    column.comment = row.text(6);
    column.autoincrement = Autoincrement::False;
    let generated = row.text(7).unwrap_or_default();
    if !generated.is_empty() {
        column.computed = Some(Box::new(Computed {
            expr: Expr::LiteralColumn(default.take().unwrap_or_default()),
            persisted: Some(generated == "s"),
        }));
    }
    let always = row.text(8).unwrap_or_default();
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
