//! At every message to PostgreSQL: the connection is cut or the process killed, before or after; then a second run. The end is that of an undisturbed run.

use crate::history::{self, POSTGRESQL, REVERTED, Revision};
use crate::project::{Project, Ran};
use crate::trial::{Tally, again, finish, major, sample, server, side_by_side};
use limbeck_test::{Action, Counted, Database, Fault, Moment, Proxy, Sent, Server, difference, postgresql_fingerprint};

/// A command that is disturbed, and what it does when it is not.
struct Trial<'a> {
    server: &'a Server,
    history: &'static [Revision],
    major: u32,
    /// Every run begins with a copy of this.
    start: Database<'a>,
    command: [&'a str; 2],
    sent: Vec<Sent>,
    wanted: String,
}

impl<'a> Trial<'a> {
    fn new(server: &'a Server, history: &'static [Revision], prepare: &[&str], command: [&'a str; 2]) -> Self {
        let major = major(server);
        let mut trial = Trial {
            server,
            history,
            major,
            start: server.create_database(),
            command,
            sent: Vec::new(),
            wanted: String::new(),
        };
        let project = trial.project();
        if !prepare.is_empty() {
            let url = trial.start.url();
            let ran = finish(project.start(&[&["--url", &url], prepare].concat()));
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        }
        let database = server.copy_database(trial.start.name());
        let (ran, proxy) = trial.run(&project, &database, None);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        trial.sent = proxy.sent();
        trial.wanted = postgresql_fingerprint(server, database.name()).expect("a database");
        assert!(!trial.wanted.contains("INVALID"), "{}", trial.wanted);
        trial
    }

    fn project(&self) -> Project {
        let project = Project::sqlite();
        history::write(&project, self.history, self.major);
        project
    }

    fn run(&self, project: &Project, database: &Database<'_>, fault: Option<Fault>) -> (Ran, Proxy) {
        let proxy = Proxy::start(self.server, fault).expect("a proxy");
        let child = project.start(&[&["--url", &proxy.url(database.name())], self.command.as_slice()].concat());
        proxy.aim(child.id());
        (finish(child), proxy)
    }

    /// The connection that migrates: it writes the version rows.
    fn migrating(&self) -> usize {
        let writes = |sent: &&Sent| {
            sent.sql
                .as_deref()
                .is_some_and(|sql| sql.contains("UPDATE alembic_version ") || sql.contains("INTO alembic_version "))
        };
        self.sent.iter().find(writes).expect("a run writes version rows").connection
    }

    /// How many messages the undisturbed run sent on a connection.
    fn messages(&self, connection: usize) -> usize {
        self.sent.iter().filter(|sent| sent.connection == connection).count()
    }

    fn connections(&self) -> usize {
        self.sent.iter().map(|sent| sent.connection).max().unwrap_or_default()
    }

    /// Runs once for each fault, then without until it is done, and compares.
    fn attempt(&self, project: &Project, faults: &[Fault], tally: &Tally) -> Result<usize, String> {
        let database = self.server.copy_database(self.start.name());
        let mut story = String::new();
        for fault in faults {
            let (disturbed, proxy) = self.run(project, &database, Some(*fault));
            let fired = proxy.fired();
            if fired.is_none() {
                tally.missed();
            }
            let what = fired.as_ref().and_then(|sent| sent.sql.clone()).unwrap_or_default();
            story.push_str(&format!(
                "message: {what}\ndisturbed run ended with {:?}:\n{}\n",
                disturbed.code, disturbed.stderr
            ));
            let killed = fault.action == Action::Kill && fired.is_some();
            let expected = if killed {
                disturbed.code.is_none()
            } else {
                matches!(disturbed.code, Some(0 | 2))
            };
            if !expected || disturbed.stderr.contains("panicked") {
                return Err(story + "that is no way to end");
            }
        }
        let url = database.url();
        let runs = again(project, &[&["--url", &url], self.command.as_slice()].concat()).map_err(|said| story.clone() + &said)?;
        let left = postgresql_fingerprint(self.server, database.name())?;
        if left == self.wanted {
            return Ok(runs);
        }
        Err(format!("{story}what is left differs:\n{}", difference(&self.wanted, &left)))
    }

    /// Tries every point, each a list of faults that befall one run after the other.
    fn attempt_all(&self, what: &str, points: &[Vec<Fault>]) {
        let tally = Tally::new(&format!("PostgreSQL {}, {what}", self.major));
        side_by_side(
            points,
            || self.project(),
            |project, faults| {
                let names: Vec<String> = faults
                    .iter()
                    .map(|fault| format!("{:?} {:?} {:?} message {}", fault.moment, fault.action, fault.counted, fault.at))
                    .collect();
                tally.note(&names.join(", then "), self.attempt(project, faults, &tally));
            },
        );
        tally.close();
    }
}

const KINDS: [(Moment, Action); 4] = [
    (Moment::Before, Action::Kill),
    (Moment::After, Action::Kill),
    (Moment::Before, Action::Cut),
    (Moment::Answered, Action::Cut),
];

/// Each kind of fault at each message of one connection.
fn everywhere(connection: usize, messages: usize, kinds: &[(Moment, Action)]) -> Vec<Fault> {
    let counted = Counted::Connection(connection);
    (1..=messages)
        .flat_map(|at| kinds.iter().map(move |(moment, action)| (at, *moment, *action)))
        .map(|(at, moment, action)| Fault { counted, at, moment, action })
        .collect()
}

fn single(faults: Vec<Fault>) -> Vec<Vec<Fault>> {
    faults.into_iter().map(|fault| vec![fault]).collect()
}

#[test]
fn a_run_that_was_cut_or_killed_at_any_message_is_finished_by_the_next() {
    let Some(server) = server(&[]) else { return };
    let trial = Trial::new(&server, POSTGRESQL, &[], ["upgrade", "head"]);
    let migrating = trial.migrating();
    let faults = everywhere(migrating, trial.messages(migrating), &KINDS);
    trial.attempt_all("faults on the migrating connection", &sample(single(faults), 48));
}

#[test]
fn a_run_that_lost_its_network_or_its_companion_is_finished_by_the_next() {
    let Some(server) = server(&[]) else { return };
    let trial = Trial::new(&server, POSTGRESQL, &[], ["upgrade", "head"]);
    let migrating = trial.migrating();
    let mut faults = everywhere(migrating, trial.messages(migrating), &[(Moment::After, Action::CutAll)]);
    for other in (1..=trial.connections()).filter(|number| *number != migrating) {
        faults.extend(everywhere(other, trial.messages(other), &KINDS));
    }
    trial.attempt_all("lost networks, faults on other connections", &sample(single(faults), 30));
}

#[test]
fn a_run_that_was_disturbed_twice_is_finished_by_the_next() {
    let Some(server) = server(&[]) else { return };
    let trial = Trial::new(&server, POSTGRESQL, &[], ["upgrade", "head"]);
    let migrating = trial.migrating();
    let firsts = everywhere(migrating, trial.messages(migrating), &KINDS);
    // The second run begins where the first one was stopped, so its faults come soon after its start.
    let seconds = everywhere(migrating, 40, &KINDS);
    let points = firsts
        .iter()
        .enumerate()
        .map(|(number, first)| vec![*first, seconds[number * 7 % seconds.len()]])
        .collect();
    trial.attempt_all("two faults in a row", &sample(points, 30));
}

#[test]
fn a_downgrade_that_was_cut_or_killed_is_finished_by_the_next() {
    let Some(server) = server(&[]) else { return };
    let trial = Trial::new(&server, REVERTED, &["upgrade", "head"], ["downgrade", "base"]);
    let migrating = trial.migrating();
    let faults = everywhere(migrating, trial.messages(migrating), &KINDS);
    trial.attempt_all("faults while going down", &sample(single(faults), 30));
}
