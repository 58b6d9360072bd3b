//! One revision as a row of segments: what runs in a transaction together, and what has to run outside of one.
//!
//! A script's requests come in here one after the other. A statement that cannot run in a transaction, `autocommit_block()` and the script's own COMMIT end a
//! segment. The end of a segment is written into the journal in the segment's own transaction. A segment that failed for a lock begins again, and a run that
//! died goes on after its last finished segment: the script runs anew from its beginning, and what is finished is told to it instead of being run.

mod outside;
mod running;
mod told;
mod transactions;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use limbeck_db::{Companion, Connection, DbError};
use limbeck_expr::Literal;
use limbeck_ops::{Control, HostError, Inspect, Inspected, Place, ResultSet};
use limbeck_sql::{Flavour, Kind, Outside};

use crate::event::{Event, Events};
use crate::foreign_keys::ForeignKeys;
use crate::journal::{At, HalfDone, Journal, Started};
use crate::replay::{Answer, Budget, Kept, Replay, Request};
use crate::safety::Safety;

/// How statements run for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// In the segment's transaction, which begins with the first of them.
    Transaction,
    /// Each by itself: the script said so.
    Alone,
}

/// What lasts for the whole run.
pub(crate) struct Ground<'a> {
    pub connection: &'a mut dyn Connection,
    pub companion: Option<&'a mut (dyn Companion + 'static)>,
    pub events: &'a mut dyn Events,
    pub journal: &'a mut Journal,
    pub safety: &'a Safety,
    /// Set when the user wants to stop.
    pub stop: &'a AtomicBool,
    pub flavour: Flavour,
}

/// Which revision is under way.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    pub revision: String,
    pub direction: &'static str,
    pub meaning: Option<String>,
}

/// The segments of one revision.
pub(crate) struct Segments<'a, 'g> {
    ground: &'a mut Ground<'g>,
    whose: Whose,
    mode: Mode,
    /// Whether the revision runs in transactions where it can.
    transactional: bool,
    /// Runs right after the first BEGIN (the version table).
    opening: Option<String>,
    opened: bool,
    made_room: bool,
    /// A transaction of earlier steps was open when the revision began.
    carried: bool,
    /// Statements run in the open transaction.
    in_transaction: usize,
    savepoints: usize,
    /// SQLite's foreign keys around table rebuilds.
    foreign_keys: ForeignKeys,
    /// Requests since the last finished segment.
    log: Vec<(Request, Answer)>,
    /// Requests of finished segments.
    finished: Vec<Kept>,
    /// The number of the last finished segment.
    number: usize,
    replay: Replay,
    /// A statement outside of a transaction that a dead run had begun.
    pending: Option<Started>,
    /// Whether the journal has rows of this revision.
    journalled: bool,
    budget: Budget,
    attempt: u32,
    restart: bool,
    /// Enum values are committed before anything else runs: one was used in the transaction that added it.
    cut_enums: bool,
    /// Statements of which the server said that they cannot run in a transaction.
    learnt_outside: BTreeSet<String>,
    statements: usize,
    kept: bool,
    /// Whether an index was built or rebuilt outside of a transaction.
    concurrent: bool,
}

fn no_rows() -> ResultSet {
    ResultSet {
        rowcount: -1,
        ..ResultSet::default()
    }
}

pub(crate) fn host_error(error: DbError, sql: &str) -> HostError {
    let mut error = HostError::from(error);
    error.statement = Some(sql.to_string());
    error
}

impl<'a, 'g> Segments<'a, 'g> {
    /// Begins a revision, after its finished segments if it is half done.
    pub(crate) fn new(ground: &'a mut Ground<'g>, whose: Whose, transactional: bool, opening: Option<String>, half: Option<HalfDone>) -> Self {
        let carried = ground.connection.in_transaction();
        let mut segments = Segments {
            carried,
            ground,
            mode: if transactional { Mode::Transaction } else { Mode::Alone },
            transactional,
            opening,
            opened: false,
            made_room: false,
            in_transaction: 0,
            savepoints: 0,
            foreign_keys: ForeignKeys::default(),
            log: Vec::new(),
            finished: Vec::new(),
            number: 0,
            replay: Replay::default(),
            pending: None,
            journalled: false,
            budget: Budget::default(),
            attempt: 1,
            restart: false,
            cut_enums: false,
            learnt_outside: BTreeSet::new(),
            statements: 0,
            kept: false,
            concurrent: false,
            whose,
        };
        if let Some(half) = half {
            let same = half.meaning.is_some() && half.meaning == segments.whose.meaning;
            segments.ground.events.event(Event::Resumed {
                revision: &segments.whose.revision,
                segments: half.done,
            });
            segments.number = half.done;
            segments.finished.clone_from(&half.kept);
            segments.replay = Replay::new(half.kept, same);
            segments.pending = half.started;
            segments.journalled = true;
            segments.kept = half.done > 0;
        }
        segments
    }

    /// Goes back to the beginning of the script after a failure that may pass; finished segments are told, not run.
    pub(crate) fn begin_again(&mut self) -> Result<(), HostError> {
        self.roll_back()?;
        self.mode = if self.transactional { Mode::Transaction } else { Mode::Alone };
        self.log.clear();
        self.savepoints = 0;
        self.foreign_keys = ForeignKeys::default();
        self.replay = Replay::new(self.finished.iter().cloned(), true);
        self.pending = None;
        self.restart = false;
        Ok(())
    }

    /// Whether the script was stopped only to begin again.
    pub(crate) fn wants_restart(&self) -> bool {
        self.restart
    }

    pub(crate) fn statements(&self) -> usize {
        self.statements
    }

    /// Whether something was committed before the end.
    pub(crate) fn kept(&self) -> bool {
        self.kept
    }

    /// Finished segments, if the journal knows them.
    pub(crate) fn journalled(&self) -> Option<usize> {
        self.journalled.then_some(self.number)
    }

    pub(crate) fn concurrent(&self) -> bool {
        self.concurrent
    }

    pub(crate) fn connection(&mut self) -> &mut dyn Connection {
        self.ground.connection
    }

    /// Before and after the statements that rebuild a table on SQLite.
    pub(crate) fn rebuild(&mut self, table: Option<&str>) -> Result<(), HostError> {
        if !self.replay.is_over() {
            return Ok(());
        }
        match table {
            Some(table) => {
                self.open()?;
                self.foreign_keys.begin_rebuild(self.ground.connection, table)
            }
            None => self.foreign_keys.end_rebuild(self.ground.connection),
        }
        .map_err(HostError::from)
    }

    pub(crate) fn event(&mut self, event: Event<'_>) {
        self.ground.events.event(event);
    }

    // Requests.

    /// Answers a question about the schema.
    pub(crate) fn inspect(&mut self, what: &Inspect) -> Result<Inspected, HostError> {
        let request = Request::Inspect(what.clone());
        if let Some(told) = self.told(&request) {
            return match told? {
                Answer::Inspected(inspected) => Ok(inspected),
                Answer::Failed(error) => Err(error),
                Answer::Done(_) | Answer::Rows(_) | Answer::TooLarge => Err(self.differs("an inspection", "another answer")),
            };
        }
        if self.mode == Mode::Transaction {
            self.open()?;
        }
        let result = self.ground.connection.inspect(what).map_err(HostError::from);
        let answer = match &result {
            Ok(inspected) => Answer::Inspected(inspected.clone()),
            Err(error) => Answer::Failed(error.clone()),
        };
        self.log.push((request, answer));
        result
    }

    /// Runs a text of one or several statements.
    pub(crate) fn statement(&mut self, sql: &str, params: &[Literal], at: &Place) -> Result<ResultSet, HostError> {
        let flavour = self.ground.flavour;
        let alone = self.mode == Mode::Alone;
        if !params.is_empty() || !(alone || self.cut_enums || !self.learnt_outside.is_empty() || limbeck_sql::needs_a_look(flavour, sql)) {
            return self.piece(sql, params, Kind::Normal, at);
        }
        let pieces = limbeck_sql::split(flavour, sql);
        let mut kinds: Vec<Kind> = pieces.iter().map(|piece| self.kind(&sql[piece.clone()])).collect();
        let apart = kinds.iter().any(|kind| matches!(kind, Kind::Outside(_) | Kind::Control(_)))
            || (self.cut_enums && pieces.len() > 1 && pieces.iter().any(|piece| limbeck_sql::added_enum_value(&sql[piece.clone()]).is_some()));
        if !apart || pieces.len() < 2 {
            let kind = match kinds.len() {
                1 => kinds.remove(0),
                _ if kinds.iter().all(|kind| *kind == Kind::Query) => Kind::Query,
                _ => Kind::Normal,
            };
            return self.piece(sql, params, kind, at);
        }
        let mut last = no_rows();
        for (piece, kind) in pieces.into_iter().zip(kinds) {
            last = self.piece(&sql[piece], params, kind, at)?;
        }
        Ok(last)
    }

    fn kind(&self, sql: &str) -> Kind {
        let request = Request::Statement {
            sql: sql.to_owned(),
            params: Vec::new(),
        };
        if !self.learnt_outside.is_empty() && self.learnt_outside.contains(&request.key()) {
            return Kind::Outside(Outside::Other(limbeck_sql::headline(self.ground.flavour, sql, 80)));
        }
        limbeck_sql::classify(self.ground.flavour, self.major(), sql)
    }

    fn major(&self) -> Option<u32> {
        self.ground.connection.server_version().first().copied()
    }

    fn piece(&mut self, sql: &str, params: &[Literal], kind: Kind, at: &Place) -> Result<ResultSet, HostError> {
        let request = Request::Statement {
            sql: sql.to_owned(),
            params: params.to_vec(),
        };
        if let Some(told) = self.told(&request) {
            let told = told?;
            self.lasting_effects(sql, &kind, &told)?;
            return match told {
                Answer::Done(rowcount) => Ok(ResultSet { rowcount, ..no_rows() }),
                Answer::Rows(rows) => Ok(rows),
                Answer::Failed(error) => Err(error),
                Answer::Inspected(_) | Answer::TooLarge => Err(self.differs("an inspection", sql)),
            };
        }
        self.foreign_keys
            .before_statement(self.ground.connection, sql)
            .map_err(|error| host_error(error, sql))?;
        let result = self.new_piece(request, sql, kind, at);
        self.foreign_keys
            .after_statement(self.ground.connection)
            .map_err(|error| host_error(error, sql))?;
        result
    }

    /// A piece that no earlier run did.
    fn new_piece(&mut self, request: Request, sql: &str, kind: Kind, at: &Place) -> Result<ResultSet, HostError> {
        self.ground.events.event(Event::Statement { sql, place: Some(at) });
        self.statements += 1;
        let kind = match self.pending.take() {
            Some(started) => match self.settle(&started, sql, kind)? {
                Pending::Done => {
                    self.log.push((request, Answer::Done(-1)));
                    let kept = self.kept_log();
                    self.settled(kept)?;
                    return Ok(no_rows());
                }
                Pending::Run(what) => return self.outside(&what, request, Some(started.before), at),
                Pending::Other(kind) => kind,
            },
            None => kind,
        };
        let result = match kind {
            Kind::Control(control) => self.control_text(&control, request, at),
            Kind::Outside(what) => self.outside(&what, request, None, at),
            Kind::Normal | Kind::Query | Kind::MayCommit if self.mode == Mode::Transaction => self.inside(request, at),
            Kind::Query => self.question(request),
            Kind::MayCommit if commits(sql) => {
                let what = Outside::Other(limbeck_sql::headline(self.ground.flavour, sql, 80));
                self.outside(&what, request, None, at)
            }
            Kind::Normal | Kind::MayCommit => self.alone(request, at),
        };
        for notice in self.ground.connection.take_notices() {
            self.ground.events.event(Event::ServerNotice(&notice.message));
        }
        result
    }

    /// Changes the transaction as the script asks through Alembic or SQLAlchemy.
    pub(crate) fn control(&mut self, what: &Control, at: &Place) -> Result<(), HostError> {
        let request = Request::Control(what.clone());
        if let Some(told) = self.told(&request) {
            match what {
                Control::AutocommitBegin => self.mode = Mode::Alone,
                Control::AutocommitEnd => self.back_to_transactions(),
                Control::Savepoint(_) | Control::ReleaseSavepoint(_) | Control::RollbackSavepoint(_) | Control::Commit | Control::Rollback => {}
            }
            return match told? {
                Answer::Failed(error) => Err(error),
                Answer::Done(_) | Answer::Rows(_) | Answer::Inspected(_) | Answer::TooLarge => Ok(()),
            };
        }
        match what {
            Control::AutocommitBegin => {
                self.log.push((request, Answer::Done(-1)));
                self.finish_segment("autocommit_block() begins", at)?;
                self.mode = Mode::Alone;
            }
            Control::AutocommitEnd => {
                self.log.push((request, Answer::Done(-1)));
                self.back_to_transactions();
            }
            Control::Commit => {
                self.log.push((request, Answer::Done(-1)));
                self.finish_segment("the script commits", at)?;
            }
            Control::Rollback => {
                self.log.push((request, Answer::Done(-1)));
                self.roll_back()?;
            }
            Control::Savepoint(name) => {
                if self.mode == Mode::Transaction {
                    self.open()?;
                }
                self.ground.connection.savepoint(name).map_err(HostError::from)?;
                self.savepoints += 1;
                self.log.push((request, Answer::Done(-1)));
            }
            Control::ReleaseSavepoint(name) => {
                self.ground.connection.release_savepoint(name).map_err(HostError::from)?;
                self.savepoints = self.savepoints.saturating_sub(1);
                self.log.push((request, Answer::Done(-1)));
            }
            Control::RollbackSavepoint(name) => {
                self.ground.connection.rollback_to_savepoint(name).map_err(HostError::from)?;
                self.savepoints = self.savepoints.saturating_sub(1);
                self.log.push((request, Answer::Done(-1)));
            }
        }
        Ok(())
    }

    fn back_to_transactions(&mut self) {
        if self.transactional {
            self.mode = Mode::Transaction;
        }
    }
}

enum Pending {
    /// It took effect.
    Done,
    /// It did not; it runs now.
    Run(Outside),
    /// The script goes on with something else.
    Other(Kind),
}

fn at(whose: &Whose) -> At<'_> {
    At {
        revision: &whose.revision,
        direction: whose.direction,
        meaning: whose.meaning.as_deref(),
    }
}

/// Whether the body of a CALL or DO may end transactions.
fn commits(sql: &str) -> bool {
    let lower = sql.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let call = words.clone().next() == Some("call");
    call || words.any(|word| word == "commit" || word == "rollback")
}

fn reason(what: &Outside) -> String {
    format!("{} cannot run inside a transaction", what.words())
}
