//! Everything that can be wrong with revisions and targets: Alembic's text for programs, our own for people.

use std::error::Error;
use std::fmt;

use limbeck_source::{Diagnose, Diagnostic, Location};

use crate::graph::{Graph, Index};
use crate::header::RevisionHeader;

/// What is wrong. Names are ids as written in the files, arguments are as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A revision has itself as a down revision.
    SelfLoop { revision: String },
    /// A revision depends on itself.
    DependencySelfLoop { revision: String },
    /// An id holds characters that targets use.
    IllegalCharacters { characters: String, revision: String },
    /// A branch label is declared twice, or is also an id.
    DuplicateLabel { label: String, revision: String, other: String },
    /// Down revisions that are not there: each with the revision that names it.
    MissingParent { missing: Vec<(String, String)> },
    /// A `depends_on` that is neither an id nor a label.
    MissingDependency { dependency: String, revision: String },
    /// Down revisions go round in a circle.
    Cycle { revisions: Vec<String> },
    /// Down revisions and dependencies go round in a circle.
    DependencyCycle { revisions: Vec<String> },
    /// No revision or label goes by this name.
    NotFound { argument: String },
    /// Several ids or labels start with this.
    Ambiguous { argument: String, candidates: Vec<String> },
    /// The revision exists, but not on the branch that was asked for.
    NotOnBranch { argument: String, revision: String, branch: String },
    /// No branch goes by this name.
    NoSuchBranch { branch: String },
    /// One head was asked for and there are several.
    MultipleHeads { heads: Vec<String>, argument: String },
    /// The two ends are not on one line of history.
    NotAncestor { lower: String, upper: String },
    /// A relative target leads past the end of history; `count` steps were asked for.
    RelativeCount { relative: String, count: u64 },
    /// A relative target that starts at a named revision leads past the base.
    WalkedTooFar { target: String },
    /// A relative target that starts at a named revision leads past the end; Alembic dies here.
    PastEnd { target: String },
    /// A step could go to several revisions.
    AmbiguousWalk { from: Option<String>, choices: Vec<String> },
    /// Steps up from several current revisions.
    AmbiguousUpgrade { rows: Vec<String> },
    /// Steps down on a branch that several or no current revisions are on; Alembic dies here.
    AmbiguousBranchStep { branch: String, rows: Vec<String> },
    /// Revisions asked for together lie on one another's way.
    Overlap { revision: String, others: Vec<String> },
    /// No root of the branch leads to the target.
    NotDowngradeTarget,
    /// Revisions would be left out because no target leads to them; Alembic dies here.
    Unreachable { revisions: Vec<String> },
    /// Current revisions lie both above and below a stamped one; Alembic dies here.
    StampBetween { revision: String },
    /// One head was given twice.
    DuplicateHeads,
    /// A new revision may only follow a head.
    NotAHead { revision: String },
    /// `a:b` where only one target is allowed.
    RangeNotAllowed,
    /// More than one `:` in a range; Alembic dies here.
    RangeParts { range: String },
    /// A history range without `:`.
    HistoryRange { range: String },
    /// Offline downgrades need both ends.
    OfflineDowngradeRange,
    /// Offline stamps from different starts.
    SeveralStampStarts,
}

/// How a command words some errors, as Alembic's commands do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wording {
    pub(crate) not_ancestor: Option<String>,
    pub(crate) multiple_heads: Option<&'static str>,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

/// What is wrong, with the files it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    kind: ErrorKind,
    alembic_text: String,
    diagnostic: Diagnostic,
}

impl GraphError {
    pub(crate) fn new(kind: ErrorKind, wording: &Wording, graph: &Graph) -> Self {
        let header = |id: &str| graph.names.get(id).map(|at| graph.header(*at));
        let mut diagnostic = describe(&kind, &header);
        if let ErrorKind::MultipleHeads { heads, .. } = &kind {
            diagnostic = describe_heads(diagnostic, heads, graph);
        }
        GraphError {
            alembic_text: alembic_text(&kind, wording),
            diagnostic,
            kind,
        }
    }

    pub(crate) fn at_load<'h>(kind: ErrorKind, header: impl Fn(&str) -> Option<&'h RevisionHeader>) -> Self {
        GraphError {
            alembic_text: alembic_text(&kind, &Wording::default()),
            diagnostic: describe(&kind, &header),
            kind,
        }
    }

    /// Makes an error that is about the command line and no revision.
    pub(crate) fn of_usage(kind: ErrorKind) -> Self {
        Self::at_load(kind, |_| None)
    }

    /// Returns what is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Returns the text that Alembic writes after `FAILED: ` (or at the end of its traceback).
    pub fn alembic_text(&self) -> &str {
        &self.alembic_text
    }

    /// Returns whether Alembic dies with a traceback here under every command, instead of reporting the error.
    pub fn is_alembic_crash(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::MissingParent { .. }
                | ErrorKind::MissingDependency { .. }
                | ErrorKind::PastEnd { .. }
                | ErrorKind::AmbiguousBranchStep { .. }
                | ErrorKind::Unreachable { .. }
                | ErrorKind::StampBetween { .. }
                | ErrorKind::RangeParts { .. }
        )
    }

    /// Returns Alembic's exit code: 255, or 1 where it dies with a traceback.
    pub fn alembic_exit(&self) -> u8 {
        if self.is_alembic_crash() { 1 } else { 255 }
    }

    /// Returns the name of the exception that ends Alembic's traceback, where it dies or a command does not catch it.
    pub fn alembic_exception(&self) -> &'static str {
        match self.kind {
            ErrorKind::SelfLoop { .. } => "alembic.script.revision.LoopDetected",
            ErrorKind::DependencySelfLoop { .. } => "alembic.script.revision.DependencyLoopDetected",
            ErrorKind::Cycle { .. } => "alembic.script.revision.CycleDetected",
            ErrorKind::DependencyCycle { .. } => "alembic.script.revision.DependencyCycleDetected",
            ErrorKind::MissingParent { .. } | ErrorKind::MissingDependency { .. } => "KeyError",
            ErrorKind::PastEnd { .. } | ErrorKind::AmbiguousBranchStep { .. } | ErrorKind::Unreachable { .. } | ErrorKind::StampBetween { .. } => {
                "AssertionError"
            }
            ErrorKind::RangeParts { .. } => "ValueError",
            _ => "alembic.script.revision.RevisionError",
        }
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl Error for GraphError {}

impl Diagnose for GraphError {
    fn diagnose(&self) -> Diagnostic {
        self.diagnostic.clone()
    }
}

fn alembic_text(kind: &ErrorKind, wording: &Wording) -> String {
    let not_found = |argument: &str| format!("Can't locate revision identified by '{argument}'");
    let circle = |kind: &str, revisions: &[String]| format!("{kind} is detected in revisions ({})", revisions.join(", "));
    let one = std::slice::from_ref::<String>;
    match kind {
        ErrorKind::SelfLoop { revision } => circle("Self-loop", one(revision)),
        ErrorKind::DependencySelfLoop { revision } => circle("Dependency self-loop", one(revision)),
        ErrorKind::Cycle { revisions } => circle("Cycle", revisions),
        ErrorKind::DependencyCycle { revisions } => circle("Dependency cycle", revisions),
        ErrorKind::IllegalCharacters { characters, revision } => {
            let listed: Vec<String> = characters.chars().map(String::from).collect();
            let listed = listed.join(", ");
            format!("Character(s) '{listed}' not allowed in revision identifier '{revision}'")
        }
        ErrorKind::DuplicateLabel { label, revision, other } => {
            format!("Branch name '{label}' in revision {revision} already used by revision {other}")
        }
        ErrorKind::MissingParent { missing } => {
            format!("'{}'", missing.first().map_or("", |(parent, _)| parent))
        }
        ErrorKind::MissingDependency { dependency, .. } => format!("'{dependency}'"),
        ErrorKind::NotFound { argument }
        | ErrorKind::Ambiguous { argument, .. }
        | ErrorKind::NotOnBranch { argument, .. }
        | ErrorKind::NoSuchBranch { branch: argument } => not_found(argument),
        ErrorKind::MultipleHeads { argument, .. } => match wording.multiple_heads {
            Some(text) => text.to_owned(),
            None => {
                let argument = wording.end.as_ref().unwrap_or(argument);
                format!(
                    "Multiple head revisions are present for given argument '{argument}'; please specify a specific \
                     target revision, '<branchname>@{argument}' to narrow to a specific head, or 'heads' for all heads"
                )
            }
        },
        ErrorKind::NotAncestor { lower, upper } => match &wording.not_ancestor {
            Some(text) => text.clone(),
            None => {
                let start = wording.start.as_ref().unwrap_or(lower);
                let end = wording.end.as_ref().unwrap_or(upper);
                format!("Requested range {start}:{end} does not refer to ancestor/descendant revisions along the same branch")
            }
        },
        ErrorKind::RelativeCount { relative, count } => {
            format!("Relative revision {relative} didn't produce {count} migrations")
        }
        ErrorKind::WalkedTooFar { .. } => "Walked too far".to_owned(),
        ErrorKind::AmbiguousWalk { .. } => "Ambiguous walk".to_owned(),
        ErrorKind::AmbiguousUpgrade { .. } => "Ambiguous upgrade from multiple current revisions".to_owned(),
        ErrorKind::Overlap { revision, others } => format!("Requested revision {revision} overlaps with other requested revisions {}", others.join(", ")),
        ErrorKind::NotDowngradeTarget => "Not a valid downgrade target from current heads".to_owned(),
        ErrorKind::DuplicateHeads => "Duplicate head revisions specified".to_owned(),
        ErrorKind::NotAHead { revision } => {
            format!("Revision {revision} is not a head revision; please specify --splice to create a new branch from this revision")
        }
        ErrorKind::RangeNotAllowed => "Range revision not allowed".to_owned(),
        ErrorKind::RangeParts { .. } => "too many values to unpack (expected 2)".to_owned(),
        ErrorKind::HistoryRange { .. } => "History range requires [start]:[end], [start]:, or :[end]".to_owned(),
        ErrorKind::OfflineDowngradeRange => "downgrade with --sql requires <fromrev>:<torev>".to_owned(),
        ErrorKind::SeveralStampStarts => "Stamp operation with --sql only supports a single starting revision at a time".to_owned(),
        // Alembic has no words for these: a bare AssertionError.
        ErrorKind::PastEnd { .. } | ErrorKind::AmbiguousBranchStep { .. } | ErrorKind::Unreachable { .. } | ErrorKind::StampBetween { .. } => {
            describe(kind, &|_| None).message
        }
    }
}

type Header<'h, 'f> = dyn Fn(&str) -> Option<&'h RevisionHeader> + 'f;

fn describe(kind: &ErrorKind, header: &Header<'_, '_>) -> Diagnostic {
    let file = |id: &str| header(id).filter(|found| !found.source.is_empty()).map(|found| Location::file(&*found.source));
    let files = |mut found: Diagnostic, ids: &[String]| {
        for id in ids.iter().take(SHOWN) {
            found = found.note(fact(id, header(id)));
        }
        more(found, ids.len())
    };
    match kind {
        ErrorKind::SelfLoop { revision } => Diagnostic::error("E0205", format!("revision `{revision}` names itself as its down_revision"))
            .at_opt(file(revision))
            .hint("set `down_revision` to the revision that comes before it"),
        ErrorKind::DependencySelfLoop { revision } => Diagnostic::error("E0205", format!("revision `{revision}` depends on itself"))
            .at_opt(file(revision))
            .hint("take it out of its own `depends_on`"),
        ErrorKind::Cycle { revisions } => {
            let found = Diagnostic::error("E0205", "the down revisions go round in a circle");
            files(found, revisions).hint("one of these must name an earlier revision as its `down_revision`")
        }
        ErrorKind::DependencyCycle { revisions } => {
            let found = Diagnostic::error("E0205", "down revisions and dependencies go round in a circle");
            files(found, revisions).hint("one of these must not depend on a later revision")
        }
        ErrorKind::IllegalCharacters { characters, revision } => Diagnostic::error(
            "E0209",
            format!("revision id `{revision}` holds `{characters}`, which targets such as `id+1` and `a:b` use"),
        )
        .at_opt(file(revision))
        .hint("use letters, digits and underscores"),
        ErrorKind::DuplicateLabel { label, revision, other } => {
            let found = Diagnostic::error("E0208", format!("branch label `{label}` is used twice"));
            files(found, &[revision.clone(), other.clone()])
                .at_opt(file(revision))
                .hint("rename one of them; a label must also differ from every revision id")
        }
        ErrorKind::MissingParent { missing } => {
            let first = missing.first().map_or(("", ""), |(parent, child)| (parent, child));
            let text = format!("revision `{}` names `{}` as its down_revision, which is not here", first.1, first.0);
            let mut found = Diagnostic::error("E0206", text).at_opt(file(first.1));
            for (parent, child) in missing.iter().skip(1).take(SHOWN) {
                found = found.note(format!("also missing: `{parent}`, named by {}", fact(child, header(child))));
            }
            found.hint("bring the missing file back, or set `down_revision` to the revision that comes before")
        }
        ErrorKind::MissingDependency { dependency, revision } => {
            let text = format!("revision `{revision}` depends on `{dependency}`, which is no revision id or label here");
            Diagnostic::error("E0213", text)
                .at_opt(file(revision))
                .hint("`depends_on` needs a whole revision id or a branch label")
        }
        ErrorKind::NotFound { argument } => {
            let found = Diagnostic::error("E0201", format!("no revision or label is named `{argument}`"));
            let found = match argument.chars().count() {
                0..4 => found.note("a partial id matches only ids of four characters and more"),
                _ => found,
            };
            found.hint("see what there is with `history`")
        }
        ErrorKind::Ambiguous { argument, candidates } => {
            let found = Diagnostic::error("E0202", format!("several revisions start with `{argument}`"));
            files(found, candidates).hint("type more of the id")
        }
        ErrorKind::NotOnBranch { revision, branch, .. } => Diagnostic::error("E0201", format!("revision `{revision}` is not on the branch of `{branch}`"))
            .at_opt(file(revision))
            .hint("see which branch it is on with `history`"),
        ErrorKind::NoSuchBranch { branch } => {
            Diagnostic::error("E0201", format!("no branch is named `{branch}`")).hint("see the labels with `heads` or `history`")
        }
        ErrorKind::MultipleHeads { heads, .. } => Diagnostic::error("E0203", format!("Multiple head revisions: {}", heads.join(", "))),
        ErrorKind::NotAncestor { lower, upper } => {
            Diagnostic::error("E0204", format!("`{lower}` and `{upper}` are not on one line of history")).hint("see the lines with `history`")
        }
        ErrorKind::RelativeCount { relative, count } => {
            let there = if *count == 1 {
                "no steps".to_owned()
            } else {
                format!("fewer than {count} steps")
            };
            Diagnostic::error("E0210", format!("`{relative}` leads past the end of history: {there} that way are left")).hint("see what is left with `status`")
        }
        ErrorKind::WalkedTooFar { target } | ErrorKind::PastEnd { target } => {
            Diagnostic::error("E0210", format!("`{target}` leads past the end of history")).hint("see the revisions with `history`")
        }
        ErrorKind::AmbiguousWalk { from, choices } => {
            let from = from.as_ref().map_or("the base".to_owned(), |id| format!("`{id}`"));
            let found = Diagnostic::error("E0211", format!("the step from {from} could go to several revisions"));
            files(found, choices).hint("name the revision to go to, or a branch: `label@+1`, `label@-1`")
        }
        ErrorKind::AmbiguousUpgrade { rows } => {
            let found = Diagnostic::error("E0211", "the database is at several revisions, so steps up are ambiguous");
            files(found, rows).hint("name the branch, `label@+1`, or go to `heads`")
        }
        ErrorKind::AmbiguousBranchStep { branch, rows } => {
            let count = match rows.len() {
                0 => "none",
                _ => "several",
            };
            let text = format!("{count} of the current revisions are on branch `{branch}`, so its steps are ambiguous");
            files(Diagnostic::error("E0211", text), rows).hint("name the revision to go to")
        }
        ErrorKind::Overlap { revision, others } => {
            let text = format!("`{revision}` already includes `{}`", others.join("`, `"));
            let found = Diagnostic::error("E0212", text).note(
                "revisions that were asked for together, or that stand together in the version table, must not be \
                 ancestors of one another",
            );
            found.hint("name only the later one; if the version table holds both, `stamp` the later one with `--purge`")
        }
        ErrorKind::NotDowngradeTarget => {
            Diagnostic::error("E0204", "this branch has nothing between its heads and the target").hint("see where the database is with `current`")
        }
        ErrorKind::Unreachable { revisions } => {
            let found = Diagnostic::error("E0204", "some revisions in the range are reached only through dependencies");
            files(found, revisions).hint("name a target that includes them")
        }
        ErrorKind::StampBetween { revision } => Diagnostic::error("E0204", format!("the database is at revisions both above and below `{revision}`"))
            .at_opt(file(revision))
            .hint("`stamp --purge` replaces all rows"),
        ErrorKind::DuplicateHeads => Diagnostic::error("E0212", "one head is named twice").hint("name each head once"),
        ErrorKind::NotAHead { revision } => Diagnostic::error("E0203", format!("revision `{revision}` is not a head"))
            .at_opt(file(revision))
            .hint("add `--splice` to start a new branch from it"),
        ErrorKind::RangeNotAllowed => {
            Diagnostic::error("E0215", "a range `from:to` is only for `--sql`").hint("name one target; the start is where the database is")
        }
        ErrorKind::RangeParts { range } => Diagnostic::error("E0215", format!("`{range}` has more than one `:`")).hint("write `from:to`"),
        ErrorKind::HistoryRange { range } => Diagnostic::error("E0215", format!("`{range}` is not a range")).hint("write `start:end`, `start:` or `:end`"),
        ErrorKind::OfflineDowngradeRange => Diagnostic::error("E0215", "`downgrade --sql` needs both ends").hint("write `from:to`"),
        ErrorKind::SeveralStampStarts => Diagnostic::error("E0215", "`stamp --sql` can start from one revision only"),
    }
}

/// How many revisions a list in an error shows.
const SHOWN: usize = 10;

fn more(found: Diagnostic, count: usize) -> Diagnostic {
    match count.checked_sub(SHOWN) {
        None | Some(0) => found,
        Some(rest) => found.note(format!("… and {rest} more")),
    }
}

fn fact(id: &str, header: Option<&RevisionHeader>) -> String {
    let Some(header) = header else {
        return format!("`{id}`");
    };
    let summary = header.summary().lines().next().unwrap_or_default();
    match (summary, header.source.as_str()) {
        ("", "") => format!("`{id}`"),
        ("", source) => format!("`{id}` ({source})"),
        (summary, "") => format!("`{id}` {summary}"),
        (summary, source) => format!("`{id}` {summary} ({source})"),
    }
}

/// Adds which files the heads are, since when they are apart, and the command that joins them.
fn describe_heads(mut found: Diagnostic, heads: &[String], graph: &Graph) -> Diagnostic {
    if let [first, rest @ ..] = heads
        && rest.iter().all(|other| other == first)
    {
        return Diagnostic::error(
            "E0207",
            format!("revision `{first}` is present more than once, so that it cannot be said which script is meant"),
        )
        .hint("give one of them another id, or delete the copy");
    }
    let at: Vec<Index> = heads.iter().filter_map(|id| graph.find(id)).collect();
    for head in at.iter().take(SHOWN) {
        let header = graph.header(*head);
        found = found.note(fact(&header.id, Some(header)));
    }
    found = more(found, heads.len());
    if let Some(since) = graph.common_ancestor(&at) {
        let header = graph.header(since);
        found = found.note(format!("apart since {}", fact(&header.id, Some(header))));
    } else {
        found = found.note("they have no common ancestor");
    }
    let names = if heads.len() <= SHOWN { heads.join(" ") } else { "heads".to_owned() };
    found.hint(format!("join them with `merge -m \"merge heads\" {names}`, or go to `heads`"))
}
