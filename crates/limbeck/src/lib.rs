//! The start-up gate: may this program run on this database?
