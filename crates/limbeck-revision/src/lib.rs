//! The revision graph, target grammar and walks; knows nothing of SQL, files or databases.
