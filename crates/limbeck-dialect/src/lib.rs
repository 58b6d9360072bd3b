//! Operation to statements, per database.
