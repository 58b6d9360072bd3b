//! The runner: walks, hosts, transactions, events.
