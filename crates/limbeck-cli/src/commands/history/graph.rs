//! `history --graph`: the revisions as a drawing, with what is applied where a database can be asked.

use super::super::Outcome;
use crate::args::{GraphStyle, HistoryArgs};
use crate::context::{Context, Failure};
use crate::progress::{Progress, count, plain};
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use limbeck_dialect::DialectName;
use limbeck_report::graph::layout;
use limbeck_report::terminal::{Drawing, Mark, Text, draw, signs};
use limbeck_revision::{Graph, Index, Step, Target};
use limbeck_run::Settings;
use std::collections::HashSet;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// How long a drawing waits for a server that does not answer, where nothing else is configured.
const PATIENCE: &str = "5";

/// One database, as far as it could be asked.
pub struct Position {
    /// Which.
    pub label: String,
    /// Its version rows, or why they are not known.
    pub rows: Result<Vec<String>, String>,
}

/// Runs the command.
pub fn run(context: &Context, workspace: &Workspace, args: &HistoryArgs, (start, end): (Option<&str>, Option<&str>), style: GraphStyle) -> Outcome {
    let graph = workspace.history(context, GraphErrors::Caught)?.graph;
    let ascii = match style {
        GraphStyle::Auto => !speaks_unicode(context),
        GraphStyle::Unicode => false,
        GraphStyle::Ascii => true,
    };
    let drawing = Drawing {
        ascii,
        color: takes_color(context),
        width: std::io::stdout()
            .is_terminal()
            .then(|| terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0)))
            .flatten(),
    };
    let needs_rows = start == Some("current") || end == Some("current");
    let positions = match session::settings(context, workspace, &Need::default()) {
        Ok(all) => all.into_iter().map(|settings| ask(context, settings)).collect(),
        Err(failure) if needs_rows => return Err(failure),
        Err(failure) => vec![Ok(Position {
            label: String::new(),
            rows: Err(plain(&failure.diagnostic.message)),
        })],
    };
    let many = positions.len() > 1;
    for position in positions {
        let position = match position {
            Ok(position) => position,
            Err((_, failure)) if needs_rows => return Err(failure),
            Err((label, failure)) => Position {
                label,
                rows: Err(why(&failure)),
            },
        };
        if many {
            context.print(&format!("Database: {}", position.label));
        }
        show(context, &graph, args, (start, end), &position, drawing)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Why a command failed, on one line.
pub fn why(failure: &Failure) -> String {
    let found = &failure.diagnostic;
    let causes = found.causes.iter().map(|cause| format!(": {cause}")).collect::<String>();
    plain(&format!("{}{causes}", found.message))
}

/// Whether a SQLite file is not there yet; connecting would make it, and to look makes nothing.
pub fn no_file_yet(settings: &Settings) -> bool {
    let path = settings.url.as_ref().and_then(|url| url.database.as_deref()).unwrap_or_default();
    settings.dialect == DialectName::Sqlite && !path.is_empty() && !path.starts_with([':', '?']) && !path.starts_with("file:") && !Path::new(path).exists()
}

/// The settings with which a server that does not answer is not waited for as long as a migration would.
pub fn impatient(context: &Context, mut settings: Settings) -> Settings {
    if settings.dialect == DialectName::Postgresql
        && !context.environment.contains_key("PGCONNECT_TIMEOUT")
        && let Some(url) = &mut settings.url
        && !url.query.iter().any(|(key, _)| key == "connect_timeout" || key == "service")
    {
        url.query.push(("connect_timeout".to_owned(), vec![PATIENCE.to_owned()]));
    }
    settings
}

/// Asks a database where it is.
fn ask(context: &Context, settings: Settings) -> Result<Position, (String, Failure)> {
    let label = session::label(&settings);
    if no_file_yet(&settings) {
        return Ok(Position { label, rows: Ok(Vec::new()) });
    }
    let settings = impatient(context, settings);
    let rows = session::connect(context, &settings, &mut Progress::new(context))
        .and_then(|mut connection| super::super::current::rows(context, &settings, connection.as_mut()));
    match rows {
        Ok(rows) => Ok(Position { label, rows: Ok(rows) }),
        Err(failure) => Err((label, failure)),
    }
}

fn show(
    context: &Context,
    graph: &Graph,
    args: &HistoryArgs,
    (start, end): (Option<&str>, Option<&str>),
    position: &Position,
    drawing: Drawing,
) -> Result<(), Failure> {
    let rows = position.rows.as_deref().unwrap_or_default();
    let target = |text| if text == "current" { Target::Many(rows) } else { Target::One(text) };
    let start = start.filter(|text| *text != "current" || end != Some("current")).map(target);
    let revisions = graph.history(start, end.map(target)).map_err(|error| graph_failure(&error))?;
    let marks = Marks::new(graph, rows);
    let asked = position.rows.is_ok();
    let text = |at| Text {
        mark: if asked { marks.of(at) } else { Mark::Plain },
        ..beside(graph, at, args.verbose)
    };
    let layout = layout(graph, &revisions);
    let mut drawn = draw(&layout, drawing, &text);
    let follows: Vec<&str> = layout.rows.iter().filter(|row| row.goes_on).map(|row| graph.id(row.revision)).collect();
    if !follows.is_empty() {
        let ellipsis = if drawing.ascii { "..." } else { "…" };
        drawn.push_str(&format!("{ellipsis}  older revisions that are not in the range\n"));
    }
    context.print_raw(&drawn);
    tell(context, graph, position, &marks, drawing);
    Ok(())
}

/// Says what the signs mean, or why there are none.
fn tell(context: &Context, graph: &Graph, position: &Position, marks: &Marks, drawing: Drawing) {
    let rows = match &position.rows {
        Ok(rows) => rows,
        Err(why) => {
            context.message(&format!("note: what is applied is not shown, because the database could not be asked: {why}"));
            return;
        }
    };
    let [plain, current, pending] = signs(drawing.ascii);
    let unknown: Vec<&str> = rows.iter().filter(|row| graph.find(row).is_none()).map(String::as_str).collect();
    if !unknown.is_empty() {
        context.message(&format!(
            "note: {} is at {}, which has no script in this project; see `{} status`",
            position.label,
            unknown.join(", "),
            context.again()
        ));
        return;
    }
    let here = if rows.is_empty() {
        format!("{} is at base", position.label)
    } else {
        format!("{plain} applied  {current} {} is here", position.label)
    };
    context.message(&match marks.pending.len() {
        0 => format!("{here}; nothing is pending"),
        number => format!("{here}  {pending} pending ({})", count(number, "revision")),
    });
}

/// What is applied and what is not.
struct Marks {
    current: HashSet<Index>,
    pending: HashSet<Index>,
}

impl Marks {
    fn new(graph: &Graph, rows: &[String]) -> Self {
        let known: Vec<String> = rows.iter().filter(|row| graph.find(row).is_some()).cloned().collect();
        // What is pending behind a revision that is not known here nobody knows.
        let steps = if known.len() == rows.len() {
            graph.upgrade(&known, Target::One("heads")).map(|steps| steps.steps).unwrap_or_default()
        } else {
            Vec::new()
        };
        Marks {
            current: known.iter().filter_map(|row| graph.find(row)).collect(),
            pending: steps
                .iter()
                .filter_map(|step| match step {
                    Step::Upgrade(at) => Some(*at),
                    Step::Downgrade(_) | Step::Stamp(_) => None,
                })
                .collect(),
        }
    }

    fn of(&self, at: Index) -> Mark {
        if self.current.contains(&at) {
            Mark::Current
        } else if self.pending.contains(&at) {
            Mark::Pending
        } else {
            Mark::Plain
        }
    }
}

fn beside(graph: &Graph, at: Index, verbose: bool) -> Text {
    let header = graph.header(at);
    let mut notes: Vec<String> = graph
        .labels(at)
        .into_iter()
        .filter(|label| header.branch_labels.iter().any(|own| own == label))
        .map(plain)
        .collect();
    if graph.is_head(at) {
        notes.push(if graph.is_effective_head(at) { "head" } else { "effective head" }.to_owned());
    }
    let mut more = Vec::new();
    if verbose {
        let source = Path::new(&header.source);
        let cwd = std::env::current_dir().unwrap_or_default();
        more.push(source.strip_prefix(&cwd).unwrap_or(source).display().to_string());
        let rest = header.doc.get(header.summary().len()..).unwrap_or_default();
        // The id and the parents are in the drawing.
        let told = |line: &String| line.is_empty() || line.starts_with("Revision ID:") || line.starts_with("Revises:");
        more.extend(rest.lines().map(plain).filter(|line| !told(line)));
    }
    Text {
        mark: Mark::Plain,
        id: header.id.clone(),
        notes,
        message: plain(header.summary()),
        more,
    }
}

/// Whether stdout takes colours.
fn takes_color(context: &Context) -> bool {
    let refused =
        context.environment.get("NO_COLOR").is_some_and(|value| !value.is_empty()) || context.environment.get("TERM").is_some_and(|term| term == "dumb");
    !refused && std::io::stdout().is_terminal()
}

/// Whether the locale knows more than ASCII; where none is set (containers), terminals do all the same.
fn speaks_unicode(context: &Context) -> bool {
    let set = |name| context.environment.get(name).filter(|value| !value.is_empty());
    let Some(locale) = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")) else {
        return true;
    };
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
