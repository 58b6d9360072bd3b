//! The start-up gate: may this program run on this database?
//!
//! A program asks before it takes its first request, and gets a verdict rather than a boolean: at head, behind, ahead, diverged, unversioned,
//! unreachable. Nothing is written, no script is run, no Python engine is part of this crate.
//!
//! ```no_run
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let verdict = limbeck::gate("postgresql://app@db/app", "/srv/app").await?;
//! if !verdict.passes() {
//!     eprintln!("{verdict}");
//!     std::process::exit(1);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`gate()`] runs on any async runtime or none (the work is done on a thread of the crate `blocking`), [`gate_blocking`] needs none; [`Gate`] takes options. For
//! whoever has a graph and version rows already, [`judge()`] is the pure part, and [`look()`] the part with a connection.
//! *Absent: printing, the health log, applying anything; the command `gate` does these.*

mod error;
mod gate;
mod judge;
mod look;
mod verdict;

pub use error::GateError;
pub use gate::{Gate, gate, gate_blocking, is_worth_waiting, unreachable};
pub use judge::{judge, pending, unknown};
pub use look::{look, remembered};
pub use verdict::{Pending, Verdict};
