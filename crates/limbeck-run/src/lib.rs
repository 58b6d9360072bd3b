//! The runner: what env.py decides, the version table, plans, hosts, segments and their journal, scratch databases. It reports events and never prints.

mod environment;
mod error;
mod event;
mod foreign_keys;
pub mod journal;
mod live;
mod metadata;
mod offline;
mod outside;
mod plan;
mod rehearsal;
mod replay;
mod retry;
mod runner;
mod safety;
mod scratch;
mod segments;
mod session;
mod settings;
mod step;
pub mod version;
mod watch;

pub use environment::{LearnError, LearnRequest, Learned, learn, start_engine};
pub use error::{Left, RunError, StepError, StepFault, with_database_error};
pub use event::{Direction, Event, Events, Silent, StepLabel};
pub use journal::{AppliedScript, HalfDoneRevision, Journal, Remembered};
pub use metadata::{Models, OwnPython, Wanted, cached_models, read_models, wanted};
pub use offline::{OfflineHost, bind_casts, bind_mode, run_offline, statement_text};
pub use plan::{PlannedStep, plan};
pub use rehearsal::{Look, Rehearsal, own_filter, schema_of};
pub use runner::{EngineStarter, Reconnect, Run, RunFacts, RunOptions, RunSummary, run_setup};
pub use safety::{JournalMode, Safety};
pub use scratch::{Scratch, ScratchError, ScratchOptions};
pub use session::{GuardError, flavour, set_timeouts, take_lock};
pub use settings::{EnvOptions, Settings, UrlSource};
