//! Statements that run in the segment's transaction, or each in one of its own; what is done when one fails for a lock.

use std::sync::atomic::Ordering;
use std::time::Instant;

use limbeck_ops::{HostError, Place, ResultSet};
use limbeck_sql::{Outside, TransactionControl};

use super::{Mode, Segments, host_error, no_rows};
use crate::event::Event;
use crate::outside;
use crate::replay::{Answer, Request, answer};
use crate::retry;
use crate::watch::Watch;

impl Segments<'_, '_> {
    pub(super) fn run(&mut self, request: &Request) -> Result<ResultSet, HostError> {
        let Request::Statement { sql, params } = request else {
            return Ok(no_rows());
        };
        let ground = &mut *self.ground;
        let process = ground.connection.process_id();
        let started = Instant::now();
        let mut watch = Watch::new(sql, process, ground.companion.as_deref_mut(), &mut *ground.events);
        let result = ground.connection.query_watched(sql, params, ground.safety.tick(), &mut || watch.tick());
        let result = result.map_err(|error| host_error(error, sql));
        if let Ok(rows) = &result {
            ground.events.event(Event::StatementFinished {
                sql,
                elapsed: started.elapsed(),
                rows: rows.rowcount,
            });
        }
        result
    }

    pub(super) fn note(&mut self, request: Request, result: &Result<ResultSet, HostError>) {
        let answer = answer(result, &mut self.budget);
        self.log.push((request, answer));
    }

    pub(super) fn may_retry(&self, error: &HostError) -> bool {
        self.savepoints == 0 && retry::is_transient(error) && self.attempt < self.ground.safety.attempts && !self.ground.stop.load(Ordering::Relaxed)
    }

    /// Says why and waits; false when the user wants to stop.
    pub(super) fn pause(&mut self, error: &HostError) -> bool {
        let pause = retry::pause(self.attempt);
        self.ground.events.event(Event::Retry {
            error: error.message.trim_end(),
            attempt: self.attempt,
            attempts: self.ground.safety.attempts,
            pause,
        });
        self.attempt += 1;
        !retry::sleep(pause, self.ground.stop)
    }

    /// Stops the script so that it begins again.
    pub(super) fn again(&mut self) -> HostError {
        self.restart = true;
        outside::stop("the revision begins again", "this is not an error")
    }

    /// In the segment's transaction.
    pub(super) fn inside(&mut self, request: Request, at: &Place) -> Result<ResultSet, HostError> {
        loop {
            self.open()?;
            let result = self.run(&request);
            let error = match result {
                Ok(rows) => {
                    self.in_transaction += 1;
                    let added = self.cut_enums && matches!(&request, Request::Statement { sql, .. } if limbeck_sql::added_enum_value(sql).is_some());
                    let rows = Ok(rows);
                    self.note(request, &rows);
                    if added {
                        self.finish_segment("the enum value is used later in the revision", at)?;
                    }
                    return rows;
                }
                Err(error) => error,
            };
            if self.may_retry(&error) && !self.carried {
                let first = self.in_transaction == 0;
                self.roll_back()?;
                if !self.pause(&error) {
                    return Err(error);
                }
                if first {
                    continue;
                }
                return Err(self.again());
            }
            if self.savepoints == 0 && !self.carried {
                if retry::is_unsafe_enum_use(&error) && !self.cut_enums {
                    self.cut_enums = true;
                    return Err(self.again());
                }
                if retry::needs_no_transaction(&error) && self.learnt_outside.insert(request.key()) {
                    return Err(self.again());
                }
            }
            let failed = Err(error);
            self.note(request, &failed);
            return failed;
        }
    }

    /// A question while statements run alone: nothing to commit, nothing to record.
    pub(super) fn question(&mut self, request: Request) -> Result<ResultSet, HostError> {
        let result = self.run(&request);
        self.note(request, &result);
        result
    }

    /// By itself: in a transaction of its own, together with its journal row.
    pub(super) fn alone(&mut self, request: Request, place: &Place) -> Result<ResultSet, HostError> {
        loop {
            if self.ground.journal.is_on() {
                self.open()?;
            }
            let result = self.run(&request);
            let error = match result {
                Ok(rows) => {
                    self.kept = true;
                    let rows = Ok(rows);
                    self.note(request, &rows);
                    if self.ground.connection.in_transaction() {
                        self.in_transaction += 1;
                        let kept = self.record_finished()?;
                        self.commit()?;
                        self.number += 1;
                        self.finished.extend(kept);
                        self.log.clear();
                    }
                    return rows;
                }
                Err(error) => error,
            };
            self.roll_back()?;
            if self.may_retry(&error) && self.pause(&error) {
                continue;
            }
            if retry::needs_no_transaction(&error) && self.ground.journal.is_on() {
                let what = Outside::Other(self.words(&request));
                return self.outside(&what, request, None, place);
            }
            let failed = Err(error);
            self.note(request, &failed);
            return failed;
        }
    }

    pub(super) fn words(&self, request: &Request) -> String {
        match request {
            Request::Statement { sql, .. } => limbeck_sql::headline(self.ground.flavour, sql, 80),
            Request::Inspect(_) | Request::Control(_) => String::new(),
        }
    }

    /// BEGIN, COMMIT, ROLLBACK and savepoints in the script's own SQL. Under Alembic, what follows a COMMIT runs outside of transactions, and so it does here.
    pub(super) fn control_text(&mut self, control: &TransactionControl, request: Request, at: &Place) -> Result<ResultSet, HostError> {
        match control {
            TransactionControl::Commit => {
                self.log.push((request, Answer::Done(-1)));
                self.finish_segment("the script commits", at)?;
                self.mode = Mode::Alone;
                Ok(no_rows())
            }
            TransactionControl::Rollback => {
                self.log.push((request, Answer::Done(-1)));
                self.roll_back()?;
                self.mode = Mode::Alone;
                Ok(no_rows())
            }
            TransactionControl::Begin => {
                self.log.push((request, Answer::Done(-1)));
                self.back_to_transactions();
                Ok(no_rows())
            }
            TransactionControl::Savepoint => {
                let result = self.inside(request, at);
                self.savepoints += usize::from(result.is_ok());
                result
            }
            TransactionControl::Release | TransactionControl::RollbackTo => {
                let result = self.inside(request, at);
                if matches!(control, TransactionControl::Release) {
                    self.savepoints = self.savepoints.saturating_sub(usize::from(result.is_ok()));
                }
                result
            }
            TransactionControl::Other => self.inside(request, at),
        }
    }
}
