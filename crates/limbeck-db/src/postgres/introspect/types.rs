//! Enums, domains, composite and range types, sequences.

use limbeck_schema::catalogue::{Composite, Domain, DomainCheck, EnumType, Kind, Name, Numbers, Range, Reference, Sequence};

use super::super::inspect::rows::Row;
use super::{Asking, Class, Found, Question, described, name};

pub(super) fn questions(asking: &Asking<'_>, questions: &mut Vec<Question>) {
    questions.push((enums_question(asking), enums));
    questions.push((domains_question(asking), domains));
    questions.push((composites_question(asking), composites));
    questions.push((ranges_question(asking), ranges));
    questions.push((sequences_question(asking), sequences));
}

/// The types of one sort that are read.
fn types(asking: &Asking<'_>, columns: &str, joins: &str, condition: &str) -> String {
    format!(
        "SELECT t.oid::int8, n.nspname::text, t.typname::text, ds.description, {columns} \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace {joins} {} WHERE {condition} AND {}",
        described("pg_type", "t.oid"),
        asking.ours("pg_type", "t.oid", "t.typnamespace")
    )
}

/// What all types have: where they are, what others call them.
fn head(found: &mut Found, row: &Row<'_>, kind: Kind) -> (Name, Option<String>) {
    let name = name(row, 1);
    found.refer(Class::Type, row.number(0), Reference { kind, name: name.clone() });
    (name, row.text(3))
}

fn enums_question(asking: &Asking<'_>) -> String {
    let values = "ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)";
    types(asking, values, "", "t.typtype = 'e'")
}

fn enums(found: &mut Found, row: &Row<'_>) {
    let (name, comment) = head(found, row, Kind::Enum);
    found.catalogue.enums.push(EnumType {
        name,
        values: row.texts(4),
        comment,
    });
}

fn domains_question(asking: &Asking<'_>) -> String {
    let columns = "format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault, \
         CASE WHEN t.typcollation <> b.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END, \
         ARRAY(SELECT k.conname::text FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname), \
         ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname), \
         ARRAY(SELECT coalesce(kd.description, '') FROM pg_constraint k LEFT JOIN pg_description kd ON kd.objoid = k.oid AND kd.classoid = 'pg_constraint'::regclass \
               WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)";
    let joins = "JOIN pg_type b ON b.oid = t.typbasetype LEFT JOIN pg_collation co ON co.oid = t.typcollation \
         LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace";
    types(asking, columns, joins, "t.typtype = 'd'")
}

fn domains(found: &mut Found, row: &Row<'_>) {
    let (name, comment) = head(found, row, Kind::Domain);
    let checks = row.texts(8).into_iter().zip(row.texts(9)).zip(row.texts(10));
    found.catalogue.domains.push(Domain {
        name,
        type_: row.text(4).unwrap_or_default(),
        not_null: row.flag(5),
        default: row.text(6),
        collation: row.text(7),
        checks: checks
            .map(|((name, definition), comment)| DomainCheck {
                name,
                definition,
                comment: Some(comment).filter(|comment| !comment.is_empty()),
            })
            .collect(),
        comment,
    });
}

fn composites_question(asking: &Asking<'_>) -> String {
    let columns = "c.oid::int8, ARRAY(SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) \
           || CASE WHEN a.attcollation <> b.typcollation THEN ' COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END \
         FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid LEFT JOIN pg_collation co ON co.oid = a.attcollation \
         LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace \
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum), \
         ARRAY(SELECT a.attname::text FROM pg_attribute a JOIN pg_description ad ON ad.objoid = c.oid AND ad.classoid = 'pg_class'::regclass AND ad.objsubid = a.attnum \
               WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum), \
         ARRAY(SELECT ad.description FROM pg_description ad WHERE ad.objoid = c.oid AND ad.classoid = 'pg_class'::regclass AND ad.objsubid > 0 ORDER BY ad.objsubid)";
    types(asking, columns, "JOIN pg_class c ON c.oid = t.typrelid", "t.typtype = 'c' AND c.relkind = 'c'")
}

fn composites(found: &mut Found, row: &Row<'_>) {
    let (name, comment) = head(found, row, Kind::Composite);
    found.refer(
        Class::Relation,
        row.number(4),
        Reference {
            kind: Kind::Composite,
            name: name.clone(),
        },
    );
    found.catalogue.composites.push(Composite {
        name,
        attributes: row.texts(5),
        attribute_comments: row.texts(6).into_iter().zip(row.texts(7)).collect(),
        comment,
    });
}

fn ranges_question(asking: &Asking<'_>) -> String {
    let multirange = if asking.version >= 14 {
        "r.rngmultitypid::regtype::text"
    } else {
        "NULL::text"
    };
    let columns = format!(
        "format_type(r.rngsubtype, NULL), CASE WHEN NOT o.opcdefault THEN quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END, \
         CASE WHEN r.rngcollation <> b.typcollation THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) \
           FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = r.rngcollation) END, \
         CASE WHEN r.rngcanonical::oid <> 0 THEN r.rngcanonical::text END, CASE WHEN r.rngsubdiff::oid <> 0 THEN r.rngsubdiff::text END, {multirange}"
    );
    let joins = "JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_type b ON b.oid = r.rngsubtype \
         JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_namespace opn ON opn.oid = o.opcnamespace";
    types(asking, &columns, joins, "t.typtype = 'r'")
}

fn ranges(found: &mut Found, row: &Row<'_>) {
    const WORDS: [&str; 6] = ["SUBTYPE", "SUBTYPE_OPCLASS", "COLLATION", "CANONICAL", "SUBTYPE_DIFF", "MULTIRANGE_TYPE_NAME"];
    let (name, comment) = head(found, row, Kind::Range);
    let part = |(at, word): (usize, &&str)| row.text(4 + at).map(|value| format!("{word} = {value}"));
    found.catalogue.ranges.push(Range {
        name,
        definition: WORDS.iter().enumerate().filter_map(part).collect(),
        comment,
    });
}

/// Type and numbers of a sequence `s`, nine columns.
pub(super) const NUMBERS: &str = "format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle";

/// Reads [`NUMBERS`].
pub(super) fn numbers(row: &Row<'_>, at: usize) -> Numbers {
    Numbers {
        type_: row.text(at).unwrap_or_default(),
        start: row.number(at + 1),
        increment: row.number(at + 2),
        minimum: row.number(at + 3),
        maximum: row.number(at + 4),
        cache: row.number(at + 5),
        cycle: row.flag(at + 6),
    }
}

fn sequences_question(asking: &Asking<'_>) -> String {
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.relname::text, ds.description, c.relpersistence = 'u', tn.nspname::text, tc.relname::text, a.attname::text, {NUMBERS} \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid {} \
         LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') \
         LEFT JOIN pg_class tc ON tc.oid = d.refobjid LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace \
         LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE c.oid IN ({}) AND d.deptype IS DISTINCT FROM 'i'",
        described("pg_class", "c.oid"),
        asking.relations("'S'")
    )
}

fn sequences(found: &mut Found, row: &Row<'_>) {
    let name = name(row, 1);
    found.refer(
        Class::Relation,
        row.number(0),
        Reference {
            kind: Kind::Sequence,
            name: name.clone(),
        },
    );
    let owned_by = row
        .text(5)
        .zip(row.text(6))
        .zip(row.text(7))
        .map(|((schema, table), column)| (Name::new(schema, table), column));
    found.catalogue.sequences.push(Sequence {
        name,
        numbers: numbers(row, 8),
        unlogged: row.flag(4),
        owned_by,
        comment: row.text(3),
    });
}
