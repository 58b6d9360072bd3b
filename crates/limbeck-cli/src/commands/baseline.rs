//! `init --baseline`: a first revision that reproduces the schema a database has, proved on a scratch database before the database is stamped with it.

pub mod script;

use super::Outcome;
use super::drift::generate::execute;
use super::new_file::{FileProgress, revision_id};
use crate::args::{InitArgs, SafetyArgs, StampArgs};
use crate::context::{Context, Failure};
use crate::progress::count;
use crate::rehearsal::{Stage, differ, grants, objects};
use crate::session::{self, Need};
use crate::streams;
use crate::template_engine::TemplateEngine;
use crate::workspace::{GraphErrors, Workspace, script_failure};
use indexmap::IndexMap;
use limbeck_db::{Connection, Filter};
use limbeck_run::Settings;
use limbeck_schema::catalogue::{Catalogue, Change, Difference, Name, Rules, TableKind, create_all, differences};
use limbeck_script::{CreateDate, NewRevision, Value, generate};
use limbeck_source::{Diagnose, Diagnostic};
use std::path::{Path, PathBuf};

/// Runs the command in the project at hand, or in a new one.
pub fn run(context: &Context, args: &InitArgs) -> Outcome {
    let workspace = match Workspace::open(context) {
        Ok(workspace) if workspace.project.script_folder().is_dir() => workspace,
        _ => {
            super::init::make(context, args)?;
            Workspace::open(context)?
        }
    };
    let history = workspace.history(context, GraphErrors::Caught)?;
    if !history.scripts.is_empty() {
        let found = Diagnostic::error("E0737", format!("the project has {} already", count(history.scripts.len(), "revision")))
            .note("a baseline is the first revision of a history; nothing was changed")
            .hint(format!(
                "find the revision whose schema the database has with `{} adopt`",
                context.style.program()
            ));
        return Err(Failure::new(found));
    }
    let mut all = session::settings(context, &workspace, &Need::default())?;
    let settings = match (all.pop(), all.len()) {
        (Some(settings), 0) => settings,
        _ => {
            let found = Diagnostic::error("E0737", "env.py works on several databases").hint("make a baseline for one of them with `--url`");
            return Err(Failure::new(found));
        }
    };
    let settings = grants::asked(&workspace, &settings, args.grants)?;
    let mut connection = session::connect(context, &settings, &mut limbeck_run::Silent)?;
    let rows = super::current::rows(context, &settings, connection.as_mut())?;
    if !rows.is_empty() {
        let found = Diagnostic::error(
            "E0737",
            format!("the database has a history already: its version table says {}", rows.join(", ")),
        )
        .note("nothing was changed")
        .hint("use the project that has these revisions");
        return Err(Failure::new(found));
    }
    // Where the baseline is not to carry them, it says so.
    let filter = Filter {
        grants: true,
        ..limbeck_run::own_filter(&settings)
    };
    let mut schema = limbeck_db::introspect(connection.as_mut(), &filter).map_err(|error| Failure::new(error.diagnose()))?;
    let not_carried = match &schema.access {
        Some(access) if !settings.grants => access.beyond_usual(),
        _ => 0,
    };
    schema.access = schema.access.filter(|_| settings.grants);
    if schema.is_empty() {
        let found = Diagnostic::error("E0737", format!("there is nothing in {}", session::label(&settings)))
            .hint(format!("begin with `{} generate \"first\"`", context.style.program()));
        return Err(Failure::new(found));
    }
    let mut out = leave_out(&mut schema);
    out.extend(
        schema
            .beyond
            .iter()
            .map(|beyond| format!("{} {}", beyond.what, beyond.name).trim_end().to_owned()),
    );
    let mut statements = create_all(&schema);
    if schema.access.is_some() {
        let stage = Stage::new(context, &workspace, &settings, &history, &args.scratch, connection.as_mut())?;
        let scratch = stage.scratch(false)?;
        execute(&scratch, &statements)?;
        statements.extend(grants::still_to_give(&stage, &scratch, &schema)?);
    }
    let (id, path) = write(context, &workspace, &statements)?;
    match prove(context, &workspace, &settings, connection.as_mut(), &id, args) {
        Ok(orders) => out.extend(orders),
        Err(mut failure) => {
            let _ = std::fs::remove_file(&path);
            if !out.is_empty() {
                failure.diagnostic.notes.push(format!("the baseline leaves out: {}", out.join("; ")));
            }
            return Err(failure);
        }
    }
    drop(connection);
    context.print(&path.display().to_string());
    context.message(&format!(
        "Generated revision {id}: {} as {} has them, proved on a scratch database.",
        told(&schema),
        session::label(&settings)
    ));
    if !out.is_empty() {
        let mut found = Diagnostic::warning("E0740", format!("the baseline leaves out {}", objects(out.len())));
        found.notes = out;
        let found = found.hint("this database keeps them; where the baseline makes a new one, they are made by hand");
        streams::show(&found, context.stderr_style());
    }
    if not_carried > 0 {
        context.message(&format!(
            "note: the baseline leaves out the owners and privileges of {}: `{} drift --grants --generate adopt` writes a revision with them",
            objects(not_carried),
            context.again()
        ));
    }
    let stamp = StampArgs {
        revisions: vec![id],
        sql: false,
        tag: None,
        purge: false,
        verify: false,
        scratch: crate::args::ScratchArgs::default(),
        initial: crate::args::InitialArgs::default(),
        safety: SafetyArgs::default(),
    };
    super::stamp::run(context, &stamp)
}

/// Takes away what no statement makes again; returns what it was.
fn leave_out(schema: &mut Catalogue) -> Vec<String> {
    let mut out = Vec::new();
    for table in schema.tables.iter_mut().filter(|table| table.kind != TableKind::Partitioned) {
        let name = table.name.to_string();
        table.indexes.retain(|index| {
            if !index.valid {
                out.push(format!("index {} on {name}: it is invalid; REINDEX makes it valid, else drop it", index.name));
            }
            index.valid
        });
    }
    out
}

/// What a schema holds, in numbers.
fn told(schema: &Catalogue) -> String {
    let kinds = [
        (schema.tables.len(), "table"),
        (schema.views.len(), "view"),
        (schema.routines.len(), "function"),
        (
            schema.enums.len() + schema.domains.len() + schema.composites.len() + schema.ranges.len(),
            "type",
        ),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(*number, noun))
        .collect();
    if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
}

/// Writes the revision; returns its id and path.
fn write(context: &Context, workspace: &Workspace, statements: &[String]) -> Result<(String, PathBuf), Failure> {
    let project = &workspace.project;
    let mut variables = IndexMap::new();
    variables.insert("upgrades".to_owned(), Value::Str(script::upgrade(statements)));
    variables.insert("downgrades".to_owned(), Value::Str(script::DOWNGRADE.to_owned()));
    variables.insert("imports".to_owned(), Value::Str(String::new()));
    let revision = NewRevision {
        id: revision_id(None)?,
        message: Some("baseline".to_owned()),
        down_revisions: Vec::new(),
        depends_on: Vec::new(),
        branch_labels: Vec::new(),
        folder: generate::version_folder(project, None::<&Path>, &[]).map_err(script_failure)?,
        created: CreateDate::now(project.timezone()).map_err(script_failure)?,
        variables,
    };
    let written =
        generate::write_revision(project, &revision, &TemplateEngine::new(context, project), &mut FileProgress { context }).map_err(script_failure)?;
    Ok((revision.id, written.path))
}

/// Runs the revision on an empty scratch database and compares. Returns the tables whose columns it could only make in another order.
fn prove(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    connection: &mut dyn Connection,
    id: &str,
    args: &InitArgs,
) -> Result<Vec<String>, Failure> {
    let history = workspace.history(context, GraphErrors::Caught)?;
    let mut stage = Stage::new(context, workspace, settings, &history, &args.scratch, connection)?;
    let steps = stage.steps_to(&[id.to_owned()])?;
    let replayed = stage.replay(&steps, &|_| false, &mut |_, _| {})?;
    if let Some(error) = &replayed.stopped {
        let inner = stage.cannot_replay(error).diagnostic;
        let mut found = Diagnostic::error("E0736", "the baseline does not run on an empty database");
        found.causes = inner.causes;
        found.notes = inner.notes;
        return Err(Failure::new(found.note("the revision was not kept, nothing was stamped")));
    }
    let made = limbeck_run::schema_of(&replayed.scratch).map_err(|error| session::database_failure(context, "the scratch database cannot be read", &error))?;
    leave_out(&mut stage.live);
    let mut changes = differences(
        &made,
        &stage.live,
        Rules {
            column_order: true,
            ..Rules::default()
        },
    );
    // A column that came to a parent later stands last in its children; made anew, it comes first.
    let inherits = |name: &Name| {
        let table = stage.live.tables.iter().find(|table| table.name == *name);
        table.is_some_and(|table| !table.inherits.is_empty() && table.bound.is_none())
    };
    let is_order = |change: &Change| matches!(&change.difference, Difference::Changed { facts } if facts.iter().all(|fact| fact.what == "order of columns"));
    let mut orders = Vec::new();
    changes.retain(|change| {
        let is_childs = is_order(change) && inherits(&change.object.name);
        if is_childs {
            orders.push(format!("the order of columns of table {}, which inherits", change.object.name));
        }
        !is_childs
    });
    if changes.is_empty() {
        return Ok(orders);
    }
    for change in &changes {
        context.print_raw(&change.text());
    }
    let found = Diagnostic::error("E0736", format!("the baseline does not reproduce the schema: {}", differ(changes.len())))
        .note("`+` is what the revision makes, `-` what the database has; the revision was not kept, nothing was stamped");
    Err(Failure::new(found))
}
