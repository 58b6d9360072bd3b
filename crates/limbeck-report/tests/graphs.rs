//! Graphs as the terminal shows them. Each history is written newest first as `id: downs | dependencies`.

use limbeck_report::graph::layout;
use limbeck_report::terminal::{Drawing, Mark, Text, draw};
use limbeck_revision::{Graph, Index, RevisionHeader};

fn graph(text: &str) -> Graph {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let headers = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (id, rest) = line.split_once(':').unwrap_or((line, ""));
        let (downs, depends) = rest.split_once('|').unwrap_or((rest, ""));
        RevisionHeader {
            id: id.to_owned(),
            down_revisions: words(downs),
            depends_on: words(depends),
            doc: format!("makes {id}"),
            ..RevisionHeader::default()
        }
    });
    Graph::build(headers.collect()).graph.expect("a history")
}

fn drawn_with(text: &str, drawing: Drawing, beside: &dyn Fn(&Graph, Index) -> Text) -> String {
    let graph = graph(text);
    let revisions: Vec<Index> = graph.indices().collect();
    draw(&layout(&graph, &revisions), drawing, &|at| beside(&graph, at))
}

fn only_id(graph: &Graph, at: Index) -> Text {
    Text {
        id: graph.id(at).to_owned(),
        ..Text::default()
    }
}

#[track_caller]
fn shows(text: &str, wanted: &str) {
    let drawn = drawn_with(text, Drawing::default(), &only_id);
    let wanted: Vec<&str> = wanted
        .trim_matches('\n')
        .lines()
        .map(|line| line.strip_prefix("        ").unwrap_or(line))
        .collect();
    assert_eq!(drawn.trim_end(), wanted.join("\n").trim_end(), "\n{drawn}");
}

#[test]
fn a_line() {
    shows(
        "c: b\n b: a\n a",
        "
        ●  c
        ●  b
        ●  a
        ",
    );
}

#[test]
fn a_branch_and_its_merge() {
    shows(
        "e: d\n d: b c\n c: a\n b: a\n a",
        "
        ●  e
        ●  d
        ├─╮
        │ ●  c
        ● │  b
        ├─╯
        ●  a
        ",
    );
}

#[test]
fn two_bases() {
    shows(
        "d: c\n c\n b: a\n a",
        "
        ●  d
        ●  c

        ●  b
        ●  a
        ",
    );
}

#[test]
fn two_bases_merged() {
    shows(
        "m: b d\n d: c\n c\n b: a\n a",
        "
        ●  m
        ├─╮
        │ ●  d
        │ ●  c
        ●  b
        ●  a
        ",
    );
}

#[test]
fn a_dependency_is_dashed() {
    shows(
        "d: c | b\n c\n b: a\n a",
        "
        ●  d
        ├┄╮
        │ ●  b
        │ ●  a
        ●  c
        ",
    );
}

#[test]
fn a_dependency_of_every_revision() {
    shows(
        "d3: d2 | b\n d2: d1 | b\n d1: d0\n d0\n c: b\n b: a\n a",
        "
        ●  d3
        ●  d2
        ├┄╮
        ● ┊  d1
        ● ┊  d0
          ┊
        ● ┊  c
        ├┄╯
        ●  b
        ●  a
        ",
    );
}

#[test]
fn an_octopus() {
    shows(
        "m: b c d e\n e: a\n d: a\n c: a\n b: a\n a",
        "
        ●  m
        ├─┬─┬─╮
        │ │ │ ●  e
        │ │ ● │  d
        │ │ ├─╯
        │ ● │  c
        │ ├─╯
        ● │  b
        ├─╯
        ●  a
        ",
    );
}

#[test]
fn three_branches_that_cross() {
    shows(
        "m2: x2 z2\n m1: y2 x2\n m3: z2 y2\n x2: x1\n y2: y1\n z2: z1\n x1: a\n y1: a\n z1: a\n a",
        "
        ●  m2
        ├─╮
        │ │ ●  m1
        ├─│─┤
        ● │ │  x2
        ● │ │  x1
        │ │ │ ●  m3
        │ ├─┼─╯
        │ │ ●  y2
        │ │ ●  y1
        ├─│─╯
        │ ●  z2
        │ ●  z1
        ├─╯
        ●  a
        ",
    );
}

#[test]
fn many_branches_of_one_revision() {
    shows(
        "b5: a\n b4: a\n b3: a\n b2: a\n b1: a\n a",
        "
        ●  b5
        │ ●  b4
        ├─╯
        │ ●  b3
        ├─╯
        │ ●  b2
        ├─╯
        │ ●  b1
        ├─╯
        ●  a
        ",
    );
}

#[test]
fn a_branch_of_a_branch() {
    shows(
        "e: d\n d: b\n f: c\n c: b\n b: a\n g: a\n a",
        "
        ●  e
        ●  d
        │ ●  f
        │ ●  c
        ├─╯
        ●  b
        │ ●  g
        ├─╯
        ●  a
        ",
    );
}

#[test]
fn a_line_that_passes_a_merge() {
    shows(
        "z: y\n y: w\n m: b c\n c: a\n b: a\n a: w\n w",
        "
        ●  z
        ●  y
        │ ●  m
        │ ├─╮
        │ │ ●  c
        │ ● │  b
        │ ├─╯
        │ ●  a
        ├─╯
        ●  w
        ",
    );
}

#[test]
fn a_merge_with_what_goes_on() {
    shows(
        "h: m\n k: a\n m: b c\n c: a\n b: a\n a",
        "
        ●  h
        ●  m
        ├─╮
        │ ●  c
        ● │  b
        ├─╯
        │ ●  k
        ├─╯
        ●  a
        ",
    );
}

#[test]
fn nothing() {
    shows("", "");
}

/// Beside each revision its message; `b` is where the database is, `c` and later are pending.
fn beside(graph: &Graph, at: Index) -> Text {
    let id = graph.id(at);
    Text {
        mark: match id {
            "a" => Mark::Plain,
            "b" => Mark::Current,
            _ => Mark::Pending,
        },
        id: id.to_owned(),
        notes: if graph.is_head(at) { vec!["head".to_owned()] } else { Vec::new() },
        message: graph.header(at).summary().to_owned(),
        more: vec![format!("file {id}.py")],
    }
}

const HISTORY: &str = "d: b c\n c: a\n b: a\n a";

#[test]
fn marks_and_further_lines() {
    let drawn = drawn_with(HISTORY, Drawing::default(), &beside);
    let wanted = "○  d (head) makes d\n│  file d.py\n├─╮\n│ ○  c makes c\n│ │  file c.py\n◉ │  b makes b\n│ │  file b.py\n├─╯\n●  a makes a\n   file a.py\n";
    assert_eq!(drawn, wanted, "\n{drawn}");
}

#[test]
fn ascii() {
    let drawing = Drawing {
        ascii: true,
        ..Drawing::default()
    };
    let drawn = drawn_with("e: d | x\n d: b c\n c: a\n b: a\n a\n x", drawing, &only_id);
    let wanted = "*  e\n+..\n| *  x\n*  d\n+-.\n| *  c\n* |  b\n+-'\n*  a\n";
    assert_eq!(drawn, wanted, "\n{drawn}");
}

#[test]
fn lines_end_where_the_terminal_does() {
    for width in 0..30 {
        let drawing = Drawing {
            width: Some(width),
            ..Drawing::default()
        };
        for line in drawn_with(HISTORY, drawing, &beside).lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}");
        }
    }
    let drawing = Drawing {
        width: Some(12),
        ..Drawing::default()
    };
    assert!(drawn_with(HISTORY, drawing, &beside).contains("│ ○  c make…\n"));
}

#[test]
fn without_colours_a_coloured_drawing_is_the_same() {
    for width in [None, Some(12)] {
        let plain = Drawing { width, ..Drawing::default() };
        let colored = drawn_with(HISTORY, Drawing { color: true, ..plain }, &beside);
        assert!(colored.contains("\u{1b}[1;32m◉\u{1b}[0m"));
        let mut bare = String::new();
        let mut escape = false;
        for character in colored.chars() {
            match character {
                '\u{1b}' => escape = true,
                'm' if escape => escape = false,
                _ if escape => {}
                other => bare.push(other),
            }
        }
        assert_eq!(bare, drawn_with(HISTORY, plain, &beside));
    }
}

#[test]
fn a_part_of_a_history_says_where_it_goes_on() {
    let graph = graph("c: b\n b: a\n a");
    let part: Vec<Index> = graph.indices().filter(|at| graph.id(*at) != "a").collect();
    let rows = layout(&graph, &part).rows;
    assert_eq!(rows.iter().map(|row| row.goes_on).collect::<Vec<_>>(), [false, true]);
}

/// Five thousand revisions: a line with a branch of three every ten revisions.
#[test]
fn five_thousand_revisions_are_narrow_and_quick() {
    let mut text = String::from("r0\n");
    for number in 1..4000 {
        let branch = if number % 10 == 0 { format!(" s{number}c") } else { String::new() };
        text.push_str(&format!("r{number}: r{}{branch}\n", number - 1));
        if number % 10 == 0 {
            let from = number - 5;
            text.push_str(&format!("s{number}a: r{from}\ns{number}b: s{number}a\ns{number}c: s{number}b\n"));
        }
    }
    let graph = graph(&text);
    let revisions: Vec<Index> = graph.indices().collect();
    assert!(revisions.len() > 5000);
    let started = std::time::Instant::now();
    let layout = layout(&graph, &revisions);
    let drawn = draw(&layout, Drawing::default(), &|at| only_id(&graph, at));
    let took = started.elapsed();
    assert_eq!(layout.width, 2);
    assert_eq!(layout.rows.len(), revisions.len());
    assert!(drawn.lines().count() < revisions.len() * 2);
    println!("{} revisions in {took:?}", revisions.len());
    // Twenty times what it takes without optimisation on a busy machine.
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
}
