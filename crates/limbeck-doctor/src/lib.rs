//! What can be wrong with a project and its database, and what mends it.
