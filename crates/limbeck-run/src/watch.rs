//! Looks after a statement that runs for long: who blocks it, how far an index build is.

use std::time::Instant;

use limbeck_db::Companion;

use crate::event::{Event, Events};

/// What is looked at while one statement runs.
pub(crate) struct Watch<'a> {
    sql: &'a str,
    process: Option<i32>,
    companion: Option<&'a mut (dyn Companion + 'static)>,
    events: &'a mut dyn Events,
    started: Instant,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(sql: &'a str, process: Option<i32>, companion: Option<&'a mut (dyn Companion + 'static)>, events: &'a mut dyn Events) -> Self {
        Watch {
            sql,
            process,
            companion,
            events,
            started: Instant::now(),
        }
    }

    /// One look. What cannot be found out is left out: the statement matters more than the report of it.
    pub(crate) fn tick(&mut self) {
        let elapsed = self.started.elapsed();
        let (mut blockers, mut progress) = (Vec::new(), None);
        if let (Some(companion), Some(process)) = (self.companion.as_deref_mut(), self.process) {
            blockers = companion.blockers(process).unwrap_or_default();
            if blockers.is_empty() {
                progress = companion.index_progress(process).unwrap_or_default();
            }
        }
        if blockers.is_empty() {
            self.events.event(Event::StatementRunning {
                sql: self.sql,
                elapsed,
                progress: progress.as_ref(),
            });
        } else {
            self.events.event(Event::Blocked {
                sql: self.sql,
                waited: elapsed,
                blockers: &blockers,
            });
        }
    }
}
