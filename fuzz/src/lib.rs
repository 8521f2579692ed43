//! What the fuzz targets share: a bound on memory, a file that is written anew for every execution, and what is done with
//! the bytes that the fuzzer gives.

#![allow(clippy::print_stderr, reason = "a fuzz target tells of what it found")]

pub mod audit_folder;
pub mod bounded_memory;
pub mod draws;
pub mod every_reader;
pub mod scratch;
