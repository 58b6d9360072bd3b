//! The checks of a project: what its files say, before and after its databases were looked at.

use super::database::{self, Seen};
use super::{Findings, models, pending};
use crate::args::DoctorArgs;
use crate::commands::backup::options::{BackupOptions, When};
use crate::context::Context;
use crate::required;
use crate::session::Need;
use crate::workspace::{History, Workspace, config_request, revision_header};
use limbeck_doctor::checks::{alembic_version, backup_folder, bad_configuration, broken_graph, health_log, multiple_heads, no_project, required_version};
use limbeck_doctor::{Answer, CHECKS, alembic_features, alembic_pins};
use limbeck_revision::{Graph, RevisionHeader};
use limbeck_run::Settings;
use limbeck_script::{Project, ScriptDirectory, ScriptError, ScriptFile};
use limbeck_source::{Diagnose, Diagnostic};
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep below the working directory a project is looked for, and in how many folders.
const DEPTH: usize = 4;
const FOLDERS: usize = 2_000;

/// What the project's files hold.
pub struct Scripts {
    pub scripts: Vec<ScriptFile>,
    pub headers: Vec<RevisionHeader>,
    /// Files that are no revisions.
    pub unreadable: Vec<Diagnostic>,
    /// Nothing where the scripts form no history.
    pub history: Option<History>,
}

/// Does all checks.
pub fn look(context: &Context, args: &DoctorArgs, found: &mut Findings<'_>) {
    let program = context.again();
    let from = std::env::current_dir().unwrap_or_default();
    let workspace = match find(context) {
        Ok(workspace) => workspace,
        Err(error) => return without_project(&error, &from, program, found),
    };
    let project = &workspace.project;
    found.add("no-project", || {
        let place = place(project, &from);
        no_project::look(Ok(&place), &[], program)
    });
    let learned = crate::environment::learn_quietly(context, project, &Need::default());
    let mut configuration = configuration(project, program);
    let settings = match learned {
        Ok(learned) => {
            configuration.sources = learned.settings.iter().map(|settings| settings.url_source.describe()).collect();
            configuration.warnings.extend(learned.warnings);
            learned.settings
        }
        Err(failure) => {
            configuration.errors.push(*failure.diagnostic);
            Vec::new()
        }
    };
    found.add("bad-configuration", || bad_configuration::look(&configuration));
    found.add("required-version", || match required::wanted(project) {
        Ok(Some((wanted, file))) => required_version::look(Some(&wanted), &file, required::VERSION),
        Ok(None) => required_version::look(None, "", required::VERSION),
        Err(failure) => Answer::Unknown(failure.diagnostic.message),
    });
    found.add("alembic-version", || alembic_version::look(&alembic(project)));
    let scripts = read(context, project);
    let seen = databases(context, args, &workspace, &settings, &scripts, found);
    found.about(None);
    found.add("broken-graph", || {
        let known = broken_graph::Known {
            unreadable: scripts.unreadable.clone(),
            remembered: seen.iter().flat_map(|seen| remembered(seen, project)).collect(),
        };
        broken_graph::look(&scripts.headers, &project.root(), &known, program)
    });
    found.add("multiple-heads", || match &scripts.history {
        Some(history) => {
            let mut known = heads(history, &seen, program);
            if let (true, Some(settings)) = (history.graph.effective_heads().len() > 1, settings.first()) {
                known.meeting = Some(pending::meeting(pending::Case {
                    context,
                    workspace: &workspace,
                    settings,
                    history,
                }));
            }
            multiple_heads::look(&history.graph, &project.root(), &known)
        }
        None => Answer::Skipped(BROKEN.into()),
    });
    found.add("model-drift", || models::look(context, &workspace, &settings, &scripts, &seen));
    found.add("health-log", || health_log::look(&log(context, project), program));
    found.add("backup-folder", || backup_folder::look(&backups(context, project, &seen), program));
}

/// Why checks that need the history could not look.
pub const BROKEN: &str = "the scripts form no history (see above)";

/// As [`Workspace::open`], but a project that asks for another version is looked at too.
fn find(context: &Context) -> Result<Workspace, Diagnostic> {
    let request = config_request(context).map_err(|failure| *failure.diagnostic)?;
    let project = Project::find(&request).map_err(|error| error.diagnose())?;
    if !context.is_alembic() && context.global.config.is_empty() && project.root() != request.cwd {
        let _ = std::env::set_current_dir(project.root());
    }
    Ok(Workspace { project })
}

/// Without a project nothing else can be looked at.
fn without_project(error: &Diagnostic, from: &Path, program: &str, found: &mut Findings<'_>) {
    // A project that is there and cannot be read is another matter than none.
    let (checked, why) = if error.code == "E0101" {
        found.add("no-project", || no_project::look(Err(error), &below(from), program));
        ("no-project", "there is no project to look at")
    } else {
        let facts = bad_configuration::Facts {
            errors: vec![error.clone()],
            ..bad_configuration::Facts::default()
        };
        found.add("bad-configuration", || bad_configuration::look(&facts));
        ("bad-configuration", "the configuration cannot be read (see above)")
    };
    let others: Vec<&str> = CHECKS.iter().map(|check| check.name).filter(|name| *name != checked).collect();
    found.add_all(&others, &Answer::Unknown(why.into()));
}

/// Configuration files in folders below, nearest first.
fn below(from: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([(from.to_owned(), 0)]);
    let mut looked = 0;
    while let Some((folder, depth)) = waiting.pop_front() {
        looked += 1;
        if looked > FOLDERS {
            break;
        }
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < DEPTH && !name.starts_with('.') && !matches!(name.as_str(), "node_modules" | "site-packages" | "target") {
                waiting.push_back((entry.path(), depth + 1));
            } else if !is_folder && matches!(name.as_str(), "alembic.ini" | "limbeck.toml") {
                found.push(entry.path().strip_prefix(from).unwrap_or(&entry.path()).display().to_string());
            }
        }
    }
    found
}

fn place(project: &Project, from: &Path) -> no_project::Place {
    let root = project.root();
    let config = project.config();
    let ini = config.ini_path().filter(|_| config.ini_exists());
    let toml = config.toml_path().filter(|path| path.is_file());
    let files = ini.into_iter().chain(config.own_path()).chain(toml);
    no_project::Place {
        files: files.map(|path| shown(path, &root)).collect(),
        from: (from != root && !from.as_os_str().is_empty()).then(|| shown(from, &root)),
        root: root.display().to_string(),
    }
}

/// A path for people.
pub fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn configuration(project: &Project, program: &str) -> bad_configuration::Facts {
    let root = project.root();
    let mut facts = bad_configuration::Facts::default();
    let env = project.env_py();
    // `init --template limbeck` makes a project without one.
    let by_design = project.config().own_path().is_some() && !project.config().ini_exists();
    if !env.is_file() && !by_design {
        facts.missing.push(bad_configuration::Missing {
            path: shown(&env, &root),
            lost: "the database's URL and its options have to come from elsewhere, and models cannot be compared".into(),
            command: None,
        });
    }
    let template = project.script_folder().join("script.py.mako");
    if !template.is_file() {
        facts.missing.push(bad_configuration::Missing {
            path: shown(&template, &root),
            lost: "no revision can be written without the template".into(),
            command: Some(format!(
                "{program} init /tmp/new-project && cp /tmp/new-project/script.py.mako {}",
                shown(&template, &root)
            )),
        });
    }
    for folder in project.version_locations().iter().filter(|folder| !folder.is_dir()) {
        facts.missing.push(bad_configuration::Missing {
            path: shown(folder, &root),
            lost: "the folder of revisions: the history looks empty (an empty folder is not kept by git)".into(),
            command: Some(format!("mkdir -p {}", shown(folder, &root))),
        });
    }
    let config = project.config();
    let written = config.main_option("sqlalchemy.url").ok().flatten();
    // A URL that cannot be read is not shown but for the placeholder, which holds no secret.
    facts.written_url = written.filter(|url| url == "driver://user:pass@localhost/dbname");
    facts
}

fn alembic(project: &Project) -> alembic_version::Facts {
    let root = project.root();
    let mut facts = alembic_version::Facts::default();
    let folders = [root.clone(), root.join("requirements")];
    for folder in folders {
        for path in files(&folder) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if alembic_pins::is_of_interest(name)
                && let Ok(text) = fs::read_to_string(&path)
            {
                facts.pins.extend(alembic_pins::read(name, &shown(&path, &root), &text));
            }
        }
    }
    let inherited = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let usual = [".venv", "venv", "env"].map(|name| root.join(name));
    for place in usual.into_iter().chain(inherited) {
        for version in installed(&place) {
            let place = shown(&place, &root);
            if !facts.installed.iter().any(|(known, _)| *known == place) {
                facts.installed.push((place, version));
            }
        }
    }
    // What files use is only of interest beside a version that they may be too new for.
    if facts.installed.is_empty() && facts.pins.iter().all(|pin| pin.version.is_none()) {
        return facts;
    }
    let config = project.config();
    if let Some((path, text)) = config.ini_path().and_then(|path| Some((path, fs::read_to_string(path).ok()?))) {
        facts.features.extend(alembic_features::of_ini(&shown(path, &root), &text));
    }
    let in_toml = config.toml_path().and_then(|path| Some((path, fs::read_to_string(path).ok()?)));
    if let Some((path, _)) = in_toml.filter(|(_, text)| text.contains("[tool.alembic]")) {
        facts.features.push(alembic_features::of_pyproject(&shown(path, &root)));
    }
    let scripts = project.version_locations().iter().flat_map(|folder| files(folder));
    for path in scripts.chain([project.env_py()]).filter(|path| path.extension().is_some_and(|end| end == "py")) {
        if let Ok(text) = fs::read_to_string(&path) {
            facts.features.extend(alembic_features::of_python(&shown(&path, &root), &text));
        }
    }
    facts
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// The Alembic that a virtual environment holds.
fn installed(place: &Path) -> Vec<limbeck_doctor::python_version::PythonVersion> {
    let versions = fs::read_dir(place.join("lib")).into_iter().flatten().flatten();
    let packages = versions.flat_map(|python| fs::read_dir(python.path().join("site-packages")).into_iter().flatten().flatten());
    packages
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix("alembic-")?.strip_suffix(".dist-info")?;
            limbeck_doctor::python_version::PythonVersion::parse(version)
        })
        .collect()
}

/// Reads the scripts as far as they can be read.
fn read(context: &Context, project: &Project) -> Scripts {
    let computed = |computed, source: &str| crate::headers::by_running(context, project, computed, source);
    let (scripts, unreadable): (Vec<ScriptFile>, Vec<ScriptError>) = match ScriptDirectory::load_all(project, computed) {
        Ok((directory, left_out)) => (directory.scripts, left_out),
        Err(error) => (Vec::new(), vec![error]),
    };
    let headers: Vec<RevisionHeader> = scripts.iter().map(revision_header).collect();
    let built = Graph::build(headers.clone());
    // An id that is there twice loads, as in Alembic; what the history is then is anybody's guess.
    let is_whole = unreadable.is_empty() && built.warnings.is_empty();
    let history = built.graph.ok().filter(|_| is_whole).map(|graph| History {
        scripts: scripts.clone(),
        graph,
    });
    Scripts {
        scripts,
        headers,
        unreadable: unreadable.iter().map(Diagnose::diagnose).collect(),
        history,
    }
}

fn databases(context: &Context, args: &DoctorArgs, workspace: &Workspace, settings: &[Settings], scripts: &Scripts, found: &mut Findings<'_>) -> Vec<Seen> {
    if settings.is_empty() {
        let why = Answer::Unknown("no source names a database that can be used (see above)".into());
        found.add_all(&database::CHECKS, &why);
        found.add_all(&limbeck_doctor::pending::names(), &why);
        return Vec::new();
    }
    settings
        .iter()
        .filter_map(|settings| {
            found.about(Some(crate::session::label(settings)));
            database::look(context, args, workspace, settings, scripts, found)
        })
        .collect()
}

fn remembered(seen: &Seen, project: &Project) -> Vec<(String, broken_graph::Remembered)> {
    let folder = project.version_locations().first().cloned().unwrap_or_default();
    let place = |script: &limbeck_run::Remembered| {
        let name = script.path.as_deref().map(Path::new).and_then(Path::file_name);
        let name = name.map_or_else(|| PathBuf::from(format!("{}.py", script.revision)), PathBuf::from);
        folder.join(name).display().to_string()
    };
    let one = |script: &limbeck_run::Remembered| broken_graph::Remembered {
        facts: crate::stored::when_and_who(script),
        path: place(script),
        text: script.source.clone(),
    };
    seen.stored.values().map(|script| (script.revision.clone(), one(script))).collect()
}

fn heads(history: &History, seen: &[Seen], program: &str) -> multiple_heads::Known {
    let graph = &history.graph;
    let applied = (!seen.is_empty()).then(|| {
        let rows = seen.iter().flat_map(|seen| seen.rows.iter().flatten());
        let below = rows.filter_map(|row| graph.find(row)).flat_map(|at| graph.ancestors(at));
        below.map(|at| graph.id(at).to_owned()).collect()
    });
    multiple_heads::Known {
        meeting: None,
        applied,
        program: program.to_owned(),
    }
}

fn log(context: &Context, project: &Project) -> health_log::Facts {
    let mut facts = health_log::Facts::default();
    let log = match crate::health::log_of(context, project) {
        Ok(Some(log)) => log,
        Ok(None) => return facts,
        Err(failure) => {
            facts.path = Some("the health log".into());
            facts.unwritable = Some(failure.diagnostic.message);
            return facts;
        }
    };
    let root = project.root();
    facts.path = Some(shown(&log.path, &root));
    facts.unwritable = unwritable(&log.path);
    match log.verify() {
        Ok(verdict) => {
            facts.lines = verdict.lines;
            facts.torn = verdict.torn.len();
            facts.broken = verdict
                .broken
                .map(|broken| format!("{}:{}: {}", shown(&broken.path, &root), broken.line, broken.fault));
        }
        Err(error) => facts.unreadable = Some(error.to_string()),
    }
    facts
}

/// Why a file could not be written, or made; nothing is touched to find out.
fn unwritable(path: &Path) -> Option<String> {
    let mut place = path;
    loop {
        match rustix::fs::access(place, rustix::fs::Access::WRITE_OK) {
            Ok(()) if place == path || place.is_dir() => return None,
            Ok(()) => return Some(format!("{} is not a folder", place.display())),
            Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Some(format!("{}: {}", place.display(), std::io::Error::from(error))),
        }
        place = match place.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return Some(format!("{}: no such folder", path.display())),
        };
    }
}

fn backups(context: &Context, project: &Project, seen: &[Seen]) -> backup_folder::Facts {
    let mut facts = backup_folder::Facts {
        database: seen.iter().filter_map(|seen| seen.bytes).max(),
        ..backup_folder::Facts::default()
    };
    let options = match BackupOptions::read(context, project) {
        Ok(options) => options,
        Err(failure) => {
            facts.error = Some(*failure.diagnostic);
            return facts;
        }
    };
    let folder = &options.folder;
    let mut place: &Path = folder;
    while let (false, Some(parent)) = (place.exists(), place.parent()) {
        place = parent;
    }
    facts.path = shown(folder, &project.root());
    facts.exists = folder.is_dir();
    let is_other = folder.exists() && !folder.is_dir();
    facts.unwritable = if is_other {
        Some(format!("{} is not a folder", folder.display()))
    } else {
        unwritable(folder)
    };
    // It asks about the folder of a file.
    facts.free = limbeck_backup::free_space(&place.join("x"));
    facts.wanted = options.before != When::Never;
    match seen
        .iter()
        .filter_map(|seen| seen.server)
        .max()
        .map(|major| limbeck_backup::find_tool(&options.places, "pg_dump", major))
    {
        Some(Ok(program)) => facts.tool = Some(format!("pg_dump {}", program.version)),
        Some(Err(error)) => facts.error = Some(error.diagnose()),
        None => {}
    }
    facts
}
