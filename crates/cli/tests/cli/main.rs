//! The `cleanlab` command as a user meets it: what it prints, what it writes and the status it exits with.
//!
//! Snapshots are renewed with `INSTA_UPDATE=always cargo test -p cleanlab-cli --test cli`; read the difference before
//! committing it.

#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test fails by panicking, and its inputs are short"
)]

mod array_files;
mod audit;
mod audit_config;
mod audit_limits;
mod audit_tasks;
mod bad_arrays;
mod bad_tables;
mod classifiers;
mod clean;
mod exit_status;
mod health;
mod hostile_names;
mod hostile_text;
mod in_parts;
mod interrupt;
mod loud_failures;
mod manual;
mod matrices;
mod output;
mod places;
mod same_result;
mod saved;
mod snapshots;
mod support;
mod unwritable;
