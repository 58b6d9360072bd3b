//! Emptying a database inside the transaction that restores it.
//!
//! What the dump makes again goes: extensions the role may drop, schemas, large objects, what belongs to no schema. `public` stays, since a dump counts on it, and loses its objects
//! one by one; so does a schema that holds an extension which may not be dropped.

use super::{counts, first_text};
use crate::BackupError;
use limbeck_db::Connection;
use limbeck_schema::catalogue::literal;

/// Default privileges would be given to what the dump makes, beside those that it gives itself. One that is as it was at first is none any more.
const DEFAULT_PRIVILEGES: &str = "  FOR found IN SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s', r.rolname, CASE WHEN n.nspname IS NULL THEN '' ELSE format('IN SCHEMA %I', n.nspname) END) AS head,
      quote_ident(r.rolname) AS owner, n.nspname IS NULL AS everywhere, d.defaclobjtype AS kind, d.defaclacl AS acl,
      CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS objects
    FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
    WHERE pg_catalog.pg_has_role(d.defaclrole, 'USAGE') LOOP
    FOR statement IN SELECT DISTINCT format('%s REVOKE ALL ON %s FROM %s CASCADE', found.head, found.objects, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END)
      FROM pg_catalog.aclexplode(found.acl) a LOOP
      EXECUTE statement;
    END LOOP;
    IF found.everywhere THEN
      EXECUTE format('%s GRANT ALL ON %s TO %s', found.head, found.objects, found.owner);
      IF found.kind IN ('f', 'T') THEN
        EXECUTE format('%s GRANT ALL ON %s TO PUBLIC', found.head, found.objects);
      END IF;
    END IF;
  END LOOP;
";

/// Members of an extension go and come with it.
const NOT_A_MEMBER: &str = "NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid = {class}::regclass AND m.objid = {oid} AND m.deptype = 'e')";

fn not_a_member(class: &str, oid: &str) -> String {
    NOT_A_MEMBER.replace("{class}", &literal(&format!("pg_catalog.{class}"))).replace("{oid}", oid)
}

/// How many tables, views and sequences of users there are.
pub(super) fn relations(connection: &mut dyn Connection) -> Result<u64, BackupError> {
    let sql = format!(
        "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND {}",
        not_a_member("pg_class", "c.oid")
    );
    Ok(counts::number(connection, &sql)?)
}

/// Refuses what cannot go in a transaction.
pub(super) fn check(connection: &mut dyn Connection) -> Result<(), BackupError> {
    let sql = "SELECT subname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database() LIMIT 1";
    match first_text(connection, sql)? {
        Some(name) => Err(BackupError::Uncleared {
            what: format!("the subscription {name}"),
        }),
        None => Ok(()),
    }
}

/// The block that empties the present database.
pub(super) fn block() -> String {
    let mut text =
        String::from("DO $limbeck$\nDECLARE\n  found record;\n  statements text[];\n  statement text;\nBEGIN\n  SET LOCAL client_min_messages = warning;\n");
    let each = |text: &mut String, select: &str, statement: &str| {
        text.push_str(&format!(
            "  FOR found IN {select} LOOP\n    EXECUTE format({}, found.name);\n  END LOOP;\n",
            literal(statement)
        ));
    };
    let of = |catalog: &str, column: &str| {
        format!(
            "SELECT x.{column} AS name FROM pg_catalog.{catalog} x WHERE x.oid >= 16384 AND {}",
            not_a_member(catalog, "x.oid")
        )
    };
    each(&mut text, &of("pg_event_trigger", "evtname"), "DROP EVENT TRIGGER IF EXISTS %I CASCADE");
    each(&mut text, &of("pg_publication", "pubname"), "DROP PUBLICATION IF EXISTS %I CASCADE");
    each(
        &mut text,
        "SELECT extname AS name FROM pg_catalog.pg_extension WHERE oid >= 16384 AND pg_catalog.pg_has_role(extowner, 'USAGE')",
        "DROP EXTENSION IF EXISTS %I CASCADE",
    );
    each(&mut text, &of("pg_foreign_server", "srvname"), "DROP SERVER IF EXISTS %I CASCADE");
    each(
        &mut text,
        &of("pg_foreign_data_wrapper", "fdwname"),
        "DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE",
    );
    each(
        &mut text,
        "SELECT n.nspname AS name FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public') \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extnamespace = n.oid)",
        "DROP SCHEMA IF EXISTS %I CASCADE",
    );
    each(&mut text, &of("pg_language", "lanname"), "DROP LANGUAGE IF EXISTS %I CASCADE");
    text.push_str(DEFAULT_PRIVILEGES);
    // Members of an extension, and what is a part of something else (a range type's functions, an identity's sequence), go with that. The statements are made first: what one of them takes along is not there for the next one to be named.
    text.push_str(
        "  SELECT array_agg(format('DROP %s IF EXISTS %s CASCADE', CASE o.type WHEN 'statistics object' THEN 'statistics' ELSE o.type END, o.identity) ORDER BY d.first)\n\
         \x20   INTO statements FROM (SELECT DISTINCT p.classid, p.objid, CASE WHEN c.relkind IN ('r', 'p') THEN 0 WHEN c.oid IS NOT NULL THEN 1 ELSE 2 END AS first\n\
         \x20     FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_namespace n ON n.oid = p.refobjid\n\
         \x20     LEFT JOIN pg_catalog.pg_class c ON p.classid = 'pg_catalog.pg_class'::regclass AND c.oid = p.objid\n\
         \x20     WHERE p.refclassid = 'pg_catalog.pg_namespace'::regclass AND p.deptype = 'n' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'\n\
         \x20     AND p.classid <> 'pg_catalog.pg_extension'::regclass\n\
         \x20     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid = p.classid AND m.objid = p.objid AND m.deptype IN ('e', 'i')\n\
         \x20       AND (m.refclassid, m.refobjid) <> (p.classid, p.objid))) d\n\
         \x20   CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) o;\n\
         \x20 FOREACH statement IN ARRAY coalesce(statements, '{}') LOOP\n    EXECUTE statement;\n  END LOOP;\n\
         \x20 PERFORM pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata;\nEND\n$limbeck$;\n",
    );
    text
}
