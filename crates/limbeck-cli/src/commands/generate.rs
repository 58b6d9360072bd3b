//! `generate` (Alembic's `revision`): writes a new revision file, with `--autogenerate` what models and database differ in.

use super::Outcome;
use super::autogenerate::directives::{self, Script};
use super::autogenerate::elsewhere::{self, Place};
use super::autogenerate::statements::Statements;
use super::autogenerate::{self, Compared, Purpose, own, renames};
use super::new_file::{self, NewFile, Written};
use crate::args::{Format, RevisionArgs};
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace, graph_failure, script_failure};
use indexmap::{IndexMap, IndexSet};
use limbeck_diff::{Step, render, words};
use limbeck_revision::{Graph, GraphError, Target};
use limbeck_script::Value;
use limbeck_source::Diagnostic;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &RevisionArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let format = format(context, &workspace, args)?;
    if !args.autogenerate {
        if args.from.is_some() {
            return usage("`--from` says what `--autogenerate` compares with; give both");
        }
        run_environment(context, &workspace, args)?;
        let body = match format {
            Format::Python => Body::default(),
            Format::Sql => Body {
                sql: Some(Default::default()),
                ..Body::default()
            },
        };
        write(context, &workspace, Script::of_arguments(args), body)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.sql && context.is_alembic() {
        return usage("Using --sql with --autogenerate does not make any sense");
    }
    let purpose = Purpose::Generate {
        renames: own::renames(&args.rename)?,
    };
    if let Some(from) = elsewhere::named(context, &workspace, args.from.as_deref())? {
        return run_elsewhere(context, &workspace, args, (&from, format), &purpose);
    }
    let (mut compared, mut functions) = autogenerate::compare(context, &workspace, &purpose)?;
    if !args.sql
        && let [one] = compared.as_slice()
        && let Some(purpose) = purpose.with(renames::asked(context, &one.changes.steps, one.settings.dialect))
    {
        (compared, functions) = autogenerate::compare(context, &workspace, &purpose)?;
    }
    let scripts = directives::scripts(context, Script::of_arguments(args), &compared, functions.as_mut())?;
    autogenerate::parts::ask(&mut compared, &scripts, functions.as_mut())?;
    if !context.is_alembic() {
        let directions = || scripts.iter().flat_map(|script| &script.directions);
        if directions().all(|(upgrade, _)| upgrade.is_empty()) {
            context.message("Models and database agree: there is nothing to generate.");
            return Ok(ExitCode::SUCCESS);
        }
        for sentence in words::differences(directions().flat_map(|(upgrade, _)| upgrade)) {
            context.message(&sentence);
        }
        for note in directions().flat_map(|(upgrade, _)| upgrade).flat_map(words::notes) {
            autogenerate::warn(context, &note);
        }
    }
    for script in scripts {
        if args.sql {
            preview(context, &compared, &script)?;
        } else {
            let body = body(context, &compared, &script, format)?;
            write(context, &workspace, script, body)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The wanted schema is in a file or another database.
fn run_elsewhere(context: &Context, workspace: &Workspace, args: &RevisionArgs, (from, format): (&str, Format), purpose: &Purpose) -> Outcome {
    let mut place = Place::new(context, workspace, &args.scratch)?;
    place.statements = format == Format::Sql;
    let Some(mut found) = place.compare(context, workspace, from, purpose)? else {
        context.message("The wanted schema and the database agree: there is nothing to generate.");
        return Ok(ExitCode::SUCCESS);
    };
    let steps = &found.compared.changes.steps;
    if !args.sql
        && let Some(purpose) = purpose.with(renames::asked(context, steps, place.settings.dialect))
        && let Some(again) = place.compare(context, workspace, from, &purpose)?
    {
        found = again;
    }
    for sentence in &found.sentences {
        context.message(sentence);
    }
    for note in found.directions.0.iter().flat_map(words::notes) {
        autogenerate::warn(context, &note);
    }
    let mut script = Script::of_arguments(args);
    script.directions.push(found.directions.clone());
    let compared = std::slice::from_ref(&found.compared);
    if args.sql {
        preview(context, compared, &script)?;
        return Ok(ExitCode::SUCCESS);
    }
    let body = body(context, compared, &script, format)?;
    let written = make(context, workspace, script, body)?;
    if let Err(failure) = elsewhere::proof::prove(context, workspace, &place, &found, &written.id) {
        let _ = std::fs::remove_file(&written.path);
        return Err(failure);
    }
    written.announce(context);
    context.message("Proved on a scratch database: up gives the wanted schema, down the present one.");
    Ok(ExitCode::SUCCESS)
}

/// Shows what a revision would do, without writing it.
fn preview(context: &Context, compared: &[Compared], script: &Script) -> Result<(), Failure> {
    for (one, (upgrade, _)) in compared.iter().zip(&script.directions) {
        let mut statements = Statements::new(context, one)?;
        for step in upgrade {
            let sql = statements.of(step)?;
            sql.iter()
                .for_each(|statement| context.print(&format!("{};\n", statement.trim().trim_end_matches(';'))));
        }
    }
    Ok(())
}

/// Writes one revision and says so.
fn write(context: &Context, workspace: &Workspace, script: Script, body: Body) -> Result<(), Failure> {
    let written = make(context, workspace, script, body)?;
    if !context.is_alembic() {
        written.announce(context);
    }
    Ok(())
}

/// Why nobody can say which revision the new one follows; with several heads one of them can be chosen.
fn after_which(graph: &Graph, error: &GraphError) -> Failure {
    let mut failure = graph_failure(error);
    let heads: Vec<&str> = graph.heads().iter().map(|at| graph.id(*at)).collect();
    if failure.diagnostic.code == "E0203"
        && let [_, _, ..] = heads.as_slice()
    {
        let names = if heads.len() <= 5 { heads.join(" ") } else { "heads".to_owned() };
        failure.diagnostic.hint = Some(format!(
            "join them with `merge -m \"merge heads\" {names}`, or say which one it follows: `--head {}`",
            heads[0]
        ));
    }
    failure
}

/// Writes one revision.
fn make(context: &Context, workspace: &Workspace, script: Script, body: Body) -> Result<Written, Failure> {
    let history = workspace.history(context, GraphErrors::Caught)?;
    let id = new_file::revision_id(script.id.as_deref())?;
    let head = script.head.as_deref().unwrap_or("head");
    let downs = history
        .graph
        .new_downs(Target::One(head))
        .map_err(|error| after_which(&history.graph, &error))?;
    let parents: Vec<_> = downs.iter().map(|at| history.graph.header(*at).source.clone().into()).collect();
    let asked = script.version_path.as_deref().map(Path::new);
    let folder = limbeck_script::generate::version_folder(&workspace.project, asked, &parents).map_err(script_failure)?;
    if !script.splice {
        history.graph.check_new_downs(&downs).map_err(|error| graph_failure(&error))?;
    }
    let depends_on = history.graph.new_dependencies(&script.depends_on).map_err(|error| graph_failure(&error))?;
    let file = NewFile {
        id,
        message: script.message,
        down_revisions: ids(&history.graph, &downs),
        depends_on,
        branch_labels: script.branch_labels,
        folder,
        variables: body.variables,
        sql: body.sql,
    };
    new_file::make(context, workspace, &history, file)
}

/// What a new file is written in: as asked, else as `revision_format` in the configuration says.
fn format(context: &Context, workspace: &Workspace, args: &RevisionArgs) -> Result<Format, Failure> {
    let configured = if context.is_alembic() {
        None
    } else {
        workspace.project.config().own_option("revision_format").map_err(script_failure)?
    };
    match (args.format, configured.as_deref().map(str::trim)) {
        (Some(Format::Sql), _) if context.is_alembic() => usage("Alembic reads no revisions in SQL: use the name `limbeck` for `--format sql`"),
        (Some(format), _) => Ok(format),
        (None, None | Some("" | "python")) => Ok(Format::Python),
        (None, Some("sql")) => Ok(Format::Sql),
        (None, Some(other)) => {
            let found = Diagnostic::error(
                "E0105",
                format!("`revision_format` in the configuration is `{other}`, which means nothing here"),
            );
            Err(Failure::new(found.hint("give `python` or `sql`")))
        }
    }
}

/// What a new file holds: variables of the template, or statements of both directions.
#[derive(Default)]
struct Body {
    variables: IndexMap<String, Value>,
    sql: Option<(String, String)>,
}

fn body(context: &Context, compared: &[Compared], script: &Script, format: Format) -> Result<Body, Failure> {
    if format == Format::Python {
        return Ok(Body {
            variables: variables(context, compared, script)?,
            sql: None,
        });
    }
    let ([one], [(up, down)]) = (compared, script.directions.as_slice()) else {
        return usage("a revision in SQL is for one database; env.py works on several");
    };
    let mut statements = Statements::new(context, one)?;
    let mut text = |steps: &[Step]| -> Result<String, Failure> {
        let mut out = String::new();
        for step in steps {
            for note in words::notes(step) {
                out += &format!("-- {note}\n");
            }
            for statement in statements.of(step)? {
                out += &format!("{};\n\n", statement.trim().trim_end_matches(';'));
            }
        }
        Ok(format!("{}\n", out.trim_end()))
    };
    Ok(Body {
        variables: IndexMap::new(),
        sql: Some((text(up)?, text(down)?)),
    })
}

/// The text of both directions under the names that the template knows them by.
fn variables(context: &Context, compared: &[Compared], script: &Script) -> Result<IndexMap<String, Value>, Failure> {
    let mut variables = IndexMap::new();
    let mut imports: BTreeSet<String> = script.imports.iter().cloned().collect();
    for (one, (upgrade, downgrade)) in compared.iter().zip(&script.directions) {
        let options = one.rendering(!context.is_alembic());
        let refused = |error| session::database_failure(context, "the differences cannot be written as a revision", &error);
        let upgrade = render::python(upgrade, &options).map_err(refused)?;
        let downgrade = render::python(downgrade, &options).map_err(refused)?;
        let warnings: IndexSet<&String> = upgrade.warnings.iter().chain(&downgrade.warnings).collect();
        for warning in warnings {
            autogenerate::warn(context, warning);
        }
        imports.extend(upgrade.imports);
        imports.extend(downgrade.imports);
        variables.insert(one.target.options.upgrade_token.clone(), Value::Str(upgrade.body));
        variables.insert(one.target.options.downgrade_token.clone(), Value::Str(downgrade.body));
    }
    let imports: Vec<String> = imports.into_iter().collect();
    variables.insert("imports".to_owned(), Value::Str(imports.join("\n")));
    Ok(variables)
}

fn usage<T>(text: &str) -> Result<T, Failure> {
    Err(Failure::new(Diagnostic::error("E0002", text)))
}

/// Runs env.py where the configuration asks for it.
fn run_environment(context: &Context, workspace: &Workspace, args: &RevisionArgs) -> Result<(), Failure> {
    if !workspace.project.revision_environment().map_err(script_failure)? {
        if args.sql {
            return usage("Using --sql with the revision command when revision_environment is not configured does not make any sense");
        }
        return Ok(());
    }
    let need = Need {
        offline: args.sql,
        ..Need::default()
    };
    for settings in session::settings(context, workspace, &need)? {
        if !args.sql {
            session::connect(context, &settings, &mut Progress::new(context))?;
        }
    }
    Ok(())
}

fn ids(graph: &Graph, revisions: &[limbeck_revision::Index]) -> Vec<String> {
    revisions.iter().map(|at| graph.id(*at).to_owned()).collect()
}
