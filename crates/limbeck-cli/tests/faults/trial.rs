//! What every trial needs: a run of the binary that cannot hang, points tried side by side, and their tally.

use crate::project::{Project, Ran};
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// No run of a trial takes longer unless it hangs.
const DEADLINE: Duration = Duration::from_secs(120);

/// Whether all points are to be tried.
pub fn full() -> bool {
    std::env::var_os("LIMBECK_FAULTS").is_some_and(|value| value == "full")
}

/// Returns a server of its own with these settings; without PostgreSQL it says so.
pub fn server(settings: &[&str]) -> Option<limbeck_test::Server> {
    let options = limbeck_test::Options {
        // What was committed is kept when the server is stopped at once.
        settings: ["synchronous_commit=on"].iter().chain(settings).map(ToString::to_string).collect(),
        ..limbeck_test::Options::default()
    };
    limbeck_test::Server::start_with(&options)
        .inspect_err(|reason| println!("skipped: {reason}"))
        .ok()
}

/// The server's major version.
pub fn major(server: &limbeck_test::Server) -> u32 {
    let text = server.psql("postgres", "SHOW server_version_num").expect("the server answers");
    text.trim().parse::<u32>().expect("a number") / 10000
}

/// Waits for the end of a run; one that hangs is killed and shows no exit code.
pub fn finish(child: Child) -> Ran {
    let process = rustix::process::Pid::from_raw(child.id().cast_signed()).expect("a process");
    let (done, waiting) = channel::<()>();
    let watch = std::thread::spawn(move || {
        if waiting.recv_timeout(DEADLINE) == Err(RecvTimeoutError::Timeout) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
            return true;
        }
        false
    });
    let mut ran = Ran::from(child.wait_with_output().expect("the binary runs"));
    drop(done);
    if watch.join().expect("the watch ends") {
        ran.stderr.push_str(&format!("\n(hung; killed after {DEADLINE:?})\n"));
    }
    ran
}

/// Runs the command in `project` again until it succeeds, at most three times. Returns how many runs it took, or what the last one said.
pub fn again(project: &Project, arguments: &[&str]) -> Result<usize, String> {
    let mut said = String::new();
    for number in 1..=3 {
        let ran = finish(project.start(arguments));
        if ran.code == Some(0) {
            return Ok(number);
        }
        said = format!("run {number} after the fault ended with {:?}:\n{}", ran.code, ran.stderr);
    }
    Err(said)
}

/// What became of the points of a trial.
pub struct Tally {
    what: String,
    began: Instant,
    tried: AtomicUsize,
    later: AtomicUsize,
    missed: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

impl Tally {
    pub fn new(what: &str) -> Self {
        Tally {
            what: what.to_owned(),
            began: Instant::now(),
            tried: AtomicUsize::new(0),
            later: AtomicUsize::new(0),
            missed: AtomicUsize::new(0),
            failures: Mutex::default(),
        }
    }

    /// Takes note of a fault that found no message to befall: the run was shorter than the undisturbed one.
    pub fn missed(&self) {
        self.missed.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of a point: how many runs were needed after the fault, or why it did not hold.
    pub fn note(&self, point: &str, outcome: Result<usize, String>) {
        self.tried.fetch_add(1, Ordering::Relaxed);
        match outcome {
            Ok(runs) => drop(self.later.fetch_add(usize::from(runs > 1), Ordering::Relaxed)),
            Err(why) => {
                println!("NOT HELD {}: {point}\n{why}", self.what);
                self.failures.lock().expect("nobody panics here").push(point.to_owned());
            }
        }
    }

    /// Prints the figures and fails the test unless every point held.
    #[track_caller]
    pub fn close(self) {
        let failures = self.failures.into_inner().expect("nobody panics here");
        let tried = self.tried.into_inner();
        println!(
            "{}: tried {tried} points, {} held ({} needed more than one run; {} faults never came) in {:.1} s",
            self.what,
            tried - failures.len(),
            self.later.into_inner(),
            self.missed.into_inner(),
            self.began.elapsed().as_secs_f64()
        );
        assert!(
            failures.is_empty(),
            "{} of {tried} points did not hold:\n{}",
            failures.len(),
            failures.join("\n")
        );
        assert!(tried > 0, "nothing was tried");
    }
}

/// Gives every point to one of a few workers; each has a project of its own, whose health log must be whole at the end.
pub fn side_by_side<P: Sync>(points: &[P], prepare: impl Fn() -> Project + Sync, work: impl Fn(&Project, &P) + Sync) {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, 8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let project = prepare();
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(&project, point);
                }
                let log = project.run(&["log", "verify"]);
                assert_eq!(log.code, Some(0), "the health log is broken:\n{}{}", log.stdout, log.stderr);
                println!("{}", log.stdout.lines().next().unwrap_or_default());
            });
        }
    });
}

/// Every point, or about `wanted` of them spread evenly where a sample is enough. `LIMBECK_FAULTS` may be a number to be wanted instead.
pub fn sample<P: Clone>(points: Vec<P>, wanted: usize) -> Vec<P> {
    let asked = std::env::var("LIMBECK_FAULTS").ok().and_then(|value| value.parse().ok());
    let wanted = asked.unwrap_or(wanted);
    if full() || points.len() <= wanted {
        return points;
    }
    // An odd step has no divisor in common with the four kinds of faults, so that it meets all of them.
    let step = (points.len() / wanted).max(1) | 1;
    points.into_iter().step_by(step).collect()
}
