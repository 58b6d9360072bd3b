//! Backups by the database's own tools, each with a manifest beside it, and restoring them.
