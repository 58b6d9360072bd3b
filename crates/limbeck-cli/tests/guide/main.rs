//! The troubleshooting guide, section by section: a database is broken in the way that the section is about, the commands that people have always been told
//! are typed as they stand (after `db_migrate`), then `doctor`; what it finds, what mends it and what is left are asserted, on PostgreSQL and, where it exists
//! there, SQLite.
//!
//! What is printed on PostgreSQL is what `docs/guide.md` shows: the tests write its blocks (`UPDATE_DOCS=1 cargo nextest run -p limbeck-cli --test guide`) and
//! fail where they differ.

mod anywhere;
mod conversions;
mod diagnosing;
mod document;
mod drift;
mod failed;
mod filter;
mod foreign_keys;
mod heads;
mod large;
mod locking;
mod missing;
mod recreate;
mod stage;
mod startup;
mod versions;
