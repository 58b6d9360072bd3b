//! Ctrl-C: the first one stops the script and cancels the running statement, the second one ends the process.

use limbeck_db::CancelHandle;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the flag is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Watches for SIGINT and SIGTERM while a run is on.
pub struct Interrupt {
    flag: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to watch; the running statement is cancelled through `cancel`.
    pub fn install(cancel: CancelHandle) -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        let over = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // A second signal ends the process at once; the order of registration matters for that.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
        }
        let (watched, ended) = (Arc::clone(&flag), Arc::clone(&over));
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if watched.load(Ordering::Relaxed) {
                    eprintln!("\nstopping: the running statement is cancelled and rolled back; press Ctrl-C again to end at once");
                    let _ = cancel.cancel();
                    return;
                }
                std::thread::sleep(TICK);
            }
        });
        Interrupt { flag, over }
    }

    /// The flag scripts are stopped by.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    /// Whether a signal came.
    pub fn came(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
