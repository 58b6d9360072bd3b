//! Whoever waits for a backup: hears how far it is, and may stop it.

use crate::BackupError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A new part of the work begins: `checking`, `copying`.
    Phase(&'a str),
    /// So many bytes are done, of so many where that is known.
    Bytes {
        /// Done.
        done: u64,
        /// Of all; an estimate while a dump is written.
        total: Option<u64>,
    },
    /// Something to know that does not stop the work.
    Note(&'a str),
}

/// The two ways between the work and who waits for it.
pub struct Watch<'a> {
    stop: Arc<AtomicBool>,
    tell: &'a mut dyn FnMut(Event<'_>),
}

impl<'a> Watch<'a> {
    /// `stop` ends the work soon after it is set.
    pub fn new(stop: Arc<AtomicBool>, tell: &'a mut dyn FnMut(Event<'_>)) -> Self {
        Watch { stop, tell }
    }

    /// Tells.
    pub fn tell(&mut self, event: Event<'_>) {
        (self.tell)(event);
    }

    pub(crate) fn phase(&mut self, words: &str) {
        self.tell(Event::Phase(words));
    }

    pub(crate) fn note(&mut self, words: &str) {
        self.tell(Event::Note(words));
    }

    pub(crate) fn bytes(&mut self, done: u64, total: Option<u64>) {
        self.tell(Event::Bytes { done, total });
    }

    pub(crate) fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Ends the work if the user wants that.
    ///
    /// # Errors
    /// The user does.
    pub fn check(&self) -> Result<(), BackupError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(BackupError::Interrupted);
        }
        Ok(())
    }
}
