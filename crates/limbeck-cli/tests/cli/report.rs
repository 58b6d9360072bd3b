//! `history --graph` and `report`.

use crate::project::Project;

const UP_AND_DOWN: &str = "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass";

/// A line, two branches of it, and their merge.
fn branched() -> Project {
    let project = Project::sqlite();
    project.revision(
        "a1",
        None,
        "def upgrade():\n    op.create_table(\"t\", sa.Column(\"id\", sa.Integer, primary_key=True))",
    );
    project.revision("b1", Some("a1"), UP_AND_DOWN);
    project.revision("c1", Some("a1"), UP_AND_DOWN);
    let merge = "\"\"\"both again\"\"\"\nrevision = \"d1\"\ndown_revision = (\"b1\", \"c1\")\n\n\ndef upgrade():\n    pass\n";
    project.write("migrations/versions/d1.py", merge);
    project
}

#[test]
fn the_graph_shows_what_is_applied_and_what_is_pending() {
    let project = branched();
    assert_eq!(project.run(&["upgrade", "b1"]).code, Some(0));
    let ran = project.run(&["history", "--graph=unicode"]);
    assert_eq!(
        ran.stdout,
        "○  d1 (head) both again\n├─╮\n│ ○  c1 step c1\n◉ │  b1 step b1\n├─╯\n●  a1 step a1\n"
    );
    assert!(ran.stderr.contains("app.db is here  ○ pending (2 revisions)"), "{}", ran.stderr);
    assert_eq!(ran.code, Some(0));
    let ran = project.run(&["history", "--graph=ascii", "-r", "b1:d1"]);
    assert!(ran.stdout.is_ascii());
    assert!(ran.stdout.starts_with("o  d1 (head) both again\n"), "{}", ran.stdout);
}

#[test]
fn the_graph_is_drawn_without_a_database_too() {
    let project = branched();
    let ran = project.run(&["history", "--graph=unicode"]);
    assert!(ran.stderr.contains("is at base"), "{}", ran.stderr);
    assert!(!project.path("app.db").exists(), "to look at a history makes no database");
    let ran = project.run_in(
        &project.path(""),
        &["history", "--graph=unicode"],
        &[("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")],
    );
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.starts_with("●  d1 (head) both again\n├─╮\n"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("what is applied is not shown") && !ran.stderr.contains("secret"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_locale_decides_on_the_characters() {
    let project = branched();
    for (locale, ascii) in [("C", true), ("de_DE.ISO-8859-1", true), ("C.UTF-8", false), ("", false)] {
        let ran = project.run_in(
            &project.path(""),
            &["history", "--graph"],
            &[("LC_ALL", locale), ("LANG", locale), ("LC_CTYPE", locale)],
        );
        assert_eq!(ran.stdout.is_ascii(), ascii, "{locale}: {}", ran.stdout);
    }
}
