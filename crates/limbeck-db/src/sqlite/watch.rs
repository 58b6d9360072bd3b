//! Waiting for SQLite: how long for another program's lock, and who is told while a statement takes its time.
//!
//! The library calls back on the thread that runs the statement, from its virtual machine and from its wait for a lock. What it calls must live as
//! long as the connection, so the watcher of one statement is lent to it through a scoped thread-local.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use scoped_tls_hkt::scoped_thread_local;

/// Instructions of the virtual machine between two looks at the clock: well below a millisecond.
const INSTRUCTIONS: i32 = 10_000;

/// The longest sleep between two tries for a lock.
const LONGEST_NAP: Duration = Duration::from_millis(100);

scoped_thread_local!(static LOOK: for<'a> &'a dyn Fn());

/// Gives a new connection its handlers; `patience` is how long it waits for a lock.
pub(super) fn prepare(connection: &mut rusqlite::Connection, patience: Duration) -> rusqlite::Result<()> {
    connection.progress_handler(
        INSTRUCTIONS,
        Some(|| {
            look();
            // Going on; a cancelled statement is stopped by its interrupt.
            false
        }),
    )?;
    let mut began = Instant::now();
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            began = Instant::now();
        }
        let left = patience.saturating_sub(began.elapsed());
        if left.is_zero() {
            return false;
        }
        std::thread::sleep(nap(tries).min(left));
        look();
        true
    }))
}

/// Runs `work`; while the connection waits or computes, calls `on_tick` every `tick`.
pub(super) fn during<T>(tick: Duration, on_tick: &mut dyn FnMut(), work: impl FnOnce() -> T) -> T {
    let watch = RefCell::new((Instant::now(), on_tick));
    let look = || {
        // Nothing when the watcher itself waits for SQLite.
        let Ok(mut watch) = watch.try_borrow_mut() else { return };
        if watch.0.elapsed() >= tick {
            (watch.1)();
            watch.0 = Instant::now();
        }
    };
    LOOK.set(&look, work)
}

fn look() {
    if LOOK.is_set() {
        LOOK.with(|look| look());
    }
}

/// SQLite's own pauses: short at first, then a tenth of a second.
fn nap(tries: i32) -> Duration {
    const PAUSES: [u64; 11] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50];
    let pause = usize::try_from(tries).ok().and_then(|at| PAUSES.get(at));
    pause.map_or(LONGEST_NAP, |milliseconds| Duration::from_millis(*milliseconds))
}
