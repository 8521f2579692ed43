//! What the readers and writers make of files, in one program: each further one would take as long to link.
#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test fails by panicking, and its inputs are short"
)]

mod features;
mod fixtures;
mod labels;
mod output;
mod pred_probs;
mod row_copy;
mod text_tables;
