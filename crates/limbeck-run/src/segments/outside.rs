//! A statement outside of any transaction: the journal's word before and after it, its own time budget, cleaning after a failure.

use std::sync::atomic::Ordering;
use std::time::Duration;

use limbeck_expr::Literal;
use limbeck_ops::{HostError, Place, ResultSet};
use limbeck_sql::{Flavour, Outside};

use super::{Segments, at, host_error, reason};
use crate::event::Event;
use crate::journal::Started;
use crate::outside::{self, Before};
use crate::replay::Request;

impl Segments<'_, '_> {
    /// Outside of any transaction. `resumed` is what was there before a run that died began the statement.
    pub(super) fn outside(&mut self, what: &Outside, request: Request, resumed: Option<Before>, place: &Place) -> Result<ResultSet, HostError> {
        let before = self.leave_transaction(what, &request, resumed, place)?;
        if let Some(text) = outside::clear_the_way(self.ground.connection, what)? {
            self.ground.events.event(Event::Cleaned(&text));
        }
        let concurrently = matches!(
            what,
            Outside::CreateIndexConcurrently { .. }
                | Outside::DropIndexConcurrently { .. }
                | Outside::ReindexConcurrently { .. }
                | Outside::DetachConcurrently { .. }
        );
        self.concurrent |= concurrently;
        if concurrently {
            self.list_old_transactions(&request);
        }
        let budget = if concurrently { self.own_budget()? } else { None };
        let mut cleaned = true;
        let result = loop {
            if let Some(budget) = &budget {
                self.batch(&budget.longer)?;
            }
            let result = self.run(&request);
            if self.ground.connection.is_closed() {
                break result;
            }
            // Cleaning takes locks like any other statement.
            if let Some(budget) = &budget {
                self.batch(&budget.back)?;
            }
            let error = match result {
                Ok(rows) => break Ok(rows),
                Err(error) => error,
            };
            // Whoever stops wants to stop now: the journal knows what was begun, and the next run cleans it.
            cleaned = !self.ground.stop.load(Ordering::Relaxed) && self.clean(what, &before);
            if !(cleaned && self.may_retry(&error) && self.pause(&error)) {
                break Err(error);
            }
        };
        let failed = result.is_err();
        self.note(request, &result);
        if !failed {
            let kept = self.kept_log();
            self.settled(kept)?;
        } else if self.ground.journal.is_on() && !self.ground.connection.is_closed() && cleaned {
            let text = self.ground.journal.forgotten(at(&self.whose), self.number + 1);
            self.batch(&text)?;
        }
        result
    }

    /// Commits what was done so far, with the journal's word that the statement is about to run.
    pub(super) fn leave_transaction(&mut self, what: &Outside, request: &Request, resumed: Option<Before>, place: &Place) -> Result<Before, HostError> {
        let Request::Statement { sql, .. } = request else {
            return Ok(Before::default());
        };
        let fresh = resumed.is_none();
        let before = match resumed {
            Some(before) => before,
            // In the open transaction, which may have made the table.
            None => outside::before(self.ground.connection, what)?,
        };
        let works = self.ground.connection.in_transaction() && self.has_work();
        let kept = if works { Some(self.record_finished()?) } else { None };
        if fresh && self.ground.journal.is_on() {
            self.make_room()?;
            let started = Started {
                sql: sql.clone(),
                before: before.clone(),
            };
            let number = self.number + 1 + usize::from(works);
            let text = self.ground.journal.started(at(&self.whose), number, &started);
            self.batch(&text)?;
            self.journalled = true;
        }
        if self.ground.connection.in_transaction() {
            self.commit()?;
        }
        if let Some(kept) = kept {
            self.number += 1;
            self.finished.extend(kept);
            self.log.clear();
            self.kept = true;
        }
        if works {
            let reason = reason(what);
            self.ground.events.event(Event::SegmentCut {
                number: self.number,
                reason: &reason,
                place: Some(place),
            });
        }
        Ok(before)
    }

    pub(super) fn list_old_transactions(&mut self, request: &Request) {
        let Request::Statement { sql, .. } = request else { return };
        let own: Vec<i32> = self.ground.connection.process_id().into_iter().collect();
        let older_than = self.ground.safety.lock_timeout.unwrap_or(Duration::from_secs(5));
        if let Some(companion) = self.ground.companion.as_deref_mut()
            && let Ok(sessions) = companion.old_transactions(older_than, &own)
            && !sessions.is_empty()
        {
            self.ground.events.event(Event::OldTransactions { sql, sessions: &sessions });
        }
    }

    /// Drops what a failed statement left behind; false where that was not possible.
    fn clean(&mut self, what: &Outside, before: &Before) -> bool {
        let Ok(done) = outside::clean(self.ground.connection, what, before) else {
            return false;
        };
        done.iter().for_each(|text| self.ground.events.event(Event::Cleaned(text)));
        true
    }

    /// The longer budget of a CONCURRENTLY statement, and the way back.
    fn own_budget(&mut self) -> Result<Option<Budget>, HostError> {
        if self.ground.flavour != Flavour::Postgresql {
            return Ok(None);
        }
        let sql = "SELECT current_setting('lock_timeout')";
        let rows = self.ground.connection.query(sql, &[]).map_err(|error| host_error(error, sql))?.rows;
        let now = match rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(Literal::Text(now)) if now != "0" => now,
            _ => return Ok(None),
        };
        Ok(Some(Budget {
            longer: format!("SET lock_timeout = {}", self.ground.safety.concurrent_timeout.as_millis()),
            back: format!("SET lock_timeout = '{now}'"),
        }))
    }
}

/// Statements that set a longer lock timeout, and the usual one again.
struct Budget {
    longer: String,
    back: String,
}
