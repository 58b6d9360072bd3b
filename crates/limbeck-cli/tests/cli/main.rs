//! The binary as a user meets it: exit codes, stdout, stderr, and what is left in the database. One test binary, one file per theme.

mod adopt;
mod autogenerate;
mod backup;
mod bad_input;
mod doctor;
mod doctor_server;
mod elsewhere;
mod explain;
mod foreign_keys;
mod gate;
mod health_command;
mod health_log;
mod interrupt;
mod locks;
mod log_format;
mod main_job;
mod new_files;
mod own_python;
mod pending;
mod project;
mod remembered;
mod report;
mod schemas;
mod sql_revisions;
mod streams;
mod transactions;
