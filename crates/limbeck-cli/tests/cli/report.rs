//! `history --graph` and `report`.

use crate::project::Project;
use limbeck_test::Server;

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

#[test]
fn the_report_is_one_file_that_says_where_the_database_is() {
    let project = branched();
    assert_eq!(project.run(&["upgrade", "b1"]).code, Some(0));
    let ran = project.run(&["report"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("Wrote limbeck-report.html (") && ran.stderr.contains("has 2 revisions pending."),
        "{}",
        ran.stderr
    );
    let page = std::fs::read_to_string(project.path("limbeck-report.html")).expect("the page");
    assert!(page.contains("2 revisions are pending"));
    assert!(
        page.contains("UPDATE alembic_version SET version_num=&#39;d1&#39;") || page.contains("version_num='d1'"),
        "{page}"
    );
    assert!(page.contains("upgrade b1"), "the run is on the page");
    assert!(page.contains("Nobody looked."));
    assert_eq!(
        std::fs::read_dir(project.path(""))
            .expect("the folder")
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().contains(".part"))
            .count(),
        0
    );
}

#[test]
fn the_report_compares_when_asked() {
    let project = branched();
    assert_eq!(project.run(&["upgrade", "heads"]).code, Some(0));
    let ran = project.run(&["report", "--drift", "-o", "-"]);
    assert!(
        ran.stdout.contains("None: the database has the schema that its history makes."),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(!project.path("limbeck-report.html").exists());
    project.query("CREATE TABLE by_hand (id INTEGER)");
    let ran = project.run(&["report", "--drift", "-o", "-"]);
    assert!(
        ran.stdout.contains("1 object is not as the history makes it.") && ran.stdout.contains("by_hand"),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_report_is_written_without_a_database_too() {
    let project = branched();
    let variables = [("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")];
    let ran = project.run_in(&project.path(""), &["report", "-o", "-"], &variables);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("The database could not be asked") && ran.stdout.contains("step c1"));
    assert!(!ran.stdout.contains("secret") && !ran.stderr.contains("secret"));
    let ran = project.run(&["report"]);
    assert!(ran.stderr.contains("has 4 revisions pending"), "{}", ran.stderr);
    assert!(!project.path("app.db").exists(), "to look at a history makes no database");
}

#[test]
fn a_report_that_cannot_be_written_says_so() {
    let project = branched();
    let ran = project.run(&["report", "-o", "no/such/folder/report.html"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("error[E0996]"), "{}", ran.stderr);
}

/// `b1` asks the database for the columns of `t`.
fn looking() -> Project {
    let project = Project::sqlite();
    project.revision("a1", None, "def upgrade():\n    op.create_table(\"t\", sa.Column(\"id\", sa.Integer))");
    let looks = "def upgrade():\n    op.execute(\"DELETE FROM t\")\n    for column in sa.inspect(op.get_bind()).get_columns(\"TABLE\"):\n        op.drop_column(\"TABLE\", column[\"name\"])";
    project.revision("b1", Some("a1"), &looks.replace("TABLE", "t"));
    project.revision("c1", Some("b1"), "def upgrade():\n    op.drop_table(\"other\")");
    project
}

#[test]
fn a_script_that_needs_the_database_leaves_the_others_their_sql() {
    let project = looking();
    let ran = project.run(&["report", "-o", "-"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("goes on with what it finds"), "{}", ran.stdout);
    assert!(ran.stdout.contains("<mark>DROP TABLE other;</mark>"), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("CREATE TABLE t (").count(), 1);
}

#[test]
fn what_a_script_finds_in_the_database_is_in_its_sql_and_nothing_is_run() {
    let project = looking();
    assert_eq!(project.run(&["upgrade", "a1"]).code, Some(0));
    project.query("INSERT INTO t VALUES (1)");
    let ran = project.run(&["report", "-o", "-"]);
    assert!(ran.stdout.contains("looks at the database"), "{}", ran.stdout);
    assert!(ran.stdout.contains("<mark>DELETE FROM t;</mark>"), "{}", ran.stdout);
    assert!(ran.stdout.contains("<mark>ALTER TABLE t DROP COLUMN id;</mark>"), "{}", ran.stdout);
    assert_eq!(project.query("SELECT count(*) FROM t"), ["1"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["a1"]);
}

#[test]
fn what_doctor_finds_is_on_the_page() {
    let Ok(server) = Server::start().map_err(|reason| println!("skipped: {reason}")) else {
        return;
    };
    let database = server.create_database();
    let url = database.url();
    let project = branched();
    project.run(&["--url", &url, "upgrade", "b1"]).ok();
    database
        .psql("ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0) NOT VALID")
        .expect("the server answers");
    project.revision(
        "a1",
        None,
        "def upgrade():\n    op.create_table(\"t\", sa.Column(\"id\", sa.BigInteger, primary_key=True))",
    );
    let ran = project.run(&["--url", &url, "report", "-o", "-"]);
    let page = &ran.stdout;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        page.contains("explain edited-script") && page.contains("explain not-valid-constraint"),
        "{page}"
    );
    assert!(
        page.contains("<ins>+    op.create_table(&quot;t&quot;, sa.Column(&quot;id&quot;, sa.BigInteger, primary_key=True))</ins>"),
        "{page}"
    );
    assert!(page.contains("VALIDATE CONSTRAINT positive"), "{page}");
    assert!(page.contains("2 revisions are pending, 1 problem, 1 warning"), "{page}");
    assert!(!page.contains("explain unreachable-database") && !page.contains("explain schema-drift"));
}
