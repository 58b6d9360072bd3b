//! Views and routines.

use limbeck_schema::catalogue::{Kind, Name, Reference, Routine, RoutineKind, View};

use super::super::inspect::rows::Row;
use super::tables::{STORAGE, compression};
use super::{Asking, Class, Found, Question, described, name, not_a_member};

pub(super) fn questions(asking: &Asking<'_>, questions: &mut Vec<Question>) {
    questions.push((views_question(asking), views));
    questions.push((view_columns_question(asking), view_columns));
    questions.push((routines_question(asking), routines));
}

fn views_question(asking: &Asking<'_>) -> String {
    let method = if asking.version >= 12 {
        "NULLIF(am.amname, current_setting('default_table_access_method'))::text"
    } else {
        "NULL::text"
    };
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.relname::text, ds.description, c.relkind = 'm', pg_get_viewdef(c.oid), c.reloptions, {method}, ts.spcname::text, \
         c.relispopulated, c.reltype::int8 \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam \
         LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace {} WHERE c.oid IN ({})",
        described("pg_class", "c.oid"),
        asking.views()
    )
}

fn views(found: &mut Found, row: &Row<'_>) {
    let (oid, name) = (row.number(0), name(row, 1));
    let materialized = row.flag(4);
    let kind = if materialized { Kind::MaterializedView } else { Kind::View };
    let reference = Reference { kind, name: name.clone() };
    found.views.insert(oid, found.catalogue.views.len());
    found.refer(Class::Type, row.number(10), reference.clone());
    found.refer(Class::Relation, oid, reference);
    let mut options = row.texts(6);
    options.sort();
    found.catalogue.views.push(View {
        name,
        materialized,
        definition: row.text(5).unwrap_or_default(),
        options,
        method: row.text(7),
        tablespace: row.text(8),
        populated: row.flag(9),
        settings: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        column_comments: Vec::new(),
        comment: row.text(3),
    });
}

fn view_columns_question(asking: &Asking<'_>) -> String {
    format!(
        "SELECT a.attrelid::int8, a.attname::text, pg_get_expr(d.adbin, d.adrelid), ds.description, NULLIF(a.attstattarget, -1)::int8, {STORAGE}, {}, a.attoptions \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum \
         LEFT JOIN pg_description ds ON ds.objoid = a.attrelid AND ds.classoid = 'pg_class'::regclass AND ds.objsubid = a.attnum \
         WHERE a.attrelid IN ({}) AND a.attnum > 0 AND (a.atthasdef OR ds.description IS NOT NULL OR c.relkind = 'm') ORDER BY a.attrelid, a.attnum",
        compression(asking.version),
        asking.views()
    )
}

fn view_columns(found: &mut Found, row: &Row<'_>) {
    let Some(view) = found.view(row.number(0)) else { return };
    let column = row.text(1).unwrap_or_default();
    let mut set = |what: String| view.settings.push(format!("{} SET {what}", limbeck_schema::catalogue::quote_name(&column)));
    if let Some(default) = row.text(2) {
        set(format!("DEFAULT {default}"));
    }
    if let Some(target) = row.optional_number(4) {
        set(format!("STATISTICS {target}"));
    }
    if let Some(storage) = row.text(5) {
        set(format!("STORAGE {storage}"));
    }
    if let Some(compression) = row.text(6) {
        set(format!("COMPRESSION {compression}"));
    }
    let options = row.texts(7);
    if !options.is_empty() {
        set(format!("({})", options.join(", ")));
    }
    if let Some(comment) = row.text(3) {
        view.column_comments.push((column, comment));
    }
}

fn routines_question(asking: &Asking<'_>) -> String {
    let kind = if asking.version >= 11 {
        "p.prokind::text"
    } else {
        "CASE WHEN p.proisagg THEN 'a' WHEN p.proiswindow THEN 'w' ELSE 'f' END"
    };
    let parallel = "CASE p.proparallel WHEN 's' THEN ', PARALLEL = SAFE' WHEN 'r' THEN ', PARALLEL = RESTRICTED' ELSE '' END";
    // What an aggregate's final functions do to the state; the usual is what the server takes by itself.
    let modify = if asking.version >= 11 {
        let word = |column: &str, name: &str, usual: &str| {
            format!(
                "CASE a.{column} WHEN {usual} THEN '' WHEN 'r' THEN ', {name} = READ_ONLY' WHEN 's' THEN ', {name} = SHAREABLE' ELSE ', {name} = READ_WRITE' END"
            )
        };
        let usual = "CASE a.aggkind WHEN 'n' THEN 'r'::\"char\" ELSE 'w' END";
        format!(
            "{} || {}",
            word("aggfinalmodify", "FINALFUNC_MODIFY", usual),
            word("aggmfinalmodify", "MFINALFUNC_MODIFY", usual)
        )
    } else {
        "''".to_owned()
    };
    // The arguments of an ordered-set aggregate and its moving-aggregate parts come from the catalogue as they are.
    let aggregate = format!(
        "(SELECT 'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' \
           || CASE WHEN a.aggkind = 'n' AND p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END || ') (SFUNC = ' || a.aggtransfn::text \
           || ', STYPE = ' || format_type(a.aggtranstype, NULL) || CASE WHEN a.aggtransspace <> 0 THEN ', SSPACE = ' || a.aggtransspace ELSE '' END \
           || CASE WHEN a.aggfinalfn::oid <> 0 THEN ', FINALFUNC = ' || a.aggfinalfn::text ELSE '' END || CASE WHEN a.aggfinalextra THEN ', FINALFUNC_EXTRA' ELSE '' END \
           || CASE WHEN a.aggcombinefn::oid <> 0 THEN ', COMBINEFUNC = ' || a.aggcombinefn::text ELSE '' END \
           || CASE WHEN a.aggserialfn::oid <> 0 THEN ', SERIALFUNC = ' || a.aggserialfn::text ELSE '' END \
           || CASE WHEN a.aggdeserialfn::oid <> 0 THEN ', DESERIALFUNC = ' || a.aggdeserialfn::text ELSE '' END \
           || CASE WHEN a.aggmtransfn::oid <> 0 THEN ', MSFUNC = ' || a.aggmtransfn::text || ', MINVFUNC = ' || a.aggminvtransfn::text \
              || ', MSTYPE = ' || format_type(a.aggmtranstype, NULL) ELSE '' END \
           || CASE WHEN a.aggmfinalfn::oid <> 0 THEN ', MFINALFUNC = ' || a.aggmfinalfn::text ELSE '' END || CASE WHEN a.aggmfinalextra THEN ', MFINALFUNC_EXTRA' ELSE '' END \
           || CASE WHEN a.aggmtransspace <> 0 THEN ', MSSPACE = ' || a.aggmtransspace ELSE '' END || {modify} \
           || coalesce(', INITCOND = ' || quote_literal(a.agginitval), '') || coalesce(', MINITCOND = ' || quote_literal(a.aggminitval), '') \
           || coalesce((SELECT ', SORTOP = OPERATOR(' || quote_ident(sn.nspname) || '.' || so.oprname || ')' FROM pg_operator so \
              JOIN pg_namespace sn ON sn.oid = so.oprnamespace WHERE so.oid = a.aggsortop), '') \
           || {parallel} || CASE WHEN a.aggkind = 'h' THEN ', HYPOTHETICAL' ELSE '' END || ')' FROM pg_aggregate a WHERE a.aggfnoid = p.oid)"
    );
    let aggregate_kind = if asking.version >= 11 { "p.prokind = 'a'" } else { "p.proisagg" };
    // The constructors of a range type come and go with it.
    format!(
        "SELECT p.oid::int8, n.nspname::text, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', ds.description, {kind}, \
         quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || CASE WHEN {aggregate_kind} AND p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END || ')', \
         CASE WHEN {aggregate_kind} THEN {aggregate} ELSE pg_get_functiondef(p.oid) END \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace {} WHERE p.pronamespace IN ({}) AND {} \
         AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')",
        described("pg_proc", "p.oid"),
        asking.namespaces(),
        not_a_member("pg_proc", "p.oid")
    )
}

fn routines(found: &mut Found, row: &Row<'_>) {
    let name: Name = name(row, 1);
    found.refer(
        Class::Routine,
        row.number(0),
        Reference {
            kind: Kind::Routine,
            name: name.clone(),
        },
    );
    found.catalogue.routines.push(Routine {
        name,
        signature: row.text(5).unwrap_or_default(),
        kind: match row.text(4).as_deref() {
            Some("p") => RoutineKind::Procedure,
            Some("a") => RoutineKind::Aggregate,
            Some("w") => RoutineKind::Window,
            _ => RoutineKind::Function,
        },
        definition: row.text(6).unwrap_or_default(),
        comment: row.text(3),
    });
}
