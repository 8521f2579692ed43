//! Golden fixtures and their loaders, for the tests of the other crates. Unpublished.
//!
//! The scripts in `golden/` record what NumPy, scikit-learn and cleanlab 2.9.0 answer; `fixtures/` holds small
//! recordings, so that `cargo test` needs no Python. [`parity`] reads both those and the cases that
//! `cargo xtask parity` makes by the thousand, and compares.

mod numpy_streams;
pub mod parity;

pub use numpy_streams::{Check, Draw, Seed, Stream, fnv1a, numpy_streams};
