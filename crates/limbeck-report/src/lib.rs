//! Drawings of a revision graph, and the report page.
//!
//! [`graph`] puts revisions into an order and lanes, once for both drawings: [`terminal`] draws them with box characters, the page as slices of SVG in HTML that needs
//! nothing else. [`Facts`] is what the page says; whoever calls gathers it. [`risk`] tells which SQL statements deserve a look before they run.
//!
//! *Absent: databases, files, the clock.*

mod facts;
pub mod graph;
mod page;
pub mod risk;
pub mod terminal;

pub use facts::{Database, Drift, Facts, Log, PendingSql, Position, Problem, Run, RunRevision, Step};
pub use page::page;
