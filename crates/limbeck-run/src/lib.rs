//! The runner: what env.py decides, the version table, plans, hosts, transactions. It reports events and never prints.

mod environment;
mod error;
mod event;
mod live;
mod offline;
mod plan;
mod runner;
mod settings;
pub mod version;

pub use environment::{LearnError, LearnRequest, Learned, learn, start_engine};
pub use error::{Left, RunError, StepError, StepFault, with_database_error};
pub use event::{Direction, Event, Events, Silent, StepLabel};
pub use live::LiveHost;
pub use offline::{OfflineHost, bind_casts, bind_mode, statement_text};
pub use plan::{PlannedStep, plan};
pub use runner::{EngineStarter, RunFacts, RunOptions, RunSummary, run_live, run_offline, run_setup};
pub use settings::{EnvOptions, Settings, UrlSource};
