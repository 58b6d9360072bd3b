//! Drawings of a revision graph, and the report page.
