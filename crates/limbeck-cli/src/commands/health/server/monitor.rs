//! Looks at the database for all who ask: one look at a time, none more often than every few seconds, and nobody waits long for it.

use crate::commands::health::snapshot::Snapshot;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A look is new for so long.
const NEW: Duration = Duration::from_secs(3);
/// So long somebody waits for a new one: less than the second after which a probe of Kubernetes gives up.
const PATIENCE: Duration = Duration::from_millis(800);
/// While a look takes long, the one before stands for so long.
const OLD: Duration = Duration::from_secs(15);

/// What those who ask and the one who looks share.
pub struct Monitor {
    state: Mutex<State>,
    asked: Condvar,
    looked: Condvar,
    began: Instant,
}

#[derive(Default)]
struct State {
    wanted: bool,
    last: Option<Arc<Snapshot>>,
}

/// What can be said now.
#[derive(Clone)]
pub enum View {
    Fresh(Arc<Snapshot>),
    /// The database has not answered at all for that long.
    Silent {
        since: Duration,
        last: Option<Arc<Snapshot>>,
    },
}

impl Default for Monitor {
    fn default() -> Self {
        Monitor {
            state: Mutex::default(),
            asked: Condvar::new(),
            looked: Condvar::new(),
            began: Instant::now(),
        }
    }
}

impl Monitor {
    /// Looks whenever somebody wants to know; never returns.
    pub fn look_when_asked(&self, mut look: impl FnMut() -> Snapshot) -> ! {
        loop {
            let mut state = self.state();
            while !state.wanted {
                state = self.asked.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            let snapshot = Arc::new(look());
            let mut state = self.state();
            state.wanted = false;
            state.last = Some(snapshot);
            drop(state);
            self.looked.notify_all();
        }
    }

    /// What is known, new if it can be had soon.
    pub fn view(&self) -> View {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.state();
        loop {
            let age = state.last.as_ref().map(|last| last.taken.elapsed());
            if let (Some(last), true) = (&state.last, age.is_some_and(|age| age < NEW)) {
                return View::Fresh(Arc::clone(last));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return match (&state.last, age) {
                    (Some(last), Some(age)) if age < OLD => View::Fresh(Arc::clone(last)),
                    (last, age) => View::Silent {
                        since: age.unwrap_or_else(|| self.began.elapsed()),
                        last: last.clone(),
                    },
                };
            }
            if !state.wanted {
                state.wanted = true;
                self.asked.notify_one();
            }
            state = self.looked.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
