//! The part with a connection: the version rows, and what the database remembers of revisions that this code lacks.

use crate::{Verdict, judge, unknown};
use limbeck_db::{Backend, Connection, DbError};
use limbeck_expr::{Literal, TableName};
use limbeck_revision::{Graph, RevisionHeader};
use limbeck_schema::catalogue::literal;
use limbeck_script::header::{self, Outcome};
use limbeck_script::sql_file;
use std::collections::HashSet;
use std::path::Path;

/// What the text of a source begins with that the database's encoding cannot hold.
const HEX: &str = "hex:";
/// Whether applied scripts are remembered and may be read.
const MAY_READ: &str = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = 'limbeck' AND c.relname = 'script' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))";

/// Reads the version rows and judges them; asks for remembered scripts only where rows are unknown. Writes nothing.
///
/// # Errors
/// What the database answered.
pub fn look(connection: &mut dyn Connection, version_table: &TableName, graph: &Graph, window: usize) -> Result<Verdict, DbError> {
    let rows = limbeck_db::read_versions(connection, version_table)?;
    let unknown = unknown(graph, rows.as_deref().unwrap_or_default());
    let remembered = remembered(connection, version_table, graph, &unknown)?;
    Ok(judge(graph, rows.as_deref(), &remembered, window))
}

/// The headers of the remembered scripts from `revisions` down to what the graph has, as far as they are remembered. None on SQLite, which remembers nothing.
///
/// # Errors
/// What the database answered.
pub fn remembered(connection: &mut dyn Connection, version_table: &TableName, graph: &Graph, revisions: &[String]) -> Result<Vec<RevisionHeader>, DbError> {
    if revisions.is_empty() || connection.backend() != Backend::Postgresql || !flag(connection, MAY_READ)? {
        return Ok(Vec::new());
    }
    let owner = match &version_table.schema {
        Some(_) => literal(&version_table.to_string()),
        // Under two search paths the same name means two tables.
        None => format!(
            "(SELECT coalesce(({}) || '.', '') || {})",
            limbeck_db::schema_of(version_table),
            literal(&version_table.to_string())
        ),
    };
    let mut found = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut wanted = revisions.to_vec();
    while !wanted.is_empty() {
        let list: Vec<String> = wanted.iter().map(|id| literal(id)).collect();
        let sql = format!(
            "SELECT revision, source, coalesce(path, '') FROM limbeck.script WHERE version_table = {owner} AND revision IN ({})",
            list.join(", ")
        );
        seen.extend(std::mem::take(&mut wanted));
        for row in connection.query(&sql, &[])?.rows {
            let [Literal::Text(revision), Literal::Text(source), Literal::Text(path)] = row.as_slice() else {
                continue;
            };
            let Some(header) = header_of(revision, source, path) else { continue };
            let below = header.down_revisions.iter().chain(&header.depends_on);
            wanted.extend(below.filter(|id| graph.find(id).is_none() && !seen.contains(*id)).cloned());
            found.push(header);
        }
        wanted.sort();
        wanted.dedup();
    }
    Ok(found)
}

/// The header of a remembered script, as far as its text alone tells; a text that says it is another revision proves nothing.
fn header_of(revision: &str, source: &str, path: &str) -> Option<RevisionHeader> {
    let decoded = source.strip_prefix(HEX).and_then(unhex);
    let source = decoded.as_deref().unwrap_or(source);
    // A revision is Python or SQL; the name tells, else the text.
    let path = match path {
        "" if sql_file::is_revision(source) => "remembered.sql",
        "" => "remembered.py",
        path => path,
    };
    let Ok(Outcome::Static(header)) = header::read(Path::new(path), source) else {
        return None;
    };
    (header.revision == revision).then(|| RevisionHeader {
        id: header.revision,
        down_revisions: header.down_revisions,
        depends_on: header.depends_on,
        branch_labels: header.branch_labels,
        doc: header.doc,
        source: String::new(),
    })
}

fn flag(connection: &mut dyn Connection, question: &str) -> Result<bool, DbError> {
    let rows = connection.query(question, &[])?.rows;
    Ok(matches!(rows.first().and_then(|row| row.first()), Some(Literal::Bool(true))))
}

fn unhex(text: &str) -> Option<String> {
    let pairs = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_text_is_read_and_held_to_its_name() {
        let text = "\"\"\"a step\"\"\"\nrevision = 'b'\ndown_revision = 'a'\n";
        let header = header_of("b", text, "").unwrap();
        assert_eq!((header.down_revisions, header.doc.as_str()), (vec!["a".to_owned()], "a step"));
        assert_eq!(header_of("c", text, ""), None);
        assert_eq!(header_of("b", "not python (", ""), None);
        let sql = "-- a step\n-- revision: b\n-- down_revision: a\n\n-- limbeck:up\nSELECT 1;\n";
        assert_eq!(header_of("b", sql, "").unwrap().down_revisions, ["a"]);
        assert_eq!(header_of("b", sql, "versions/b.sql").unwrap().doc, "a step");
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(header_of("b", &format!("hex:{hex}"), "versions/b.py").unwrap().id, "b");
    }
}
