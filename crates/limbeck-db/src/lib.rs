//! Connections, database URLs, reading a database's schema, the version table.
