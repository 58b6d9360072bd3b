//! `drift --generate`: what was changed by hand as a revision, or as the SQL that takes it back; proved on a scratch database first.

use crate::args::{DriftArgs, Generate};
use crate::commands::baseline::script;
use crate::commands::new_file::{self, NewFile};
use crate::context::Failure;
use crate::rehearsal::{Stage, objects};
use crate::session;
use crate::workspace::{graph_failure, script_failure};
use indexmap::IndexMap;
use limbeck_revision::Target;
use limbeck_run::Scratch;
use limbeck_schema::catalogue::{Alteration, Catalogue, Rules, alter, create_all, differences};
use limbeck_script::Value;
use limbeck_source::{Diagnose, Diagnostic};

/// Writes the revision, or prints the SQL.
///
/// # Errors
/// Something has to be done by hand; the proof failed; the file cannot be written.
pub fn run(stage: &Stage<'_>, what: Generate, args: &DriftArgs, rows: &[String], history: &Catalogue, live: &Catalogue) -> Result<(), Failure> {
    let there = possible(alter(history, live))?;
    let back = possible(alter(live, history))?;
    prove(stage, history, live, &there, &back)?;
    match what {
        Generate::Adopt => adopt(stage, args, rows, &there, &back),
        Generate::Revert => {
            let mut text = String::from("BEGIN;\n");
            for statement in &back {
                text.push_str(&format!("{statement};\n"));
            }
            stage.context.print_raw(&format!("{text}COMMIT;\n"));
            stage
                .context
                .message("Proved on a scratch database. Read it, then run it with psql: what was added by hand is dropped, with its rows.");
            Ok(())
        }
    }
}

fn possible(way: Alteration) -> Result<Vec<String>, Failure> {
    if way.by_hand.is_empty() {
        return Ok(way.statements);
    }
    let mut found = Diagnostic::error("E0738", "not all of these changes can be written as statements here");
    found.causes = way.by_hand;
    Err(Failure::new(
        found
            .note("nothing was written")
            .hint("write the revision by hand; `drift` without `--generate` shows what differs"),
    ))
}

/// There and back again on a scratch database, with a look at both ends.
fn prove(stage: &Stage<'_>, history: &Catalogue, live: &Catalogue, there: &[String], back: &[String]) -> Result<(), Failure> {
    let scratch = stage.scratch(false)?;
    execute(&scratch, &create_all(history))?;
    for (statements, wanted, way) in [(there, live, "upgrade"), (back, history, "downgrade")] {
        execute(&scratch, statements)?;
        let made = limbeck_run::schema_of(&scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))?;
        let left = differences(&made, wanted, Rules::default());
        if !left.is_empty() {
            for change in &left {
                stage.context.print_raw(&change.text());
            }
            let found = Diagnostic::error(
                "E0739",
                format!(
                    "the {way} that was generated does not give the schema it should: {} differ",
                    objects(left.len())
                ),
            );
            return Err(Failure::new(found.note("`+` is what it makes, `-` what was wanted; nothing was written")));
        }
    }
    Ok(())
}

fn execute(scratch: &Scratch, statements: &[String]) -> Result<(), Failure> {
    let failed = |error: &limbeck_db::DbError, statement: &str| {
        let found = Diagnostic::error("E0739", "a generated statement fails on the scratch database").cause(error.to_string());
        Failure::new(
            found
                .note(format!("statement:\n{statement}"))
                .note("nothing was written; the real database was only read"),
        )
    };
    let mut connection = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
    connection.begin().map_err(|error| failed(&error, "BEGIN"))?;
    for statement in statements {
        connection.execute_batch(statement).map_err(|error| failed(&error, statement))?;
    }
    connection.commit().map_err(|error| failed(&error, "COMMIT"))
}

fn adopt(stage: &Stage<'_>, args: &DriftArgs, rows: &[String], there: &[String], back: &[String]) -> Result<(), Failure> {
    let graph = &stage.history.graph;
    let named = if rows.is_empty() { vec!["base".to_owned()] } else { rows.to_vec() };
    let downs = graph.new_downs(Target::Many(&named)).map_err(|error| graph_failure(&error))?;
    if let Err(error) = graph.check_new_downs(&downs) {
        let found = graph_failure(&error)
            .diagnostic
            .hint("upgrade the database to the head first: a revision that adopts its changes goes on from there");
        return Err(Failure::new(found));
    }
    let parents: Vec<_> = downs.iter().map(|at| graph.header(*at).source.clone().into()).collect();
    let folder = limbeck_script::generate::version_folder(&stage.workspace.project, None, &parents).map_err(script_failure)?;
    let mut variables = IndexMap::new();
    variables.insert("upgrades".to_owned(), Value::Str(script::upgrade(there)));
    variables.insert("downgrades".to_owned(), Value::Str(script::upgrade(back)));
    variables.insert("imports".to_owned(), Value::Str(String::new()));
    let id = new_file::revision_id(None)?;
    let file = NewFile {
        id: id.clone(),
        message: Some(args.message.clone().unwrap_or_else(|| "adopt changes made by hand".to_owned())),
        down_revisions: downs.iter().map(|at| graph.id(*at).to_owned()).collect(),
        depends_on: Vec::new(),
        branch_labels: Vec::new(),
        folder,
        variables,
        sql: None,
    };
    new_file::write(stage.context, stage.workspace, stage.history, file)?;
    stage.context.message(&format!(
        "It makes these changes in other databases. This one has them: `{} stamp --verify {id}`.",
        stage.context.again()
    ));
    Ok(())
}
