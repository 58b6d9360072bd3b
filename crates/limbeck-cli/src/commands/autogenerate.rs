//! What `check` and `revision --autogenerate` share: the models and the database side by side, and the steps between them.

mod asking;
mod comparing;
pub mod directives;
pub mod elsewhere;
pub mod own;
pub mod parts;
mod reading;
pub mod renames;
pub mod statements;

use crate::context::{Context, Failure};
use crate::progress::{Progress, count};
use crate::session;
use crate::streams;
use crate::workspace::{GraphErrors, Workspace};
use asking::Asking;
use limbeck_dialect::DialectName;
use limbeck_diff::alembic::{self, Changes, LogLine, Plugins, Toggle};
use limbeck_diff::own::Rename;
use limbeck_diff::tuples::Surroundings;
use limbeck_diff::{Step, render};
use limbeck_ops::{DatabaseErrorKind, HostError};
use limbeck_python::{AutogenerateOptions, PassedOver, ScriptError, Switch, TargetMetadata, WantedMetadata};
use limbeck_run::{Ahead, Functions, Settings, version};
use limbeck_schema::{Table, TableName};
use limbeck_source::{Diagnose, Diagnostic};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Alembic's comparison plugins, in the order it logs them.
const PLUGINS: [&str; 6] = ["schemas", "tables", "types", "constraints", "defaults", "comments"];
const CHECK_PLUGIN: &str = "alembic.ext.checkconstraint_byname";

/// What the comparison is for.
pub enum Purpose {
    /// To know whether there are differences.
    Check,
    /// To write a revision.
    Generate { renames: Vec<Rename> },
}

impl Purpose {
    /// The same with further renames; nothing if there are none.
    pub fn with(&self, more: Vec<Rename>) -> Option<Purpose> {
        match self {
            Purpose::Generate { renames } if !more.is_empty() => Some(Purpose::Generate {
                renames: renames.iter().cloned().chain(more).collect(),
            }),
            _ => None,
        }
    }
}

/// Columns, by table.
type Places = BTreeSet<(TableName, String)>;

/// One database compared with its models.
pub struct Compared {
    pub settings: Settings,
    pub changes: Changes,
    pub target: TargetMetadata,
    /// Whether the changes of a table are one batch block: as env.py says, and by ourselves where the database alters little.
    pub batch: bool,
    /// Columns whose types are written as the database has them, whatever the models say.
    pub unspelled: BTreeSet<(TableName, String)>,
    /// What env.py's `render_item` writes by itself.
    pub own_parts: HashMap<render::Part, render::Spelling>,
    /// The revisions the database is at.
    pub rows: BTreeSet<String>,
    /// The database, for comparisons of the project's own.
    pub connection: Option<RefCell<Box<dyn limbeck_db::Connection>>>,
}

impl Compared {
    /// How the steps are written as Python; `own`: with the imports of the project's column types, which Alembic leaves to whoever edits the file.
    pub fn rendering(&self, own: bool) -> render::Options {
        let options = &self.target.options;
        let spelling = |spelling: &limbeck_python::TypeSpelling| {
            let modules = spelling.modules.iter().filter(|_| own).map(|module| format!("import {module}"));
            let text = render::Spelling {
                text: spelling.text.clone(),
                imports: spelling.imports.iter().cloned().chain(modules).collect(),
            };
            ((spelling.table.clone(), spelling.column.clone()), text)
        };
        let mut spellings: HashMap<_, _> = self.target.spellings.iter().map(spelling).collect();
        // Changes of a table name it without the default schema.
        for ((table, column), spelling) in spellings.clone() {
            spellings.entry((TableName::new(table.name), column)).or_insert(spelling);
        }
        for (table, column) in &self.unspelled {
            spellings.remove(&(table.clone(), column.clone()));
            spellings.remove(&(TableName::new(table.name.clone()), column.clone()));
        }
        render::Options {
            dialect: self.settings.dialect,
            sqlalchemy_prefix: options.sqlalchemy_module_prefix.clone(),
            alembic_prefix: options.alembic_module_prefix.clone(),
            batch: self.batch,
            spellings,
            own: self.own_parts.clone(),
            enums_apart: options.enums_apart,
        }
    }

    /// What the tuples of Alembic's `check` tell besides the steps.
    pub fn surroundings(&self) -> Surroundings<'_> {
        let tables = self.target.metadata.iter().flat_map(|metadata| &metadata.tables);
        let spelt = self.target.spellings.iter().filter(|spelling| !spelling.shown.is_empty());
        let shown = spelt.map(|spelling| (&spelling.table, spelling.column.as_str(), spelling.shown.as_str()));
        Surroundings::new(self.settings.dialect, tables, shown)
    }
}

/// Compares every database of the project with its models.
///
/// # Errors
/// The models cannot be evaluated, there are none, the database is not at head, or something in it cannot be read.
pub fn compare(context: &Context, workspace: &Workspace, purpose: &Purpose) -> Result<(Vec<Compared>, Option<Functions>), Failure> {
    let (all, mut ahead) = session::settings_with_models(context, workspace)?;
    let mut models: Option<(WantedMetadata, RefCell<Functions>)> = None;
    let mut out = Vec::new();
    for (number, settings) in all.into_iter().enumerate() {
        let mut progress = Progress::new(context);
        let connection = RefCell::new(session::connect(context, &settings, &mut progress)?);
        let rows = at_head(context, workspace, &settings, &connection)?;
        if models.is_none() {
            let (wanted, functions) = evaluate(context, workspace, &settings, ahead.take(), purpose)?;
            models = Some((wanted, RefCell::new(functions)));
        }
        let Some((wanted, functions)) = &mut models else { continue };
        let target = wanted.targets.get_mut(number).map(std::mem::take).unwrap_or_default();
        log_plugins(context, &target.options);
        if !target.given {
            return Err(no_models(workspace));
        }
        let own = (!context.is_alembic()).then_some(purpose);
        let (changes, unspelled) = compare_one(context, &settings, &target, (&connection, functions, number), own)?;
        for line in &changes.log {
            context.log(20, line.logger, &line.text);
        }
        let drops = changes.steps.iter().any(|step| matches!(step, Step::DropTable(_)));
        if !context.is_alembic() && drops && target.metadata.iter().all(|metadata| metadata.tables.is_empty()) {
            warn(
                context,
                "target_metadata holds no tables at all: does env.py import the modules with the models?",
            );
        }
        for warning in &changes.warnings {
            warn(context, warning);
        }
        if !target.options.own_comparators.is_empty() {
            let names = target.options.own_comparators.join(", ");
            warn(
                context,
                &format!("env.py adds to Alembic's comparison ({names}): these functions are not asked, and what they look after is not compared"),
            );
        }
        let batch = target.options.render_as_batch || !context.is_alembic() && settings.dialect == DialectName::Sqlite;
        out.push(Compared {
            settings,
            changes,
            unspelled,
            batch,
            target,
            own_parts: HashMap::new(),
            rows,
            connection: Some(connection),
        });
    }
    Ok((out, models.map(|(_, functions)| functions.into_inner())))
}

/// A warning in the words of whoever we are.
pub fn warn(context: &Context, text: &str) {
    if context.is_alembic() {
        streams::say(&format!("alembic: UserWarning: {text}"));
    } else if !context.global.quiet {
        streams::say(&format!("warning: {text}"));
    }
}

/// The version rows, which must be all heads.
fn at_head(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    connection: &RefCell<Box<dyn limbeck_db::Connection>>,
) -> Result<BTreeSet<String>, Failure> {
    let refused = |error| session::database_failure(context, "the version table cannot be read or created", &error);
    let rows: BTreeSet<String> = version::ensure(&settings.version_table, connection.borrow_mut().as_mut(), settings.dialect)
        .map_err(refused)?
        .into_iter()
        .collect();
    let graph = workspace.history(context, GraphErrors::Caught)?.graph;
    let heads: BTreeSet<String> = graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect();
    if rows == heads {
        return Ok(rows);
    }
    if !context.is_alembic() {
        let rows: Vec<String> = rows.iter().cloned().collect();
        super::migrate::known_rows(context, &graph, &rows)?;
    }
    let found = Diagnostic::error("E0404", "the database is not at head, so it cannot be compared with the models")
        .hint(format!("run `{} upgrade heads` first", context.again()));
    Err(Failure::new(found).alembic("Target database is not up to date."))
}

fn evaluate(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    ahead: Option<Ahead>,
    purpose: &Purpose,
) -> Result<(WantedMetadata, Functions), Failure> {
    let project = &workspace.project;
    let stopped = raised;
    let url = settings.url_text.as_ref().map(|url| url.reveal().to_owned());
    let (mut models, engine) = match ahead {
        Some(ahead) => crate::environment::models_read_ahead(context, project, ahead, url.as_deref()),
        None => {
            let mut engine = crate::environment::engine(context, project, std::sync::Arc::default(), None).map_err(stopped)?;
            let autogenerate = matches!(purpose, Purpose::Generate { .. });
            let models = crate::environment::models(context, project, &mut engine, (url.as_deref(), autogenerate)).map_err(stopped)?;
            (models, engine)
        }
    };
    if !context.is_alembic()
        && let Some(python) = &models.read_by
    {
        warn(context, &format!("the models were read by {}", python.display()));
    }
    let functions = Functions::of(&mut models, engine);
    let wanted = models.metadata;
    passed_over(context, &wanted.passed);
    Ok((wanted, functions))
}

/// Statements without tables that could not be loaded: the first in full, of the others how many there are.
fn passed_over(context: &Context, passed: &[PassedOver]) {
    let Some(first) = passed.first() else { return };
    let others = match passed.len() - 1 {
        0 => String::new(),
        others => format!(" (and {} like it; none of them describes tables)", count(others, "statement")),
    };
    let (file, line) = (first.file.display(), first.line);
    warn(
        context,
        &format!("{file}:{line}: passed over, since it cannot be loaded: {}{others}", first.reason),
    );
}

/// What stopped env.py, a module of the models, or a function of env.py.
pub fn raised(error: ScriptError) -> Failure {
    let (exception, message) = (error.exception.clone(), error.message.clone());
    let failure = Failure::new(error.diagnose());
    if exception.ends_with("CommandError") {
        failure.alembic(message)
    } else {
        failure.uncaught(exception, message)
    }
}

fn no_models(workspace: &Workspace) -> Failure {
    let env_py = workspace.project.env_py().display().to_string();
    let found = Diagnostic::error("E0405", "env.py gives no models to compare with")
        .note(format!("in {env_py} context.configure() gets no target_metadata, or None"))
        .hint("import your models there and write `target_metadata = Base.metadata`; what has no models can be compared with a schema: `--from schema.sql`");
    Failure::new(found).alembic(format!(
        "Can't proceed with --autogenerate option; environment script {env_py} does not provide a MetaData object or sequence of objects to the context."
    ))
}

fn log_plugins(context: &Context, options: &AutogenerateOptions) {
    let plugins = plugins(options);
    let on = |name: &str| match name {
        "types" => plugins.types,
        "constraints" => plugins.constraints,
        "defaults" => plugins.defaults,
        "comments" => plugins.comments,
        _ => plugins.tables,
    };
    let log = |name: &str| context.log(20, "alembic.runtime.plugins", &format!("setting up autogenerate plugin {name}"));
    for plugin in PLUGINS.iter().filter(|name| on(name)) {
        log(&format!("alembic.autogenerate.{plugin}"));
    }
    if plugins.checks {
        log(CHECK_PLUGIN);
    }
}

/// Which plugins the patterns of `autogenerate_plugins` select; `~` leaves some out, `*` stands for anything.
fn plugins(options: &AutogenerateOptions) -> Plugins {
    let default = ["alembic.autogenerate.*".to_owned()];
    let patterns = options.plugins.as_deref().unwrap_or(&default);
    let selected = |name: &str| {
        let hit = |pattern: &str| matches(pattern, name);
        patterns.iter().any(|pattern| !pattern.starts_with('~') && hit(pattern)) && !patterns.iter().any(|pattern| pattern.strip_prefix('~').is_some_and(hit))
    };
    let part = |name: &str| selected(&format!("alembic.autogenerate.{name}"));
    Plugins {
        tables: part("tables") && part("schemas"),
        types: part("types"),
        constraints: part("constraints"),
        defaults: part("defaults"),
        comments: part("comments"),
        checks: selected(CHECK_PLUGIN),
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name
            .strip_prefix(before)
            .is_some_and(|rest| (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| matches(after, &rest[at..]))),
    }
}

fn compare_one(
    context: &Context,
    settings: &Settings,
    target: &TargetMetadata,
    (connection, functions, number): (&RefCell<Box<dyn limbeck_db::Connection>>, &RefCell<Functions>, usize),
    own: Option<&Purpose>,
) -> Result<(Changes, Places), Failure> {
    let tables: Cow<'_, [Table]> = match target.metadata.as_slice() {
        [only] => Cow::Borrowed(&only.tables),
        several => several.iter().flat_map(|metadata| metadata.tables.iter().cloned()).collect(),
    };
    let mut asking = Asking {
        connection,
        functions,
        target: number,
        options: &target.options,
        raised: None,
    };
    let compared = side_by_side(settings, target, &tables, &mut asking, own);
    compared.map_err(|error| match asking.raised.take() {
        Some(error) => raised(error),
        None => session::database_failure(context, "models and database cannot be compared", &error),
    })
}

fn side_by_side(
    settings: &Settings,
    target: &TargetMetadata,
    tables: &[Table],
    asking: &mut Asking<'_>,
    own: Option<&Purpose>,
) -> Result<(Changes, Places), HostError> {
    let mut read = reading::read(asking.connection, settings.dialect, target.options.include_schemas, tables, asking)?;
    let renamed = match own {
        Some(Purpose::Generate { renames }) => {
            limbeck_diff::own::check_renames(renames, tables)?;
            limbeck_diff::own::rename(&mut read.tables, renames, settings.dialect)?
        }
        _ => Vec::new(),
    };
    if target.options.has_hooks()
        && let Err(error) = asking.functions.borrow_mut().reflected(asking.target, &read.tables)
    {
        let failed = HostError::new(DatabaseErrorKind::Abort, error.message.clone());
        asking.raised = Some(error);
        return Err(failed);
    }
    let naming = target.metadata.first().map_or_else(Default::default, |metadata| metadata.naming.clone());
    let others = target.metadata.iter().filter(|metadata| metadata.naming != naming);
    let other_naming = others.flat_map(|metadata| metadata.tables.iter().map(|table| (table.name.clone(), metadata.naming.clone())));
    let options = alembic::Options {
        default_schema: read.default_schema.clone().or_else(|| settings.default_schema()),
        other_naming: other_naming.collect(),
        naming,
        version_tables: vec![settings.version_table.name.clone()],
        compare_type: toggle(target.options.compare_type),
        compare_server_default: match toggle(target.options.compare_server_default) {
            Toggle::Hook => Toggle::Hook,
            _ if own.is_some() => Toggle::Strict,
            other => other,
        },
        plugins: plugins(&target.options),
        shown: target
            .spellings
            .iter()
            .filter(|spelling| !spelling.shown.is_empty())
            .map(|spelling| ((spelling.table.clone(), spelling.column.clone()), spelling.shown.clone()))
            .collect(),
        strict: own.is_some(),
        ..alembic::Options::new(settings.dialect)
    };
    let mut changes = alembic::compare(&read.tables, tables, &options, asking)?;
    let mut log: Vec<LogLine> = read.log;
    log.append(&mut changes.log);
    changes.log = log;
    let mut warnings = read.warnings;
    warnings.append(&mut changes.warnings);
    changes.warnings = warnings;
    let mut places = Places::new();
    if let Some(purpose) = own {
        let sequences: Vec<limbeck_schema::Sequence> = target.metadata.iter().flat_map(|metadata| metadata.sequences.iter().cloned()).collect();
        let sides = own::Sides {
            dialect: settings.dialect,
            have: &read.tables,
            wanted: tables,
            default_schema: options.default_schema.as_deref(),
            sequences: &sequences,
            naming: &options.naming,
            enums_apart: target.options.enums_apart,
        };
        (changes.steps, places) = own::improved(changes.steps, renamed, sides, asking.connection, purpose, Some(asking.connection))?;
    }
    Ok((changes, places))
}

fn toggle(switch: Switch) -> Toggle {
    match switch {
        Switch::Off => Toggle::Off,
        Switch::On => Toggle::On,
        Switch::Function => Toggle::Hook,
    }
}

/// The SQL of steps, as `--sql` shows it.
///
/// # Errors
/// The database cannot do a step by itself.
pub fn preview(dialect: DialectName, steps: &[Step], batch: bool) -> Result<Vec<String>, Failure> {
    limbeck_diff::statements(dialect, steps, batch).map_err(|error| {
        let found = Diagnostic::error("E0701", format!("a step cannot be shown as SQL: {}", error.message));
        Failure::new(found.hint_opt(error.hint))
    })
}
