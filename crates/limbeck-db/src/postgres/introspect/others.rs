//! Kinds of objects that are rare in migrations: each is told by the statement that makes it.

use limbeck_schema::catalogue::{Kind, Name, Other, Reference};

use super::super::inspect::rows::Row;
use super::{Asking, Class, Found, Question, not_a_member};

pub(super) fn questions(asking: &Asking<'_>, questions: &mut Vec<Question>) {
    for (what, question) in [
        ("access method", access_methods()),
        ("collation", collations(asking)),
        ("conversion", conversions(asking)),
        ("operator", operators(asking)),
        ("cast", casts()),
        ("text search parser", parsers(asking)),
        ("text search template", templates(asking)),
        ("text search dictionary", dictionaries(asking)),
        ("text search configuration", configurations(asking)),
        ("foreign-data wrapper", wrappers()),
        ("server", servers()),
        ("publication", publications(asking.version)),
        ("event trigger", event_triggers()),
        ("statistics", statistics(asking)),
        ("language", languages()),
        ("transform", transforms()),
        ("operator family", operator_families(asking)),
        ("operator class", operator_classes(asking)),
    ] {
        questions.push((format!("SELECT '{what}'::text, q.* FROM ({question}) q ORDER BY 3, 4"), read));
    }
}

/// Columns: what, number, schema, name, definition, subject of a comment, comment.
fn read(found: &mut Found, row: &Row<'_>) {
    let name = Name {
        schema: row.text(2),
        name: row.text(3).unwrap_or_default(),
    };
    found.refer(
        Class::Other,
        row.number(1),
        Reference {
            kind: Kind::Other,
            name: name.clone(),
        },
    );
    found.catalogue.others.push(Other {
        what: row.text(0).unwrap_or_default(),
        name,
        definition: row.text(4).unwrap_or_default(),
        subject: row.text(5).unwrap_or_default(),
        comment: row.text(6),
    });
}

/// An object's comment.
fn comment(class: &str, oid: &str) -> String {
    format!("(SELECT description FROM pg_description WHERE objoid = {oid} AND classoid = '{class}'::regclass AND objsubid = 0)")
}

const OPTIONS: &str =
    "SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ' ORDER BY o.option_name) FROM pg_options_to_table";

fn collations(asking: &Asking<'_>) -> String {
    // The columns changed with nearly every version.
    let field = |name: &str| format!("(to_jsonb(c) ->> '{name}')");
    let locale = format!("coalesce({}, {})", field("colllocale"), field("colliculocale"));
    let parts = format!(
        "CASE c.collprovider::text WHEN 'i' THEN 'provider = icu, ' WHEN 'b' THEN 'provider = builtin, ' ELSE '' END || \
         CASE WHEN {locale} IS NOT NULL THEN 'locale = ' || quote_literal({locale}) \
           ELSE 'lc_collate = ' || quote_literal({collate}) || ', lc_ctype = ' || quote_literal({ctype}) END || \
         CASE WHEN {deterministic} = 'false' THEN ', deterministic = false' ELSE '' END || coalesce(', rules = ' || quote_literal({rules}), '')",
        collate = field("collcollate"),
        ctype = field("collctype"),
        deterministic = field("collisdeterministic"),
        rules = field("collicurules"),
    );
    let subject = "quote_ident(n.nspname) || '.' || quote_ident(c.collname)";
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.collname::text, 'CREATE COLLATION ' || {subject} || ' (' || {parts} || ')', 'COLLATION ' || {subject}, {} \
         FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE {}",
        comment("pg_collation", "c.oid"),
        asking.ours("pg_collation", "c.oid", "c.collnamespace")
    )
}

fn operators(asking: &Asking<'_>) -> String {
    let function = if asking.version >= 11 { "FUNCTION" } else { "PROCEDURE" };
    // An operator that another names as its commutator may be there without a function of its own.
    format!(
        "SELECT o.oid::int8, n.nspname::text, o.oprname || '(' || concat_ws(', ', NULLIF(format_type(o.oprleft, NULL), '-'), NULLIF(format_type(o.oprright, NULL), '-')) || ')', \
         'CREATE OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || ' ({function} = ' || o.oprcode::text \
           || CASE WHEN o.oprleft <> 0 THEN ', LEFTARG = ' || format_type(o.oprleft, NULL) ELSE '' END \
           || CASE WHEN o.oprright <> 0 THEN ', RIGHTARG = ' || format_type(o.oprright, NULL) ELSE '' END \
           || coalesce(', COMMUTATOR = ' || (SELECT 'OPERATOR(' || quote_ident(xn.nspname) || '.' || x.oprname || ')' FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprcom), '') \
           || coalesce(', NEGATOR = ' || (SELECT 'OPERATOR(' || quote_ident(xn.nspname) || '.' || x.oprname || ')' FROM pg_operator x JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprnegate), '') \
           || CASE WHEN o.oprrest::oid <> 0 THEN ', RESTRICT = ' || o.oprrest::text ELSE '' END || CASE WHEN o.oprjoin::oid <> 0 THEN ', JOIN = ' || o.oprjoin::text ELSE '' END \
           || CASE WHEN o.oprcanhash THEN ', HASHES' ELSE '' END || CASE WHEN o.oprcanmerge THEN ', MERGES' ELSE '' END || ')', \
         'OPERATOR ' || o.oid::regoperator::text, {} \
         FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oprcode::oid <> 0 AND {}",
        comment("pg_operator", "o.oid"),
        asking.ours("pg_operator", "o.oid", "o.oprnamespace")
    )
}

fn casts() -> String {
    let subject = "'CAST (' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')'";
    format!(
        "SELECT c.oid::int8, NULL::text, format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL), \
         'CREATE ' || {subject} || CASE c.castmethod WHEN 'b' THEN ' WITHOUT FUNCTION' WHEN 'i' THEN ' WITH INOUT' ELSE ' WITH FUNCTION ' || c.castfunc::regprocedure::text END \
           || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END, {subject}, {} \
         FROM pg_cast c WHERE c.oid >= 16384 AND {} \
         AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_cast'::regclass AND i.objid = c.oid AND i.deptype = 'i')",
        comment("pg_cast", "c.oid"),
        not_a_member("pg_cast", "c.oid")
    )
}

fn dictionaries(asking: &Asking<'_>) -> String {
    let subject = "'TEXT SEARCH DICTIONARY ' || quote_ident(n.nspname) || '.' || quote_ident(d.dictname)";
    format!(
        "SELECT d.oid::int8, n.nspname::text, d.dictname::text, 'CREATE ' || {subject} || ' (TEMPLATE = ' || quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) \
           || coalesce(', ' || d.dictinitoption, '') || ')', {subject}, {} \
         FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE {}",
        comment("pg_ts_dict", "d.oid"),
        asking.ours("pg_ts_dict", "d.oid", "d.dictnamespace")
    )
}

fn configurations(asking: &Asking<'_>) -> String {
    let subject = "'TEXT SEARCH CONFIGURATION ' || quote_ident(n.nspname) || '.' || quote_ident(c.cfgname)";
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.cfgname::text, 'CREATE ' || {subject} || ' (PARSER = ' || quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) || ')' \
           || coalesce((SELECT string_agg(';' || E'\\n' || 'ALTER ' || {subject} || ' ADD MAPPING FOR ' || quote_ident(k.alias) || ' WITH ' || k.dictionaries, '' ORDER BY k.alias) \
                FROM (SELECT tt.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries \
                      FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) tt ON tt.tokid = m.maptokentype WHERE m.mapcfg = c.oid GROUP BY tt.alias) k), ''), \
         {subject}, {} FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser \
         JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE {}",
        comment("pg_ts_config", "c.oid"),
        asking.ours("pg_ts_config", "c.oid", "c.cfgnamespace")
    )
}

fn wrappers() -> String {
    format!(
        "SELECT w.oid::int8, NULL::text, w.fdwname::text, 'CREATE FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname) \
           || CASE WHEN w.fdwhandler <> 0 THEN ' HANDLER ' || w.fdwhandler::regproc::text ELSE '' END \
           || CASE WHEN w.fdwvalidator <> 0 THEN ' VALIDATOR ' || w.fdwvalidator::regproc::text ELSE '' END \
           || coalesce(' OPTIONS (' || ({OPTIONS}(w.fdwoptions) o) || ')', ''), 'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname), {} \
         FROM pg_foreign_data_wrapper w WHERE {}",
        comment("pg_foreign_data_wrapper", "w.oid"),
        not_a_member("pg_foreign_data_wrapper", "w.oid")
    )
}

fn servers() -> String {
    format!(
        "SELECT s.oid::int8, NULL::text, s.srvname::text, 'CREATE SERVER ' || quote_ident(s.srvname) || coalesce(' TYPE ' || quote_literal(s.srvtype), '') \
           || coalesce(' VERSION ' || quote_literal(s.srvversion), '') || ' FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname) \
           || coalesce(' OPTIONS (' || ({OPTIONS}(s.srvoptions) o) || ')', ''), 'SERVER ' || quote_ident(s.srvname), {} \
         FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE {}",
        comment("pg_foreign_server", "s.oid"),
        not_a_member("pg_foreign_server", "s.oid")
    )
}

fn publications(version: u32) -> String {
    let truncate = if version >= 11 {
        "CASE WHEN p.pubtruncate THEN ', truncate' ELSE '' END"
    } else {
        "''"
    };
    let root = if version >= 13 {
        "CASE WHEN p.pubviaroot THEN ', publish_via_partition_root = true' ELSE '' END"
    } else {
        "''"
    };
    // Up to 14 one word stands before them all.
    let (all, each) = if version >= 15 { ("''", "'TABLE '") } else { ("'TABLE '", "''") };
    // Row filters and lists of columns came with 15.
    let (table, schemas) = if version >= 15 {
        (
            "t.oid::regclass::text || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a \
               WHERE a.attrelid = t.oid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '') || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')",
            "(SELECT string_agg('TABLES IN SCHEMA ' || quote_ident(sn.nspname), ', ' ORDER BY sn.nspname) FROM pg_publication_namespace pn \
               JOIN pg_namespace sn ON sn.oid = pn.pnnspid WHERE pn.pnpubid = p.oid)",
        )
    } else {
        ("t.oid::regclass::text", "NULL::text")
    };
    format!(
        "SELECT p.oid::int8, NULL::text, p.pubname::text, 'CREATE PUBLICATION ' || quote_ident(p.pubname) || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' \
           ELSE coalesce(' FOR ' || {all} || NULLIF(concat_ws(', ', (SELECT string_agg({each} || {table}, ', ' ORDER BY t.oid::regclass::text) FROM pg_publication_rel r \
             JOIN pg_class t ON t.oid = r.prrelid WHERE r.prpubid = p.oid), {schemas}), ''), '') END \
           || ' WITH (publish = ' || quote_literal(substr(CASE WHEN p.pubinsert THEN ', insert' ELSE '' END || CASE WHEN p.pubupdate THEN ', update' ELSE '' END \
             || CASE WHEN p.pubdelete THEN ', delete' ELSE '' END || {truncate}, 3)) || {root} || ')', 'PUBLICATION ' || quote_ident(p.pubname), {} \
         FROM pg_publication p WHERE {}",
        comment("pg_publication", "p.oid"),
        not_a_member("pg_publication", "p.oid")
    )
}

fn event_triggers() -> String {
    format!(
        "SELECT e.oid::int8, NULL::text, e.evtname::text, 'CREATE EVENT TRIGGER ' || quote_ident(e.evtname) || ' ON ' || quote_ident(e.evtevent) \
           || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(tag), ', ' ORDER BY tag) FROM unnest(e.evttags) tag) || ')', '') \
           || ' EXECUTE PROCEDURE ' || e.evtfoid::regproc::text || '()' \
           || CASE e.evtenabled WHEN 'O' THEN '' ELSE ';' || E'\\n' || 'ALTER EVENT TRIGGER ' || quote_ident(e.evtname) \
             || CASE e.evtenabled WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA' ELSE ' ENABLE ALWAYS' END END, \
         'EVENT TRIGGER ' || quote_ident(e.evtname), {} FROM pg_event_trigger e WHERE {}",
        comment("pg_event_trigger", "e.oid"),
        not_a_member("pg_event_trigger", "e.oid")
    )
}

fn statistics(asking: &Asking<'_>) -> String {
    let subject = "'STATISTICS ' || quote_ident(n.nspname) || '.' || quote_ident(s.stxname)";
    let target = if asking.version >= 13 {
        format!("CASE WHEN s.stxstattarget >= 0 THEN ';' || E'\\n' || 'ALTER ' || {subject} || ' SET STATISTICS ' || s.stxstattarget ELSE '' END")
    } else {
        "''".to_owned()
    };
    format!(
        "SELECT s.oid::int8, n.nspname::text, s.stxname::text, pg_get_statisticsobjdef(s.oid) || {target}, {subject}, {} \
         FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {} AND s.stxrelid IN ({})",
        comment("pg_statistic_ext", "s.oid"),
        asking.ours("pg_statistic_ext", "s.oid", "s.stxnamespace"),
        asking.relations("'r', 'p', 'f', 'm'")
    )
}

fn languages() -> String {
    format!(
        "SELECT l.oid::int8, NULL::text, l.lanname::text, 'CREATE ' || CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END || 'LANGUAGE ' || quote_ident(l.lanname) \
           || CASE WHEN l.lanplcallfoid <> 0 THEN ' HANDLER ' || l.lanplcallfoid::regproc::text ELSE '' END \
           || CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc::text ELSE '' END \
           || CASE WHEN l.lanvalidator <> 0 THEN ' VALIDATOR ' || l.lanvalidator::regproc::text ELSE '' END, 'LANGUAGE ' || quote_ident(l.lanname), {} \
         FROM pg_language l WHERE l.oid >= 16384 AND l.lanispl AND {}",
        comment("pg_language", "l.oid"),
        not_a_member("pg_language", "l.oid")
    )
}

/// The members of an operator class or family, as a list for `AS` or `ADD`; `member` names it and its owner in `pg_depend`.
fn members(family: &str, member: &dyn Fn(&str) -> String) -> String {
    let types = |left: &str, right: &str| format!("' (' || format_type({left}, NULL) || ', ' || format_type({right}, NULL) || ') '");
    format!(
        "(SELECT string_agg('OPERATOR ' || x.amopstrategy || ' ' || x.amopopr::regoperator::text || coalesce((SELECT ' FOR ORDER BY ' || quote_ident(sn.nspname) || '.' || quote_ident(sf.opfname) \
             FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = x.amopsortfamily), ''), ', ' ORDER BY x.amopstrategy, x.amopopr::regoperator::text) \
           FROM pg_amop x WHERE x.amopfamily = {family} AND {}), \
         (SELECT string_agg('FUNCTION ' || x.amprocnum || {} || x.amproc::regprocedure::text, ', ' ORDER BY x.amprocnum, x.amproc::regprocedure::text) \
           FROM pg_amproc x WHERE x.amprocfamily = {family} AND {})",
        member("pg_amop"),
        types("x.amproclefttype", "x.amprocrighttype"),
        member("pg_amproc"),
    )
}

fn operator_classes(asking: &Asking<'_>) -> String {
    let subject = "'OPERATOR CLASS ' || quote_ident(n.nspname) || '.' || quote_ident(o.opcname) || ' USING ' || quote_ident(am.amname)";
    let own = |class: &str| {
        format!(
            "EXISTS (SELECT FROM pg_depend m WHERE m.classid = '{class}'::regclass AND m.objid = x.oid AND m.refclassid = 'pg_opclass'::regclass AND m.refobjid = o.oid)"
        )
    };
    // A class makes a family of its own name by itself; one with neither operators nor functions says its type again.
    format!(
        "SELECT o.oid::int8, n.nspname::text, o.opcname || ' USING ' || am.amname, \
         'CREATE OPERATOR CLASS ' || quote_ident(n.nspname) || '.' || quote_ident(o.opcname) || CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END \
           || ' FOR TYPE ' || format_type(o.opcintype, NULL) || ' USING ' || quote_ident(am.amname) \
           || CASE WHEN f.opfname <> o.opcname OR f.opfnamespace <> o.opcnamespace THEN ' FAMILY ' || quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) ELSE '' END || ' AS ' \
           || coalesce(NULLIF(concat_ws(', ', CASE WHEN o.opckeytype <> 0 THEN 'STORAGE ' || format_type(o.opckeytype, NULL) END, {}), ''), \
             'STORAGE ' || format_type(o.opcintype, NULL)), {subject}, {} \
         FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod JOIN pg_opfamily f ON f.oid = o.opcfamily \
         JOIN pg_namespace fn ON fn.oid = f.opfnamespace WHERE {}",
        members("o.opcfamily", &own),
        comment("pg_opclass", "o.oid"),
        asking.ours("pg_opclass", "o.oid", "o.opcnamespace")
    )
}

/// Families that no class of their own makes.
fn operator_families(asking: &Asking<'_>) -> String {
    let subject = "'OPERATOR FAMILY ' || quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' USING ' || quote_ident(am.amname)";
    format!(
        "SELECT f.oid::int8, n.nspname::text, f.opfname || ' USING ' || am.amname || ' (family)', 'CREATE ' || {subject}, {subject}, {} \
         FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod WHERE {} \
         AND NOT EXISTS (SELECT FROM pg_opclass o WHERE o.opcfamily = f.oid AND o.opcname = f.opfname AND o.opcnamespace = f.opfnamespace)",
        comment("pg_opfamily", "f.oid"),
        asking.ours("pg_opfamily", "f.oid", "f.opfnamespace")
    )
}

fn access_methods() -> String {
    let subject = "'ACCESS METHOD ' || quote_ident(a.amname)";
    format!(
        "SELECT a.oid::int8, NULL::text, a.amname::text, 'CREATE ' || {subject} || CASE a.amtype WHEN 'i' THEN ' TYPE INDEX' ELSE ' TYPE TABLE' END \
           || ' HANDLER ' || a.amhandler::regproc::text, {subject}, {} FROM pg_am a WHERE a.oid >= 16384 AND {}",
        comment("pg_am", "a.oid"),
        not_a_member("pg_am", "a.oid")
    )
}

fn conversions(asking: &Asking<'_>) -> String {
    let subject = "'CONVERSION ' || quote_ident(n.nspname) || '.' || quote_ident(c.conname)";
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.conname::text, 'CREATE ' || CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END || {subject} \
           || ' FOR ' || quote_literal(pg_encoding_to_char(c.conforencoding)) || ' TO ' || quote_literal(pg_encoding_to_char(c.contoencoding)) \
           || ' FROM ' || c.conproc::regproc::text, {subject}, {} FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE {}",
        comment("pg_conversion", "c.oid"),
        asking.ours("pg_conversion", "c.oid", "c.connamespace")
    )
}

fn transforms() -> String {
    let subject = "'TRANSFORM FOR ' || format_type(t.trftype, NULL) || ' LANGUAGE ' || quote_ident(l.lanname)";
    let part = |column: &str, words: &str| format!("CASE WHEN t.{column}::oid <> 0 THEN '{words} WITH FUNCTION ' || t.{column}::regprocedure::text END");
    format!(
        "SELECT t.oid::int8, NULL::text, format_type(t.trftype, NULL) || ' LANGUAGE ' || l.lanname, 'CREATE ' || {subject} || ' (' || concat_ws(', ', {}, {}) || ')', \
         {subject}, {} FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE {}",
        part("trffromsql", "FROM SQL"),
        part("trftosql", "TO SQL"),
        comment("pg_transform", "t.oid"),
        not_a_member("pg_transform", "t.oid")
    )
}

/// The functions of a text search parser or template: option and column.
fn functions(row: &str, parts: &[(&str, &str)]) -> String {
    let part = |(option, column): &(&str, &str)| format!("CASE WHEN {row}.{column}::oid <> 0 THEN '{option} = ' || {row}.{column}::regproc::text END");
    format!("concat_ws(', ', {})", parts.iter().map(part).collect::<Vec<_>>().join(", "))
}

fn parsers(asking: &Asking<'_>) -> String {
    let subject = "'TEXT SEARCH PARSER ' || quote_ident(n.nspname) || '.' || quote_ident(p.prsname)";
    format!(
        "SELECT p.oid::int8, n.nspname::text, p.prsname::text, 'CREATE ' || {subject} || ' (' || {} || ')', {subject}, {} \
         FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE {}",
        functions(
            "p",
            &[
                ("START", "prsstart"),
                ("GETTOKEN", "prstoken"),
                ("END", "prsend"),
                ("HEADLINE", "prsheadline"),
                ("LEXTYPES", "prslextype"),
            ]
        ),
        comment("pg_ts_parser", "p.oid"),
        asking.ours("pg_ts_parser", "p.oid", "p.prsnamespace")
    )
}

fn templates(asking: &Asking<'_>) -> String {
    let subject = "'TEXT SEARCH TEMPLATE ' || quote_ident(n.nspname) || '.' || quote_ident(t.tmplname)";
    format!(
        "SELECT t.oid::int8, n.nspname::text, t.tmplname::text, 'CREATE ' || {subject} || ' (' || {} || ')', {subject}, {} \
         FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE {}",
        functions("t", &[("INIT", "tmplinit"), ("LEXIZE", "tmpllexize")]),
        comment("pg_ts_template", "t.oid"),
        asking.ours("pg_ts_template", "t.oid", "t.tmplnamespace")
    )
}
