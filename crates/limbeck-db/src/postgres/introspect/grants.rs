//! Owners, privileges and default privileges.

use limbeck_schema::catalogue::{Access, Defaults, Grantee, Name, Right, Rights, Subject};

use super::super::inspect::rows::Row;
use super::{Asking, Found, Question};

/// Kinds of objects with default privileges: the letter there, the letter of `acldefault`, SQL's word.
const KINDS: &str =
    "(VALUES ('r', 'r', 'TABLES'), ('S', 's', 'SEQUENCES'), ('f', 'f', 'FUNCTIONS'), ('T', 'T', 'TYPES'), ('n', 'n', 'SCHEMAS')) k (kind, letter, word)";

/// One privilege: to whom (none for everybody), whether that is the owner, by whom, whether that is the owner, which, whether it may be granted on.
fn right(owner: &str) -> String {
    format!(
        "CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee)::text END, x.grantee = {owner}, pg_get_userbyid(x.grantor)::text, x.grantor = {owner}, \
         x.privilege_type::text, x.is_grantable"
    )
}

pub(super) fn questions(asking: &Asking<'_>, questions: &mut Vec<Question>) {
    questions.push(("SELECT r.rolname::text, r.rolname = current_user FROM pg_roles r".to_owned(), roles));
    let own = "(SELECT u.oid FROM pg_roles u WHERE u.rolname = current_user)";
    questions.push((
        format!(
            "SELECT k.word, NULL, {} FROM {KINDS}, aclexplode(acldefault(k.letter::\"char\", {own})) x",
            right(own)
        ),
        usual,
    ));
    questions.push((subjects_question(asking), subjects));
    questions.push((
        format!(
            "SELECT k.word, NULL, {}, CASE WHEN d.defaclrole <> {own} THEN pg_get_userbyid(d.defaclrole)::text END, n.nspname::text \
             FROM pg_default_acl d JOIN {KINDS} ON k.kind::\"char\" = d.defaclobjtype LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace \
             LEFT JOIN LATERAL aclexplode(d.defaclacl) x ON true WHERE d.defaclnamespace = 0 OR d.defaclnamespace IN ({})",
            right("d.defaclrole"),
            asking.namespaces()
        ),
        defaults,
    ));
}

fn subjects_question(asking: &Asking<'_>) -> String {
    let named = |name: &str| format!("quote_ident(n.nspname) || '.' || quote_ident({name})");
    let schemas = format!(
        "SELECT 'schema' AS word, n.nspname AS space, n.nspname::text AS name, 'SCHEMA ' || quote_ident(n.nspname) AS altered, 'SCHEMA ' || quote_ident(n.nspname) AS granted, \
         n.nspowner AS owner, false AS follows, n.nspacl IS NOT NULL AS given, NULL::text AS col, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl \
         FROM pg_namespace n WHERE {}",
        asking.ours("pg_namespace", "n.oid", "n.oid")
    );
    // One that belongs to a column has its table's owner.
    let follows = "EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = c.oid AND i.refclassid = 'pg_class'::regclass \
         AND i.refobjsubid > 0 AND i.deptype IN ('a', 'i'))";
    let word = "CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END";
    let relation = format!(
        "{word}, n.nspname, c.relname::text, upper({word}) || ' ' || {name}, CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || {name}, \
         c.relowner, c.relkind = 'S' AND {follows}",
        name = named("c.relname")
    );
    let relations = format!(
        "SELECT {relation}, c.relacl IS NOT NULL, NULL, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner)) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid IN ({})",
        asking.relations("'r', 'p', 'f', 'v', 'm', 'S'")
    );
    let columns = format!(
        "SELECT {relation}, true, a.attname::text, a.attacl FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped AND c.oid IN ({})",
        asking.relations("'r', 'p', 'f', 'v', 'm'")
    );
    let types = format!(
        "SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, n.nspname, t.typname::text, CASE t.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || {name}, \
         CASE t.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || {name}, t.typowner, false, t.typacl IS NOT NULL, NULL, coalesce(t.typacl, acldefault('T', t.typowner)) \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
         WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND (SELECT c.relkind FROM pg_class c WHERE c.oid = t.typrelid) = 'c') AND {}",
        asking.ours("pg_type", "t.oid", "t.typnamespace"),
        name = named("t.typname")
    );
    let (procedure, aggregate) = if asking.version >= 11 {
        ("p.prokind = 'p'", "p.prokind = 'a'")
    } else {
        ("false", "p.proisagg")
    };
    // An aggregate goes by all its arguments, as a function only by their types.
    let routines = format!(
        "SELECT CASE WHEN {procedure} THEN 'procedure' WHEN {aggregate} THEN 'aggregate' ELSE 'function' END, n.nspname, \
         p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', \
         CASE WHEN {procedure} THEN 'PROCEDURE ' WHEN {aggregate} THEN 'AGGREGATE ' ELSE 'FUNCTION ' END || {name} || '(' \
         || CASE WHEN {aggregate} AND p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END || ')', \
         CASE WHEN {procedure} THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || {name} || '(' \
         || CASE WHEN {aggregate} THEN oidvectortypes(p.proargtypes) ELSE pg_get_function_identity_arguments(p.oid) END || ')', \
         p.proowner, false, p.proacl IS NOT NULL, NULL, coalesce(p.proacl, acldefault('f', p.proowner)) \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {} \
         AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')",
        asking.ours("pg_proc", "p.oid", "p.pronamespace"),
        name = named("p.proname")
    );
    format!(
        "SELECT s.word, s.col, {}, s.space::text, s.name, s.altered, s.granted, \
         CASE WHEN pg_get_userbyid(s.owner) <> current_user THEN pg_get_userbyid(s.owner)::text END, s.follows, s.given \
         FROM ({schemas} UNION ALL {relations} UNION ALL {columns} UNION ALL {types} UNION ALL {routines}) s LEFT JOIN LATERAL aclexplode(s.acl) x ON true \
         ORDER BY s.word, s.space, s.name",
        right("s.owner")
    )
}

fn access(found: &mut Found) -> &mut Access {
    found.catalogue.access.get_or_insert_default()
}

/// Adds the privilege of a row; there is none where nobody has one.
fn add(rights: &mut Rights, row: &Row<'_>) {
    let Some(privilege) = row.text(6) else { return };
    let to = match row.text(2) {
        None => Grantee::Public,
        Some(_) if row.flag(3) => Grantee::Owner,
        Some(role) => Grantee::Role(role),
    };
    // An owner may always grant.
    let option = row.flag(7) && to != Grantee::Owner;
    let by = if row.flag(5) { None } else { row.text(4) };
    let column = row.text(1);
    rights.insert(Right { to, by, privilege, column }, option);
}

fn roles(found: &mut Found, row: &Row<'_>) {
    let access = access(found);
    let role = row.text(0).unwrap_or_default();
    if row.flag(1) {
        access.role.clone_from(&role);
    }
    access.roles.insert(role);
}

fn usual(found: &mut Found, row: &Row<'_>) {
    let rights = access(found).usual.entry(row.text(0).unwrap_or_default()).or_default();
    add(rights, row);
}

fn subjects(found: &mut Found, row: &Row<'_>) {
    let word = row.text(0).unwrap_or_default();
    let (schema, plain) = (row.text(8).unwrap_or_default(), row.text(9).unwrap_or_default());
    let name = if word == "schema" {
        Name::bare(plain)
    } else {
        Name::new(schema.clone(), plain)
    };
    let all = &mut access(found).subjects;
    // A privilege of the same object is in the rows right before.
    if all.last().is_none_or(|last| last.word != word || last.name != name) {
        all.push(Subject {
            word,
            name,
            schema,
            altered: row.text(10).unwrap_or_default(),
            granted: row.text(11).unwrap_or_default(),
            owner: row.text(12),
            follows: row.flag(13),
            given: false,
            rights: Rights::new(),
        });
    }
    if let Some(last) = all.last_mut() {
        last.given |= row.flag(14);
        add(&mut last.rights, row);
    }
}

fn defaults(found: &mut Found, row: &Row<'_>) {
    let (kind, role, schema) = (row.text(0).unwrap_or_default(), row.text(8), row.text(9));
    let all = &mut access(found).defaults;
    let at = all.iter().position(|item| item.kind == kind && item.role == role && item.schema == schema);
    let at = at.unwrap_or_else(|| {
        all.push(Defaults {
            role,
            schema,
            kind,
            rights: Rights::new(),
        });
        all.len() - 1
    });
    if let Some(item) = all.get_mut(at) {
        add(&mut item.rights, row);
    }
}
