//! The closed enum of migration operations.
