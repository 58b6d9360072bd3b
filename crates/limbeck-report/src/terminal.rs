//! The graph with box characters, as `history --graph` shows it.

use crate::graph::{Layout, Row};
use limbeck_revision::Index;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drawing {
    /// Nothing beyond ASCII.
    pub ascii: bool,
    /// With colours.
    pub color: bool,
    /// Cut lines at this width.
    pub width: Option<usize>,
}

/// Where a revision is, seen from the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Applied, or nobody asked.
    #[default]
    Plain,
    /// The database is here.
    Current,
    /// Not applied yet.
    Pending,
}

/// What stands beside a revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// How its node is drawn.
    pub mark: Mark,
    /// Its id.
    pub id: String,
    /// What it is: its labels, that it is a head.
    pub notes: Vec<String>,
    /// Its message, on one line.
    pub message: String,
    /// Further lines.
    pub more: Vec<String>,
}

/// The characters of a drawing.
struct Glyphs {
    plain: char,
    current: char,
    pending: char,
    vertical: [char; 2],
    horizontal: [char; 2],
    /// By [`UP`], [`DOWN`], [`LEFT`] and [`RIGHT`].
    joint: fn(u8) -> char,
    ellipsis: &'static str,
}

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

const UNICODE: Glyphs = Glyphs {
    plain: '●',
    current: '◉',
    pending: '○',
    vertical: ['│', '┊'],
    horizontal: ['─', '┄'],
    joint: |sides| match sides {
        3 => '│',
        5 => '╯',
        6 => '╮',
        7 => '┤',
        9 => '╰',
        10 => '╭',
        11 => '├',
        12 => '─',
        13 => '┴',
        14 => '┬',
        15 => '┼',
        _ => ' ',
    },
    ellipsis: "…",
};

const ASCII: Glyphs = Glyphs {
    plain: '*',
    current: '@',
    pending: 'o',
    vertical: ['|', ':'],
    horizontal: ['-', '.'],
    joint: |sides| match sides {
        3 => '|',
        5 | 9 => '\'',
        6 | 10 => '.',
        12 => '-',
        7 | 11 | 13..=15 => '+',
        _ => ' ',
    },
    ellipsis: "...",
};

/// Colours that lanes take in turn.
const LANES: [u8; 6] = [34, 35, 36, 33, 32, 31];

/// Returns the drawing, one line for each revision and one below where lines change lanes; ends in a newline unless it is empty.
pub fn draw(layout: &Layout, drawing: Drawing, text: &dyn Fn(Index) -> Text) -> String {
    let glyphs = if drawing.ascii { &ASCII } else { &UNICODE };
    let pen = Pen { glyphs, drawing };
    let mut out = String::new();
    let mut before: Option<&Row> = None;
    for row in &layout.rows {
        // Nothing leads from the base above to this head, so there is a gap between them.
        if before.is_some_and(|before| before.lane == row.lane && !row.comes_from_above() && !before.bends()) {
            pen.line(&mut out, &pen.above(row), &[]);
        }
        before = Some(row);
        let beside = text(row.revision);
        let mut words = vec![(pen.id(&beside), beside.id.width())];
        for note in &beside.notes {
            words.push((pen.paint(&format!("({note})"), "33"), note.width() + 2));
        }
        words.push((beside.message.clone(), beside.message.width()));
        pen.line(&mut out, &pen.node(row, beside.mark), &words);
        if !beside.more.is_empty() {
            let lines = pen.passing(row);
            for more in &beside.more {
                pen.line(&mut out, &lines, &[(pen.paint(more, "2"), more.width())]);
            }
        }
        if row.bends() {
            pen.line(&mut out, &pen.bend(row), &[]);
        }
    }
    out
}

/// The signs of a drawing, for a legend: applied, current, pending.
pub fn signs(ascii: bool) -> [char; 3] {
    let glyphs = if ascii { &ASCII } else { &UNICODE };
    [glyphs.plain, glyphs.current, glyphs.pending]
}

/// A character of the drawing, with the lane that colours it.
type Cell = (char, usize);

struct Pen<'a> {
    glyphs: &'a Glyphs,
    drawing: Drawing,
}

impl Pen<'_> {
    /// The lines that come down to the revision and past it.
    fn above(&self, row: &Row) -> Vec<Cell> {
        let mut cells = blank(row.above.len().max(row.lane + 1));
        for (lane, line) in row.above.iter().enumerate() {
            if let Some(line) = line {
                cells[lane * 2] = (self.glyphs.vertical[usize::from(line.dependency)], lane);
            }
        }
        cells
    }

    /// The row with the revision itself.
    fn node(&self, row: &Row, mark: Mark) -> Vec<Cell> {
        let mut cells = self.above(row);
        cells[row.lane * 2] = match mark {
            Mark::Plain => (self.glyphs.plain, row.lane),
            Mark::Current => (self.glyphs.current, CURRENT),
            Mark::Pending => (self.glyphs.pending, PENDING),
        };
        cells
    }

    /// The lines that go on below the revision, before they bend.
    fn passing(&self, row: &Row) -> Vec<Cell> {
        let mut cells = blank(row.edges.iter().map(|edge| edge.from + 1).max().unwrap_or(0).max(row.lane + 1));
        for lane in row.edges.iter().map(|edge| edge.from) {
            let dependency = row.edges.iter().filter(|edge| edge.from == lane).all(|edge| edge.dependency);
            cells[lane * 2] = (self.glyphs.vertical[usize::from(dependency)], lane);
        }
        cells
    }

    /// The row in which lines change lanes.
    fn bend(&self, row: &Row) -> Vec<Cell> {
        let lanes = row.edges.iter().map(|edge| edge.from.max(edge.to) + 1).max().unwrap_or(0);
        let mut sides = vec![0u8; lanes];
        let mut straight: Vec<Option<bool>> = vec![None; lanes];
        let mut cells = blank(lanes);
        for edge in row.edges.iter().filter(|edge| edge.from == edge.to) {
            sides[edge.from] |= UP | DOWN;
            straight[edge.from] = Some(edge.dependency);
        }
        let bent: Vec<_> = row.edges.iter().filter(|edge| edge.from != edge.to).collect();
        // Dashes first, so that a full line over the same cells stays one.
        for dependency in [true, false] {
            for edge in bent.iter().filter(|edge| edge.dependency == dependency) {
                let (left, right) = (edge.from.min(edge.to), edge.from.max(edge.to));
                let color = if edge.from == row.lane { edge.to } else { edge.from };
                sides[edge.from] |= UP;
                sides[edge.to] |= DOWN;
                sides[left] |= RIGHT;
                sides[right] |= LEFT;
                for cell in &mut cells[left * 2 + 1..right * 2] {
                    *cell = (self.glyphs.horizontal[usize::from(dependency)], color);
                }
            }
        }
        for (lane, sides) in sides.into_iter().enumerate() {
            // What another line only passes keeps its own.
            cells[lane * 2] = match (sides, straight[lane]) {
                (0, _) => continue,
                (3, Some(dependency)) => (self.glyphs.vertical[usize::from(dependency)], lane),
                _ => {
                    let through = bent.iter().any(|edge| edge.from.min(edge.to) < lane && lane < edge.from.max(edge.to));
                    ((self.glyphs.joint)(if through { sides | LEFT | RIGHT } else { sides }), lane)
                }
            };
        }
        cells
    }

    /// Writes a line: the drawing, then words, cut where the width ends.
    fn line(&self, out: &mut String, cells: &[Cell], words: &[(String, usize)]) {
        let mut cells = cells;
        while words.is_empty()
            && let Some(((' ', _), rest)) = cells.split_last()
        {
            cells = rest;
        }
        let width = self.drawing.width.unwrap_or(usize::MAX);
        // Where there are more lanes than the terminal is wide, the rightmost ones are not seen.
        let cells = &cells[..cells.len().min(width)];
        for (character, lane) in cells {
            let text = character.to_string();
            out.push_str(&match *lane {
                _ if *character == ' ' => text,
                CURRENT => self.paint(&text, "1;32"),
                PENDING => self.paint(&text, "1;33"),
                lane => self.paint(&text, &LANES[lane % LANES.len()].to_string()),
            });
        }
        let mut room = width.saturating_sub(cells.len());
        for (at, (painted, wide)) in words.iter().enumerate().filter(|(_, (_, wide))| *wide > 0) {
            let gap = if at == 0 { 2 } else { 1 };
            if room < gap + *wide.min(&4) {
                break;
            }
            out.push_str(&" ".repeat(gap));
            room -= gap;
            if *wide > room {
                out.push_str(&cut(painted, room, self.glyphs.ellipsis));
                break;
            }
            out.push_str(painted);
            room -= wide;
        }
        out.push('\n');
    }

    fn id(&self, text: &Text) -> String {
        match text.mark {
            Mark::Plain => self.paint(&text.id, "1"),
            Mark::Current => self.paint(&text.id, "1;32"),
            Mark::Pending => self.paint(&text.id, "1;33"),
        }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.drawing.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Stands for a lane where the colour is not a lane's.
const CURRENT: usize = usize::MAX;
const PENDING: usize = usize::MAX - 1;

fn blank(lanes: usize) -> Vec<Cell> {
    vec![(' ', 0); (lanes * 2).saturating_sub(1)]
}

/// Cuts a text at a width; its colours do not count and end with it.
fn cut(text: &str, width: usize, ellipsis: &str) -> String {
    let room = width.saturating_sub(ellipsis.width());
    let mut out = String::new();
    let mut used = 0;
    let mut escape = false;
    let mut colored = false;
    for character in text.chars() {
        if character == '\u{1b}' {
            escape = true;
            colored = true;
        } else if escape {
            escape = character != 'm';
        } else {
            used += character.width().unwrap_or(0);
            if used > room {
                break;
            }
        }
        out.push(character);
    }
    out.push_str(if ellipsis.width() <= width { ellipsis } else { "" });
    if colored {
        out.push_str("\u{1b}[0m");
    }
    out
}
