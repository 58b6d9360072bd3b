//! Begin, commit, roll back; the journal row at the end of each segment; the version rows at the end of the revision.

use limbeck_db::Connection;
use limbeck_ops::{HostError, Place};

use limbeck_sql::Kind;

use super::{Pending, Segments, at, host_error};
use crate::event::Event;
use crate::replay::Kept;

impl Segments<'_, '_> {
    /// Begins the segment's transaction, if it has not begun.
    pub(crate) fn open(&mut self) -> Result<(), HostError> {
        loop {
            if !self.ground.connection.in_transaction() {
                self.in_transaction = 0;
                if let Err(error) = self.ground.connection.begin() {
                    let error = host_error(error, "BEGIN");
                    if self.may_retry(&error) && self.pause(&error) {
                        continue;
                    }
                    return Err(error);
                }
            }
            if let Some(opening) = &self.opening
                && !self.opened
            {
                let opening = opening.clone();
                self.batch(&opening)?;
                self.opened = true;
            }
            return Ok(());
        }
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), HostError> {
        self.ground.connection.execute_batch(sql).map(drop).map_err(|error| host_error(error, sql))
    }

    pub(super) fn roll_back(&mut self) -> Result<(), HostError> {
        self.ground.connection.rollback().map_err(|error| host_error(error, "ROLLBACK"))?;
        self.opened = false;
        self.ground.journal.rolled_back(std::mem::take(&mut self.made_room));
        self.in_transaction = 0;
        self.savepoints = 0;
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<(), HostError> {
        self.check_foreign_keys()?;
        if let Err(error) = self.ground.connection.commit() {
            // A connection that broke here may have done so after the server's COMMIT.
            self.kept |= self.ground.connection.is_closed();
            let error = host_error(error, "COMMIT");
            let _ = self.roll_back();
            return Err(error);
        }
        if std::mem::take(&mut self.opened) {
            self.opening = None;
        }
        self.made_room = false;
        self.carried = false;
        self.in_transaction = 0;
        self.savepoints = 0;
        Ok(())
    }

    pub(super) fn check_foreign_keys(&mut self) -> Result<(), HostError> {
        let checked = self.foreign_keys.check(self.ground.connection);
        if checked.is_err() {
            let _ = self.roll_back();
        }
        checked
    }

    pub(super) fn has_work(&self) -> bool {
        self.in_transaction > 0 || self.opened || self.carried
    }

    pub(super) fn kept_log(&self) -> Vec<Kept> {
        let flavour = self.ground.flavour;
        self.log.iter().map(|(request, answer)| request.kept(flavour, answer.clone())).collect()
    }

    /// Ends the segment: journal row and COMMIT.
    pub(super) fn finish_segment(&mut self, reason: &str, place: &Place) -> Result<(), HostError> {
        if !self.ground.connection.in_transaction() {
            return Ok(());
        }
        if !self.has_work() {
            return self.commit();
        }
        let kept = self.record_finished()?;
        self.commit()?;
        self.number += 1;
        self.finished.extend(kept);
        self.log.clear();
        self.kept = true;
        self.ground.events.event(Event::SegmentCut {
            number: self.number,
            reason,
            place: Some(place),
        });
        Ok(())
    }

    /// Writes the journal row of the segment that ends.
    pub(super) fn record_finished(&mut self) -> Result<Vec<Kept>, HostError> {
        let kept = self.kept_log();
        if self.ground.journal.is_on() {
            self.make_room()?;
            let text = self.ground.journal.finished(at(&self.whose), self.number + 1, &kept);
            self.batch(&text)?;
            self.journalled = true;
        }
        Ok(kept)
    }

    pub(super) fn make_room(&mut self) -> Result<(), HostError> {
        if let Some(text) = self.ground.journal.make_room() {
            self.made_room = self.ground.connection.in_transaction();
            self.batch(&text)?;
        }
        Ok(())
    }

    /// Journal row of a statement outside of a transaction that is done.
    pub(super) fn settled(&mut self, kept: Vec<Kept>) -> Result<(), HostError> {
        if self.ground.journal.is_on() {
            let text = self.ground.journal.settled(at(&self.whose), self.number + 1, &kept);
            self.batch(&text)?;
        }
        self.number += 1;
        self.finished.extend(kept);
        self.log.clear();
        self.kept = true;
        Ok(())
    }

    /// Checks that the script asked for everything that is finished.
    pub(crate) fn script_ended(&mut self) -> Result<(), HostError> {
        if let Some(error) = self.replay.ended() {
            return Err(self.replay_error(&error));
        }
        if let Some(started) = self.pending.take() {
            match self.settle(&started, "", Kind::Normal)? {
                Pending::Done | Pending::Run(_) | Pending::Other(_) => {}
            }
        }
        Ok(())
    }

    /// Ends the revision: `work` changes the version rows in the last segment's transaction, then the segments are forgotten, then COMMIT (unless the whole run
    /// is one transaction).
    pub(crate) fn close(&mut self, commit: bool, work: &mut dyn FnMut(&mut dyn Connection) -> Result<(), HostError>) -> Result<(), HostError> {
        loop {
            self.open()?;
            let result = work(self.ground.connection).and_then(|()| self.forget());
            let Err(error) = result else { break };
            if !self.may_retry(&error) || self.carried {
                return Err(error);
            }
            let first = self.in_transaction == 0;
            self.roll_back()?;
            if !self.pause(&error) {
                return Err(error);
            }
            if !first {
                return Err(self.again());
            }
        }
        // A revision that committed something ended the run's one transaction: its end is committed too.
        if !commit && !self.kept {
            return self.check_foreign_keys();
        }
        self.commit()?;
        if self.journalled {
            self.ground.journal.cleared();
        }
        Ok(())
    }

    pub(super) fn forget(&mut self) -> Result<(), HostError> {
        if !self.journalled {
            return Ok(());
        }
        let text = self.ground.journal.clear(Some(&self.whose.revision));
        text.map_or(Ok(()), |text| self.batch(&text))
    }
}
