//! `drift --generate`: what was changed by hand as a revision, or as the SQL that takes it back; proved on a scratch database first.

use crate::args::{DriftArgs, Generate};
use crate::commands::baseline::script;
use crate::commands::new_file::{self, NewFile};
use crate::context::Failure;
use crate::rehearsal::{Stage, differ, grants};
use crate::session;
use crate::streams;
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
    match what {
        Generate::Adopt => {
            let there = proved(stage, history, live, "upgrade")?;
            // The changes are there and have to be told elsewhere, also where there is no way back.
            let back = proved(stage, live, history, "downgrade").map_err(|failure| failure.diagnostic);
            adopt(stage, args, rows, &there, back)
        }
        Generate::Revert => {
            let back = proved(stage, live, history, "SQL")?;
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

/// The statements from one schema to another, tried on a scratch database.
fn proved(stage: &Stage<'_>, from: &Catalogue, to: &Catalogue, way: &str) -> Result<Vec<String>, Failure> {
    let mut statements = possible(alter(from, to))?;
    let scratch = stage.scratch(false)?;
    execute(&scratch, &create_all(from))?;
    execute(&scratch, &grants::still_to_give(stage, &scratch, from)?)?;
    execute(&scratch, &statements)?;
    // What an object has when it is made, or made anew, the server knows.
    let given = grants::still_to_give(stage, &scratch, to)?;
    execute(&scratch, &given)?;
    statements.extend(given);
    let made = limbeck_run::schema_of(&scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))?;
    let left = differences(&made, to, Rules::default());
    if left.is_empty() {
        return Ok(statements);
    }
    let message = format!("the {way} that was generated does not give the schema it should: {}", differ(left.len()));
    let mut found = Diagnostic::error("E0739", message).note("`+` is what it makes, `-` what was wanted; nothing was written");
    found.notes.extend(left.iter().map(|change| change.text().trim_end().to_owned()));
    Err(Failure::new(found))
}

/// Runs statements on a scratch database, in one transaction.
///
/// # Errors
/// One of them fails.
pub fn execute(scratch: &Scratch, statements: &[String]) -> Result<(), Failure> {
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
        // A new value may only be used by another transaction, and a run sees to that.
        if statement.starts_with("ALTER TYPE ") && statement.contains(" ADD VALUE ") {
            connection.commit().map_err(|error| failed(&error, "COMMIT"))?;
            connection.begin().map_err(|error| failed(&error, "BEGIN"))?;
        }
    }
    connection.commit().map_err(|error| failed(&error, "COMMIT"))
}

fn adopt(stage: &Stage<'_>, args: &DriftArgs, rows: &[String], there: &[String], back: Result<Vec<String>, Box<Diagnostic>>) -> Result<(), Failure> {
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
    let (downgrade, refused) = match back {
        Ok(back) => (script::upgrade(&back), None),
        Err(refused) => (script::NO_WAY_BACK.to_owned(), Some(refused)),
    };
    variables.insert("downgrades".to_owned(), Value::Str(downgrade));
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
    if let Some(refused) = refused {
        let mut found = Diagnostic::warning("E0741", "the revision has no downgrade: there is no way back that was proved");
        found.causes.push(refused.message.clone());
        found.causes.extend(refused.causes);
        streams::show(
            &found.hint("write its downgrade() by hand if it is ever to be reverted"),
            stage.context.stderr_style(),
        );
    }
    stage.context.message(&format!(
        "It makes these changes in other databases. This one has them: `{} stamp --verify {id}`.",
        stage.context.again()
    ));
    Ok(())
}
