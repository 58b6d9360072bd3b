//! The page: what it says, and that nothing on it is more than text.

use limbeck_report::graph::layout;
use limbeck_report::{Database, Drift, Facts, Log, PendingSql, Position, Problem, Run, RunRevision, Step, page};
use limbeck_revision::{Graph, Index, RevisionHeader};

const HOSTILE: &str = "</title></style></svg><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;";

fn header(id: &str, downs: &[&str]) -> RevisionHeader {
    RevisionHeader {
        id: id.to_owned(),
        down_revisions: downs.iter().map(|down| (*down).to_owned()).collect(),
        doc: format!("makes {id}\n\nRevision ID: {id}\nCreate Date: 2026-01-31 08:00:00"),
        source: format!("versions/{id}.py"),
        ..RevisionHeader::default()
    }
}

fn drawn(facts: &Facts, headers: Vec<RevisionHeader>) -> String {
    let graph = Graph::build(headers).graph.expect("a history");
    let revisions: Vec<Index> = graph.history(None, None).expect("all of it");
    page(facts, &graph, &layout(&graph, &revisions))
}

fn at(current: &[&str], pending: &[&str]) -> Position {
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    Position::Known {
        current: owned(current),
        unknown: Vec::new(),
        applied: 1,
        pending: Some(owned(pending)),
        versioned: true,
    }
}

fn facts(database: Database) -> Facts {
    Facts {
        project: "/srv/app".to_owned(),
        made_at: "2026-01-31".to_owned(),
        made_by: "limbeck".to_owned(),
        program: "limbeck".to_owned(),
        databases: vec![database],
        log: Log::default(),
    }
}

#[test]
fn nothing_that_others_wrote_is_more_than_text() {
    let hostile = || HOSTILE.to_owned();
    let database = Database {
        label: hostile(),
        server: Some(hostile()),
        position: at(&["a"], &["b"]),
        problems: vec![Problem {
            check: hostile(),
            warning: false,
            title: hostile(),
            evidence: vec![hostile()],
            cause: hostile(),
            difference: Some(format!("+{HOSTILE}\n-{HOSTILE}\n{HOSTILE}")),
            command: Some(hostile()),
            notes: vec![hostile()],
        }],
        drift: Drift::Found { objects: 1, text: hostile() },
        sql: PendingSql {
            dialect: "postgresql".to_owned(),
            steps: vec![Step {
                revision: "b".to_owned(),
                sql: format!("DROP TABLE users; SELECT $${HOSTILE}$$; -- {HOSTILE}"),
                problem: Some(hostile()),
                recorded: Some(hostile()),
            }],
            problem: Some(hostile()),
        },
        last_run: Some(hostile()),
    };
    let mut facts = facts(database);
    facts.project = format!("/srv/{HOSTILE}");
    facts.made_by = hostile();
    facts.made_at = hostile();
    facts.program = hostile();
    facts.log = Log {
        path: Some(hostile()),
        runs: vec![Run {
            at: hostile(),
            who: hostile(),
            database: hostile(),
            command: hostile(),
            revisions: vec![
                RunRevision {
                    revision: hostile(),
                    took: hostile(),
                    bad: true
                };
                2
            ],
            duration_ms: Some(3),
            took: hostile(),
            outcome: Some("failed".to_owned()),
            error: Some(hostile()),
        }],
        older: 3,
        problem: Some(hostile()),
    };
    let mut b = header("b", &["a"]);
    b.doc = hostile();
    b.source = hostile();
    b.branch_labels = vec![hostile()];
    let page = drawn(&facts, vec![header("a", &[]), b]);
    assert!(page.matches("alert(1)").count() > 20);
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    // The style and the title end where we end them.
    assert_eq!((page.matches("</style>").count(), page.matches("</title>").count()), (1, 2));
}

#[test]
fn the_page_needs_no_network() {
    let page = drawn(
        &facts(Database {
            position: at(&["a"], &[]),
            ..Database::default()
        }),
        vec![header("a", &[])],
    );
    for word in ["http://", "https://", "<link", "@import", "url(", "src=", "<script"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("lang=\"en\"") && page.contains("name=\"viewport\"") && page.contains("<main>"));
}

#[test]
fn risky_statements_are_marked_with_a_reason() {
    let database = Database {
        position: at(&["a"], &["b"]),
        sql: PendingSql {
            dialect: "postgresql".to_owned(),
            steps: vec![Step {
                revision: "b".to_owned(),
                sql: "-- Running upgrade a -> b\n\nCREATE TABLE t (id INT);\n\nCREATE INDEX i ON t (id);\n\nCREATE INDEX j ON users (id);\n\n".to_owned(),
                ..Step::default()
            }],
            problem: None,
        },
        ..Database::default()
    };
    let page = drawn(&facts(database), vec![header("a", &[]), header("b", &["a"])]);
    assert!(page.contains("<mark>CREATE INDEX j ON users (id);</mark>"), "{page}");
    assert_eq!(page.matches("<mark>").count(), 1);
    assert!(page.contains("1 statement deserves a look first."));
    assert!(
        page.contains("CREATE TABLE t (id INT);\n\nCREATE INDEX i ON t (id);\n\n"),
        "the text is as it was printed"
    );
}

#[test]
fn the_verdict_is_in_words() {
    let cases = [
        (at(&["a"], &[]), "Up to date"),
        (at(&[], &["a"]), "1 revision is pending"),
        (Position::Unknown { why: "no server".to_owned() }, "The database could not be asked"),
        (
            Position::Known {
                current: vec!["z".to_owned()],
                unknown: vec!["z".to_owned()],
                applied: 0,
                pending: None,
                versioned: true,
            },
            "The database is at a revision this project does not have",
        ),
    ];
    for (position, words) in cases {
        let page = drawn(
            &facts(Database {
                position,
                ..Database::default()
            }),
            vec![header("a", &[])],
        );
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn long_lines_are_folded_and_nothing_is_left_out() {
    let headers: Vec<RevisionHeader> = (0..5000)
        .map(|number| {
            let parent = format!("r{}", number - 1);
            header(
                &format!("r{number}"),
                if number == 0 { &[] } else { std::slice::from_ref(&parent) }
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .as_slice(),
            )
        })
        .collect();
    let started = std::time::Instant::now();
    let page = drawn(
        &facts(Database {
            position: at(&["r4990"], &["r4991"]),
            ..Database::default()
        }),
        headers,
    );
    println!("{} bytes in {:?}", page.len(), started.elapsed());
    assert!(page.contains("class=\"fold\""));
    for number in [0, 1, 2500, 4999] {
        assert_eq!(page.matches(&format!("<code>versions/r{number}.py</code>")).count(), 1, "{number}");
    }
    assert!(page.len() < 8_000_000, "{}", page.len());
}

#[test]
fn a_history_of_nothing() {
    let page = drawn(
        &facts(Database {
            position: at(&[], &[]),
            ..Database::default()
        }),
        Vec::new(),
    );
    assert!(page.contains("There are no revisions yet."));
}

#[test]
fn several_databases_have_a_part_each_and_no_id_twice() {
    let mut two = facts(Database {
        label: "sqlite:///one.db".to_owned(),
        position: at(&["a"], &[]),
        ..Database::default()
    });
    two.databases.push(Database {
        label: "sqlite:///two.db".to_owned(),
        position: Position::Unknown { why: "locked".to_owned() },
        problems: vec![Problem {
            title: "something".to_owned(),
            warning: true,
            ..Problem::default()
        }],
        ..Database::default()
    });
    let page = drawn(&two, vec![header("a", &[])]);
    assert!(page.contains("one.db") && page.contains("two.db") && page.contains("locked"));
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for id in &ids {
        assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id}");
    }
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&link), "{link} leads nowhere");
    }
}
