//! The rules one by one, on graphs small enough to read, and what people are told when something is wrong.
//!
//! A graph is written as in `"b < a !dep @label"`: revision `b` follows `a`, depends on `dep`, carries `label`.

use limbeck_revision::{Built, Graph, GraphError, Index, RevisionHeader, RowChange, Steps, Target, VersionRows};
use limbeck_source::{Diagnose, Style, render};

fn header(line: &str) -> RevisionHeader {
    let mut header = RevisionHeader::default();
    let mut words = line.split_whitespace();
    header.id = words.next().expect("a revision has an id").to_owned();
    let list = |words: &str| words.split(',').map(str::to_owned).collect::<Vec<_>>();
    while let Some(word) = words.next() {
        match word.split_at(1) {
            ("<", "") => header.down_revisions = list(words.next().expect("a down revision follows <")),
            ("!", names) => header.depends_on = list(names),
            ("@", names) => header.branch_labels = list(names),
            _ => panic!("cannot read {word}"),
        }
    }
    header.doc = format!("step {}", header.id);
    header.source = format!("versions/{}.py", header.id);
    header
}

fn build(lines: &[&str]) -> Built {
    Graph::build(lines.iter().map(|line| header(line)).collect())
}

fn graph(lines: &[&str]) -> Graph {
    build(lines).graph.expect("a sound graph")
}

fn rows(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn ids(graph: &Graph, found: &[Index]) -> String {
    found.iter().map(|at| graph.id(*at)).collect::<Vec<_>>().join(" ")
}

fn found(graph: &Graph, found: Result<Vec<Index>, GraphError>) -> String {
    match found {
        Ok(found) => ids(graph, &found),
        Err(error) => format!("! {}", error.alembic_text()),
    }
}

/// The steps with their row changes: `+row`, `-row`, `from>to`.
fn steps(graph: &Graph, start: &str, steps: Result<Steps, GraphError>) -> String {
    let steps = match steps {
        Ok(steps) => steps.steps,
        Err(error) => return format!("! {}", error.alembic_text()),
    };
    let mut table = VersionRows::new(graph, &rows(start));
    let mut out = Vec::new();
    for step in steps {
        let changes = table.apply(&step).expect("the rows fit");
        let changes: Vec<String> = changes
            .into_iter()
            .map(|change| match change {
                RowChange::Insert(row) => format!("+{row}"),
                RowChange::Delete(row) => format!("-{row}"),
                RowChange::Update { from, to } => format!("{from}>{to}"),
            })
            .collect();
        out.push(format!("{} [{}]", graph.step_text(&step, false), changes.join(" ")));
    }
    out.join("; ")
}

const FORK: &[&str] = &["aa01", "b1aa < aa01 @left", "b2aa < aa01 @right", "b1bb < b1aa", "b2bb < b2aa"];
const LINE: &[&str] = &["ae10", "ae27 < ae10", "bf31 < ae27"];
const DEPENDENT: &[&str] = &["p001 @pay", "p002 < p001", "p003 < p002", "q001 @que", "q002 < q001 !p002", "q003 < q002"];

#[test]
fn names_stand_for_revisions() {
    let cases = [
        (LINE, "head", "bf31"),
        (LINE, "heads", "bf31"),
        (LINE, "base", ""),
        (LINE, "ae10", "ae10"),
        (LINE, "bf", "bf31"),
        (LINE, "ae", "! Can't locate revision identified by 'ae'"),
        (LINE, "zz", "! Can't locate revision identified by 'zz'"),
        (LINE, "head-1", "! Can't locate revision identified by 'head-1'"),
        (FORK, "heads", "b1bb b2bb"),
        (FORK, "left", "b1aa"),
        (FORK, "left@head", "b1bb"),
        (FORK, "left@heads", "b1bb"),
        (FORK, "left@base", ""),
        (FORK, "left@b1bb", "b1bb"),
        (FORK, "left@aa01", "aa01"),
        (FORK, "left@b2bb", "! Can't locate revision identified by 'b2bb'"),
        (FORK, "none@head", "! Can't locate revision identified by 'none'"),
        (DEPENDENT, "heads", "p003 q003"),
        (&["p001", "q001 !p001"], "heads", "q001"),
        (&["ab1", "ab2x < ab1"], "ab", "ab2x"),
        (&["ab1"], "ab", "! Can't locate revision identified by 'ab'"),
        (&[], "head", ""),
    ];
    for (lines, target, expected) in cases {
        let graph = graph(lines);
        assert_eq!(found(&graph, graph.revisions(Target::One(target))), expected, "{target} in {lines:?}");
    }
}

#[test]
fn upgrades() {
    let cases = [
        (
            LINE,
            "",
            "head",
            "upgrade  -> ae10 [+ae10]; upgrade ae10 -> ae27 [ae10>ae27]; upgrade ae27 -> bf31 [ae27>bf31]",
        ),
        (LINE, "ae27", "+1", "upgrade ae27 -> bf31 [ae27>bf31]"),
        (LINE, "", "ae10+1", "upgrade  -> ae10 [+ae10]; upgrade ae10 -> ae27 [ae10>ae27]"),
        (LINE, "bf31", "head", ""),
        (LINE, "ae27", "ae10", ""),
        (LINE, "ae10", "+9", "! Relative revision +9 didn't produce 9 migrations"),
        (LINE, "ae10", "+0", "! Relative revision 0 didn't produce 0 migrations"),
        (
            LINE,
            "ae10 bf31",
            "head",
            "! Requested revision bf31 overlaps with other requested revisions ae10",
        ),
        (FORK, "aa01", "left@head", "upgrade aa01 -> b1aa [aa01>b1aa]; upgrade b1aa -> b1bb [b1aa>b1bb]"),
        (FORK, "b1aa", "right@+1", "upgrade aa01 -> b2aa [+b2aa]"),
        (FORK, "b1aa b2aa", "+1", "! Ambiguous upgrade from multiple current revisions"),
        (FORK, "aa01", "+1", "! Ambiguous walk"),
        (
            DEPENDENT,
            "",
            "q002",
            "upgrade  -> p001 [+p001]; upgrade p001 -> p002 [p001>p002]; upgrade  -> q001 [+q001]; upgrade q001 -> q002 [-q001 p002>q002]",
        ),
        (&["a", "b < a", "c < a", "m < b,c"], "b c", "head", "upgrade b, c -> m [-b c>m]"),
    ];
    for (lines, start, target, expected) in cases {
        let graph = graph(lines);
        let ours = steps(&graph, start, graph.upgrade(&rows(start), Target::One(target)));
        assert_eq!(ours, expected, "{start} to {target} in {lines:?}");
    }
}

#[test]
fn downgrades() {
    let cases = [
        (LINE, "bf31", "-1", "downgrade bf31 -> ae27 [bf31>ae27]"),
        (LINE, "ae27", "base", "downgrade ae27 -> ae10 [ae27>ae10]; downgrade ae10 ->  [-ae10]"),
        (LINE, "bf31", "head-2", "downgrade bf31 -> ae27 [bf31>ae27]; downgrade ae27 -> ae10 [ae27>ae10]"),
        (LINE, "bf31", "-9", "! Relative revision -9 didn't produce 9 migrations"),
        (LINE, "bf31", "ae10-2", "! Walked too far"),
        (LINE, "ae10", "bf31", "! Destination bf31 is not a valid downgrade target from current head(s)"),
        (LINE, "", "-1", "! Relative revision -1 didn't produce 1 migrations"),
        (
            FORK,
            "b1bb b2bb",
            "left@aa01",
            "downgrade b1bb -> b1aa [b1bb>b1aa]; downgrade b1aa -> aa01 [-b1aa]",
        ),
        (&["a", "b < a", "c < a", "m < b,c"], "m", "b", "downgrade m -> b, c [+b m>c]"),
        (&["a", "b < a", "c < a", "m < b,c"], "m", "-1", "! Ambiguous walk"),
    ];
    for (lines, start, target, expected) in cases {
        let graph = graph(lines);
        let ours = steps(&graph, start, graph.downgrade(&rows(start), target));
        assert_eq!(ours, expected, "{start} to {target} in {lines:?}");
    }
    let fork = graph(FORK);
    let ambiguous = fork.downgrade(&rows("b1bb b2bb"), "-1").expect("the first row is taken");
    assert!(ambiguous.warning.is_some_and(|text| text.contains("ambiguous")));
}

#[test]
fn stamps() {
    let cases = [
        (LINE, "", "head", "stamp_revision  -> bf31 [+bf31]"),
        (LINE, "bf31", "ae10", "stamp_revision bf31 -> ae10 [bf31>ae10]"),
        (LINE, "ae10", "bf31", "stamp_revision ae10 -> bf31 [ae10>bf31]"),
        (LINE, "bf31", "base", "stamp_revision bf31 ->  [-bf31]"),
        (FORK, "b1bb", "b2bb", "stamp_revision  -> b2bb [+b2bb]"),
        (FORK, "b1bb b2bb", "aa01", "stamp_revision b1bb, b2bb -> aa01 [-b1bb b2bb>aa01]"),
        (
            &["a", "b < a", "c < a", "m < b,c"],
            "m",
            "b c",
            "stamp_revision m -> b [m>b]; stamp_revision m -> c [+c]",
        ),
        (FORK, "", "heads", "stamp_revision  -> b1bb [+b1bb]; stamp_revision  -> b2bb [+b2bb]"),
        (FORK, "", "head", "! Multiple heads are present; please specify a single target revision"),
        (FORK, "b1bb b2bb", "left@base", "stamp_revision b1bb ->  [-b1bb]"),
    ];
    for (lines, start, target, expected) in cases {
        let graph = graph(lines);
        let ours = steps(&graph, start, graph.stamp(&rows(start), &rows(target)));
        assert_eq!(ours, expected, "{start} to {target} in {lines:?}");
    }
}

#[test]
fn histories() {
    let cases = [
        (LINE, None, None, "bf31 ae27 ae10"),
        (LINE, Some("ae27"), None, "bf31 ae27"),
        (LINE, None, Some("ae27"), "ae27 ae10"),
        (LINE, Some("-1"), None, "bf31 ae27"),
        (
            LINE,
            Some("bf31"),
            Some("ae10"),
            "! Requested range bf31:ae10 does not refer to ancestor/descendant revisions along the same branch",
        ),
        (FORK, None, None, "b1bb b1aa b2bb b2aa aa01"),
        (DEPENDENT, None, None, "p003 q003 q002 q001 p002 p001"),
    ];
    for (lines, start, end, expected) in cases {
        let graph = graph(lines);
        let ours = found(&graph, graph.history(start.map(Target::One), end.map(Target::One)));
        assert_eq!(ours, expected, "{start:?}:{end:?} in {lines:?}");
    }
}

#[test]
fn labels_reach_down_a_plain_line_and_up_all_branches() {
    let labels = |lines: &[&str], id: &str| {
        let graph = graph(lines);
        graph.labels(graph.find(id).expect("it is there")).join(" ")
    };
    assert_eq!(labels(&["a", "b < a @x", "c < b"], "a"), "x", "a plain line carries its label to its base");
    assert_eq!(labels(FORK, "b1bb"), "left");
    assert_eq!(labels(FORK, "aa01"), "", "a branch point belongs to no branch");
    assert_eq!(labels(&["a", "b < a", "c < a @x", "m < b,c"], "m"), "x");
    assert_eq!(
        labels(&["a", "b < a", "c < b @x", "d < c", "e < c"], "b"),
        "",
        "a label above a branch point stays there"
    );
}

#[test]
fn current_names_what_rows_imply() {
    let graph = graph(DEPENDENT);
    let current = |text| found(&graph, graph.current(&rows(text)));
    assert_eq!(current("q002"), "q002 p002");
    assert_eq!(current("p003 q003"), "p003 q003");
    assert_eq!(current(""), "");
    assert_eq!(current("gone"), "! Can't locate revision identified by 'gone'");
}

#[test]
fn new_revisions_follow_heads() {
    let graph = graph(FORK);
    fn downs(graph: &Graph, target: Target<'_>) -> String {
        found(graph, graph.new_downs(target))
    }
    assert_eq!(downs(&graph, Target::One("left@head")), "b1bb");
    assert_eq!(downs(&graph, Target::Many(&rows("b1bb b2bb"))), "b1bb b2bb");
    assert_eq!(downs(&graph, Target::Many(&rows("b1bb b1bb"))), "! Duplicate head revisions specified");
    assert!(downs(&graph, Target::One("head")).starts_with("! Multiple heads are present; please specify the head revision on which"));
    let inner = graph.find("b1aa").expect("it is there");
    let refused = graph.check_new_downs(&[inner]).expect_err("it is followed already");
    assert_eq!(
        refused.alembic_text(),
        "Revision b1aa is not a head revision; please specify --splice to create a new branch from this revision"
    );
    assert_eq!(graph.new_dependencies(&rows("left b2b")).expect("they are known"), ["left", "b2bb"]);
    assert!(Graph::check_new_id("a-1").is_err());
}

#[test]
fn what_cannot_be_loaded() {
    let cases: &[(&[&str], &str, u8)] = &[
        (&["a < a"], "Self-loop is detected in revisions (a)", 255),
        (&["a !a"], "Dependency self-loop is detected in revisions (a)", 255),
        (&["a < b", "b < a"], "Cycle is detected in revisions (a, b)", 255),
        (&["z", "a < z,b", "b < a", "c < b"], "Cycle is detected in revisions (a, b)", 255),
        (&["z", "p !q", "q !p"], "Dependency cycle is detected in revisions (p, q)", 255),
        (&["a@1"], "Character(s) '@' not allowed in revision identifier 'a@1'", 255),
        (&["a:-1"], "Character(s) '-, :' not allowed in revision identifier 'a:-1'", 255),
        (&["a", "b < a", "c < b", "a < c"], "Cycle is detected in revisions (b, c)", 255),
        (&["a @x", "b < a @x"], "Branch name 'x' in revision b already used by revision a", 255),
        (&["a", "b < ghost"], "'ghost'", 1),
        (&["a", "b < a !ghost"], "'ghost'", 1),
    ];
    for (lines, expected, exit) in cases {
        let error = build(lines).graph.expect_err("it cannot be loaded");
        assert_eq!((error.alembic_text(), error.alembic_exit()), (*expected, *exit), "{lines:?}");
        assert!(!error.diagnose().message.is_empty());
    }
    let twice = build(&["a", "b < a", "b < a"]);
    assert_eq!(twice.warnings[0].alembic_text(), "Revision b is present more than once");
    let graph = twice.graph.expect("a copy is no error");
    assert_eq!(ids(&graph, graph.heads()), "b b");
    let missing = build(&["a", "b < ghost"]);
    assert_eq!(
        missing.warnings[0].alembic_text(),
        "Revision ghost referenced from ghost -> b (head), step b is not present"
    );
}

#[test]
fn people_are_told_more() {
    let told = |error: GraphError| render(&error.diagnose(), Style::PLAIN);
    let fork = graph(FORK);
    assert_eq!(
        told(fork.upgrade(&[], Target::One("head")).expect_err("there are two")),
        "error[E0203]: Multiple head revisions: b1bb, b2bb\n  = `b1bb` step b1bb (versions/b1bb.py)\n  = `b2bb` step b2bb (versions/b2bb.py)\n  \
         = apart since `aa01` step aa01 (versions/aa01.py)\nhint: join them with `merge -m \"merge heads\" b1bb b2bb`, or go to `heads`\n"
    );
    assert_eq!(
        told(build(&["a", "b < ghost"]).graph.expect_err("a parent is missing")),
        "error[E0206]: revision `b` names `ghost` as its down_revision, which is not here\n --> versions/b.py\n\
         hint: bring the missing file back, or set `down_revision` to the revision that comes before\n"
    );
    assert_eq!(
        told(graph(LINE).upgrade(&[], Target::One("ae")).expect_err("two start so")),
        "error[E0202]: several revisions start with `ae`\n  = `ae10` step ae10 (versions/ae10.py)\n  = `ae27` step ae27 (versions/ae27.py)\n\
         hint: type more of the id\n"
    );
}
