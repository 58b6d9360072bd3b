//! A half-done revision goes on: finished requests are told, a statement that a dead run had begun is settled.

use limbeck_ops::HostError;
use limbeck_sql::{Kind, Outside, TransactionControl};

use super::{Mode, Pending, Segments, at, host_error};
use crate::event::Event;
use crate::journal::Started;
use crate::outside::{self, Settled};
use crate::replay::{Answer, ReplayError, Request};

impl Segments<'_, '_> {
    pub(super) fn told(&mut self, request: &Request) -> Option<Result<Answer, HostError>> {
        let flavour = self.ground.flavour;
        let answer = self.replay.answer(request, flavour)?;
        Some(answer.map_err(|error| self.replay_error(&error)))
    }

    pub(super) fn replay_error(&self, error: &ReplayError) -> HostError {
        let (revision, direction) = (&self.whose.revision, self.whose.direction);
        let undo = format!("put the script back as it was when it began, run `{direction}` to its end, and make the change a new revision");
        match error {
            ReplayError::Differs { before, now } if before == now => outside::stop(
                format!("{revision} is half done, and its script is no longer the one that began: `{now}` ran with other values"),
                undo,
            ),
            ReplayError::Differs { before, now } => outside::stop(
                format!("{revision} is half done, and its script is no longer the one that began: where it ran `{before}`, it now has `{now}`"),
                undo,
            ),
            ReplayError::Missing { before } => outside::stop(
                format!("{revision} is half done, and its script is no longer the one that began: `{before}` ran and is not in it any more"),
                undo,
            ),
            ReplayError::TooLarge { words } => outside::stop(
                format!("{revision} is half done and cannot go on by itself: the rows of `{words}` were too many to be kept"),
                format!("undo by hand what its finished segments did, forget them with `stamp`, then run `{direction}` again"),
            ),
        }
    }

    pub(super) fn differs(&self, before: &str, now: &str) -> HostError {
        self.replay_error(&ReplayError::Differs {
            before: before.to_owned(),
            now: now.to_owned(),
        })
    }

    /// What a finished statement did to the session has to be done to this one.
    pub(super) fn lasting_effects(&mut self, sql: &str, kind: &Kind, told: &Answer) -> Result<(), HostError> {
        if matches!(told, Answer::Failed(_)) {
            return Ok(());
        }
        match kind {
            Kind::Control(TransactionControl::Commit | TransactionControl::Rollback) => self.mode = Mode::Alone,
            Kind::Control(TransactionControl::Begin) => self.back_to_transactions(),
            Kind::Outside(Outside::SqliteAttach | Outside::SqliteDetach | Outside::SqlitePragma { .. }) => {
                self.ground.connection.query(sql, &[]).map_err(|error| host_error(error, sql))?;
            }
            _ if limbeck_sql::sets_session(self.ground.flavour, sql) => {
                self.ground.connection.query(sql, &[]).map_err(|error| host_error(error, sql))?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn settle(&mut self, started: &Started, sql: &str, kind: Kind) -> Result<Pending, HostError> {
        let flavour = self.ground.flavour;
        let what = match self.kind(&started.sql) {
            Kind::Outside(what) => what,
            Kind::Normal | Kind::Query | Kind::MayCommit | Kind::Control(_) => Outside::Other(limbeck_sql::headline(flavour, &started.sql, 80)),
        };
        let same = started.sql == sql || limbeck_sql::shape(flavour, &started.sql) == limbeck_sql::shape(flavour, sql);
        let mut cleaned = Vec::new();
        let settled = outside::settle(self.ground.connection, &what, &started.before, &mut cleaned);
        for text in &cleaned {
            self.ground.events.event(Event::Cleaned(text));
        }
        let words = limbeck_sql::headline(flavour, &started.sql, 120);
        match (settled?, same) {
            (Settled::Done, true) => Ok(Pending::Done),
            (Settled::NotDone, true) => Ok(Pending::Run(what)),
            (Settled::NotDone, false) => {
                let text = self.ground.journal.forgotten(at(&self.whose), self.number + 1);
                self.batch(&text)?;
                Ok(Pending::Other(kind))
            }
            (Settled::Done, false) => Err(self.differs(&words, &limbeck_sql::headline(flavour, sql, 120))),
            (Settled::Unknown, _) => Err(outside::stop(
                format!("`{words}` was running outside of a transaction when the last run died, and whether it finished cannot be known"),
                "look whether it took effect; if it did not, run `stamp` on the present revision to forget the half-done one, undo by hand what its earlier part did, and run again",
            )),
        }
    }
}
