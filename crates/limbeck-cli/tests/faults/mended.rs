//! A revision that failed half way: the script is mended and the next run goes on where the first one stopped, as long as what is done is still what the script does.

use crate::project::{Project, Ran};
use crate::trial::{finish, server};
use limbeck_test::Database;

const DONE: &str = "op.execute('UPDATE counter SET n = n + 1')";
const CUT: &str = "op.execute('CREATE INDEX CONCURRENTLY ix ON t (id)')";
const REST: &str = "op.execute('UPDATE counter SET n = n + 10')";

struct Half<'a> {
    project: Project,
    database: Database<'a>,
}

impl<'a> Half<'a> {
    /// A revision that failed after two of its segments.
    fn new(server: &'a limbeck_test::Server) -> Self {
        let database = server.create_database();
        let prepare = "CREATE TABLE t (id int); CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)";
        database.psql(prepare).expect("a table");
        let half = Half {
            project: Project::sqlite(),
            database,
        };
        half.project.revision("aa01", None, "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass");
        half.write(&[DONE, CUT, "raise ValueError('not yet')", REST]);
        let ran = half.run(&["upgrade", "head"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        for word in ["not yet", "the database is at aa01", "kept", "journal", "hint"] {
            assert!(ran.stderr.contains(word), "{word:?} is not in:\n{}", ran.stderr);
        }
        assert_eq!(half.counter(), "1");
        half
    }

    fn write(&self, lines: &[&str]) {
        let body: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        self.project
            .revision("bb02", Some("aa01"), &format!("def upgrade():\n{body}\n\ndef downgrade():\n    pass"));
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.project.start(&[&["--url", &self.database.url()], arguments].concat()))
    }

    fn counter(&self) -> String {
        self.database.psql("SELECT n FROM counter").expect("the server answers").trim().to_owned()
    }

    fn at(&self) -> String {
        self.database
            .psql("SELECT version_num FROM alembic_version")
            .expect("the server answers")
            .trim()
            .to_owned()
    }

    #[track_caller]
    fn goes_on(&self) {
        let ran = self.run(&["upgrade", "head"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!((self.counter().as_str(), self.at().as_str()), ("11", "bb02"), "{}", ran.stderr);
        let left = self
            .database
            .psql("SELECT count(*) FROM limbeck.segment; SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass");
        assert_eq!(left.expect("the server answers"), "0\nt\n");
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        for word in words {
            assert!(ran.stderr.contains(word), "{word:?} is not in:\n{}", ran.stderr);
        }
        assert_eq!((self.counter().as_str(), self.at().as_str()), ("1", "aa01"), "{}", ran.stderr);
        println!("{}", ran.stderr);
    }
}

#[test]
fn what_was_not_done_may_be_changed() {
    let Some(server) = server(&[]) else { return };
    let half = Half::new(&server);
    half.write(&[DONE, CUT, "x = 10", "op.execute(f'UPDATE counter SET n = n + {x}')"]);
    half.goes_on();
}

#[test]
fn comments_may_be_added_to_what_was_done() {
    let Some(server) = server(&[]) else { return };
    let half = Half::new(&server);
    half.write(&["# counted", DONE, "", CUT, REST]);
    half.goes_on();
}

#[test]
fn a_script_whose_done_part_is_another_is_not_run_until_it_is_put_back() {
    let Some(server) = server(&[]) else { return };
    let half = Half::new(&server);
    for other in [
        &["op.execute('UPDATE counter SET n = n + 2')", CUT, REST] as &[&str],
        &["op.execute('UPDATE counter SET n = 1')", CUT, REST],
        &[CUT, DONE, REST],
        &[DONE],
        &["op.execute('SELECT 1')", DONE, CUT, REST],
    ] {
        half.write(other);
        half.refuses(&["upgrade", "head"], &["bb02", "half done", "hint"]);
    }
    half.write(&[DONE, CUT, REST]);
    half.goes_on();
}

#[test]
fn a_half_done_upgrade_is_told_and_not_passed_by_a_downgrade() {
    let Some(server) = server(&[]) else { return };
    let half = Half::new(&server);
    half.refuses(&["downgrade", "base"], &["bb02", "half done", "hint"]);
    let status = half.run(&["status"]);
    assert!(status.stdout.contains("Half done: upgrade of bb02"), "{}", status.stdout);
    half.write(&[DONE, CUT, REST]);
    half.goes_on();
}

#[test]
fn a_stamp_forgets_the_half_done_revision() {
    let Some(server) = server(&[]) else { return };
    let half = Half::new(&server);
    let ran = half.run(&["stamp", "aa01"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    half.database
        .psql("UPDATE counter SET n = 0; DROP INDEX ix")
        .expect("the user undid it by hand");
    half.write(&[DONE, CUT, REST]);
    half.goes_on();
}
