//! Ctrl-C and SIGTERM: the first one stops the script and cancels the running statement, the second one ends the process.

use crate::streams;
use limbeck_db::CancelHandle;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How often the flag is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Watches for SIGINT and SIGTERM while a run is on.
pub struct Interrupt {
    flag: Arc<AtomicBool>,
    /// The number of the signal that came, 0 before.
    signal: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to watch; the running statement is cancelled through `cancel`.
    pub fn install(cancel: CancelHandle) -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        let over = Arc::new(AtomicBool::new(false));
        let which = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM] {
            // A second signal, or one after the run, ends the process at once; the order of registration matters for that.
            let _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&over));
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&flag));
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&which), signal.unsigned_abs() as usize);
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
        }
        let (watched, ended) = (Arc::clone(&flag), Arc::clone(&over));
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if watched.load(Ordering::Relaxed) {
                    streams::say("\nstopping: the running statement is cancelled and rolled back; press Ctrl-C again to end at once");
                    let _ = cancel.cancel();
                    return;
                }
                std::thread::sleep(TICK);
            }
        });
        Interrupt { flag, signal: which, over }
    }

    /// The flag scripts are stopped by.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    /// The exit code shells give to the signal that came, if one did.
    pub fn exit_code(&self) -> Option<u8> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            signal => u8::try_from(128 + signal).ok(),
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
