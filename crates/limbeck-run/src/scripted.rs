//! Running the script of a step, whatever it is written in: Python goes to the engine, SQL straight to the host.
//!
//! Each statement of a SQL revision is asked of the host as `op.execute` would ask it, so that segments, the journal, `--sql` and everything else hold for it too.

use std::path::Path;

use limbeck_expr::Query;
use limbeck_ops::{Host, Place};
use limbeck_python::{Direction, Engine, RunContext, ScriptError, ScriptErrorKind};
use limbeck_script::sql_file::{self, Section, SqlFile};
use limbeck_sql::Flavour;
use serde_json::{Map, Value};

/// Whether a script needs the engine.
pub(crate) fn needs_engine(script: &Path) -> bool {
    !sql_file::is_sql(script)
}

/// Looks at a script before anything runs.
pub(crate) fn check(engine: Option<&mut Engine>, script: &Path, direction: Direction) -> Result<(), ScriptError> {
    match engine {
        Some(engine) if needs_engine(script) => engine.check_revision(script, direction),
        _ => check_sql(script, direction),
    }
}

/// Looks at a SQL revision before anything runs.
///
/// # Errors
/// It cannot be read, or has no section for the direction.
pub fn check_sql(script: &Path, direction: Direction) -> Result<(), ScriptError> {
    let source = read(script)?;
    section(script, &parse(script, &source)?, direction).map(drop)
}

/// Runs a script.
pub(crate) fn run(
    engine: Option<&mut Engine>,
    (script, direction): (&Path, Direction),
    arguments: &Map<String, Value>,
    context: &RunContext,
    flavour: Flavour,
    host: &mut dyn Host,
) -> Result<(), ScriptError> {
    match engine {
        Some(engine) if needs_engine(script) => engine.run_revision(script, direction, arguments, context, host),
        _ => run_sql(script, direction, flavour, host),
    }
}

fn run_sql(script: &Path, direction: Direction, flavour: Flavour, host: &mut dyn Host) -> Result<(), ScriptError> {
    let source = read(script)?;
    let file = parse(script, &source)?;
    let section = section(script, &file, direction)?;
    for (sql, line) in statements(section, flavour) {
        let place = Place {
            path: script.to_owned(),
            line,
            column: 1,
        };
        let query = Query::Raw {
            sql: sql.to_owned(),
            params: Vec::new(),
        };
        host.execute(query, &place).map_err(|error| {
            let mut failed = ScriptError::internal_like(ScriptErrorKind::Database, error.message.clone());
            failed.exception = "DatabaseError".to_owned();
            failed.source = sql.lines().next().map(str::to_owned);
            failed.place = Some(place.clone());
            failed.host_error = Some(Box::new(error));
            failed
        })?;
    }
    Ok(())
}

/// The statements of a section, each with its line; comments between them stay behind.
fn statements<'a>(section: Section<'a>, flavour: Flavour) -> impl Iterator<Item = (&'a str, u32)> + 'a {
    // Counted from one statement to the next: a file may hold very many.
    let (mut counted, mut lines) = (0, 0);
    limbeck_sql::split(flavour, section.text).into_iter().map(move |range| {
        let statement = &section.text[range.clone()];
        let mut skipped = 0;
        for line in statement.split_inclusive('\n') {
            let text = line.trim();
            if !text.is_empty() && !text.starts_with("--") {
                break;
            }
            skipped += line.len();
        }
        let rest = &statement[skipped..];
        let start = range.start + skipped + (rest.len() - rest.trim_start().len());
        lines += section.text[counted..start].bytes().filter(|byte| *byte == b'\n').count();
        counted = start;
        (rest.trim(), section.line + u32::try_from(lines).unwrap_or_default())
    })
}

fn read(script: &Path) -> Result<String, ScriptError> {
    limbeck_script::read_source(script).map_err(|error| ScriptError::internal_like(ScriptErrorKind::Unreadable, error.to_string()))
}

fn parse<'a>(script: &Path, source: &'a str) -> Result<SqlFile<'a>, ScriptError> {
    sql_file::read(script, source).map_err(|error| {
        let mut failed = ScriptError::internal_like(ScriptErrorKind::Syntax, error.to_string());
        failed.exception = "SqlFileError".to_owned();
        failed
    })
}

fn section<'a>(script: &Path, file: &SqlFile<'a>, direction: Direction) -> Result<Section<'a>, ScriptError> {
    match (direction, file.down) {
        (Direction::Upgrade, _) => Ok(file.up),
        (Direction::Downgrade, Some(down)) => Ok(down),
        (Direction::Downgrade, None) => {
            let mut failed = ScriptError::internal_like(
                ScriptErrorKind::NoFunction,
                "this revision has no section `-- limbeck:down`, so it cannot be undone",
            );
            failed.place = Some(Place {
                path: script.to_owned(),
                line: 1,
                column: 1,
            });
            Err(failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_know_their_lines() {
        let section = Section {
            text: "-- why\n\nSELECT 1;\n/* x */ SELECT\n 2;\n-- the end\n",
            line: 7,
        };
        let found: Vec<_> = statements(section, Flavour::Postgresql).collect();
        assert_eq!(found, [("SELECT 1", 9), ("/* x */ SELECT\n 2", 10)]);
    }
}
