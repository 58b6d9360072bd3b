//! The project a command works in: its configuration, its scripts, its graph.

use crate::context::{Context, Failure};
use crate::streams;
use limbeck_revision::{Graph, RevisionHeader};
use limbeck_script::{AlembicKind, ConfigRequest, Notice, NoticeKind, Project, ScriptDirectory, ScriptError, ScriptFile};
use limbeck_source::Diagnose;

/// A project that was found.
pub struct Workspace {
    pub project: Project,
}

/// The project's scripts and the graph they form. A script's place in `scripts` is not its index in the graph: look it up by `source`.
pub struct History {
    pub scripts: Vec<ScriptFile>,
    pub graph: Graph,
}

/// How Alembic ends on an error in the graph: under most commands as a `CommandError`, under `heads`, `branches` and the like uncaught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphErrors {
    Caught,
    Uncaught,
}

impl Workspace {
    /// Finds the project.
    ///
    /// # Errors
    /// No project here, or a configuration that cannot be read.
    pub fn open(context: &Context) -> Result<Self, Failure> {
        let request = config_request(context)?;
        let project = Project::find(&request).map_err(script_failure)?;
        crate::required::check(&project)?;
        // Found further up: relative paths in its configuration (a SQLite file, prepend_sys_path) mean what they mean there.
        if !context.is_alembic() && context.global.config.is_empty() && project.root() != request.cwd {
            let _ = std::env::set_current_dir(project.root());
        }
        for notice in project.notices() {
            warn(context, notice);
        }
        Ok(Workspace { project })
    }

    /// Reads the scripts' headers and builds the graph; warnings are shown.
    ///
    /// # Errors
    /// A script that cannot be read; a graph that cannot be one.
    pub fn history(&self, context: &Context, errors: GraphErrors) -> Result<History, Failure> {
        self.history_with(context, errors, |_| Ok(()))
    }

    /// As [`Workspace::history`]; `add` may put scripts from elsewhere next to the project's.
    ///
    /// # Errors
    /// As `history`, and what `add` returns.
    pub fn history_with(
        &self,
        context: &Context,
        errors: GraphErrors,
        add: impl FnOnce(&mut Vec<ScriptFile>) -> Result<(), Failure>,
    ) -> Result<History, Failure> {
        let mut directory = ScriptDirectory::load_with(&self.project, |computed, source| {
            crate::headers::by_running(context, &self.project, computed, source)
        })
        .map_err(script_failure)?;
        for notice in &directory.notices {
            warn(context, notice);
        }
        add(&mut directory.scripts)?;
        let headers = directory.scripts.iter().map(revision_header).collect();
        let built = Graph::build(headers);
        // What stops the graph need not be told as a warning before.
        let told = built.graph.as_ref().err().map(|error| error.diagnose().code);
        for warning in &built.warnings {
            let found = warning.diagnose();
            if context.is_alembic() {
                streams::say(&format!("{}: UserWarning: {}", self.project.script_folder().display(), warning.alembic_text()));
            } else if Some(found.code) != told {
                streams::show(&found, context.stderr_style());
            }
        }
        let graph = built.graph.map_err(|error| match errors {
            GraphErrors::Caught => graph_failure(&error),
            GraphErrors::Uncaught => uncaught_graph_failure(&error),
        })?;
        Ok(History {
            scripts: directory.scripts,
            graph,
        })
    }
}

/// What the command line says about where the configuration is.
///
/// # Errors
/// The working directory is gone.
pub fn config_request(context: &Context) -> Result<ConfigRequest, Failure> {
    let cwd = std::env::current_dir()
        .map_err(|error| Failure::new(limbeck_source::Diagnostic::error("E0108", "the working directory cannot be read").caused_by(&error)))?;
    Ok(ConfigRequest {
        cwd,
        files: context.global.config.clone(),
        environment: context.environment.get("ALEMBIC_CONFIG").map(Into::into),
        section: context.global.name.clone(),
        as_alembic: context.is_alembic(),
    })
}

/// A script's header as the graph takes it.
pub fn revision_header(script: &ScriptFile) -> RevisionHeader {
    RevisionHeader {
        id: script.header.revision.clone(),
        down_revisions: script.header.down_revisions.clone(),
        depends_on: script.header.depends_on.clone(),
        branch_labels: script.header.branch_labels.clone(),
        doc: script.header.doc.clone(),
        source: script.path.display().to_string(),
    }
}

/// A problem of configuration, script or template as a failure.
pub fn script_failure(error: ScriptError) -> Failure {
    let failure = Failure::new(error.diagnose()).alembic(error.to_string());
    match error.kind() {
        AlembicKind::CommandError => failure,
        AlembicKind::Exception(name) => failure.uncaught(name, error.to_string()),
    }
}

/// A graph or target error as a failure.
pub fn graph_failure(error: &limbeck_revision::GraphError) -> Failure {
    if error.is_alembic_crash() {
        return uncaught_graph_failure(error);
    }
    Failure::new(error.diagnose()).alembic(error.alembic_text())
}

fn uncaught_graph_failure(error: &limbeck_revision::GraphError) -> Failure {
    Failure::new(error.diagnose()).uncaught(error.alembic_exception(), error.alembic_text())
}

/// Shows a warning: in Python's form under the name `alembic`.
pub fn warn(context: &Context, notice: &Notice) {
    if context.is_alembic() {
        let class = match notice.kind {
            NoticeKind::User => "UserWarning",
            NoticeKind::Deprecation => "DeprecationWarning",
        };
        streams::say(&format!("alembic: {class}: {}", notice.message));
    } else if notice.kind == NoticeKind::User {
        streams::say(&format!("warning: {}", notice.message));
    }
}
