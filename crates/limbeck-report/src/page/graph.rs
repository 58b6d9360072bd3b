//! The revisions: a list whose every row carries its slice of the drawing, so that rows can be opened, folded, searched and printed like any text.

use super::verdict::{Mark, Marks};
use crate::graph::{Layout, Row};
use limbeck_revision::{Graph, Index};
use maud::{Markup, PreEscaped, html};
use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

/// Height of a row without its details.
const HEIGHT: usize = 32;
/// How long a run of rows that differ in nothing must be to be folded.
const LONG: usize = 16;
/// So many of its rows stay in sight at both ends.
const SEEN: usize = 3;
/// How many colours lanes take in turn.
const COLORS: usize = 6;

struct Page<'a> {
    graph: &'a Graph,
    layout: &'a Layout,
    marks: &'a Marks<'a>,
    prefix: &'a str,
    /// The project's folder, which paths are shown below.
    folder: &'a str,
    /// The row of each revision.
    places: HashMap<Index, usize>,
    /// From lane to lane.
    gap: usize,
}

/// The heading, the legend and the rows.
pub fn section(graph: &Graph, layout: &Layout, marks: &Marks<'_>, prefix: &str, folder: &str) -> Markup {
    let gap = match layout.width {
        0..=6 => 18,
        7..=14 => 13,
        _ => 8,
    };
    let page = Page {
        graph,
        layout,
        marks,
        prefix,
        folder,
        places: layout.rows.iter().enumerate().map(|(place, row)| (row.revision, place)).collect(),
        gap,
    };
    let here = layout.rows.iter().position(|row| marks.of(graph.id(row.revision)) == Mark::Current);
    html! {
        div.title {
            h2 { "Revisions " span.soft { (graph.len()) ", newest first" } }
            ul.legend {
                @if marks.knows_pending() {
                    li { (sample(Mark::Applied)) "applied" }
                    li { (sample(Mark::Current)) @if let Some(here) = here { a href=(format!("#{prefix}-r{here}")) { "the database is here" } } @else { "the database is here" } }
                    li { (sample(Mark::Pending)) "pending" }
                } @else {
                    li { (sample(Mark::Unknown)) "not known whether applied" }
                }
            }
        }
        @if layout.rows.is_empty() {
            p.soft { "There are no revisions yet." }
        } @else {
            ol.graph tabindex="0" aria-label="Revisions, newest first" style=(format!("--lanes:{}px", page.width())) { (page.rows()) }
        }
    }
}

impl Page<'_> {
    fn width(&self) -> usize {
        self.layout.width.max(1) * self.gap + 6
    }

    fn x(&self, lane: usize) -> usize {
        3 + self.gap / 2 + lane * self.gap
    }

    fn rows(&self) -> Markup {
        let rows = &self.layout.rows;
        let mut out = String::new();
        let mut at = 0;
        while at < rows.len() {
            let run = self.run(at);
            if run.len() < LONG {
                for place in run.clone() {
                    out.push_str(&self.row(place).into_string());
                }
            } else {
                let folded = run.start + SEEN..run.end - SEEN;
                for place in run.start..folded.start {
                    out.push_str(&self.row(place).into_string());
                }
                out.push_str(&self.fold(folded.clone()).into_string());
                for place in folded.end..run.end {
                    out.push_str(&self.row(place).into_string());
                }
            }
            at = run.end;
        }
        PreEscaped(out)
    }

    /// The rows from `start` on that differ in nothing but their revision; at least one.
    fn run(&self, start: usize) -> Range<usize> {
        let rows = &self.layout.rows;
        let first = &rows[start];
        let mut end = start + 1;
        if self.is_plain(first) {
            let mark = self.mark(first);
            while end < rows.len()
                && self.is_plain(&rows[end])
                && self.mark(&rows[end]) == mark
                && lanes(&rows[end]) == lanes(first)
                && rows[end].lane == first.lane
            {
                end += 1;
            }
        }
        start..end
    }

    /// Whether a row is one of many: a line comes in and leaves, nothing is to be said of it.
    fn is_plain(&self, row: &Row) -> bool {
        let header = self.graph.header(row.revision);
        row.comes_from_above() && !row.bends() && !self.graph.is_base(row.revision) && header.branch_labels.is_empty() && self.mark(row) != Mark::Current
    }

    fn mark(&self, row: &Row) -> Mark {
        self.marks.of(self.graph.id(row.revision))
    }

    fn fold(&self, places: Range<usize>) -> Markup {
        let rows = &self.layout.rows;
        let id = |place: usize| self.graph.id(rows[place].revision);
        let word = if self.mark(&rows[places.start]) == Mark::Pending {
            "pending revisions"
        } else {
            "revisions"
        };
        let dates = [places.end - 1, places.start].map(|place| created(self.graph, rows[place].revision));
        let mut lines = String::new();
        for edge in &rows[places.start].edges {
            let dashed = if edge.from == rows[places.start].lane { " dots" } else { "" };
            let _ = write!(
                lines,
                "<path class=\"l{}{dashed}\" d=\"M{x} 0V{HEIGHT}\"/>",
                edge.from % COLORS,
                x = self.x(edge.from)
            );
        }
        html! {
            li.fold {
                details {
                    summary {
                        (self.svg("slice", &lines))
                        span.what { "… " (places.len()) " " (word) ", " code { (id(places.end - 1)) } " to " code { (id(places.start)) } }
                        @if let [Some(from), Some(to)] = &dates { time { (from) " – " (to) } }
                    }
                    ol { @for place in places.clone() { (self.row(place)) } }
                }
            }
        }
    }

    fn row(&self, place: usize) -> Markup {
        let row = &self.layout.rows[place];
        let header = self.graph.header(row.revision);
        let mark = self.mark(row);
        let class = match mark {
            Mark::Current => "current",
            Mark::Pending => "pending",
            Mark::Applied | Mark::Unknown => "",
        };
        let summary = header.summary();
        html! {
            li class=(class) id=(format!("{}-r{place}", self.prefix)) {
                details {
                    summary title=(self.hint(row.revision)) {
                        (self.slice(row, mark))
                        code { (header.id) }
                        span.what { (summary) }
                        span.tags {
                            @match mark {
                                Mark::Current => span.tag.here { "here" },
                                Mark::Pending => span.tag.waits { "pending" },
                                Mark::Applied | Mark::Unknown => {},
                            }
                            @if self.graph.is_head(row.revision) { span.tag { (if self.graph.is_effective_head(row.revision) { "head" } else { "effective head" }) } }
                            @for label in &header.branch_labels { span.tag.label { (label) } }
                        }
                        @if let Some(created) = created(self.graph, row.revision) { time { (created) } }
                    }
                    (self.details(row))
                }
            }
        }
    }

    fn details(&self, row: &Row) -> Markup {
        let graph = self.graph;
        let header = graph.header(row.revision);
        let children: Vec<Index> = graph.next(row.revision).to_vec();
        html! {
            div.more {
                (self.svg_tail(row))
                dl {
                    @if !header.summary().is_empty() { dt { "Message" } dd.message { (message(&header.doc)) } }
                    dt { "Follows" }
                    dd { @if header.down_revisions.is_empty() { "nothing: it is a base" } @else { (self.links(graph.downs(row.revision))) } }
                    @if !header.depends_on.is_empty() { dt { "Depends on" } dd { (header.depends_on.join(", ")) } }
                    @if !children.is_empty() { dt { "Followed by" } dd { (self.links(&children)) } }
                    dt { "File" } dd { code { (self.file(row.revision)) } }
                }
            }
        }
    }

    fn file(&self, at: Index) -> &str {
        let source = &self.graph.header(at).source;
        source.strip_prefix(self.folder).map_or(source.as_str(), |rest| rest.trim_start_matches('/'))
    }

    /// What a pointer over the row is told.
    fn hint(&self, at: Index) -> String {
        let lines = [
            Some(self.graph.header(at).summary().to_owned()),
            Some(self.file(at).to_owned()),
            created(self.graph, at),
        ];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn links(&self, revisions: &[Index]) -> Markup {
        html! {
            @for (number, at) in revisions.iter().enumerate() {
                @if number > 0 { ", " }
                @if let Some(place) = self.places.get(at) { a href=(format!("#{}-r{place}", self.prefix)) { code { (self.graph.id(*at)) } } } @else { code { (self.graph.id(*at)) } }
            }
        }
    }

    /// A row's part of the drawing.
    fn slice(&self, row: &Row, mark: Mark) -> Markup {
        let middle = HEIGHT / 2;
        let mut lines = String::new();
        let straight = |lane: usize| row.edges.iter().any(|edge| edge.from == lane && edge.to == lane);
        for (lane, line) in row.above.iter().enumerate() {
            let Some(line) = line else { continue };
            let end = if lane != row.lane && straight(lane) { HEIGHT } else { middle };
            self.path(&mut lines, lane, line.dependency, &format!("M{} 0V{end}", self.x(lane)));
        }
        for edge in &row.edges {
            let (from, to) = (self.x(edge.from), self.x(edge.to));
            if edge.from != edge.to {
                let color = if edge.from == row.lane { edge.to } else { edge.from };
                let (down, up) = (middle + 11, middle + 5);
                self.path(
                    &mut lines,
                    color,
                    edge.dependency,
                    &format!("M{from} {middle}C{from} {down} {to} {up} {to} {HEIGHT}"),
                );
            } else if edge.from == row.lane {
                self.path(&mut lines, edge.from, edge.dependency, &format!("M{from} {middle}V{HEIGHT}"));
            }
        }
        let (x, middle) = (self.x(row.lane), middle);
        lines.push_str(&node(x, middle, mark));
        self.svg("slice", &lines)
    }

    /// The lines beside a row's details: those that leave it.
    fn svg_tail(&self, row: &Row) -> Markup {
        let mut lines = String::new();
        for edge in &row.edges {
            self.path(&mut lines, edge.to, edge.dependency, &format!("M{} 0V1", self.x(edge.to)));
        }
        let width = self.width();
        PreEscaped(format!(
            "<svg class=\"tail\" width=\"{width}\" viewBox=\"0 0 {width} 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{lines}</svg>"
        ))
    }

    fn path(&self, out: &mut String, lane: usize, dependency: bool, path: &str) {
        let dashed = if dependency { " dep" } else { "" };
        let _ = write!(out, "<path class=\"l{}{dashed}\" d=\"{path}\"/>", lane % COLORS);
    }

    fn svg(&self, class: &str, inside: &str) -> Markup {
        let width = self.width();
        PreEscaped(format!(
            "<svg class=\"{class}\" width=\"{width}\" height=\"{HEIGHT}\" viewBox=\"0 0 {width} {HEIGHT}\" aria-hidden=\"true\">{inside}</svg>"
        ))
    }
}

/// The lanes that lines come in by.
fn lanes(row: &Row) -> Vec<Option<bool>> {
    row.above.iter().map(|lane| lane.map(|lane| lane.dependency)).collect()
}

/// A revision's sign; they differ in shape, too.
fn node(x: usize, y: usize, mark: Mark) -> String {
    match mark {
        Mark::Applied => format!("<circle class=\"n\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>"),
        Mark::Unknown => format!("<circle class=\"n u\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>"),
        Mark::Pending => format!("<circle class=\"n p\" cx=\"{x}\" cy=\"{y}\" r=\"4.5\"/>"),
        Mark::Current => format!("<circle class=\"n c\" cx=\"{x}\" cy=\"{y}\" r=\"7.5\"/><circle class=\"n d\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>"),
    }
}

fn sample(mark: Mark) -> Markup {
    PreEscaped(format!(
        "<svg width=\"18\" height=\"18\" viewBox=\"0 0 18 18\" aria-hidden=\"true\">{}</svg>",
        node(9, 9, mark)
    ))
}

/// The day a script says it was made.
fn created(graph: &Graph, at: Index) -> Option<String> {
    let line = graph.header(at).doc.lines().find_map(|line| line.trim().strip_prefix("Create Date:"))?;
    let day = line.split_whitespace().next()?;
    (day.len() == 10).then(|| day.to_owned())
}

/// The docstring without the lines that Alembic writes into it.
fn message(doc: &str) -> String {
    let written = ["Revision ID:", "Revises:", "Create Date:"];
    let lines: Vec<&str> = doc
        .lines()
        .filter(|line| !written.iter().any(|word| line.trim_start().starts_with(word)))
        .collect();
    lines.join("\n").trim().to_owned()
}
