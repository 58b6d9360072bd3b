//! Drawings of a revision graph, and the report page.
//!
//! [`graph`] puts revisions into an order and lanes, once for both drawings: [`terminal`] draws them with box characters, [`page`] as slices of SVG in one HTML page that needs
//! nothing else. [`Facts`] is what the page says; whoever calls gathers it. [`risk`] tells which SQL statements deserve a look before they run.
//!
//! *Absent: databases, files, the clock.*

pub mod graph;
pub mod terminal;
