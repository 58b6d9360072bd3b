//! At every message to PostgreSQL: the connection is cut or the process killed, before or after; then a second run. The end is that of an undisturbed run.

use crate::history::{self, POSTGRESQL};
use crate::project::Project;
use crate::trial::{Tally, again, finish, major, sample, server, side_by_side};
use limbeck_test::{Action, Counted, Database, Fault, Moment, Proxy, Sent, Server, difference, postgresql_fingerprint};

/// What an undisturbed run sent and left.
struct Undisturbed {
    sent: Vec<Sent>,
    left: String,
}

impl Undisturbed {
    fn of(server: &Server, project: &Project) -> Self {
        let database = server.create_database();
        let proxy = Proxy::start(server, None).expect("a proxy");
        let ran = finish(project.start(&["--url", &proxy.url(database.name()), "upgrade", "head"]));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        Undisturbed {
            sent: proxy.sent(),
            left: postgresql_fingerprint(server, database.name()).expect("a database"),
        }
    }

    /// The connection that migrates: it writes the version rows.
    fn migrating(&self) -> usize {
        let writes = |sent: &&Sent| sent.sql.as_deref().is_some_and(|sql| sql.starts_with("INSERT INTO alembic_version"));
        self.sent.iter().find(writes).expect("a run writes version rows").connection
    }

    fn messages(&self, connection: usize) -> usize {
        self.sent.iter().filter(|sent| sent.connection == connection).count()
    }
}

fn project(major: u32) -> Project {
    let project = Project::sqlite();
    history::write(&project, POSTGRESQL, major);
    project
}

/// Runs with the fault, again without, and compares.
fn try_fault(server: &Server, project: &Project, empty: &Database<'_>, fault: Fault, wanted: &str) -> Result<usize, String> {
    let database = server.copy_database(empty.name());
    let proxy = Proxy::start(server, Some(fault)).map_err(|error| error.to_string())?;
    let child = project.start(&["--url", &proxy.url(database.name()), "upgrade", "head"]);
    proxy.aim(child.id());
    let disturbed = finish(child);
    let what = proxy.fired().and_then(|sent| sent.sql).unwrap_or_default();
    let killed = fault.action == Action::Kill && proxy.fired().is_some();
    let expected = if killed {
        disturbed.code.is_none()
    } else {
        matches!(disturbed.code, Some(0 | 2))
    };
    let story = |more: &str| format!("message: {what}\ndisturbed run ended with {:?}:\n{}\n{more}", disturbed.code, disturbed.stderr);
    if !expected || disturbed.stderr.contains("panicked") {
        return Err(story("that is no way to end"));
    }
    let runs = again(project, &["--url", &database.url(), "upgrade", "head"]).map_err(|said| story(&said))?;
    let left = postgresql_fingerprint(server, database.name())?;
    if left == wanted {
        return Ok(runs);
    }
    Err(story(&format!("what is left differs:\n{}", difference(wanted, &left))))
}

#[test]
fn a_run_that_was_cut_or_killed_at_any_message_is_finished_by_the_next() {
    let Some(server) = server(&[]) else { return };
    let major = major(&server);
    let undisturbed = Undisturbed::of(&server, &project(major));
    let migrating = undisturbed.migrating();
    let mut faults = Vec::new();
    for at in 1..=undisturbed.messages(migrating) {
        for (moment, action) in [
            (Moment::Before, Action::Kill),
            (Moment::After, Action::Kill),
            (Moment::Before, Action::Cut),
            (Moment::Answered, Action::Cut),
        ] {
            faults.push(Fault {
                counted: Counted::Connection(migrating),
                at,
                moment,
                action,
            });
        }
    }
    let faults = sample(faults, 80);
    let tally = Tally::new("PostgreSQL, faults on the migrating connection");
    let empty = server.create_database();
    side_by_side(
        &faults,
        || project(major),
        |project, fault| {
            let outcome = try_fault(&server, project, &empty, *fault, &undisturbed.left);
            tally.note(&format!("{:?} {:?} message {}", fault.moment, fault.action, fault.at), outcome);
        },
    );
    tally.close();
}
