//! The schema model: names, column types, tables, constraints, indexes, enums, sequences.
