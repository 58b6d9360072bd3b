//! Trials of everything that can go wrong around a migration: lost connections, killed processes, many runs at once, locks, restarts, full disks.
//!
//! Without further word a sample of the points is tried, so that it is done in minutes. `cargo xtask faults` tries all of them
//! (it sets `LIMBECK_FAULTS=full`; `LIMBECK_FAULTS=300` wants about 300 points of each).

mod history;
mod mended;
mod others;
mod postgresql;
#[path = "../cli/project.rs"]
#[allow(dead_code)] // what the other test binary uses
mod project;
mod restart;
mod restricted;
mod sqlite;
mod together;
mod trial;
