//! Backups of real databases: taken, destroyed, restored, compared; and damaged backups, which change nothing.

mod damage;
mod postgres;
mod sqlite;
mod support;
