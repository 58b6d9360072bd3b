//! What `generate` and `merge` share: a checked revision on its way to a file.

use crate::context::{Context, Failure};
use crate::streams;
use crate::template_engine::TemplateEngine;
use crate::workspace::{History, Workspace, graph_failure, revision_header, script_failure};
use indexmap::IndexMap;
use limbeck_revision::{Graph, RevisionHeader};
use limbeck_script::{CreateDate, NewRevision, Progress, Value, generate};
use limbeck_source::Diagnostic;
use std::path::PathBuf;

/// A revision to be written, its relations resolved.
pub struct NewFile {
    pub id: String,
    pub message: Option<String>,
    pub down_revisions: Vec<String>,
    pub depends_on: Vec<String>,
    pub branch_labels: Vec<String>,
    pub folder: PathBuf,
    /// What the template sees besides: the text of autogenerate.
    pub variables: IndexMap<String, Value>,
    /// The statements of both directions, for a revision that is written in SQL.
    pub sql: Option<(String, String)>,
}

/// Returns the id of a new revision, checked.
///
/// # Errors
/// Characters that targets use.
pub fn revision_id(asked: Option<&str>) -> Result<String, Failure> {
    let id = asked.map_or_else(generate::new_revision_id, str::to_owned);
    Graph::check_new_id(&id).map_err(|error| graph_failure(&error))?;
    Ok(id)
}

/// A revision that was written.
pub struct Written {
    pub id: String,
    pub path: PathBuf,
    /// It comes after these.
    pub down_revisions: Vec<String>,
}

impl Written {
    /// Says where it is.
    pub fn announce(&self, context: &Context) {
        context.print(&self.path.display().to_string());
        let after = if self.down_revisions.is_empty() {
            "a base".to_owned()
        } else {
            format!("after {}", self.down_revisions.join(", "))
        };
        context.message(&format!("Generated revision {} ({after}).", self.id));
    }
}

/// Writes the file and says so.
///
/// # Errors
/// The revision does not fit into the graph; its file cannot be written.
pub fn write(context: &Context, workspace: &Workspace, history: &History, file: NewFile) -> Result<(), Failure> {
    let written = make(context, workspace, history, file)?;
    if !context.is_alembic() {
        written.announce(context);
    }
    Ok(())
}

/// Writes the file.
///
/// # Errors
/// The revision does not fit into the graph; its file cannot be written.
pub fn make(context: &Context, workspace: &Workspace, history: &History, file: NewFile) -> Result<Written, Failure> {
    check_fits(context, history, &file)?;
    let project = &workspace.project;
    let created = CreateDate::now(project.timezone()).map_err(script_failure)?;
    let revision = NewRevision {
        id: file.id,
        message: file.message,
        down_revisions: file.down_revisions,
        depends_on: file.depends_on,
        branch_labels: file.branch_labels,
        folder: file.folder,
        created,
        variables: file.variables,
    };
    let progress = &mut FileProgress { context };
    let written = match &file.sql {
        Some((up, down)) => generate::write_sql_revision(project, &revision, up, down, progress),
        None => generate::write_revision(project, &revision, &TemplateEngine::new(context, project), progress),
    }
    .map_err(script_failure)?;
    if context.is_alembic() && history.graph.find(&revision.id).is_some() {
        streams::say(&format!("alembic: UserWarning: Revision {} is present more than once", revision.id));
    }
    Ok(Written {
        id: revision.id,
        path: written.path,
        down_revisions: revision.down_revisions,
    })
}

/// Builds the graph with the new revision in it, so that what is wrong with it is said before there is a file.
fn check_fits(context: &Context, history: &History, file: &NewFile) -> Result<(), Failure> {
    if let Some(at) = history.graph.find(&file.id) {
        // Alembic only warns, and leaves a history that it cannot load any more.
        if context.is_alembic() {
            return Ok(());
        }
        let taken = Diagnostic::error("E0207", format!("revision id `{}` is taken", file.id))
            .note(format!("by {}", history.graph.header(at).source))
            .hint("leave out `--rev-id` to get a fresh one");
        return Err(Failure::new(taken));
    }
    let mut headers: Vec<RevisionHeader> = history.scripts.iter().map(revision_header).collect();
    headers.push(RevisionHeader {
        id: file.id.clone(),
        down_revisions: file.down_revisions.clone(),
        depends_on: file.depends_on.clone(),
        branch_labels: file.branch_labels.clone(),
        doc: String::new(),
        source: file.folder.display().to_string(),
    });
    Graph::build(headers).graph.map(drop).map_err(|error| graph_failure(&error))
}

/// Shows files being written: in Alembic's words on stdout under its name, else only what needs attention.
pub struct FileProgress<'a> {
    pub context: &'a Context,
}

impl FileProgress<'_> {
    fn is_shown(&self) -> bool {
        self.context.is_alembic() && !self.context.global.quiet
    }
}

impl Progress for FileProgress<'_> {
    fn start(&mut self, what: &str, own_lines: bool) {
        if self.is_shown() {
            self.context.print_raw(&format!("{what} ...{}", if own_lines { "\n" } else { "" }));
        }
    }

    fn end(&mut self, worked: bool) {
        if self.is_shown() {
            self.context.print_raw(if worked { "  done\n" } else { "  FAILED\n" });
        }
    }

    fn remark(&mut self, text: &str) {
        self.context.message(text);
    }

    fn warn(&mut self, text: &str) {
        if !self.context.is_alembic() && !self.context.global.quiet {
            streams::say(&format!("warning: {text}"));
        }
    }
}
